package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
)

// merge is an addition whose rows replace those of the same key.
type merge struct {
	*addition
	key     []schema.Column
	files   lakehouse.Files // of the table, when the replaced rows were looked for
	deletes []string        // files of the replaced rows' positions
	touched []string        // the data files that they lie in
}

// mergeAttempts is how often Publish finds the replaced rows anew because
// another writer committed meanwhile.
const mergeAttempts = 8

// stageMerge writes the rows, and position deletes for those that they replace.
func (e *Engine) stageMerge(ctx context.Context, b transform.Build) (*staged, error) {
	a, err := e.writeRows(ctx, b)
	if err != nil {
		return nil, err
	}
	m := &merge{addition: a}
	if err := e.prepareMerge(ctx, m, b.Key); err != nil {
		return nil, errors.Join(err, a.remove())
	}
	e.session.stage(&relation{name: b.Name, kind: transform.KindTable, columns: a.columns, body: readFiles(a.columns, m.after(), false)})
	commit := func(ctx context.Context) error { return e.commitMerge(ctx, m, b) }
	return &staged{rows: a.rows, commit: commit, discard: a.remove}, nil
}

func (e *Engine) prepareMerge(ctx context.Context, m *merge, key []string) error {
	if len(key) == 0 {
		return fault.New(fault.Usage, errors.New("a merge needs unique_key, which columns tell rows apart"), "")
	}
	for _, k := range key {
		i := slices.IndexFunc(m.columns, func(c schema.Column) bool { return strings.EqualFold(c.Name, k) })
		if i < 0 {
			return fault.New(fault.Usage, fmt.Errorf("unique_key %q is no column of the table: it has %s", k, strings.Join(schema.Schema{Columns: m.columns}.Names(), ", ")), "")
		}
		m.key = append(m.key, m.columns[i])
	}
	if err := e.checkKey(ctx, m); err != nil {
		return err
	}
	return e.findReplaced(ctx, m)
}

// checkKey refuses rows without a key and two rows of one: neither says which
// row of the table is meant.
func (e *Engine) checkKey(ctx context.Context, m *merge) error {
	if len(m.addition.files) == 0 {
		return nil
	}
	from := " FROM " + readParquet(m.paths(), m.key, false)
	var nulls []string
	for _, c := range m.key {
		nulls = append(nulls, ident(c.Name)+" IS NULL")
	}
	var without int64
	if err := e.row(ctx, "SELECT count(*)"+from+" WHERE "+strings.Join(nulls, " OR "), &without); err != nil {
		return err
	}
	names := strings.Join(schema.Schema{Columns: m.key}.Names(), ", ")
	if without > 0 {
		return fault.New(fault.Contract, fmt.Errorf("%d rows have NULL in unique_key (%s): leave them out, or give them a key", without, names), "")
	}
	example, times := make([]any, len(m.key)), int64(0)
	into := []any{&times}
	items := make([]string, len(m.key))
	for i, c := range m.key {
		items[i] = "CAST(" + ident(c.Name) + " AS VARCHAR)"
		example[i] = new(string)
		into = append(into, example[i])
	}
	err := e.row(ctx, "SELECT count(*), "+strings.Join(items, ", ")+from+" GROUP BY "+columnList("", m.key)+" HAVING count(*) > 1 ORDER BY ALL LIMIT 1", into...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	pairs := make([]string, len(m.key))
	for i, c := range m.key {
		pairs[i] = c.Name + " = " + *example[i].(*string)
	}
	return fault.New(fault.Contract, fmt.Errorf("the query gives %d rows for one unique_key, %s: a merge cannot know which to keep", times, strings.Join(pairs, ", ")),
		"keep one row a key, with row_number() over (partition by "+names+" order by …) = 1")
}

// findReplaced writes position deletes for the table's rows whose key is among
// the new ones. The commit sorts them by partition.
func (e *Engine) findReplaced(ctx context.Context, m *merge) error {
	var err error
	if m.files, err = m.table.Files(ctx); err != nil {
		return fmt.Errorf("list its files: %w", err)
	}
	m.deletes, m.touched = nil, nil
	if len(m.addition.files) == 0 || len(m.files.Data) == 0 {
		return nil
	}
	path := filepath.Join(m.dir, fmt.Sprintf("deletes-%d.parquet", m.table.SnapshotID()))
	statement := "COPY (" + m.places() + " ORDER BY file_path, pos) TO " + text(path) + " (FORMAT parquet, COMPRESSION zstd, " + deleteFieldIDs + ")"
	found, err := e.count(ctx, statement)
	if err != nil {
		return fmt.Errorf("write position deletes: %w", err)
	}
	if found == 0 {
		return os.Remove(path)
	}
	m.deletes = []string{path}
	return e.query(ctx, "SELECT DISTINCT file_path FROM ("+readDeletes(m.deletes)+")", func(rows *sql.Rows) error {
		var touched string
		err := rows.Scan(&touched)
		m.touched = append(m.touched, touched)
		return err
	})
}

// Field ids of a position-delete file's columns (Iceberg spec, "Reserved Field IDs").
const deleteFieldIDs = "FIELD_IDS {file_path: 2147483546, pos: 2147483545}"

// places is a SELECT of where the rows lie that the new ones replace.
func (m *merge) places() string {
	same := make([]string, len(m.key))
	for i, c := range m.key {
		same[i] = "n." + ident(c.Name) + " = o." + ident(c.Name)
	}
	place := "o." + fileColumn
	if url := lakehouse.FileURL(m.table.Location()); url != m.table.Location() {
		place = "'file://' || " + place // what FileURL does to every path below it
	}
	return "SELECT " + place + " AS file_path, CAST(o." + rowColumn + " AS BIGINT) AS pos FROM (" +
		readFiles(m.key, m.files, true) + ") o SEMI JOIN " + readParquet(m.paths(), m.key, false) + " n ON " + strings.Join(same, " AND ")
}

// after is what the table will hold: the old files without the replaced rows,
// and the new ones.
func (m *merge) after() lakehouse.Files {
	after := lakehouse.Files{Data: slices.Clone(m.files.Data), Deletes: slices.Concat(m.files.Deletes, m.deletes)}
	for i, f := range after.Data {
		after.Data[i].Dirty = f.Dirty || slices.Contains(m.touched, f.Path)
	}
	after.Data = append(after.Data, m.addition.files...)
	return after
}

// commitMerge publishes rows and deletes in one commit. Where another writer
// was first, the replaced rows are looked for again in what it left.
func (e *Engine) commitMerge(ctx context.Context, m *merge, b transform.Build) error {
	if err := e.ready(ctx, m.addition); err != nil || len(m.addition.files) == 0 {
		return err
	}
	for attempt := 1; ; attempt++ {
		_, err := e.lake.DeltaFiles(ctx, lakehouse.Write{
			Table: b.Name, Files: m.paths(), Deletes: m.deletes, Base: m.table.SnapshotID(), Read: m.read, Summary: summary(b),
		})
		if !errors.Is(err, lakehouse.ErrConflict) || attempt == mergeAttempts {
			return err
		}
		if err := e.rebase(ctx, m); err != nil {
			return err
		}
	}
}

// rebase finds the replaced rows in the table as it is now.
func (e *Engine) rebase(ctx context.Context, m *merge) error {
	now, err := e.lake.Table(ctx, m.table.Name())
	if err != nil {
		return err
	}
	if err := sameColumns(m.columns, now.Schema()); err != nil {
		return err
	}
	for _, f := range m.deletes {
		if err := os.Remove(f); err != nil {
			return fmt.Errorf("remove position deletes that no commit took: %w", err)
		}
	}
	m.table = now
	return e.findReplaced(ctx, m)
}
