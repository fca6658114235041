package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/nearest"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// session is what the names mean in an Engine's session.
type session struct {
	published map[lakehouse.Name]*relation // as first read, or as this engine published it
	staged    map[lakehouse.Name]*relation
	schemas   map[string]bool // made in DuckDB
}

// relation is a table or view that a query may name.
type relation struct {
	name    lakehouse.Name
	kind    string // transform.KindTable or KindView
	columns []schema.Column
	table   *lakehouse.Table // nil for a view and for what is staged
	body    string           // the SELECT that the session's view of the name is
	uses    []lakehouse.Name // what a view's SQL names
	made    bool             // body is the session's view
}

func newSession() session {
	return session{
		published: map[lakehouse.Name]*relation{},
		staged:    map[lakehouse.Name]*relation{},
		schemas:   map[string]bool{},
	}
}

func (s *session) forgetPublished() {
	clear(s.published)
	s.remake()
}

// forget drops what is known of one relation.
func (s *session) forget(n lakehouse.Name) {
	delete(s.published, n)
	delete(s.staged, n)
	s.remake()
}

// stage makes a name mean r until forget.
func (s *session) stage(r *relation) {
	s.staged[r.name] = r
	s.remake()
}

// remake has every view made again when it is next used: DuckDB refuses a view
// whose tables have other column types than when it was made.
func (s *session) remake() {
	s.unmake(func(lakehouse.Name) bool { return true })
}

func (s *session) unmake(which func(lakehouse.Name) bool) {
	for _, group := range []map[lakehouse.Name]*relation{s.published, s.staged} {
		for n, r := range group {
			if which(n) {
				r.made = false
			}
		}
	}
}

// resolve makes what a query names readable. The session's views of DuckDB
// are its names.
func (e *Engine) resolve(ctx context.Context, sql string) error {
	refs, err := e.tableRefs(ctx, sql)
	if err != nil {
		return err
	}
	names, err := e.lakeNames(ctx, refs)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := e.makeView(ctx, n, nil); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(refs, tableRef.system) {
		return e.makeAll(ctx)
	}
	return nil
}

// system says whether a name is one of the catalog's own tables.
func (r tableRef) system() bool {
	return strings.EqualFold(r.schema, "information_schema") || strings.EqualFold(r.schema, "pg_catalog")
}

// makeAll makes every relation readable, so that information_schema lists
// them. One that does not read must not keep the others from being listed.
func (e *Engine) makeAll(ctx context.Context) error {
	all, err := e.allNames(ctx)
	if err != nil {
		return err
	}
	for _, n := range all {
		if err := e.makeView(ctx, n, nil); err != nil && ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// lakeNames are the relations of the lake among refs. A name without a schema
// is a CTE or a file and left to DuckDB.
func (e *Engine) lakeNames(ctx context.Context, refs []tableRef) ([]lakehouse.Name, error) {
	var names []lakehouse.Name
	for _, r := range refs {
		switch {
		case r.schema == "" || r.system() || r.catalog != "" && slices.Contains(reserved[1:], strings.ToLower(r.catalog)):
			continue
		case r.catalog != "" && !strings.EqualFold(r.catalog, reserved[0]):
			return nil, fault.New(fault.Usage, fmt.Errorf("%s.%s names a catalog: a lake has one, write %s", r.catalog, r, r), "")
		default:
			n, err := e.find(ctx, lakehouse.Name{Schema: r.schema, Table: r.table})
			if err != nil {
				return nil, err
			}
			if i := slices.IndexFunc(names, func(x lakehouse.Name) bool { return sameName(x, n) && x != n }); i >= 0 {
				return nil, fault.New(fault.Usage, fmt.Errorf("%s and %s in one query: DuckDB tells them not apart; rename one", names[i], n), "")
			}
			names = append(names, n)
		}
	}
	return names, nil
}

func (e *Engine) allNames(ctx context.Context) ([]lakehouse.Name, error) {
	relations, err := e.lake.Relations(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("list the lake's tables: %w", err)
	}
	var names []lakehouse.Name
	for _, r := range relations {
		names = append(names, r.Name)
	}
	for n := range e.session.staged {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names, nil
}

// find gives a name as the catalog has it: exactly, or but for its case.
func (e *Engine) find(ctx context.Context, n lakehouse.Name) (lakehouse.Name, error) {
	if _, err := e.known(ctx, n); !errors.Is(err, lakehouse.ErrNotFound) {
		return n, err
	}
	all, err := e.allNames(ctx)
	if err != nil {
		return n, err
	}
	var same []lakehouse.Name
	for _, x := range all {
		if sameName(x, n) {
			same = append(same, x)
		}
	}
	switch len(same) {
	case 0:
		return n, missing(n.String(), all)
	case 1:
		return same[0], nil
	}
	return n, fault.New(fault.Usage, fmt.Errorf("%s is ambiguous: DuckDB tells %v not apart", n, same), "")
}

// sameName says whether DuckDB takes two names for one.
func sameName(a, b lakehouse.Name) bool {
	return strings.EqualFold(a.Schema, b.Schema) && strings.EqualFold(a.Table, b.Table)
}

// missing says that a relation is not there, and which one was perhaps meant.
func missing(text string, all []lakehouse.Name) error {
	known := make([]string, len(all))
	for i, n := range all {
		known[i] = n.String()
	}
	slices.Sort(known)
	hint := nearest.Word(text, known)
	if hint == "" && !strings.Contains(text, ".") {
		for _, k := range known {
			if _, table, _ := strings.Cut(k, "."); strings.EqualFold(table, text) {
				hint = k
			}
		}
	}
	switch {
	case hint != "":
		return fault.New(fault.Usage, fmt.Errorf("%s: %w; did you mean %s?", text, lakehouse.ErrNotFound, hint), "floe tables")
	case len(known) == 0:
		return fault.New(fault.Usage, fmt.Errorf("%s: %w; the lake is empty", text, lakehouse.ErrNotFound), "floe ingest")
	}
	return fault.New(fault.Usage, fmt.Errorf("%s: %w; there are %s", text, lakehouse.ErrNotFound, some(known)), "floe tables")
}

func some(known []string) string {
	const most = 8
	if len(known) <= most {
		return strings.Join(known, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(known[:most], ", "), len(known)-most)
}

// known gives what a name means in this session, reading the catalog at first use.
func (e *Engine) known(ctx context.Context, n lakehouse.Name) (*relation, error) {
	if r, ok := e.session.staged[n]; ok {
		return r, nil
	}
	if r, ok := e.session.published[n]; ok {
		return r, nil
	}
	r, err := e.load(ctx, n)
	if err != nil {
		return nil, err
	}
	e.session.published[n] = r
	return r, nil
}

// load reads a relation from the catalog.
func (e *Engine) load(ctx context.Context, n lakehouse.Name) (*relation, error) {
	isTable, isView, err := e.lake.Exists(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", n, err)
	}
	switch {
	case isTable:
		t, err := e.lake.Table(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("read table %s: %w", n, err)
		}
		files, err := t.Files(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the files of %s: %w", n, err)
		}
		columns := t.Schema().Columns
		return &relation{name: n, kind: transform.KindTable, columns: columns, table: t, body: readFiles(columns, files, false)}, nil
	case isView:
		v, err := e.lake.View(ctx, n)
		if err != nil {
			return nil, fmt.Errorf("read view %s: %w", n, err)
		}
		if v.Dialect != e.Dialect() {
			return nil, fmt.Errorf("view %s is written for %s, not for %s: build its model again with floe transform run", n, v.Dialect, e.Dialect())
		}
		return e.viewRelation(ctx, n, v.SQL, v.Schema.Columns)
	}
	return nil, fmt.Errorf("%s: %w", n, lakehouse.ErrNotFound)
}

// viewRelation is a view of the lake with its SQL.
func (e *Engine) viewRelation(ctx context.Context, n lakehouse.Name, sql string, columns []schema.Column) (*relation, error) {
	sql, err := portable(sql)
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", n, err)
	}
	refs, err := e.tableRefs(ctx, sql)
	if err != nil {
		return nil, fmt.Errorf("view %s: %w", n, err)
	}
	r := &relation{name: n, kind: transform.KindView, columns: columns}
	if r.uses, err = e.lakeNames(ctx, refs); err != nil {
		return nil, fmt.Errorf("view %s: %w", n, err)
	}
	r.body = castTo(columns, sql)
	return r, nil
}

// reserved are names of DuckDB's own databases, which a schema's is taken for.
var reserved = []string{"memory", "system", "temp"}

// makeView makes the session's view of n, and first those that it reads.
func (e *Engine) makeView(ctx context.Context, n lakehouse.Name, within []lakehouse.Name) error {
	if slices.Contains(within, n) {
		return fault.New(fault.Usage, fmt.Errorf("view %s reads itself: %s", n, path(append(within, n))), "")
	}
	r, err := e.known(ctx, n)
	if err != nil {
		return err
	}
	for _, used := range r.uses {
		if err := e.makeView(ctx, used, append(within, n)); err != nil {
			return err
		}
	}
	if r.made {
		return nil
	}
	if slices.Contains(reserved, strings.ToLower(n.Schema)) {
		return fault.New(fault.Usage, fmt.Errorf("schema %q: DuckDB keeps this name for itself; name the schema otherwise", n.Schema), "")
	}
	if !e.session.schemas[n.Schema] {
		if err := e.exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+ident(n.Schema)); err != nil {
			return fmt.Errorf("make %s readable: %w", n, err)
		}
		e.session.schemas[n.Schema] = true
	}
	if err := e.exec(ctx, "CREATE OR REPLACE VIEW "+name(n)+" AS "+r.body); err != nil {
		return fmt.Errorf("make %s readable: %w", n, err)
	}
	e.session.unmake(func(other lakehouse.Name) bool { return sameName(other, n) })
	r.made = true
	return nil
}

func path(names []lakehouse.Name) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = n.String()
	}
	return strings.Join(parts, " reads ")
}
