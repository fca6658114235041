package duckdb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// summaryModel is the key of a snapshot's summary that names the model.
const summaryModel = "floe.model"

// staged is a relation built aside.
type staged struct {
	engine  *Engine
	name    lakehouse.Name
	rows    int64
	commit  func(context.Context) error
	discard func() error
	once    sync.Once
}

// Stage builds a relation aside; see transform.Engine.
//
// A table's or a seed's files lie under the table's own folder from now on. A
// column that changes its type becomes a new field of the table, as the whole
// content is replaced with it.
func (e *Engine) Stage(ctx context.Context, b transform.Build) (transform.Staged, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var s *staged
	var err error
	switch b.Kind {
	case transform.KindTable, transform.KindSeed:
		s, err = e.stageTable(ctx, b)
	case transform.KindView:
		s, err = e.stageView(ctx, b)
	case transform.KindAppend:
		s, err = e.stageAppend(ctx, b)
	case transform.KindMerge:
		s, err = e.stageMerge(ctx, b)
	default:
		err = fmt.Errorf("unknown kind of relation %q", b.Kind)
	}
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", b.Name, err)
	}
	s.engine, s.name = e, b.Name
	return s, nil
}

// Rows is how many rows the query gave.
func (s *staged) Rows() int64 { return s.rows }

// Publish commits. After an error the files stay where they are: a commit
// whose answer was lost may hold them, and floe maintain removes orphans.
func (s *staged) Publish(ctx context.Context) error {
	err := fmt.Errorf("publish %s: it was published or discarded before", s.name)
	s.once.Do(func() {
		s.engine.mu.Lock()
		defer s.engine.mu.Unlock()
		err = s.commit(ctx)
		s.engine.session.forget(s.name)
		if err != nil {
			err = fmt.Errorf("publish %s: %w", s.name, err)
		}
	})
	return err
}

// Discard removes what was written.
func (s *staged) Discard(context.Context) error {
	var err error
	s.once.Do(func() {
		s.engine.mu.Lock()
		defer s.engine.mu.Unlock()
		s.engine.session.forget(s.name)
		if s.discard == nil {
			return
		}
		if err = s.discard(); err != nil {
			err = fmt.Errorf("discard %s: %w", s.name, err)
		}
	})
	return err
}

func summary(b transform.Build) map[string]string {
	s := maps.Clone(b.Summary)
	if s == nil {
		s = map[string]string{}
	}
	if b.UniqueID != "" {
		s[summaryModel] = b.UniqueID
	}
	return s
}

// stageTable writes a table's whole new content.
func (e *Engine) stageTable(ctx context.Context, b transform.Build) (*staged, error) {
	query, columns, err := e.prepare(ctx, b.SQL)
	if err != nil {
		return nil, err
	}
	spec, err := e.spec(ctx, b, columns)
	if err != nil {
		return nil, err
	}
	target, err := e.lake.PrepareReplace(ctx, spec)
	if err != nil {
		return nil, fmt.Errorf("plan the new content: %w", err)
	}
	w, err := e.copy(ctx, copyJob{
		query: castTo(target.Schema.Columns, query), columns: target.Schema.Columns,
		partition: spec.Partition, sort: spec.Sort, data: target.Dir,
	})
	if err != nil {
		return nil, err
	}
	e.session.stage(&relation{
		name: b.Name, kind: transform.KindTable, columns: target.Schema.Columns,
		body: readFiles(target.Schema.Columns, lakehouse.Files{Data: w.files}, false),
	})
	commit := func(ctx context.Context) error {
		_, err := e.lake.ReplaceFiles(ctx, lakehouse.Write{Table: b.Name, Files: w.paths(), Summary: summary(b)}, &target)
		return err
	}
	return &staged{rows: w.rows, commit: commit, discard: w.remove}, nil
}

// spec is what a built table looks like.
func (e *Engine) spec(ctx context.Context, b transform.Build, columns []schema.Column) (lakehouse.Spec, error) {
	old, err := e.lake.Table(ctx, b.Name)
	if errors.Is(err, lakehouse.ErrNotFound) {
		return b.Spec(columns, nil)
	}
	if err != nil {
		return lakehouse.Spec{}, fmt.Errorf("read the table that is there: %w", err)
	}
	was := old.Spec()
	return b.Spec(columns, &was)
}

// stageView checks a view's SQL by describing it.
func (e *Engine) stageView(ctx context.Context, b transform.Build) (*staged, error) {
	_, columns, err := e.prepare(ctx, b.SQL)
	if err != nil {
		return nil, err
	}
	for i, c := range columns {
		columns[i].Doc = b.ColumnDocs[c.Name]
	}
	r, err := e.viewRelation(ctx, b.Name, b.SQL, columns)
	if err != nil {
		return nil, err
	}
	e.session.stage(r)
	if err := e.makeView(ctx, b.Name, nil); err != nil {
		e.session.forget(b.Name)
		return nil, err
	}
	view := lakehouse.View{
		Name: b.Name, SQL: strings.TrimSpace(withoutSemicolon(b.SQL)), Dialect: e.Dialect(),
		Schema: schema.Schema{Columns: columns}, Properties: b.Properties, Doc: b.Doc,
	}
	return &staged{commit: func(ctx context.Context) error { return e.putView(ctx, view) }}, nil
}

// putView replaces what has the view's name. A table goes first: Iceberg's
// catalogs cannot exchange the two in one act.
func (e *Engine) putView(ctx context.Context, v lakehouse.View) error {
	err := e.lake.PutView(ctx, v)
	if !errors.Is(err, lakehouse.ErrExists) {
		return err
	}
	if err := e.lake.DropTable(ctx, v.Name); err != nil && !errors.Is(err, lakehouse.ErrNotFound) {
		return fmt.Errorf("drop the table of the same name: %w", err)
	}
	return e.lake.PutView(ctx, v)
}

// Drop removes a relation; none there is no error.
func (e *Engine) Drop(ctx context.Context, n lakehouse.Name) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	isTable, isView, err := e.lake.Exists(ctx, n)
	switch {
	case err != nil:
	case isTable:
		err = e.lake.DropTable(ctx, n)
	case isView:
		err = e.lake.DropView(ctx, n)
	}
	e.session.forget(n)
	if err != nil && !errors.Is(err, lakehouse.ErrNotFound) {
		return fmt.Errorf("drop %s: %w", n, err)
	}
	return nil
}
