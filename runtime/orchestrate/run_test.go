package orchestrate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

func workflow(steps ...project.Step) *project.Workflow {
	return &project.Workflow{Name: "chess", File: "chess.yaml", Steps: steps}
}

// log is an Act maker that notes what it did and fails where told.
type log struct {
	mu    sync.Mutex
	did   []string
	fails map[string]error
}

func (l *log) act(s project.Step) (Act, error) {
	return func(_ context.Context, p *Progress) (any, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.did = append(l.did, s.Name)
		if err := l.fails[s.Name]; err != nil {
			return "half", err
		}
		return len(p.Done), nil
	}, nil
}

func newRecord(t *testing.T, dir string) *Record {
	t.Helper()
	rec, err := Records{dir}.NewRecord("chess", map[string]string{"players": "a,b"}, "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestGraphOrder(t *testing.T) {
	for _, tc := range []struct {
		name  string
		steps []project.Step
		want  string
		err   string
	}{
		{"written order is the default", []project.Step{{Name: "a"}, {Name: "b"}, {Name: "c"}}, "a b c", ""},
		{"after reorders", []project.Step{{Name: "a", After: []string{"b"}}, {Name: "b", After: []string{}}}, "b a", ""},
		{"circle", []project.Step{{Name: "a", After: []string{"b"}}, {Name: "b", After: []string{"a"}}}, "", "a, b wait for each other"},
		{"unknown", []project.Step{{Name: "a", After: []string{"x"}}}, "", `"x", which is not a step`},
		{"twice", []project.Step{{Name: "a"}, {Name: "a"}}, "", `two steps are named "a"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g, err := NewGraph(workflow(tc.steps...))
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Fatalf("error %v, want %q in it", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, s := range g.Steps {
				names = append(names, s.Name)
			}
			if got := strings.Join(names, " "); got != tc.want {
				t.Errorf("order %q, want %q", got, tc.want)
			}
		})
	}
}

func TestFailureThenResumeDoesOnlyTheRest(t *testing.T) {
	dir := t.TempDir()
	w := workflow(project.Step{Name: "ingest"}, project.Step{Name: "transform"}, project.Step{Name: "maintain"})
	l := &log{fails: map[string]error{"transform": fault.New(fault.Contract, errors.New("2 tests failed"), "")}}
	run := &Runner{Workflow: w, Record: newRecord(t, dir), Act: l.act}
	err := run.Run(context.Background())
	var step *StepError
	if !errors.As(err, &step) || step.Step != "transform" || step.Resume() != "floe run chess --resume" || fault.Code(err) != 3 {
		t.Fatalf("error %#v, code %d", err, fault.Code(err))
	}
	if want := []string{"ingest", "transform"}; !slices.Equal(l.did, want) {
		t.Fatalf("did %v, want %v", l.did, want)
	}
	rec, err := Records{dir}.Unfinished("chess")
	if err != nil {
		t.Fatal(err)
	}
	if rec.Status != Failed || rec.Set["players"] != "a,b" || rec.Next != "floe run chess --resume" || !strings.Contains(rec.Error, "2 tests failed") {
		t.Fatalf("record %+v", rec)
	}
	l.did, l.fails = nil, nil
	if err := (&Runner{Workflow: w, Record: rec, Act: l.act}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"transform", "maintain"}; !slices.Equal(l.did, want) {
		t.Fatalf("resume did %v, want %v", l.did, want)
	}
	if _, err := (Records{dir}).Unfinished("chess"); fault.Code(err) != 2 {
		t.Fatalf("after success: %v, want a usage error", err)
	}
}

func TestMarkedPartsReachTheNextAttempt(t *testing.T) {
	dir := t.TempDir()
	w := workflow(project.Step{Name: "transform"})
	fail := true
	var seen []string
	act := func(project.Step) (Act, error) {
		return func(_ context.Context, p *Progress) (any, error) {
			seen = p.Done
			if fail {
				if err := p.Mark("model.a"); err != nil {
					return nil, err
				}
				return nil, errors.New("boom")
			}
			return nil, nil
		}, nil
	}
	_ = (&Runner{Workflow: w, Record: newRecord(t, dir), Act: act}).Run(context.Background())
	rec, err := Records{dir}.Unfinished("chess")
	if err != nil {
		t.Fatal(err)
	}
	fail = false
	if err := (&Runner{Workflow: w, Record: rec, Act: act}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(seen, []string{"model.a"}) {
		t.Fatalf("the resumed act saw %v", seen)
	}
}

func TestRetriesOnlyPlainFailures(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		want int
	}{
		{"a failure is tried again", errors.New("no answer"), 3},
		{"a broken contract is not", fault.New(fault.Contract, errors.New("bad rows"), ""), 1},
		{"a wrong config is not", fault.New(fault.Usage, errors.New("no such source"), ""), 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := &log{fails: map[string]error{"ingest": tc.err}}
			run := &Runner{Workflow: workflow(project.Step{Name: "ingest", Retries: 2}), Record: newRecord(t, t.TempDir()), Act: l.act, Backoff: time.Microsecond}
			if err := run.Run(context.Background()); err == nil {
				t.Fatal("no error")
			}
			if len(l.did) != tc.want {
				t.Errorf("%d tries, want %d", len(l.did), tc.want)
			}
		})
	}
}

func TestInterruptedRunIsCode4AndKept(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	act := func(project.Step) (Act, error) {
		return func(ctx context.Context, _ *Progress) (any, error) {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}, nil
	}
	err := (&Runner{Workflow: workflow(project.Step{Name: "ingest", Retries: 3}), Record: newRecord(t, dir), Act: act}).Run(ctx)
	if fault.Code(err) != 4 {
		t.Fatalf("code %d of %v, want 4", fault.Code(err), err)
	}
	if rec, err := (Records{dir}).Unfinished("chess"); err != nil || rec.Status != Interrupted {
		t.Fatalf("record %+v, %v", rec, err)
	}
}

func TestTimeoutNamesTheLimit(t *testing.T) {
	act := func(project.Step) (Act, error) {
		return func(ctx context.Context, _ *Progress) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, nil
	}
	err := (&Runner{Workflow: workflow(project.Step{Name: "ingest", Timeout: "1ms"}), Record: newRecord(t, t.TempDir()), Act: act}).Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "longer than its timeout of 1ms") || fault.Code(err) != 1 {
		t.Fatalf("%v (code %d)", err, fault.Code(err))
	}
}

func TestARunThatCouldNotBeginIsResumed(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	for _, tc := range []struct {
		cause error
		code  int
		next  string
	}{
		{errors.New("the catalog is locked"), 1, "floe run chess --resume"},
		{fault.New(fault.Failed, errors.New("the home was moved"), "move it back"), 1, "move it back; then floe run chess --resume"},
	} {
		err := newRecord(t, dir).NotBegun(ctx, tc.cause, time.Now())
		if fault.Code(err) != tc.code || fault.Next(err) != tc.next || !errors.Is(err, tc.cause) {
			t.Errorf("%v: code %d, next %q", err, fault.Code(err), fault.Next(err))
		}
	}
	cancel()
	if err := newRecord(t, dir).NotBegun(ctx, ctx.Err(), time.Now()); fault.Code(err) != 4 {
		t.Errorf("interrupted: code %d", fault.Code(err))
	}
	if rec, err := (Records{dir}).Unfinished("chess"); err != nil || rec.Status != Interrupted {
		t.Errorf("%+v, %v", rec, err)
	}
}

func TestRunsOfOneSecondAreOrderedByTheirStart(t *testing.T) {
	dir := t.TempDir()
	second := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	var last string
	for i := range 20 {
		rec, err := Records{dir}.NewRecord("chess", nil, "", second.Add(time.Duration(i)*time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		if err := rec.change(func() { rec.Status = Failed }); err != nil {
			t.Fatal(err)
		}
		last = rec.ID
	}
	if rec, err := (Records{dir}).Unfinished("chess"); err != nil || rec.ID != last {
		t.Fatalf("resumes %v, want %s (%v)", rec, last, err)
	}
}

func TestAnUnreadableRecordIsLeftOut(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "20990101T000000Z-ffffff.json"), []byte(`{"id": "2099`), 0o644); err != nil {
		t.Fatal(err)
	}
	runs, err := Records{dir}.List()
	if err != nil || len(runs) != 0 {
		t.Fatalf("%v, %v", runs, err)
	}
}

func TestIndependentStepsRunBesideEachOther(t *testing.T) {
	both := make(chan struct{}, 2)
	meet := make(chan struct{})
	go func() { <-both; <-both; close(meet) }()
	act := func(project.Step) (Act, error) {
		return func(ctx context.Context, _ *Progress) (any, error) {
			both <- struct{}{}
			select {
			case <-meet:
				return nil, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}, nil
	}
	w := workflow(project.Step{Name: "a", After: []string{}, Timeout: "30s"}, project.Step{Name: "b", After: []string{}, Timeout: "30s"})
	if err := (&Runner{Workflow: w, Record: newRecord(t, t.TempDir()), Act: act}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
}
