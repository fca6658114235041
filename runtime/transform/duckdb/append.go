package duckdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// addition is rows for a table that exists: the files, and the columns that
// the table must get or lose first.
type addition struct {
	table   *lakehouse.Table
	read    *lakehouse.Table // table as the query saw it
	columns []schema.Column  // that the table will have, with their field ids
	evolves bool             // the table has other columns yet
	written
}

// stageAppend writes rows that Publish adds to a table.
func (e *Engine) stageAppend(ctx context.Context, b transform.Build) (*staged, error) {
	a, err := e.writeRows(ctx, b)
	if err != nil {
		return nil, err
	}
	files, err := a.table.Files(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("list its files: %w", err), a.remove())
	}
	files.Data = append(slices.Clone(files.Data), a.files...)
	e.session.stage(&relation{name: b.Name, kind: transform.KindTable, columns: a.columns, body: readFiles(a.columns, files, false)})
	commit := func(ctx context.Context) error {
		if err := e.ready(ctx, a); err != nil || len(a.files) == 0 {
			return err
		}
		_, err := e.lake.AppendFiles(ctx, lakehouse.Write{Table: b.Name, Files: a.paths(), Read: a.read, Summary: summary(b)})
		return err
	}
	return &staged{rows: a.rows, commit: commit, discard: a.remove}, nil
}

// writeRows writes a query's rows as files of a table that exists.
func (e *Engine) writeRows(ctx context.Context, b transform.Build) (*addition, error) {
	query, outputs, err := e.analyse(ctx, b.SQL)
	if err != nil {
		return nil, err
	}
	if err := e.findNulls(ctx, query, outputs); err != nil {
		return nil, err
	}
	r, err := e.known(ctx, b.Name)
	if err != nil {
		return nil, err
	}
	if r.table == nil {
		return nil, fmt.Errorf("rows are added to a table only: %s is a view, or was built in this session and is not published", b.Name)
	}
	a := &addition{table: r.table, read: r.table}
	items, err := a.align(outputs, b)
	if err != nil {
		return nil, err
	}
	if err := e.planColumns(ctx, a); err != nil {
		return nil, err
	}
	spec := a.table.Spec()
	a.written, err = e.copy(ctx, copyJob{
		query:   "SELECT " + strings.Join(items, ", ") + " FROM (" + query + "\n)",
		columns: a.columns, partition: spec.Partition, sort: spec.Sort, data: a.table.Location() + "/data",
	})
	if err != nil {
		return nil, err
	}
	if err := e.checkRequired(ctx, a); err != nil {
		return nil, errors.Join(err, a.remove())
	}
	return a, nil
}

// align matches a query's columns with the table's by name and gives the
// query's select list in the table's order.
func (a *addition) align(outputs []output, b transform.Build) ([]string, error) {
	given := map[string]output{}
	for _, o := range outputs {
		given[strings.ToLower(o.name)] = o
	}
	adds := b.OnSchemaChange == transform.SchemaAppend || b.OnSchemaChange == transform.SchemaSync
	var items []string
	var errs []error
	old := a.table.Schema().Columns
	for _, c := range old {
		o, ok := given[strings.ToLower(c.Name)]
		delete(given, strings.ToLower(c.Name))
		switch {
		case ok:
			errs = append(errs, fits(o, c))
			items = append(items, "CAST("+ident(o.name)+" AS "+sqlType(c.Type)+") AS "+ident(c.Name))
		case b.OnSchemaChange == transform.SchemaSync:
			continue
		case adds:
			items = append(items, "CAST(NULL AS "+sqlType(c.Type)+") AS "+ident(c.Name))
		default:
			errs = append(errs, fmt.Errorf("the query has no column %q, which the table has: select it, or set on_schema_change to append_new_columns or sync_all_columns", c.Name))
		}
		a.columns = append(a.columns, c)
	}
	for _, o := range outputs {
		if _, isNew := given[strings.ToLower(o.name)]; !isNew || b.OnSchemaChange == transform.SchemaIgnore || b.OnSchemaChange == "" {
			continue
		}
		if !adds {
			errs = append(errs, fmt.Errorf("the table has no column %q, which the query has, and on_schema_change is fail", o.name))
			continue
		}
		t, err := storedType(o.name, o.engine)
		errs = append(errs, err)
		items = append(items, "CAST("+ident(o.name)+" AS "+sqlType(t)+") AS "+ident(o.name))
		a.columns = append(a.columns, schema.Column{Name: o.name, Type: t, Doc: b.ColumnDocs[o.name]})
	}
	return items, fault.New(fault.Usage, errors.Join(errs...), "")
}

// fits says whether a query's column goes into a table's without loss; a bare
// null goes into any.
func fits(o output, c schema.Column) error {
	if o.engine == nullType {
		return nil
	}
	from, err := storedType(o.name, o.engine)
	if err != nil {
		return err
	}
	return transform.Fits(c, from)
}

// planColumns gives field ids to new columns and finds out, before a row is
// written, what the table would refuse.
func (e *Engine) planColumns(ctx context.Context, a *addition) error {
	old := a.table.Schema().Columns
	isNew := slices.ContainsFunc(a.columns, func(c schema.Column) bool { return c.ID == 0 })
	if !isNew && len(a.columns) == len(old) {
		return nil
	}
	spec := a.table.Spec()
	spec.Schema = schema.Schema{Columns: slices.Clone(a.columns)}
	changes, err := e.lake.Plan(ctx, spec)
	if err != nil {
		return fmt.Errorf("plan the table's columns: %w", err)
	}
	var refused []error
	for _, c := range changes {
		if c.Refused != "" {
			refused = append(refused, fmt.Errorf("column %q: %s", c.Column, c.Refused))
		}
	}
	if len(refused) > 0 {
		return fault.New(fault.Usage, errors.Join(refused...), "")
	}
	target, err := e.lake.PrepareReplace(ctx, spec)
	if err != nil {
		return fmt.Errorf("plan the table's columns: %w", err)
	}
	a.columns, a.evolves = target.Schema.Columns, true
	return nil
}

// ready makes sure that the table takes the files as they are. New columns are
// added, and those to be dropped are dropped, in a commit before the rows':
// until then readers see new columns as NULL.
func (e *Engine) ready(ctx context.Context, a *addition) error {
	now, err := e.lake.Table(ctx, a.table.Name())
	if err == nil && a.read != nil {
		err = now.Follows(a.read) // before its columns change
	}
	if err != nil {
		return err
	}
	if a.evolves {
		spec := now.Spec()
		var drops bool
		spec.Schema, drops = a.evolved(now.Schema())
		if _, err := e.lake.Apply(ctx, spec, lakehouse.ApplyOptions{AllowBreaking: drops}); err != nil {
			return fmt.Errorf("change the columns: %w", err)
		}
		if now, err = e.lake.Table(ctx, a.table.Name()); err != nil {
			return err
		}
	}
	return sameColumns(a.columns, now.Schema())
}

// evolved is what a table's columns become: nothing that another writer added
// meanwhile is lost.
func (a *addition) evolved(now schema.Schema) (next schema.Schema, drops bool) {
	wanted, old := schema.Schema{Columns: a.columns}, a.table.Schema()
	for _, c := range now.Columns {
		_, was := old.Column(c.Name)
		_, stays := wanted.Column(c.Name)
		if was && !stays {
			drops = true
			continue
		}
		next.Columns = append(next.Columns, c)
	}
	for _, c := range a.columns {
		if _, there := next.Column(c.Name); !there {
			next.Columns = append(next.Columns, c)
		}
	}
	return next, drops
}

// sameColumns makes sure that the files' field ids mean what they meant when
// the files were written.
func sameColumns(columns []schema.Column, now schema.Schema) error {
	for _, c := range columns {
		is, ok := now.Column(c.Name)
		if !ok || is.ID != c.ID || is.Type.Stored() != c.Type.Stored() {
			return fmt.Errorf("%w: column %q is not what it was when the rows were written; run the model again", lakehouse.ErrConflict, c.Name)
		}
	}
	return nil
}

// checkRequired refuses NULL where the table allows none.
func (e *Engine) checkRequired(ctx context.Context, a *addition) error {
	if len(a.files) == 0 {
		return nil
	}
	for _, c := range a.columns {
		if !c.Required {
			continue
		}
		var nulls int64
		statement := "SELECT count(*) FROM " + readParquet(a.paths(), a.columns, false) + " WHERE " + ident(c.Name) + " IS NULL"
		if err := e.row(ctx, statement, &nulls); err != nil {
			return err
		}
		if nulls > 0 {
			return fault.New(fault.Contract, fmt.Errorf("column %q is NULL in %d rows, and the table requires a value", c.Name, nulls), "")
		}
	}
	return nil
}
