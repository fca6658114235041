package transform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// fake is an engine that computes nothing: it records what it was told, and
// answers a test's query by looking for a text in it.
type fake struct {
	mu       sync.Mutex
	log      []string // "stage x", "publish x", "discard x", "query …"
	builds   map[string]Build
	existing map[string]string          // relations that are there
	columns  map[string][]schema.Column // of relations; "" is what Describe answers
	failures map[string]int64           // text in a test's query -> failing rows
	broken   map[string]error           // relation -> why it cannot be staged
	onStage  func(lakehouse.Name)
	queries  []string
	parallel int
}

func newFake() *fake {
	return &fake{builds: map[string]Build{}, existing: map[string]string{}, columns: map[string][]schema.Column{},
		failures: map[string]int64{}, broken: map[string]error{}, parallel: 4}
}

func (f *fake) note(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, fmt.Sprintf(format, args...))
}

func (f *fake) Dialect() string     { return "duckdb" }
func (f *fake) MaxConcurrency() int { return f.parallel }

func (f *fake) Query(_ context.Context, sql string) (*Rows, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queries = append(f.queries, sql)
	if strings.Contains(sql, "no such function") {
		return nil, errors.New("no such function")
	}
	if !strings.Contains(sql, "dbt_internal_test") {
		return rowsOf([]any{int64(7), "x"}), nil
	}
	n := int64(0)
	for text, failures := range f.failures {
		if strings.Contains(sql, text) {
			n = failures
		}
	}
	f.log = append(f.log, "test "+testedTable(sql))
	return rowsOf([]any{n, n != 0, n != 0}), nil
}

// testedTable is the first relation that a query names.
func testedTable(sql string) string {
	_, rest, ok := strings.Cut(sql, `"."`)
	if !ok {
		return "?"
	}
	name, _, _ := strings.Cut(rest, `"`)
	return name
}

func rowsOf(rows ...[]any) *Rows {
	cols := make([]ResultColumn, len(rows[0]))
	for i := range cols {
		cols[i].Name = fmt.Sprintf("c%d", i)
	}
	at := 0
	return NewRows(cols, func() ([]any, error) {
		if at == len(rows) {
			return nil, io.EOF
		}
		at++
		return rows[at-1], nil
	}, nil)
}

func (f *fake) Describe(context.Context, string) ([]schema.Column, error) { return f.columns[""], nil }

func (f *fake) Columns(_ context.Context, n lakehouse.Name) ([]schema.Column, error) {
	if c, ok := f.columns[n.String()]; ok {
		return c, nil
	}
	return nil, fmt.Errorf("%s: %w", n, lakehouse.ErrNotFound)
}

func (f *fake) Exists(_ context.Context, n lakehouse.Name) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.existing[n.String()], nil
}

func (f *fake) Stage(_ context.Context, b Build) (Staged, error) {
	if f.onStage != nil {
		f.onStage(b.Name)
	}
	f.note("stage %s", b.Name.Table)
	f.mu.Lock()
	f.builds[b.Name.Table] = b
	f.mu.Unlock()
	if err := f.broken[b.Name.Table]; err != nil {
		return nil, err
	}
	return &fakeStaged{f, b}, nil
}

func (f *fake) Drop(_ context.Context, n lakehouse.Name) error {
	f.note("drop %s", n.Table)
	return nil
}

func (f *fake) has(entry string) bool { return slices.Contains(f.log, entry) }

type fakeStaged struct {
	f *fake
	b Build
}

func (s *fakeStaged) Rows() int64 { return 3 }
func (s *fakeStaged) Publish(context.Context) error {
	s.f.note("publish %s", s.b.Name.Table)
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	s.f.existing[s.b.Name.String()] = "table"
	return nil
}
func (s *fakeStaged) Discard(context.Context) error {
	s.f.note("discard %s", s.b.Name.Table)
	return nil
}

// executor is a fake that also runs statements.
type executor struct{ *fake }

func (e executor) Exec(_ context.Context, sql string) error {
	e.note("exec %s", sql)
	return nil
}
