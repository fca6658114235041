package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/internal/awstest"
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
	slow := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(20 * time.Millisecond)
			next.ServeHTTP(w, r)
		})
	}
	b.chess(300, slow)
	task := loadChess
	calls := 0
	for finished := false; !finished; calls++ {
		if calls == 100 {
			t.Fatalf("not finished after %d calls\n%s", calls, b.log())
		}
		outcome, err := b.invoke(task, 900*time.Millisecond)
		if retried(err) {
			continue
		}
		if err != nil {
			t.Fatalf("call %d: %v\n%s", calls, err, b.log())
		}
		finished, task.Done = outcome.Finished, outcome.Done
	}
	if calls < 2 {
		t.Errorf("%d calls: nothing was handed over", calls)
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
	b.wants(err, orchestrate.ErrorFailed, "orders", "read again from the same place", "compute: fargate")
}

func TestTimeoutOfTheStep(t *testing.T) {
	b := newBench(t)
	task := loadChess
	task.Workflow, task.Step, task.Timeout, task.Began = "chess", "ingest", "2h0m0s", time.Now().Add(-3*time.Hour)
	_, err := b.invoke(task, time.Minute)
	b.wants(err, orchestrate.ErrorTimeout, "step ingest of workflow chess is not finished after 2h0m0s", "what is committed is kept", "next: ", "code: 1")
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
