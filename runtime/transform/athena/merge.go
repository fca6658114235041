package athena

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// addition is rows, made aside, for a table that exists.
type addition struct {
	making
	table   *lakehouse.Table
	columns []schema.Column // that the table will have
	key     []string
	evolves bool // the table has other columns yet
}

// stageRows makes the rows of an append or a merge aside.
func (e *Engine) stageRows(ctx context.Context, b transform.Build) (*staged, error) {
	query := e.resolve(b.SQL)
	outputs, err := e.outputs(ctx, query)
	if err != nil {
		return nil, err
	}
	a := &addition{making: making{build: b, outputs: outputs}}
	if a.table, err = e.lake.Table(ctx, b.Name); err != nil {
		return nil, fmt.Errorf("read the table: %w", err)
	}
	items, err := a.align()
	if err != nil {
		return nil, err
	}
	if err := a.findKey(); err != nil {
		return nil, err
	}
	if a.staged, err = newAside(b.Name, a.table.Location()); err != nil {
		return nil, err
	}
	rows, err := e.create(ctx, &a.making, "SELECT\n    "+strings.Join(items, ",\n    ")+"\nFROM (\n"+query+"\n)")
	if err != nil {
		return nil, err
	}
	if err := e.checkKey(ctx, a); err != nil {
		return nil, e.dropped(ctx, a.staged, err)
	}
	e.hold(b.Name, &relation{kind: transform.KindTable, body: e.after(a), columns: a.columns})
	return &staged{
		rows:    rows,
		commit:  func(ctx context.Context) error { return e.publishRows(ctx, a) },
		discard: func(ctx context.Context) error { return e.dropAside(ctx, a.staged.name) },
	}, nil
}

// align matches a query's columns with the table's by name and gives the
// query's select list in the table's order.
func (a *addition) align() ([]string, error) {
	change := a.build.OnSchemaChange
	adds := change == transform.SchemaAppend || change == transform.SchemaSync
	var items []string
	var errs []error
	taken := map[string]bool{}
	for _, c := range a.table.Schema().Columns {
		name := ident(c.Name)
		i := slices.IndexFunc(a.outputs, func(o output) bool { return strings.EqualFold(o.name, c.Name) })
		switch {
		case i >= 0:
			taken[a.outputs[i].name] = true
			errs = append(errs, a.outputs[i].fits(c))
			items = append(items, a.outputs[i].as(c))
		case change == transform.SchemaSync:
			a.evolves = true
			continue
		case adds:
			items = append(items, cast("NULL", c.Type)+" AS "+name)
		default:
			errs = append(errs, fmt.Errorf("the query has no column %q, which the table has: select it, or set on_schema_change to append_new_columns or sync_all_columns", c.Name))
		}
		a.columns = append(a.columns, c)
	}
	for _, o := range a.outputs {
		if taken[o.name] || change == transform.SchemaIgnore || change == "" {
			continue
		}
		if !adds {
			errs = append(errs, fmt.Errorf("the table has no column %q, which the query has, and on_schema_change is fail", o.name))
			continue
		}
		t, err := o.stored()
		errs = append(errs, err)
		c := schema.Column{Name: o.name, Type: t, Doc: a.build.ColumnDocs[o.name]}
		items = append(items, o.as(c))
		a.columns, a.evolves = append(a.columns, c), true
	}
	return items, fault.New(fault.Usage, errors.Join(errs...), "")
}

// as is the column in a select list, as the table's column c.
func (o output) as(c schema.Column) string {
	from := ident(o.name)
	if o.engine == "json" {
		return "json_format(" + from + ") AS " + ident(c.Name)
	}
	if t, err := o.stored(); err == nil && t == c.Type.Stored() && o.exact() {
		if o.name == c.Name {
			return from
		}
		return from + " AS " + ident(c.Name)
	}
	return cast(from, c.Type) + " AS " + ident(c.Name)
}

// fits says whether a query's column goes into a table's without loss; a bare
// null goes into any.
func (o output) fits(c schema.Column) error {
	if o.engine == "unknown" {
		return nil
	}
	from, err := o.stored()
	if err != nil {
		return err
	}
	return transform.Fits(c, from)
}

// findKey holds a merge's key to the table's columns.
func (a *addition) findKey() error {
	if a.build.Kind != transform.KindMerge {
		return nil
	}
	if len(a.build.Key) == 0 {
		return fault.New(fault.Usage, errors.New("a merge needs unique_key, which columns tell rows apart"), "")
	}
	for _, k := range a.build.Key {
		i := slices.IndexFunc(a.columns, func(c schema.Column) bool { return strings.EqualFold(c.Name, k) })
		if i < 0 {
			return fault.New(fault.Usage, fmt.Errorf("unique_key %q is no column of the table: it has %s", k, strings.Join(schema.Schema{Columns: a.columns}.Names(), ", ")), "")
		}
		a.key = append(a.key, a.columns[i].Name)
	}
	return nil
}

// checkKey refuses rows without a key and two rows of one: neither says which
// row of the table is meant.
func (e *Engine) checkKey(ctx context.Context, a *addition) error {
	if len(a.key) == 0 {
		return nil
	}
	from := "FROM " + e.physical(a.staged.name)
	var nulls []string
	for _, k := range a.key {
		nulls = append(nulls, ident(k)+" IS NULL")
	}
	list := strings.Join(idents(a.key), ", ")
	x, err := e.run(ctx, "SELECT\n    (SELECT count(*) "+from+" WHERE "+strings.Join(nulls, " OR ")+") AS without_key,\n"+
		"    (SELECT count(*) FROM (SELECT 1 AS one "+from+" GROUP BY "+list+" HAVING count(*) > 1)) AS repeated_keys")
	if err != nil {
		return err
	}
	rows, err := e.rows(ctx, x)
	if err != nil {
		return err
	}
	if !rows.Next() {
		return errors.Join(fmt.Errorf("query %s of Athena gives no counts of keys", x.id), rows.Err())
	}
	counts := slices.Clone(rows.Values())
	names := strings.Join(a.key, ", ")
	if n, _ := counts[0].(int64); n > 0 {
		return fault.New(fault.Contract, fmt.Errorf("%d rows have NULL in unique_key (%s): leave them out, or give them a key", n, names), "")
	}
	if n, _ := counts[1].(int64); n > 0 {
		return fault.New(fault.Contract, fmt.Errorf("the query gives several rows for %d values of unique_key (%s): a merge cannot know which to keep", n, names),
			"keep one row a key, with row_number() over (partition by "+names+" order by …) = 1")
	}
	return rows.Close()
}

func idents(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = ident(n)
	}
	return out
}

// after is what the table will hold, for the tests that run before it does.
func (e *Engine) after(a *addition) string {
	var old, all []string
	has := a.table.Schema()
	for _, c := range a.columns {
		all = append(all, ident(c.Name))
		if _, ok := has.Column(c.Name); ok {
			old = append(old, "o."+ident(c.Name))
			continue
		}
		old = append(old, cast("NULL", c.Type)+" AS "+ident(c.Name))
	}
	kept := ""
	if len(a.key) > 0 {
		kept = " WHERE NOT EXISTS (SELECT 1 FROM " + e.physical(a.staged.name) + " n WHERE " + same("n", "o", a.key) + ")"
	}
	return "(SELECT " + strings.Join(old, ", ") + " FROM " + e.physical(a.build.Name) + " o" + kept +
		" UNION ALL SELECT " + strings.Join(all, ", ") + " FROM " + e.physical(a.staged.name) + ")"
}

func same(a, b string, key []string) string {
	pairs := make([]string, len(key))
	for i, k := range key {
		pairs[i] = a + "." + ident(k) + " = " + b + "." + ident(k)
	}
	return strings.Join(pairs, " AND ")
}

// publishRows brings the rows in: one statement, one commit. New columns come
// in a commit before it; until then readers see them as NULL.
func (e *Engine) publishRows(ctx context.Context, a *addition) error {
	if err := e.note(ctx, a, nil); err != nil {
		return err
	}
	if err := e.evolve(ctx, a); err != nil {
		return err
	}
	before, err := e.lake.Table(ctx, a.build.Name)
	if err == nil {
		err = before.Follows(a.table) // Athena's own commit does not look, so look as late as can be
	}
	if err != nil {
		return err
	}
	_, err = e.runIf(ctx, e.bring(a), func() error {
		now, err := e.lake.Table(ctx, a.build.Name)
		if err == nil {
			err = now.Follows(a.table)
		}
		if err == nil && len(a.key) == 0 && now.SnapshotID() != before.SnapshotID() {
			err = errors.New("the table has changed meanwhile, so the rows may be in it already: look before you run the model again")
		}
		return err
	})
	if err == nil {
		e.tidy(ctx, func(ctx context.Context) error { return e.dropAside(ctx, a.staged.name) })
		e.tidy(ctx, func(ctx context.Context) error { return e.note(ctx, a, a.build.Summary) })
	}
	return err
}

// note makes the table's note that of its rows and those that come, before they
// do; and once more afterwards, together with the run's properties: what Athena
// writes into Glue may leave out what it does not know.
func (e *Engine) note(ctx context.Context, a *addition, properties map[string]string) error {
	now, err := e.lake.Table(ctx, a.build.Name)
	if err == nil {
		err = now.Follows(a.table)
	}
	if err != nil {
		return err
	}
	spec := now.Spec()
	maps.Copy(spec.Properties, properties)
	if err := e.noted(ctx, a.build.Name, now, spec.Properties); err != nil || len(spec.Properties) == 0 {
		return err
	}
	if _, err := e.lake.Apply(ctx, spec, lakehouse.ApplyOptions{}); err != nil {
		return fmt.Errorf("set properties: %w", err)
	}
	return nil
}

// evolve gives the table the columns that the rows have.
func (e *Engine) evolve(ctx context.Context, a *addition) error {
	if !a.evolves {
		return nil
	}
	now, err := e.lake.Table(ctx, a.build.Name)
	if err != nil {
		return err
	}
	spec := now.Spec()
	old, next := a.table.Schema(), schema.Schema{}
	wanted := schema.Schema{Columns: a.columns}
	drops := false
	for _, c := range now.Schema().Columns {
		_, was := old.Column(c.Name)
		if _, stays := wanted.Column(c.Name); was && !stays {
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
	spec.Schema = next
	if _, err := e.lake.Apply(ctx, spec, lakehouse.ApplyOptions{AllowBreaking: drops}); err != nil {
		return fmt.Errorf("change the columns: %w", err)
	}
	return nil
}

// bring is the statement that adds or merges the rows.
func (e *Engine) bring(a *addition) string {
	var names, values, sets []string
	for _, c := range a.columns {
		name := ident(c.Name)
		names, values = append(names, name), append(values, "n."+name)
		if !slices.Contains(a.key, c.Name) {
			sets = append(sets, name+" = n."+name)
		}
	}
	target, from, list := e.physical(a.build.Name), e.physical(a.staged.name), strings.Join(names, ", ")
	if len(a.key) == 0 {
		return "INSERT INTO " + target + " (" + list + ")\nSELECT " + list + "\nFROM " + from
	}
	update := ""
	if len(sets) > 0 {
		update = "\nWHEN MATCHED THEN UPDATE SET " + strings.Join(sets, ", ")
	}
	return "MERGE INTO " + target + " AS o\nUSING " + from + " AS n\nON " + same("n", "o", a.key) + update +
		"\nWHEN NOT MATCHED THEN INSERT (" + list + ")\nVALUES (" + strings.Join(values, ", ") + ")"
}
