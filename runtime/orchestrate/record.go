package orchestrate

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/floe-data/floe/runtime/fault"
)

// Status is where a run or a step stands.
type Status string

// Where a run or a step may stand.
const (
	Waiting     Status = "waiting"
	Running     Status = "running"
	Succeeded   Status = "succeeded"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
	Skipped     Status = "skipped"
)

// Record is what is kept of a run.
type Record struct {
	ID       string            `json:"id"`
	Workflow string            `json:"workflow"`
	Status   Status            `json:"status"`
	Set      map[string]string `json:"set,omitempty"`   // --set of the run, used again by resume
	Stack    string            `json:"stack,omitempty"` // whose live/ settings applied
	Attempts int               `json:"attempts"`
	PID      int               `json:"pid"`
	Started  time.Time         `json:"started"`
	Ended    *time.Time        `json:"ended,omitempty"`
	Error    string            `json:"error,omitempty"`
	Next     string            `json:"next,omitempty"`
	Steps    []*StepRecord     `json:"steps"`

	mu   sync.Mutex
	path string
}

// StepRecord is what is kept of one step.
type StepRecord struct {
	Name    string     `json:"name"`
	Status  Status     `json:"status"`
	Tries   int        `json:"tries,omitempty"`
	Started *time.Time `json:"started,omitempty"`
	Ended   *time.Time `json:"ended,omitempty"`
	Error   string     `json:"error,omitempty"`
	Done    []string   `json:"done,omitempty"`    // parts that need not be done again: models, resources
	Summary any        `json:"summary,omitempty"` // what the act returned
}

// Records is the folder in which runs are kept.
type Records struct{ Dir string }

// NewRecord begins the record of a run.
func (r Records) NewRecord(workflow string, set map[string]string, stack string, now time.Time) (*Record, error) {
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("keep run records: %w", err)
	}
	var salt [3]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return nil, fmt.Errorf("name a run: %w", err)
	}
	id := now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(salt[:])
	return &Record{ID: id, Workflow: workflow, Status: Running, Set: set, Stack: stack, Started: now.UTC(), path: filepath.Join(r.Dir, id+".json")}, nil
}

// NotBegun keeps a run that could not begin, so that it can be resumed, and
// gives the error with the command to go on with.
func (r *Record) NotBegun(ctx context.Context, cause error, now time.Time) error {
	kind, status := fault.Kind(fault.Code(cause)), Failed
	if ctx.Err() != nil && kind == fault.Failed {
		kind, status = fault.Interrupted, Interrupted
	}
	next := "floe run " + r.Workflow + " --resume"
	if advice := fault.Next(cause); advice != "" {
		next = advice + "; then " + next
	}
	ended := now.UTC()
	kept := r.change(func() { r.Status, r.Error, r.Next, r.Ended = status, cause.Error(), next, &ended })
	return fault.New(kind, errors.Join(fmt.Errorf("workflow %s (run %s) did not begin: %w", r.Workflow, r.ID, cause), kept), next)
}

// Unfinished finds the newest run of a workflow, which must not have succeeded.
func (r Records) Unfinished(workflow string) (*Record, error) {
	runs, err := r.List()
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		if run.Workflow != workflow {
			continue
		}
		if run.Status == Succeeded {
			return nil, fault.New(fault.Usage, fmt.Errorf("the last run of %s, %s, succeeded: there is nothing to resume", workflow, run.ID), "floe run "+workflow)
		}
		return run, nil
	}
	return nil, fault.New(fault.Usage, fmt.Errorf("workflow %s has no run to resume in %s", workflow, r.Dir), "floe run "+workflow)
}

// List reads all runs, newest first. A record that does not read is left out:
// it is a convenience, and a killed disk must not stop the next run.
func (r Records) List() ([]*Record, error) {
	names, err := os.ReadDir(r.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read run records: %w", err)
	}
	var runs []*Record
	for _, n := range names {
		path := filepath.Join(r.Dir, n.Name())
		if !strings.HasSuffix(n.Name(), ".json") {
			continue
		}
		run := &Record{path: path}
		body, err := os.ReadFile(path)
		if err == nil && json.Unmarshal(body, run) == nil {
			runs = append(runs, run)
		}
	}
	sort.SliceStable(runs, func(i, j int) bool { return runs[i].Started.After(runs[j].Started) })
	return runs, nil
}

// Step finds or adds the record of a step.
func (r *Record) Step(name string) *StepRecord {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.Steps, func(s *StepRecord) bool { return s.Name == name })
	if i >= 0 {
		return r.Steps[i]
	}
	s := &StepRecord{Name: name, Status: Waiting}
	r.Steps = append(r.Steps, s)
	return s
}

// change edits the record under its lock and writes it aside, then in place.
func (r *Record) change(edit func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	edit()
	body, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write run record %s: %w", r.path, err)
	}
	aside := r.path + ".tmp"
	if err := os.WriteFile(aside, append(body, '\n'), 0o644); err != nil {
		return fmt.Errorf("write run record: %w", err)
	}
	if err := os.Rename(aside, r.path); err != nil {
		return fmt.Errorf("write run record: %w", err)
	}
	return nil
}
