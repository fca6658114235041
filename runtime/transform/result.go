package transform

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// Status is how a node ended, in dbt's words.
type Status string

// The ends of a node. A node whose tests refused it is StatusFail: it was
// built, but not published.
const (
	StatusSuccess Status = "success" // built and published, or compiled
	StatusPass    Status = "pass"    // a test without failures
	StatusWarn    Status = "warn"    // a test that failed with severity warn
	StatusFail    Status = "fail"    // a test that failed; a node that its tests refused
	StatusError   Status = "error"   // it could not be done
	StatusSkipped Status = "skipped" // something above it failed, or the run was stopped
)

// Result is one node's end.
type Result struct {
	UniqueID string
	Name     string
	Kind     manifest.Kind
	Relation string // "marts.fct_games", "" for tests
	Status   Status
	Rows     int64   // written
	Failures int64   // of a test
	Message  string  // what happened, for people
	Next     string  // what to do about it, "" if nothing
	Compiled string  // the file of the compiled SQL, "" if there is none
	SQL      string  // compiled
	Sample   *Sample // of a test that failed or warned: the first rows
	Started  time.Time
	Ended    time.Time

	ready time.Time // compiled; between Started and Ended
	err   error
}

// Sample are the first rows that a test found. A refused node's rows are thrown
// away, so they could not be looked at later.
type Sample struct {
	Columns []string
	Rows    [][]any
}

// blocks says that what lies below must not run.
func (r Result) blocks() bool {
	return r.Status == StatusError || r.Status == StatusFail || r.Status == StatusSkipped
}

// Results is a run's end.
type Results struct {
	Invocation string
	Command    Command
	Started    time.Time
	Ended      time.Time
	Unfinished bool     // Options.Until came before everything had begun
	Nodes      []Result // in the order in which they ended
	Warnings   []string
}

// Count is how many nodes ended so.
func (r Results) Count(s Status) int {
	n := 0
	for _, x := range r.Nodes {
		if x.Status == s {
			n++
		}
	}
	return n
}

// Done are the ids that need no second run: what Options.Done of a resumed run takes.
func (r Results) Done() map[string]bool {
	out := map[string]bool{}
	for _, x := range r.Nodes {
		if !x.blocks() {
			out[x.UniqueID] = true
		}
	}
	return out
}

// err is the run's error. Its kind is that of what failed worst: something
// could not be done, a file is not right, tests failed.
func (r Results) err() error {
	var lines []string
	kind, next, what := fault.Contract, "", "tests failed"
	for _, x := range r.Nodes {
		if x.Status != StatusError && x.Status != StatusFail {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", x.Kind, x.Name, x.Message))
		if x.Status == StatusFail || kind == fault.Failed {
			next = cmp.Or(next, x.Next)
			continue
		}
		what, next = "the run failed", cmp.Or(x.Next, next)
		if k := fault.Kind(fault.Code(x.err)); k == fault.Failed || kind == fault.Contract {
			kind = k
		}
	}
	if len(lines) == 0 {
		return nil
	}
	if len(lines) > shownFailures {
		lines = append(slices.Clone(lines[:shownFailures]), fmt.Sprintf("and %d more", len(lines)-shownFailures))
	}
	return fault.New(kind, fmt.Errorf("%s: %s", what, strings.Join(lines, "\n")), next)
}

// shownFailures bounds what an error lists; Results has all.
const shownFailures = 10

// Event is what an Observer is told. Calls do not overlap.
type Event struct {
	Kind    EventKind
	Node    *manifest.Node // EventStart and EventEnd
	Result  *Result        // EventEnd
	Index   int            // EventStart: this node's number; EventEnd: how many have ended
	Total   int
	Message string // EventWarning, EventLog
}

// EventKind is what an Event tells.
type EventKind string

// The kinds of an Event.
const (
	EventStart   EventKind = "start"
	EventEnd     EventKind = "end"
	EventWarning EventKind = "warning"
	EventLog     EventKind = "log" // what a template said: log(…, info=true), print
)
