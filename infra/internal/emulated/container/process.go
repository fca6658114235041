package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Command says what to start; what is empty is taken from the image.
type Command struct {
	Entrypoint []string
	Command    []string
	WorkingDir string
	Env        map[string]string // on top of the image's own
}

// Process is a running program.
type Process struct {
	cmd    *exec.Cmd
	tmp    string
	out    output
	exited chan struct{}
	code   int
}

// Start starts the image's program.
func (i *Image) Start(c Command) (*Process, error) {
	argv := c.argv(i)
	if len(argv) == 0 {
		return nil, errors.New("the image has neither an entrypoint nor a command")
	}
	work := c.WorkingDir
	if work == "" {
		work = i.Config.WorkingDir
	}
	tmp, err := os.MkdirTemp(filepath.Dir(i.Root), "tmp")
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", argv[0], err)
	}
	p := &Process{tmp: tmp, exited: make(chan struct{})}
	p.cmd = &exec.Cmd{Path: i.below(argv[0]), Args: argv, Dir: i.below(work), Env: i.env(c.Env, tmp), Stdout: &p.out, Stderr: &p.out,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true}}
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", argv[0], err), os.RemoveAll(tmp))
	}
	go p.wait()
	return p, nil
}

// argv is the command line: an entrypoint given drops the image's command, as
// everywhere where containers are run.
func (c Command) argv(i *Image) []string {
	entrypoint, command := c.Entrypoint, c.Command
	if len(entrypoint) == 0 {
		entrypoint = i.Config.Entrypoint
		if len(command) == 0 {
			command = i.Config.Cmd
		}
	}
	return append(append([]string{}, entrypoint...), command...)
}

// below is a path of the image in the folder that it lies in.
func (i *Image) below(path string) string { return filepath.Join(i.Root, filepath.Clean("/"+path)) }

// env is the whole environment. TMPDIR stands for the /tmp that the program
// would have for itself.
func (i *Image) env(given map[string]string, tmp string) []string {
	all := map[string]string{"PATH": "/usr/local/bin:/usr/bin:/bin"}
	for _, kv := range i.Config.Env {
		k, v, _ := strings.Cut(kv, "=")
		all[k] = v
	}
	for k, v := range given {
		all[k] = v
	}
	if all["TMPDIR"] == "" {
		all["TMPDIR"] = tmp
	}
	var out []string
	for k, v := range all {
		out = append(out, k+"="+v)
	}
	return out
}

func (p *Process) wait() {
	_ = p.cmd.Wait() // the exit code tells it
	p.code = p.cmd.ProcessState.ExitCode()
	if s, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && s.Signaled() {
		p.code = 128 + int(s.Signal())
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // what it started goes with it, as in a container
	_ = os.RemoveAll(p.tmp)
	close(p.exited)
}

// Exited is closed when the program has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Wait waits for the end; the exit code of a killed program is 128 + the signal.
func (p *Process) Wait(ctx context.Context) (int, error) {
	select {
	case <-p.exited:
		return p.code, nil
	case <-ctx.Done():
		return 0, fmt.Errorf("waiting for %s: %w", p.cmd.Args[0], ctx.Err())
	}
}

// Stop asks the program to end and kills it after the time given.
func (p *Process) Stop(grace time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // may have ended by itself
	select {
	case <-p.exited:
	case <-time.After(grace):
		p.Kill()
	}
}

// Kill ends the program at once.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // may have ended by itself
	<-p.exited
}

// Output is what the program has written so far to both of its streams.
func (p *Process) Output() string { return p.out.String() }

// output is a buffer that is read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}
