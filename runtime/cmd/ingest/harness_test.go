package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/smithy-go"
	"github.com/parquet-go/parquet-go"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/sample"
)

// The test's own program is the real one where this is set: it is started anew
// as a Lambda function or a task.
const asProgram = "FLOE_TEST_AS_PROGRAM"

// here is this folder: tests change into others.
var here string

func TestMain(m *testing.M) {
	here, _ = os.Getwd() // without it, no test finds its project
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// bench is a project, a lake of its own, and the program over them.
type bench struct {
	t       *testing.T
	root    string
	home    string
	program *program
	calls   string // the file of what it may call of AWS
	mu      sync.Mutex
	logs    bytes.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, root: t.TempDir(), home: t.TempDir(), calls: filepath.Join(here, "testdata", "calls.txt")}
	if err := os.CopyFS(b.root, os.DirFS(filepath.Join(here, "testdata", "project"))); err != nil {
		t.Fatal(err)
	}
	t.Chdir(b.root)
	t.Setenv(environment.Project, "floe")
	t.Setenv(environment.Stack, "dev")
	for _, name := range []string{environment.Source, environment.Vars, environment.SecretARN} {
		t.Setenv(name, "")
	}
	b.program = &program{open: b.lake, grants: 50 * time.Millisecond}
	return b
}

func (b *bench) lake(ctx context.Context) (*lakehouse.Lake, error) {
	return lakehouse.Open(ctx, lakehouse.Options{Home: b.home})
}

// Write keeps the log.
func (b *bench) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.logs.Write(p)
}

// log is what was logged so far.
func (b *bench) log() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.logs.String()
}

// invoke does one call as a function does, with so much time.
func (b *bench) invoke(t orchestrate.Task, within time.Duration) (orchestrate.Outcome, error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return deployed.Handler(b, b.program.act)(ctx, t)
}

// must does a task whole in one call.
func (b *bench) must(t orchestrate.Task) orchestrate.Outcome {
	b.t.Helper()
	outcome, err := b.invoke(t, 10*time.Minute)
	if err != nil || !outcome.Finished {
		b.t.Fatalf("%+v, %v\n%s", outcome, err, b.log())
	}
	return outcome
}

// wants wants an error's type and texts in its message.
func (b *bench) wants(err error, kind string, texts ...string) {
	b.t.Helper()
	if err == nil {
		b.t.Fatal("no error")
	}
	var answer messages.InvokeResponse_Error
	if !errors.As(err, &answer) || answer.Type != kind {
		b.t.Errorf("error %#v, want the type %s", err, kind)
	}
	for _, text := range texts {
		if !strings.Contains(answer.Message, text) {
			b.t.Errorf("the error does not tell %q: %s", text, answer.Message)
		}
	}
}

// edit replaces text in a file of the project; the text must be there.
func (b *bench) edit(path, old, now string) {
	b.t.Helper()
	full := filepath.Join(b.root, "runtime/pipelines/ingest", path)
	body, err := os.ReadFile(full)
	if err != nil || !strings.Contains(string(body), old) {
		b.t.Fatalf("%s holds no %q, %v", path, old, err)
	}
	if err := os.WriteFile(full, []byte(strings.Replace(string(body), old, now, 1)), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.program = &program{open: b.program.open, grants: b.program.grants} // a new image
}

// chess serves a sample world behind a handler, and points the source at it.
func (b *bench) chess(games int, around func(http.Handler) http.Handler) *httptest.Server {
	b.t.Helper()
	world, err := sample.New(sample.Config{Games: games, Players: 3, Months: 12})
	if err != nil {
		b.t.Fatal(err)
	}
	h := world.Handler(sample.Options{})
	if around != nil {
		h = around(h)
	}
	s := httptest.NewServer(h)
	b.t.Cleanup(s.Close)
	vars, err := json.Marshal(map[string]any{"base_url": s.URL + "/pub", "players": world.Players()})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Setenv(environment.Vars, string(vars))
	return s
}

// table is a table of the lake.
func (b *bench) table(name string) *lakehouse.Table {
	b.t.Helper()
	open := b.program.open
	if open == nil {
		open = func(ctx context.Context) (*lakehouse.Lake, error) {
			return b.program.openStack(ctx, stack{project: "floe", name: "dev"})
		}
	}
	lake, err := open(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { lake.Close() })
	n, err := lakehouse.ParseName(name)
	if err != nil {
		b.t.Fatal(err)
	}
	t, err := lake.Table(context.Background(), n)
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

// game is a row of landing_chess.games.
type game struct {
	Player string `parquet:"player,optional"`
	URL    string `parquet:"url,optional"`
	Class  string `parquet:"time_class,optional"`
	Rating int64  `parquet:"white__rating,optional"`
}

type deleted struct {
	Path string `parquet:"file_path,optional"`
	Pos  int64  `parquet:"pos,optional"`
}

// games are the live rows of landing_chess.games, sorted.
func (b *bench) games() []string { return rows[game](b, "landing_chess.games") }

func rows[T any](b *bench, name string) []string {
	b.t.Helper()
	files, err := b.table(name).Files(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	gone := map[deleted]bool{}
	for _, path := range files.Deletes {
		for _, d := range readFile[deleted](b, path) {
			gone[d] = true
		}
	}
	var out []string
	for _, f := range files.Data {
		for i, row := range readFile[T](b, f.Path) {
			if !gone[deleted{lakehouse.FileURL(f.Path), int64(i)}] {
				out = append(out, fmt.Sprint(row))
			}
		}
	}
	slices.Sort(out)
	return out
}

func readFile[T any](b *bench, path string) []T {
	b.t.Helper()
	rows, err := parquet.ReadFile[T](path)
	if err != nil {
		b.t.Fatal(err)
	}
	return rows
}

// refusal is an error of an AWS API.
type refusal struct{ code string }

func (r *refusal) Error() string                 { return r.code }
func (r *refusal) ErrorCode() string             { return r.code }
func (r *refusal) ErrorMessage() string          { return r.code }
func (r *refusal) ErrorFault() smithy.ErrorFault { return smithy.FaultClient }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// tableRows counts a table's rows.
func (b *bench) tableRows(name string) (int64, error) {
	b.t.Helper()
	return b.table(name).Rows(context.Background())
}
