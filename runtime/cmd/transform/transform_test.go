package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/transform/athena/athenatest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// calls is the file of what the program may call of AWS; tests change the folder.
var calls, _ = filepath.Abs(filepath.Join("testdata", "calls.txt"))

// cloud is a deployed stack: Glue and S3, and an Athena that makes tables there,
// behind one endpoint.
type cloud struct {
	t      *testing.T
	aws    *awstest.AWS
	athena *athenatest.Server

	mu     sync.Mutex
	script func(sql string) (athenatest.Answer, bool) // asked first
	begun  func(sql string)
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{t: t, aws: awstest.New(t)}
	c.aws.Listed(t, calls)
	for _, s := range []string{"landing_chess", "staging", "intermediate", "marts"} {
		bucket := strings.SplitN(s, "_", 2)[0]
		c.aws.Bucket(bucket)
		c.aws.Database("floe_dev_"+s, "s3://"+bucket+"/"+s, map[string]string{
			environment.ParameterProject: "floe", environment.ParameterStack: "dev", environment.ParameterSchema: s,
		})
	}
	c.athena = athenatest.New(c.answer)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AmazonAthena.") {
			c.athena.ServeHTTP(w, r)
			return
		}
		c.aws.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	for _, v := range append(c.aws.Env(), "AWS_ENDPOINT_URL="+web.URL, environment.Project+"=floe", environment.Stack+"=dev", environment.Workgroup+"=floe-dev") {
		key, value, _ := strings.Cut(v, "=")
		t.Setenv(key, value)
	}
	return c
}

// answer plays a database in which every test passes.
func (c *cloud) answer(sql string) athenatest.Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.begun != nil {
		c.begun(sql)
	}
	if c.script != nil {
		if a, ok := c.script(sql); ok {
			return a
		}
	}
	if strings.Contains(sql, "should_error") {
		return counts(0)
	}
	return athenatest.Catalog{
		Columns: columnsOf, Written: 7,
		Create: c.createTable,
		CreateView: func(database, name, sql string) error {
			c.aws.PutTable(database, map[string]any{"Name": name, "TableType": "VIRTUAL_VIEW", "ViewOriginalText": sql})
			return nil
		},
	}.Script()(sql)
}

func counts(failures int) athenatest.Answer {
	return athenatest.Answer{Scanned: 10, Columns: []athenatest.Column{{Name: "failures", Type: "bigint"}, {Name: "should_warn", Type: "boolean"}, {Name: "should_error", Type: "boolean"}},
		Rows: [][]any{{failures, failures > 0, failures > 0}}}
}

// outputs are the columns of the models that are tables, by a text that only
// the model has; Athena would find them in the SQL.
var outputs = []struct{ mark, columns string }{
	{"as seed (", "code varchar, outcome varchar, description varchar"},
	{"as ended_by", "game_id varchar, url varchar, started_at timestamp with time zone, ended_at timestamp with time zone, ended_month date, time_class varchar, time_control varchar, " +
		"rules varchar, is_rated boolean, opening_slug varchar, white_username varchar, white_rating bigint, white_accuracy double, black_username varchar, black_rating bigint, " +
		"black_accuracy double, outcome varchar, ended_by varchar, tournament_url varchar, loaded_at timestamp with time zone"},
	{"as is_followed", "username varchar, is_followed boolean, player_id bigint, full_name varchar, title varchar, profile_url varchar, country_code varchar, followers bigint, league varchar, " +
		"is_streamer boolean, joined_at timestamp with time zone, games bigint, wins bigint, losses bigint, draws bigint, best_rating bigint, first_game_at timestamp with time zone, last_game_at timestamp with time zone"},
	{"as white_score", "opening_slug varchar, opening varchar, games bigint, white_wins bigint, black_wins bigint, draws bigint, white_score double, average_rating double, last_played_at timestamp with time zone"},
	{"as closing_rating", "username varchar, month date, time_class varchar, games bigint, wins bigint, losses bigint, draws bigint, closing_rating bigint, best_rating bigint, lowest_rating bigint, average_accuracy double"},
	{"tournament_url\nfrom", "game_id varchar, url varchar, started_at timestamp with time zone, ended_at timestamp with time zone, time_class varchar, time_control varchar, rules varchar, is_rated boolean, " +
		"opening_slug varchar, white_username varchar, white_rating bigint, white_accuracy double, black_username varchar, black_rating bigint, black_accuracy double, outcome varchar, ended_by varchar, tournament_url varchar"},
}

func columnsOf(query string) []athenatest.Column {
	for _, o := range outputs {
		if !strings.Contains(query, o.mark) {
			continue
		}
		var columns []athenatest.Column
		for text := range strings.SplitSeq(o.columns, ", ") {
			name, kind, _ := strings.Cut(text, " ")
			columns = append(columns, athenatest.Column{Name: name, Type: kind})
		}
		return columns
	}
	return []athenatest.Column{{Name: "n", Type: "bigint"}}
}

func (c *cloud) createTable(t athenatest.Table) error {
	meta, err := t.Metadata()
	if err != nil {
		return err
	}
	file := t.Location + "/metadata/00000-made-by-athena.metadata.json"
	bucket, key, _ := strings.Cut(strings.TrimPrefix(file, "s3://"), "/")
	c.aws.PutObject(bucket, key, meta, time.Time{})
	c.aws.PutTable(t.Database, map[string]any{"Name": t.Name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": map[string]any{"Location": t.Location},
		"Parameters": map[string]any{"table_type": "ICEBERG", "metadata_location": file}})
	return nil
}

// TestMain is the program itself where a test has started it as such.
func TestMain(m *testing.M) {
	if os.Getenv("FLOE_TEST_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

// inProject goes into the project's root, as the image's program is started there.
func inProject(t *testing.T) {
	t.Helper()
	t.Chdir(filepath.Join("testdata", "chess"))
}

func (c *cloud) call(task orchestrate.Task) (orchestrate.Outcome, string, error) {
	c.t.Helper()
	var log bytes.Buffer
	task.Act = orchestrate.ActTransform
	out, err := act(c.t.Context(), deployed.Call{Task: task, Log: slog.New(slog.NewJSONHandler(&log, nil))})
	return out, log.String(), err
}

var ids = regexp.MustCompile(`floe_[0-9a-f]{12}`)

// sent are the statements so far, ids masked.
func (c *cloud) sent() string {
	var out strings.Builder
	for _, s := range c.athena.Statements() {
		out.WriteString(ids.ReplaceAllString(s.SQL, "floe_<id>") + "\n;\n\n")
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it after go test ./cmd/transform -update. Got:\n%s", file, got)
	}
}

func TestBuildSendsTheseStatements(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	c := newCloud(t)
	inProject(t)
	var text bytes.Buffer
	call := deployed.Call{Task: orchestrate.Task{Act: orchestrate.ActTransform, Command: "build"}, Log: slog.New(slog.NewJSONHandler(&text, nil))}
	o, err := optionsOf(call)
	if err != nil {
		t.Fatal(err)
	}
	o.Concurrency = 1 // one after the other, so that the order is always the same
	out, err := run(t.Context(), call, o)
	log := text.String()
	if err != nil {
		t.Fatal(err, log)
	}
	classified := c.classified()
	t.Chdir(here)
	golden(t, "chess.sql", c.sent())
	total, ok := out.Summary.(summary)
	if !out.Finished || !ok || total.Built != 9 || total.Failed != 0 || total.Skipped != 0 || total.Queries != len(c.athena.Statements()) || total.Scanned == 0 {
		t.Errorf("outcome %+v", out)
	}
	if !slices.Contains(out.Done, "model.floe.fct_games") || !slices.Contains(out.Done, "seed.floe.chess_results") || !slices.IsSorted(out.Done) {
		t.Errorf("done %v", out.Done)
	}
	for _, n := range []string{"staging.chess_results", "intermediate.int_games", "marts.fct_games"} {
		schema, table, _ := strings.Cut(n, ".")
		if got := c.aws.Table("floe_dev_"+schema, table); got == nil || got["TableType"] != "EXTERNAL_TABLE" {
			t.Errorf("%s is %v", n, got)
		} else if noted := got["Parameters"].(map[string]any)[environment.ParameterClassified]; noted != classified[n] || noted == "" {
			t.Errorf("%s was built under classification %v, want %s", n, noted, classified[n])
		}
	}
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
}

func TestFailedTestIsAContractAndPublishesNothing(t *testing.T) {
	c := newCloud(t)
	inProject(t)
	secret := "hikaru@example.com"
	c.script = func(sql string) (athenatest.Answer, bool) {
		if strings.Contains(sql, "should_error") && strings.Contains(sql, "fct_games__floe_") && strings.Contains(sql, "url is null") {
			return counts(2), true
		}
		if strings.Contains(sql, "limit 20") {
			return athenatest.Answer{Columns: []athenatest.Column{{Name: "url", Type: "varchar"}}, Rows: [][]any{{secret}}}, true
		}
		return athenatest.Answer{}, false
	}
	_, log, err := c.call(orchestrate.Task{Command: "build"})
	if fault.Code(err) != int(fault.Contract) || !strings.Contains(err.Error(), "fct_games") {
		t.Fatalf("error %v, code %d", err, fault.Code(err))
	}
	if c.aws.Table("floe_dev_marts", "fct_games") != nil {
		t.Error("what its tests refused is published")
	}
	if strings.Contains(log, secret) || strings.Contains(err.Error(), secret) {
		t.Error("rows are in the log")
	}
}

func TestHandsOverUntilEverythingIsDone(t *testing.T) {
	c := newCloud(t)
	inProject(t)
	task := orchestrate.Task{Act: orchestrate.ActTransform, Command: "build"}
	var built []string
	for n := 1; ; n++ {
		until := time.Now().Add(time.Duration(n) * 100 * time.Millisecond)
		c.begun = func(sql string) {
			if strings.HasPrefix(sql, "CREATE TABLE") {
				built = append(built, ids.ReplaceAllString(strings.Fields(sql)[2], "<id>"))
				if n <= 3 {
					time.Sleep(time.Until(until)) // all the time that is left
				}
			}
		}
		out, err := act(t.Context(), deployed.Call{Task: task, Log: slog.New(slog.DiscardHandler), Until: until})
		if err != nil {
			t.Fatal(err)
		}
		if out.Finished {
			if n == 1 {
				t.Error("it was not handed over")
			}
			break
		}
		if len(out.Done) < len(task.Done) || n > 60 {
			t.Fatalf("call %d: done %v", n, out.Done)
		}
		task.Done = out.Done
	}
	unique := slices.Clone(built)
	slices.Sort(unique)
	if unique = slices.Compact(unique); len(unique) != len(built) || len(built) != 6 {
		t.Errorf("tables were built %v, each once is right", built)
	}
}

func TestToldToEndStopsItsQueries(t *testing.T) {
	c := newCloud(t)
	inProject(t)
	stop := make(chan struct{})
	var once sync.Once
	c.script = func(sql string) (athenatest.Answer, bool) {
		if !strings.HasPrefix(sql, "CREATE TABLE") {
			return athenatest.Answer{}, false
		}
		once.Do(func() { close(stop) })
		return athenatest.Answer{Delay: -1}, true
	}
	out, err := act(t.Context(), deployed.Call{Task: orchestrate.Task{Act: orchestrate.ActTransform, Command: "build"}, Log: slog.New(slog.DiscardHandler), Stop: stop})
	if fault.Code(err) != int(fault.Interrupted) || out.Finished {
		t.Fatalf("outcome %+v, error %v", out, err)
	}
	for _, s := range c.athena.Statements() {
		if strings.HasPrefix(s.SQL, "CREATE TABLE") && !s.Stopped {
			t.Errorf("it still runs: %s", s.SQL)
		}
	}
}

func TestProgramEndsOnSIGTERM(t *testing.T) {
	c := newCloud(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, `{"act": "transform", "command": "build", "step": "transform"}`)
	cmd.Dir = filepath.Join("testdata", "chess")
	cmd.Env = append(os.Environ(), "FLOE_TEST_PROGRAM=1")
	var out bytes.Buffer
	cmd.Stdout = &out
	c.script = func(sql string) (athenatest.Answer, bool) {
		if !strings.HasPrefix(sql, "CREATE TABLE") {
			return athenatest.Answer{}, false
		}
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		return athenatest.Answer{Delay: -1}, true
	}
	err = cmd.Run()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var last orchestrate.Outcome
	if jerr := json.Unmarshal([]byte(lines[len(lines)-1]), &last); jerr != nil || cmd.ProcessState.ExitCode() != 4 || last.Finished {
		t.Fatalf("%v, %v: %s", err, jerr, out.String())
	}
	for _, s := range c.athena.Statements() {
		if strings.HasPrefix(s.SQL, "CREATE TABLE") && !s.Stopped {
			t.Errorf("it still runs: %s", s.SQL)
		}
	}
}

func TestWrongTasks(t *testing.T) {
	for _, tc := range []struct {
		name string
		task orchestrate.Task
		env  string // unset
		want string
	}{
		{"act", orchestrate.Task{Act: "load"}, "", `does the acts transform and govern, not "load"`},
		{"command", orchestrate.Task{Act: "transform", Command: "docs"}, "", `command "docs"`},
		{"environment", orchestrate.Task{Act: "transform"}, environment.Workgroup, environment.Workgroup},
		{"selection", orchestrate.Task{Act: "transform", Command: "build", Select: []string{"nosuchmethod:x"}}, "", "nosuchmethod"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			newCloud(t)
			inProject(t)
			if tc.env != "" {
				t.Setenv(tc.env, "")
			}
			_, err := act(context.Background(), deployed.Call{Task: tc.task, Log: slog.New(slog.DiscardHandler)})
			if fault.Code(err) != int(fault.Usage) || !strings.Contains(fmt.Sprint(err), tc.want) {
				t.Errorf("error %v, code %d", err, fault.Code(err))
			}
		})
	}
}
