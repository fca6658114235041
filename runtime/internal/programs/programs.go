// Package programs builds the repository's programs and runs them as processes
// of their own, for tests and benchmarks that need what only a process has: a
// kill, a lock, a peak of memory. It ships in no binary of the product.
package programs

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Programs are the built programs and the project that they are run on.
type Programs struct {
	Floe    string
	Sample  string
	Project string // the repository's root
}

// Build builds floe and sample into dir. $FLOE_BIN names a folder that has
// them built already.
func Build(ctx context.Context, dir string) (Programs, error) {
	mod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	module := filepath.Dir(strings.TrimSpace(string(mod)))
	if err != nil || module == "." || module == "/dev" {
		return Programs{}, fmt.Errorf("find the runtime module (go env GOMOD): %q %w", mod, err)
	}
	built := os.Getenv("FLOE_BIN")
	if built == "" {
		built = dir
		build := exec.CommandContext(ctx, "go", "build", "-o", dir+string(filepath.Separator), "./cmd/floe", "./cmd/sample")
		build.Dir = module
		build.Env = append(os.Environ(), "GOWORK=off")
		if out, err := build.CombinedOutput(); err != nil {
			return Programs{}, fmt.Errorf("build floe and sample: %w\n%s", err, out)
		}
	}
	return Programs{
		Floe:    filepath.Join(built, "floe"),
		Sample:  filepath.Join(built, "sample"),
		Project: filepath.Dir(module),
	}, nil
}

// Call is one run of floe.
type Call struct {
	Args    []string
	Home    string
	Project string // default: the repository
	Env     []string
}

// Result is how a process ended and what it took.
type Result struct {
	Code   int // -1 when a signal ended it
	Stdout string
	Stderr string
	CPU    time.Duration // user and system
	Wall   time.Duration
	MaxRSS int64 // bytes
}

// String is the end as a failed test shows it.
func (r Result) String() string {
	return fmt.Sprintf("exit code %d\n%s%s", r.Code, tail(r.Stdout, 2000), tail(r.Stderr, 4000))
}

func tail(s string, n int) string {
	if len(s) > n {
		return "… " + s[len(s)-n:]
	}
	return s
}

// Command is the process of a call, not yet started.
func (p Programs) Command(ctx context.Context, c Call) *exec.Cmd {
	project := c.Project
	if project == "" {
		project = p.Project
	}
	args := append([]string{"--home", c.Home, "--project", project}, c.Args...)
	cmd := exec.CommandContext(ctx, p.Floe, args...)
	cmd.Env = append(os.Environ(), c.Env...)
	return cmd
}

// Run runs floe to its end. The error is for a process that could not be run;
// a run that failed is in the Result.
func (p Programs) Run(ctx context.Context, c Call) (Result, error) {
	return Measure(p.Command(ctx, c))
}

// Measure runs a command to its end and reads its resources from wait4, so
// that no other child's are counted.
func Measure(cmd *exec.Cmd) (Result, error) {
	var out, errs bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &out
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &errs
	}
	start := time.Now()
	err := cmd.Run()
	r := Result{Stdout: out.String(), Stderr: errs.String(), Wall: time.Since(start)}
	if cmd.ProcessState == nil { // whatever ended it, the state tells
		return r, fmt.Errorf("run %s: %w", cmd.Path, err)
	}
	r.Code = cmd.ProcessState.ExitCode()
	r.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.MaxRSS = rssBytes(usage.Maxrss)
	}
	return r, nil
}

// Query asks floe sql and gives the rows. Numbers are json.Number.
func (p Programs) Query(ctx context.Context, home, sql string) ([]map[string]any, error) {
	r, err := p.Run(ctx, Call{Home: home, Args: []string{"sql", sql, "--output", "json"}})
	if err != nil {
		return nil, err
	}
	if r.Code != 0 {
		return nil, fmt.Errorf("floe sql %q: %s", sql, r)
	}
	var rows []map[string]any
	if err := decode(r.Stdout, &rows); err != nil {
		return nil, fmt.Errorf("floe sql %q printed no JSON array of objects: %w", sql, err)
	}
	return rows, nil
}

func decode(text string, into any) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w in %s", err, tail(text, 300))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON value")
	}
	return nil
}

// Table is one line of floe tables.
type Table struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"` // table or view
	Rows    *int64   `json:"rows"`
	Bytes   int64    `json:"bytes"`
	Files   int      `json:"files"`
	Columns []Column `json:"columns"` // of Describe only
	Key     []string `json:"key"`
}

// Column is a column as floe tables <name> tells it.
type Column struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Type     string `json:"type"`
	Required bool   `json:"required"`
	Doc      string `json:"doc"`
}

// Tables lists a home's tables and views.
func (p Programs) Tables(ctx context.Context, home string) ([]Table, error) {
	var tables []Table
	return tables, p.ask(ctx, home, &tables, "tables")
}

// Describe shows one table or view.
func (p Programs) Describe(ctx context.Context, home, name string) (Table, error) {
	var t Table
	return t, p.ask(ctx, home, &t, "tables", name)
}

func (p Programs) ask(ctx context.Context, home string, into any, args ...string) error {
	r, err := p.Run(ctx, Call{Home: home, Args: append(args, "--output", "json")})
	if err == nil && r.Code != 0 {
		err = fmt.Errorf("floe %s: %s", strings.Join(args, " "), r)
	}
	if err != nil {
		return err
	}
	return decode(r.Stdout, into)
}

// Server is a running sample server.
type Server struct {
	URL     string // base_url of the chess source
	Players string // with commas, the one that answers 404 included
	process *exec.Cmd
}

// Serve starts a sample server on a free port.
func (p Programs) Serve(ctx context.Context, args ...string) (*Server, error) {
	players, err := exec.CommandContext(ctx, p.Sample, append(args, "--list-players")...).Output()
	if err != nil {
		return nil, fmt.Errorf("list the sample's players: %w", err)
	}
	cmd := exec.CommandContext(ctx, p.Sample, append(args, "--addr", "127.0.0.1:0")...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the sample server: %w", err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the sample server: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		_ = cmd.Process.Kill()
		return nil, fmt.Errorf("start the sample server: first line %q: %w", line, err)
	}
	return &Server{URL: url, Players: strings.TrimSpace(string(players)), process: cmd}, nil
}

// Set is the flags that point the chess source at the server.
func (s *Server) Set() []string {
	return []string{"--set", "base_url=" + s.URL, "--set", "players=" + s.Players}
}

// Close stops the server.
func (s *Server) Close() error {
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the sample server: %w", err)
	}
	if err := s.process.Wait(); err != nil {
		return fmt.Errorf("stop the sample server: %w", err)
	}
	return nil
}
