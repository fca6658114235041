package athena

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// propertyModel is the table property that names the model; it also tells that
// the table is floe's.
const propertyModel = "floe.model"

// staged is a relation built aside.
type staged struct {
	engine  *Engine
	name    lakehouse.Name
	rows    int64
	commit  func(context.Context) error
	discard func(context.Context) error
	once    sync.Once
}

// Stage builds a relation aside; see transform.Engine.
func (e *Engine) Stage(ctx context.Context, b transform.Build) (transform.Staged, error) {
	var s *staged
	var err error
	switch b.Kind {
	case transform.KindTable:
		s, err = e.stageTable(ctx, b)
	case transform.KindSeed:
		s, err = e.stageSeed(ctx, b)
	case transform.KindView:
		s, err = e.stageView(ctx, b)
	case transform.KindAppend, transform.KindMerge:
		s, err = e.stageRows(ctx, b)
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

// Publish makes it the relation's content. After an error what was built stays
// aside for Sweep: a commit whose answer was lost may have taken it.
func (s *staged) Publish(ctx context.Context) error {
	err := fmt.Errorf("publish %s: it was published or discarded before", s.name)
	s.once.Do(func() {
		err = s.commit(ctx)
		s.engine.forget(s.name)
		if err != nil {
			err = fmt.Errorf("publish %s: %w", s.name, err)
		}
	})
	return err
}

// Discard drops what was built.
func (s *staged) Discard(ctx context.Context) error {
	var err error
	s.once.Do(func() {
		s.engine.forget(s.name)
		if err = s.discard(ctx); err != nil {
			err = fmt.Errorf("discard %s: %w", s.name, err)
		}
	})
	return err
}

// making is a table that is being made aside.
type making struct {
	build   transform.Build
	staged  aside
	outputs []output
	columns []schema.Column
	spec    lakehouse.Spec
}

// begin describes a build's query and chooses where it is made.
func (e *Engine) begin(ctx context.Context, b transform.Build, query string) (*making, error) {
	m := &making{build: b}
	var err error
	if m.outputs, m.columns, err = e.describe(ctx, query); err != nil {
		return nil, err
	}
	old, err := e.there(ctx, b.Name)
	if err != nil {
		return nil, err
	}
	if m.spec, err = b.Spec(m.columns, old); err != nil {
		return nil, err
	}
	target, err := e.lake.PrepareReplace(ctx, m.spec)
	if err != nil {
		return nil, fmt.Errorf("plan the new content: %w", err)
	}
	m.staged, err = newAside(b.Name, target.Location)
	return m, err
}

// there is the table that has the name, nil if there is none.
func (e *Engine) there(ctx context.Context, n lakehouse.Name) (*lakehouse.Spec, error) {
	t, err := e.lake.Table(ctx, n)
	switch {
	case errors.Is(err, lakehouse.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the table that is there: %w", err)
	}
	spec := t.Spec()
	return &spec, nil
}

// stageTable builds a table's whole new content.
func (e *Engine) stageTable(ctx context.Context, b transform.Build) (*staged, error) {
	query := e.resolve(b.SQL)
	m, err := e.begin(ctx, b, query)
	if err != nil {
		return nil, err
	}
	query, err = asStored(m.outputs, query)
	if err != nil {
		return nil, err
	}
	rows, err := e.create(ctx, m, query)
	if err != nil {
		return nil, err
	}
	return e.finish(ctx, m, rows)
}

// finish gives a table that was made aside what SQL cannot give it.
func (e *Engine) finish(ctx context.Context, m *making, rows int64) (*staged, error) {
	if err := e.dress(ctx, m); err != nil {
		return nil, e.dropped(ctx, m.staged, err)
	}
	e.hold(m.build.Name, &relation{kind: transform.KindTable, body: e.physical(m.staged.name), columns: m.columns})
	return &staged{
		rows:    rows,
		commit:  func(ctx context.Context) error { return e.publishTable(ctx, m) },
		discard: func(ctx context.Context) error { return e.dropAside(ctx, m.staged.name) },
	}, nil
}

// dropped drops what was made aside of a build that cannot go on.
func (e *Engine) dropped(ctx context.Context, a aside, cause error) error {
	sure, cancel := context.WithTimeout(context.WithoutCancel(ctx), startWithin)
	defer cancel()
	return errors.Join(cause, e.dropAside(sure, a.name))
}

// create runs CREATE TABLE AS. Every run has a place of its own, as a failed
// one may leave files.
func (e *Engine) create(ctx context.Context, m *making, query string) (int64, error) {
	for n := 1; ; n++ {
		x, err := e.once(ctx, m.ctas(e, query))
		if err == nil {
			rows, err := e.updated(ctx, x)
			if err != nil {
				err = e.dropped(ctx, m.staged, err)
			}
			return rows, err
		}
		var q *QueryError
		again := errors.As(err, &q) && q.Retryable && n < maxRuns && ctx.Err() == nil
		if err = e.dropped(ctx, m.staged, err); !again {
			return 0, err
		}
		if m.staged, err = m.staged.anew(); err != nil {
			return 0, err
		}
		pause(ctx, e.poll*10)
	}
}

// ctas is the statement that makes the table.
func (m *making) ctas(e *Engine, query string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s\nWITH (\n    table_type = 'ICEBERG',\n    is_external = false,\n    location = %s,\n    format = 'PARQUET',\n    write_compression = 'ZSTD'",
		e.physical(m.staged.name), text(m.staged.location))
	if len(m.spec.Partition) > 0 {
		fields := make([]string, len(m.spec.Partition))
		for i, f := range m.spec.Partition {
			fields[i] = text(partitioning(f))
		}
		fmt.Fprintf(&b, ",\n    partitioning = ARRAY[%s]", strings.Join(fields, ", "))
	}
	b.WriteString("\n) AS\n" + query)
	return b.String()
}

// partitioning is a partition field in the words of Athena's CREATE TABLE AS.
func partitioning(f schema.PartitionField) string {
	column := strings.ToLower(f.Column)
	if !plainName.MatchString(column) {
		column = ident(column)
	}
	switch f.Transform {
	case schema.Identity:
		return column
	case schema.Bucket, schema.Truncate:
		return fmt.Sprintf("%s(%s, %d)", f.Transform, column, f.N)
	}
	return fmt.Sprintf("%s(%s)", f.Transform, column)
}

// dress gives a table made aside its comments, sort order and properties, in
// one commit.
func (e *Engine) dress(ctx context.Context, m *making) error {
	t, err := e.lake.Table(ctx, m.staged.name)
	if err != nil {
		return fmt.Errorf("read what Athena made: %w", err)
	}
	spec := t.Spec()
	spec.Doc, spec.Sort = m.spec.Doc, m.spec.Sort
	for i, c := range spec.Schema.Columns {
		if made, ok := m.column(c.Name); ok {
			spec.Schema.Columns[i].Doc = made.Doc
		}
	}
	for i, f := range spec.Sort {
		spec.Sort[i].Column = strings.ToLower(f.Column)
	}
	spec.Properties = maps.Clone(m.build.Properties)
	if spec.Properties == nil {
		spec.Properties = map[string]string{}
	}
	maps.Copy(spec.Properties, m.build.Summary)
	if m.build.UniqueID != "" {
		spec.Properties[propertyModel] = m.build.UniqueID
	}
	if err := e.noted(ctx, m.build.Name, nil, spec.Properties); err != nil {
		return err
	}
	if _, err := e.lake.Apply(ctx, spec, lakehouse.ApplyOptions{}); err != nil {
		return fmt.Errorf("set comments and properties: %w", err)
	}
	return nil
}

// noted puts a table's note among its properties.
func (e *Engine) noted(ctx context.Context, n lakehouse.Name, there *lakehouse.Table, properties map[string]string) error {
	if e.classified == nil {
		return nil
	}
	text, err := e.classified(ctx, n, there)
	if err != nil {
		return fmt.Errorf("find how sensitive its columns are: %w", err)
	}
	if text != "" {
		properties[environment.ParameterClassified] = text
	}
	return nil
}

func (m *making) column(name string) (schema.Column, bool) {
	for _, c := range m.spec.Schema.Columns {
		if strings.EqualFold(c.Name, name) {
			return c, true
		}
	}
	return schema.Column{}, false
}

// publishTable makes what was built the target. Whatever another writer did to
// the target meanwhile is replaced too.
func (e *Engine) publishTable(ctx context.Context, m *making) error {
	for n := 1; ; n++ {
		err := e.lake.Adopt(ctx, m.build.Name, m.staged.name)
		if !errors.Is(err, lakehouse.ErrConflict) || n == maxRuns || ctx.Err() != nil {
			return err
		}
		pause(ctx, time.Duration(10*n)*e.poll)
	}
}

// Describe gives a query's columns as a table would hold them.
func (e *Engine) Describe(ctx context.Context, sql string) ([]schema.Column, error) {
	_, columns, err := e.describe(ctx, e.resolve(sql))
	return columns, err
}

func (e *Engine) describe(ctx context.Context, resolved string) ([]output, []schema.Column, error) {
	outputs, err := e.outputs(ctx, resolved)
	if err != nil {
		return nil, nil, err
	}
	columns := make([]schema.Column, len(outputs))
	seen := map[string]string{}
	var errs []error
	for i, o := range outputs {
		t, err := o.stored()
		errs = append(errs, err)
		columns[i] = schema.Column{Name: o.name, Type: t}
		low := strings.ToLower(o.name)
		if other, ok := seen[low]; ok {
			errs = append(errs, fmt.Errorf("two columns are named %q and %q: give one of them another name with AS", other, o.name))
		}
		seen[low] = o.name
	}
	return outputs, columns, fault.New(fault.Usage, errors.Join(errs...), "")
}

// asStored gives a query whose columns have types that a table holds: the query
// itself where they have already.
func asStored(outputs []output, query string) (string, error) {
	items := make([]string, len(outputs))
	same := true
	for i, o := range outputs {
		item, err := o.asStored()
		if err != nil {
			return "", fault.New(fault.Usage, err, "")
		}
		items[i] = item
		same = same && o.exact()
	}
	if same {
		return query, nil
	}
	return "SELECT\n    " + strings.Join(items, ",\n    ") + "\nFROM (\n" + query + "\n)", nil
}
