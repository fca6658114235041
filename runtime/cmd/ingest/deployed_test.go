package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// stackOf makes an AWS with the stack's databases and buckets, as infra does,
// and gives it to the environment.
func (b *bench) stackOf() *awstest.AWS {
	b.t.Helper()
	a := awstest.New(b.t)
	a.Listed(b.t, b.calls)
	for _, pair := range a.Env() {
		name, value, _ := strings.Cut(pair, "=")
		b.t.Setenv(name, value)
	}
	a.Bucket("floe-dev-landing")
	for _, schema := range []string{"landing_chess", "landing_shop"} {
		a.Database(environment.PhysicalSchema("floe", "dev", schema), "s3://floe-dev-landing/"+schema, map[string]string{
			environment.ParameterProject: "floe", environment.ParameterStack: "dev", environment.ParameterSchema: schema})
	}
	b.program.open = nil
	return a
}

// The program over Glue, S3 and Secrets Manager, in this process.
func TestOnGlue(t *testing.T) {
	b := newBench(t)
	a := b.stackOf()
	b.program.grants = time.Minute
	var refused atomic.Int32
	a.Fail(func(r awstest.Request) *awstest.Failure {
		if r.Service == "glue" && r.Action == "CreateTable" && refused.Add(1) <= 2 {
			return awstest.GlueDenied
		}
		return nil
	})
	b.must(evolveTask)
	if !strings.Contains(b.log(), "access is denied: a new role's grants take a while") || refused.Load() < 3 {
		t.Errorf("the refusals were not met: %s", b.log())
	}
	b.chess(200, nil)
	b.must(loadChess)
	task := loadChess
	task.Act = orchestrate.ActMaintain
	b.must(task)
	n, err := b.tableRows("landing_chess.games")
	if err != nil || n < 200 {
		t.Errorf("%d rows of 200 games, %v", n, err)
	}
	for _, r := range a.Requests() {
		if agent := r.Header.Get("User-Agent"); !strings.Contains(agent, "floe/") {
			t.Fatalf("%s %s came from the user agent %q", r.Service, r.Action, agent)
		}
	}
}

// tableBucket makes an AWS with the stack's table bucket, as infra does, and
// gives it to the environment.
func (b *bench) tableBucket() (a *awstest.AWS, bucket string) {
	b.t.Helper()
	a = b.stackOf()
	for _, schema := range []string{"landing_chess", "landing_shop"} {
		a.DropDatabase(environment.PhysicalSchema("floe", "dev", schema))
	}
	bucket = a.TableBucket("floe-dev-tables", environment.PhysicalSchema("floe", "dev", "landing_chess"), environment.PhysicalSchema("floe", "dev", "landing_shop"))
	b.t.Setenv(environment.Tables, environment.S3Tables)
	b.t.Setenv(environment.TableBucket, bucket)
	return a, bucket
}

// The program over S3 Tables and S3: two loads, the second of which finds all
// there, maintenance, and nothing that a table bucket refuses.
func TestInATableBucket(t *testing.T) {
	b := newBench(t)
	a, bucket := b.tableBucket()
	b.program.grants = time.Minute
	var refused atomic.Int32
	a.Fail(func(r awstest.Request) *awstest.Failure {
		if r.Action == "CreateTable" && refused.Add(1) <= 2 {
			return &awstest.Failure{Status: 403, Code: "ForbiddenException", Message: "not yet"}
		}
		return nil
	})
	b.must(evolveTask)
	if !strings.Contains(b.log(), "access is denied: a new role's grants take a while") {
		t.Errorf("the refusals were not met: %s", b.log())
	}
	b.chess(200, nil)
	b.must(loadChess)
	first, err := b.tableRows("landing_chess.games")
	if err != nil || first < 200 {
		t.Errorf("%d rows of 200 games, %v", first, err)
	}
	b.must(loadChess)
	task := loadChess
	task.Act = orchestrate.ActMaintain
	b.must(task)
	if n, err := b.tableRows("landing_chess.games"); err != nil || n != first {
		t.Errorf("%d rows after the second load, %d before, %v", n, first, err)
	}
	if !strings.Contains(b.log(), "orphans and the files of expired snapshots are left to S3 Tables") {
		t.Errorf("what is left to S3 Tables is not told: %s", b.log())
	}
	for _, r := range a.Requests() {
		if r.Service == "glue" || strings.HasPrefix(r.Resource, "floe-dev-landing/") || strings.HasPrefix(r.Action, "List") && r.Service == "s3" || strings.HasPrefix(r.Action, "DeleteObject") {
			t.Fatalf("%s %s %s was called", r.Service, r.Action, r.Resource)
		}
	}
	if _, metadata, maintained, ok := a.S3Table(bucket, "floe_dev_landing_chess", "games"); !ok || metadata == "" || len(maintained) > 0 {
		t.Errorf("the table: %v %q, S3 maintains %v", ok, metadata, maintained)
	}
}

// start gives the command that runs this test's program as the real one.
func (b *bench) start(env []string, args ...string) *exec.Cmd {
	b.t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Dir = b.root
	c.Env = append(os.Environ(), append(env, asProgram+"=1")...)
	return c
}

// As a Fargate task: logs on stdout, the outcome as the last line, an exit code.
func TestAsTask(t *testing.T) {
	b := newBench(t)
	b.stackOf()
	for _, tc := range []struct {
		args []string
		code int
		last string // part of the last line
	}{
		{[]string{`{"act": "evolve"}`}, 0, `{"finished":true,"done":[]`},
		{[]string{`{"act": "load", "source": "chess", "resources": ["moves"]}`}, 2, `"type":"floe.Usage"`},
		{[]string{`{"act": "evolve", "hurry": true}`}, 2, `unknown field`},
		{nil, 2, "one argument"},
	} {
		out, err := b.start([]string{"AWS_LAMBDA_RUNTIME_API="}, tc.args...).Output()
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if code := exitCode(err); code != tc.code || !strings.Contains(lines[len(lines)-1], tc.last) {
			t.Errorf("%v: code %d, %v\n%s", tc.args, code, err, out)
		}
		for _, line := range lines {
			if !json.Valid([]byte(line)) {
				t.Errorf("%v: a line is no JSON: %s", tc.args, line)
			}
		}
	}
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// A task that is told to end commits what it has and exits with 4; started
// again, it goes on.
func TestSIGTERM(t *testing.T) {
	b := newBench(t)
	b.stackOf()
	b.must(evolveTask)
	var asked atomic.Int32
	stuck, free := make(chan struct{}), make(chan struct{})
	b.chess(300, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/games/20") && asked.Add(1) == 9 { // some months have come
				close(stuck)
				<-free
			}
			next.ServeHTTP(w, r)
		})
	})
	c := b.start([]string{"AWS_LAMBDA_RUNTIME_API="}, `{"act": "load", "source": "chess", "done": ["players"]}`)
	var out bytes.Buffer
	c.Stdout = &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	<-stuck
	time.Sleep(300 * time.Millisecond) // what came is handed to the load
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := c.Wait()
	close(free)
	if code := exitCode(err); code != 4 || !strings.Contains(out.String(), `{"finished":false`) {
		t.Fatalf("code %d, %v\n%s", code, err, out.String())
	}
	before, err := b.tableRows("landing_chess.games")
	if err != nil || before == 0 {
		t.Fatalf("%d rows are kept, %v\n%s", before, err, out.String())
	}
	if text, err := b.start([]string{"AWS_LAMBDA_RUNTIME_API="}, `{"act": "load", "source": "chess"}`).Output(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if after, err := b.tableRows("landing_chess.games"); err != nil || after < 300 || after <= before {
		t.Errorf("%d rows, then %d, %v", before, after, err)
	}
}

// runtimeAPI is Lambda's side of the Runtime API: it hands out events, and
// keeps what they are answered.
type runtimeAPI struct {
	*httptest.Server
	events  chan string
	answers chan string
}

func serveRuntime(t *testing.T) *runtimeAPI {
	r := &runtimeAPI{events: make(chan string, 10), answers: make(chan string, 10)}
	mux := http.NewServeMux()
	over := make(chan struct{})
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, q *http.Request) {
		select {
		case event := <-r.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			_, _ = io.WriteString(w, event)
		case <-over:
		case <-q.Context().Done():
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/", func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.answers <- q.URL.Path[strings.LastIndex(q.URL.Path, "/")+1:] + " " + string(body)
		w.WriteHeader(http.StatusAccepted)
	})
	r.Server = httptest.NewServer(mux)
	t.Cleanup(func() { close(over); r.Close() })
	return r
}

func TestAsFunction(t *testing.T) {
	b := newBench(t)
	b.stackOf()
	b.chess(50, nil)
	api := serveRuntime(t)
	c := b.start([]string{"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(api.URL, "http://"), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512"})
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
	for _, tc := range []struct{ event, want string }{
		{`{"act": "evolve"}`, `response {"finished":true,"done":[]`},
		{`{"act": "load", "source": "chess"}`, `response {"finished":true,"done":["players","games"]`},
		{`{"act": "load", "source": "shop"}`, `"errorType":"floe.Usage"`},
		{`{"act": "maintain"}`, `response {"finished":true,"done":["landing_chess.games","landing_chess.players","landing_shop.orders"]`},
	} {
		api.events <- tc.event
		select {
		case got := <-api.answers:
			if !strings.Contains(got, tc.want) {
				t.Errorf("%s: answered %s", tc.event, got)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: no answer", tc.event)
		}
	}
}
