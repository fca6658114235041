package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/deployed"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/ingest"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/orchestrate"
)

var loadChess = orchestrate.Task{Act: orchestrate.ActLoad, Source: "chess"}

func TestLoad(t *testing.T) {
	b := newBench(t)
	b.chess(400, nil)
	outcome := b.must(loadChess)
	if !slices.Equal(outcome.Done, []string{"players", "games"}) {
		t.Errorf("done %v", outcome.Done)
	}
	if n := len(b.games()); n < 400 {
		t.Errorf("%d rows of 400 games", n)
	}
	for _, want := range []string{`"act":"load"`, `"source":"chess"`, `"resource":"games"`, `"msg":"commit"`, `"msg":"loaded"`, `"level":"INFO"`} {
		if !strings.Contains(b.log(), want) {
			t.Errorf("the log does not tell %s:\n%s", want, b.log())
		}
	}
}

// Many short calls come to the same table as one long one.
func TestHandOver(t *testing.T) {
	whole := newBench(t)
	whole.chess(300, nil)
	whole.must(loadChess)
	want := whole.games()

	b := newBench(t)
	var asked atomic.Int32
	var end atomic.Pointer[func()]
	b.chess(300, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/games/20") && asked.Add(1)%10 == 0 { // some months have come
				(*end.Load())()
			}
			next.ServeHTTP(w, r)
		})
	})
	task := loadChess
	calls := 0
	for finished := false; !finished; calls++ {
		if calls == 20 {
			t.Fatalf("not finished after %d calls\n%s", calls, b.log())
		}
		stop := make(chan struct{})
		once := sync.OnceFunc(func() { close(stop) })
		end.Store(&once)
		outcome, err := b.program.act(t.Context(), deployed.Call{Task: task, Log: quiet(), Stop: stop})
		if err != nil {
			t.Fatalf("call %d: %v\n%s", calls, err, b.log())
		}
		finished, task.Done = outcome.Finished, outcome.Done
	}
	if calls < 3 {
		t.Errorf("%d calls: too little was handed over", calls)
	}
	if got := b.games(); !slices.Equal(got, want) {
		t.Errorf("%d rows, want the %d of one run", len(got), len(want))
	}
}

func TestTwoAtOnce(t *testing.T) {
	b := newBench(t)
	b.chess(200, nil)
	b.must(evolveTask)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wg.Go(func() { _, errs[i] = b.invoke(loadChess, time.Minute) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	got := b.games()
	if n := len(slices.Compact(slices.Clone(got))); n != len(got) || n < 200 {
		t.Errorf("%d rows, %d different ones", len(got), n)
	}
}

// A resource that cannot be read in one call and has no cursor would be begun
// anew for ever.
func TestNoHeadway(t *testing.T) {
	b := newBench(t)
	var pages atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(50 * time.Millisecond)
		n := pages.Add(1)
		fmt.Fprintf(w, `{"orders": [{"id": %d}], "next": "/orders?page=%d"}`, n, n+1)
	}))
	defer s.Close()
	b.shop(s, "abcdef-token")
	_, err := b.invoke(orchestrate.Task{Act: orchestrate.ActLoad, Source: "shop"}, 3*time.Second)
	b.wants(err, orchestrate.ErrorUsage, "orders", "read again from the same place", "compute: fargate")
}

// What a load has done is told beside its error, for it need not be done again.
func TestDoneBesideTheError(t *testing.T) {
	b := newBench(t)
	b.chess(100, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/games/") {
				w.WriteHeader(http.StatusTeapot)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	outcome, err := b.program.act(t.Context(), deployed.Call{Task: loadChess, Log: quiet()})
	if err == nil || outcome.Finished || !slices.Equal(outcome.Done, []string{"players"}) {
		t.Errorf("%+v, %v", outcome, err)
	}
}

// A call that its step's time ends is not followed by another: that no cursor
// moved is not what is wrong.
func TestLastCallIsNotStuck(t *testing.T) {
	s := ingest.Summary{Unfinished: true, Resources: []ingest.ResourceSummary{{Name: "orders"}}}
	for _, last := range []bool{true, false} {
		if j := (&job{Call: deployed.Call{Last: last}}); j.stuck(s) == last {
			t.Errorf("last %v: stuck %v", last, !last)
		}
	}
}

// A load is no larger than the disk has room for.
func TestCheckpointFitsTheDisk(t *testing.T) {
	for free, want := range map[int64]int64{0: 2 << 30, 512 << 20: 128 << 20, 8 << 30: 2 << 30, 1 << 40: 2 << 30} {
		if got := checkpoint(free); got != want {
			t.Errorf("of %d bytes: %d, want %d", free, got, want)
		}
	}
	if runtime.GOOS == "linux" && freeBytes(t.TempDir()) <= 0 {
		t.Error("the room on the disk is not known")
	}
	if got := freeBytes(filepath.Join(t.TempDir(), "none")); got != 0 {
		t.Errorf("a folder that is not there has %d bytes", got)
	}
	b := newBench(t)
	b.chess(10, nil)
	j, err := b.program.begin(t.Context(), deployed.Call{Task: loadChess, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer j.lake.Close()
	if o, err := j.options(t.Context(), j.project.Sources["chess"]); err != nil || o.Checkpoint.Bytes <= 0 || o.Checkpoint.Bytes > 2<<30 {
		t.Errorf("%+v, %v", o.Checkpoint, err)
	}
}

func TestFullDisk(t *testing.T) {
	b := newBench(t)
	b.chess(10, nil)
	b.program.open = func(context.Context) (*lakehouse.Lake, error) {
		return nil, &os.PathError{Op: "write", Path: "/tmp/x", Err: syscall.ENOSPC}
	}
	_, err := b.invoke(loadChess, time.Minute)
	b.wants(err, orchestrate.ErrorFailed, "no space left on device", "next: raise sizes.function.disk_mb in live/dev/platform.yaml")
}

func TestTimeoutOfTheStep(t *testing.T) {
	b := newBench(t)
	task := loadChess
	task.Workflow, task.Step, task.Timeout, task.Began = "chess", "ingest", "2h0m0s", time.Now().Add(-3*time.Hour)
	_, err := b.invoke(task, time.Minute)
	b.wants(err, orchestrate.ErrorTimeout, "step ingest of workflow chess is not finished after 2h0m0s", "what is committed is kept", "next: ", "code: 5")
}

func TestWrongTasks(t *testing.T) {
	for _, tc := range []struct {
		name string
		set  map[string]string
		task orchestrate.Task
		want string
	}{
		{"unknown act", nil, orchestrate.Task{Act: "dance"}, "evolve, load and maintain"},
		{"unknown source", nil, orchestrate.Task{Act: "load", Source: "cheess"}, `no source "cheess"; the project has chess, shop`},
		{"another program's source", map[string]string{environment.Source: "shop"}, loadChess, "may load shop only"},
		{"unknown resource", nil, orchestrate.Task{Act: "load", Source: "chess", Resources: []string{"moves"}}, `no resource "moves"`},
		{"vars that are no JSON", map[string]string{environment.Vars: "{"}, loadChess, "FLOE_VARS is no JSON object"},
		{"vars of another type", map[string]string{environment.Vars: `{"players": 5}`}, loadChess, "var players"},
		{"no stack", map[string]string{environment.Stack: ""}, loadChess, "no FLOE_STACK"},
		{"no secret", nil, orchestrate.Task{Act: "load", Source: "shop"}, "next: floe secret set shop --stack dev"},
		{"a duration", nil, orchestrate.Task{Act: "maintain", KeepSnapshots: "a week"}, "keep_snapshots"},
		{"a timeout", nil, orchestrate.Task{Act: "maintain", Timeout: "soon"}, "timeout"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			for name, value := range tc.set {
				t.Setenv(name, value)
			}
			_, err := b.invoke(tc.task, time.Minute)
			b.wants(err, orchestrate.ErrorUsage, tc.want, "code: 2")
		})
	}
}

// canary is the secret that nothing but the shop may see.
const canary = "canary-9f8e7d6c5b4a"

// shop points the source at a server and gives it a secret in an AWS of its own.
func (b *bench) shop(s *httptest.Server, secret string) *awstest.AWS {
	b.t.Helper()
	a := awstest.New(b.t)
	a.Listed(b.t, b.calls)
	for _, pair := range a.Env() {
		name, value, _ := strings.Cut(pair, "=")
		b.t.Setenv(name, value)
	}
	b.t.Setenv(environment.SecretARN, a.Secret("floe-dev-shop"))
	if secret != "" {
		a.SetSecret("floe-dev-shop", secret)
	}
	vars, err := json.Marshal(map[string]any{"base_url": s.URL})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Setenv(environment.Vars, string(vars))
	return a
}

// order is a row of landing_shop.orders.
type order struct {
	ID     int64  `parquet:"id,optional"`
	Note   string `parquet:"note,optional"`
	Source string `parquet:"_floe_source,optional"`
}

type rejected struct {
	Reason string `parquet:"reason,optional"`
	Row    string `parquet:"row,optional"`
}

// A shop that repeats in everything what it was sent: the secret is in no log,
// no answer, no row and no file of the lake.
func TestSecretStaysSecret(t *testing.T) {
	b := newBench(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := r.URL.Query().Get("token")
		switch {
		case token != canary:
			http.Error(w, "wrong token "+token, http.StatusUnauthorized)
		case r.URL.Query().Get("page") == "":
			fmt.Fprintf(w, `{"orders": [{"id": 1, "note": "for %s"}, {"id": "%s"}], "next": "/orders?page=2&token=%s"}`, token, token, url.QueryEscape(token))
		default:
			fmt.Fprintf(w, `{"orders": [{"id": 2, "extra": "%s"}]}`, r.URL)
		}
	}))
	defer s.Close()
	a := b.shop(s, canary)
	task := orchestrate.Task{Act: orchestrate.ActLoad, Source: "shop"}
	outcome := b.must(task)
	got := fmt.Sprint(rows[order](b, "landing_shop.orders"), rows[rejected](b, "landing_shop.orders__rejected"))
	if !strings.Contains(got, "{1 for *** shop}") || !strings.Contains(got, "{2  shop}") || !strings.Contains(got, `{"id": "***"}`) {
		t.Errorf("rows %s", got)
	}
	// infra's filter makes a metric of these two keys (operations.Watch).
	if log := b.log(); !strings.Contains(log, `"secret":"floe-dev-shop","secret_age_days":`) {
		t.Errorf("the secret's age is not told:\n%s", log)
	}
	answer, err := json.Marshal(outcome)
	if err != nil {
		t.Fatal(err)
	}
	a.SetSecret("floe-dev-shop", "wrong-"+canary)
	_, err = b.invoke(task, time.Minute)
	b.wants(err, orchestrate.ErrorUsage, "401", "secret may be wrong", "next: floe secret set shop --stack dev")
	if all := string(answer) + got + err.Error() + b.log() + lakeText(t, b.home); strings.Contains(all, canary) {
		t.Errorf("the secret came out:\n%s", all)
	}
}

// lakeText is the bytes of all files of a lake, the names included.
func lakeText(t *testing.T, home string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(home, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		out.WriteString(path + "\n" + string(text) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestEmptySecret(t *testing.T) {
	b := newBench(t)
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the shop was asked") }))
	defer s.Close()
	b.shop(s, "")
	_, err := b.invoke(orchestrate.Task{Act: orchestrate.ActLoad, Source: "shop"}, time.Minute)
	b.wants(err, orchestrate.ErrorUsage, "the secret of source shop is empty", "next: floe secret set shop --stack dev")
}
