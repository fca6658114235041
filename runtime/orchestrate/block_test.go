package orchestrate

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/project"
)

// shape writes a block: a;b one after the other, (a|b) at the same time.
func shape(b block) string {
	if b.step != nil {
		return b.step.Name
	}
	var parts []string
	for _, p := range append(b.series, b.together...) {
		parts = append(parts, shape(p))
	}
	if b.together != nil {
		return "(" + strings.Join(parts, "|") + ")"
	}
	return strings.Join(parts, ";")
}

func TestBlock(t *testing.T) {
	none := []string{}
	for want, steps := range map[string][]project.Step{
		"a":               {ingest("a")},
		"a;b;c":           {ingest("a"), ingest("b"), ingest("c")},
		"(a|b|c)":         {ingest("a"), {Name: "b", After: none}, {Name: "c", After: none}},
		"(a|b);c":         {ingest("a"), {Name: "b", After: none}, ingest("c", "a", "b")},
		"a;(b|c);d":       {ingest("a"), ingest("b"), ingest("c", "a"), ingest("d", "b", "c")},
		"(a;b|c;d);e":     {ingest("a"), ingest("b", "a"), {Name: "c", After: none}, ingest("d", "c"), ingest("e", "d", "b")},
		"a;(b|c)":         {ingest("a"), ingest("b", "a"), ingest("c", "a")},
		"(a;(b|c)|d);e":   {ingest("a"), ingest("b", "a"), ingest("c", "a"), {Name: "d", After: none}, ingest("e", "b", "c", "d")},
		"(a|b);(c|d)":     {ingest("a"), {Name: "b", After: none}, ingest("c", "a"), ingest("d", "a", "b")}, // c waits for b too
		"(a|b);(c|d|e);f": {ingest("a"), {Name: "b", After: none}, ingest("c", "a", "b"), ingest("d", "b", "a"), ingest("e", "a", "b"), ingest("f", "c", "d", "e")},
	} {
		g, err := NewGraph(&project.Workflow{Steps: steps})
		if err != nil {
			t.Fatal(err)
		}
		if got := shape(g.block()); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestTogetherIsTogether: three steps that wait for none are all under way
// before one of them is done.
func TestTogetherIsTogether(t *testing.T) {
	none := []string{}
	w := &project.Workflow{Name: "w", Steps: []project.Step{ingest("a"), {Name: "b", After: none, Ingest: &project.IngestStep{}}, {Name: "c", After: none, Ingest: &project.IngestStep{}}}}
	runs := map[string]Runs{"a": onLambda("a"), "b": onFargate(true), "c": onLambda("c")}
	most := 0
	for seed := range int64(20) {
		f := &fleet{t: t, does: finished}
		x := newExecution(t, definition(t, golden{"", w, options(runs)}), seed, nil)
		x.work = func(name, resource string, p any) (any, *asError) {
			under := 0
			for _, b := range x.top.branches {
				if b.begun {
					under++
				}
			}
			most = max(most, under)
			return f.work(name, resource, p)
		}
		if err := x.run(); err != nil {
			t.Fatal(err)
		}
	}
	if most != 3 {
		t.Errorf("at most %d ran at the same time", most)
	}
}

// randomWorkflow has steps that wait for some of those written before them,
// written in a random order.
func randomWorkflow(r *rand.Rand) (*project.Workflow, map[string]Runs) {
	w, runs := &project.Workflow{Name: "random"}, map[string]Runs{}
	for i := range 1 + r.Intn(8) {
		s := project.Step{Name: fmt.Sprint("s", i), After: []string{}, Retries: r.Intn(3), Ingest: &project.IngestStep{Source: "x"}}
		for j := range i {
			if r.Intn(3) == 0 {
				s.After = append(s.After, fmt.Sprint("s", j))
			}
		}
		runs[s.Name] = onLambda(s.Name)
		if r.Intn(2) == 0 {
			runs[s.Name] = onFargate(r.Intn(2) == 0)
		}
		w.Steps = append(w.Steps, s)
	}
	r.Shuffle(len(w.Steps), func(i, j int) { w.Steps[i], w.Steps[j] = w.Steps[j], w.Steps[i] })
	return w, runs
}

// TestAnyGraph runs random workflows whose steps take several calls, fail and
// are interrupted at random, and redrives them until they are done.
func TestAnyGraph(t *testing.T) {
	redrives, loops := 0, 0
	for seed := range int64(400) {
		r := rand.New(rand.NewSource(seed))
		w, runs := randomWorkflow(r)
		text := definition(t, golden{"", w, options(runs)})
		walk(t, text)
		done, handed, steps := map[string]bool{}, map[string][]string{}, []string{}
		f := &fleet{t: t, does: func(task Task, nth int, state string) (Outcome, *asError) {
			lambda := runs[task.Step].Function != ""
			steps = append(steps, task.Step)
			if done[task.Step] {
				t.Fatalf("seed %d: %s was done already", seed, task.Step)
			}
			if lambda && !slices.Equal(task.Done, handed[task.Step]) {
				t.Fatalf("seed %d: %s lost what was done: %v, want %v", seed, task.Step, task.Done, handed[task.Step])
			}
			switch r.Intn(6) {
			case 0:
				if lambda {
					return Outcome{}, &asError{[]string{ErrorFailed, ErrorUsage, ErrorInterrupted}[r.Intn(3)], "x"}
				}
				return Outcome{}, exit(1 + r.Intn(4))
			case 1, 2:
				if lambda {
					loops++
					handed[task.Step] = append(slices.Clone(task.Done), fmt.Sprint("part", nth))
					return Outcome{Done: handed[task.Step]}, nil
				}
				return Outcome{}, spotInterruption
			}
			done[task.Step] = true
			return Outcome{Finished: true, Done: task.Done}, nil
		}}
		x := newExecution(t, text, seed, f.work)
		err := x.run()
		for ; err != nil; err = x.redrive() {
			if redrives++; !strings.HasSuffix(err.Cause, " resume") || err.Name != "States.NoChoiceMatched" {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		if len(done) != len(w.Steps) {
			t.Fatalf("seed %d: done %v", seed, done)
		}
		order(t, w, steps)
	}
	if redrives < 100 || loops < 100 {
		t.Errorf("%d redrives and %d loops show little", redrives, loops)
	}
}
