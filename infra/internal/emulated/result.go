package emulated

import (
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Result is what an operation did.
type Result struct {
	Changes     map[string]int // the engine's count of each kind: create, update, delete, same, create-replacement ...
	Steps       []Step         // what happened to each resource that did not stay the same, in order
	Diagnostics []Diagnostic   // what was said meanwhile, without what only informs
	Output      string         // what a user would have seen
	Elapsed     time.Duration
}

// Step is what happened to one resource.
type Step struct {
	Op, URN, Type, Name string
	Diffs, Replaces     []string // properties that changed, and those that need a new resource
	Failed              bool
	Elapsed             time.Duration
}

// Diagnostic is a warning or an error.
type Diagnostic struct{ Severity, URN, Message string }

// Changed counts the resources that did not stay the same.
func (r *Result) Changed() int {
	n := 0
	for op, count := range r.Changes {
		if op != string(apitype.OpSame) {
			n += count
		}
	}
	return n
}

// String tells each step and diagnostic on a line.
func (r *Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v in %v\n", r.Changes, r.Elapsed.Round(100*time.Millisecond))
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "  %s %s %s", s.Op, s.Type, s.Name)
		if len(s.Diffs) > 0 {
			fmt.Fprintf(&b, " changes %v", s.Diffs)
		}
		if len(s.Replaces) > 0 {
			fmt.Fprintf(&b, " replaces for %v", s.Replaces)
		}
		if s.Failed {
			b.WriteString(" FAILED")
		}
		fmt.Fprintf(&b, " %.1fs", s.Elapsed.Seconds())
		b.WriteByte('\n')
	}
	for _, d := range r.Diagnostics {
		fmt.Fprintf(&b, "  %s %s: %s\n", d.Severity, nameOf(d.URN), strings.TrimSpace(d.Message))
	}
	return b.String()
}

// failure is the error of an operation in the engine's own words; the Automation
// API's holds all of the output.
type failure struct {
	message string
	cause   error
}

func (f *failure) Error() string { return f.message }
func (f *failure) Unwrap() error { return f.cause }

// explain says why an operation failed: what the engine reported, else the last
// line that it printed.
func (r *Result) explain(err error) error {
	if err == nil {
		return nil
	}
	var said []string
	for _, d := range r.Diagnostics {
		if d.Severity == "error" {
			said = append(said, strings.TrimSpace(nameOf(d.URN)+": "+strings.TrimSpace(d.Message)))
		}
	}
	if len(said) == 0 {
		lines := strings.Split(strings.TrimSpace(r.Output), "\n")
		said = lines[len(lines)-1:]
	}
	return &failure{strings.Join(said, "\n"), err}
}

// gather reads the engine's events until it closes their channel.
func (r *Result) gather(ch <-chan events.EngineEvent) {
	began := map[string]time.Time{}
	for e := range ch {
		switch {
		case e.ResourcePreEvent != nil:
			began[e.ResourcePreEvent.Metadata.URN] = time.Now()
		case e.ResOutputsEvent != nil:
			r.step(e.ResOutputsEvent.Metadata, false, began)
		case e.ResOpFailedEvent != nil:
			r.step(e.ResOpFailedEvent.Metadata, true, began)
		case e.DiagnosticEvent != nil && (e.DiagnosticEvent.Severity == "error" || e.DiagnosticEvent.Severity == "warning"):
			d := e.DiagnosticEvent
			r.Diagnostics = append(r.Diagnostics, Diagnostic{d.Severity, d.URN, d.Message})
		case e.SummaryEvent != nil:
			for op, n := range e.SummaryEvent.ResourceChanges {
				r.Changes[string(op)] += n
			}
		}
	}
}

// step notes what happened to a resource; stacks and the engine's own providers
// are no resources of AWS.
func (r *Result) step(m apitype.StepEventMetadata, failed bool, began map[string]time.Time) {
	if m.Op == apitype.OpSame && !failed || m.Type == "pulumi:pulumi:Stack" || strings.HasPrefix(nameOf(m.URN), "default_") {
		return
	}
	var diffs []string
	for at := range m.DetailedDiff {
		diffs = append(diffs, at)
	}
	if len(diffs) == 0 {
		diffs = m.Diffs
	}
	r.Steps = append(r.Steps, Step{Op: string(m.Op), URN: m.URN, Type: m.Type, Name: nameOf(m.URN), Diffs: diffs, Replaces: m.Keys, Failed: failed,
		Elapsed: time.Since(began[m.URN])})
}

func nameOf(urn string) string { return urn[strings.LastIndex(urn, ":")+1:] }
