package duckdb

import (
	"context"
	"crypto/rand"
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
)

// copyJob is a query whose rows become Parquet files of a table.
type copyJob struct {
	query     string // gives the columns, with their types
	columns   []schema.Column
	partition []schema.PartitionField
	sort      []schema.SortField
	data      string // the table's data folder
}

// written is what a copyJob wrote, in a folder of its own.
type written struct {
	dir   string
	files []lakehouse.DataFile
	rows  int64
}

func (w written) paths() []string {
	paths := make([]string, len(w.files))
	for i, f := range w.files {
		paths[i] = f.Path
	}
	return paths
}

func (w written) remove() error {
	if w.dir == "" {
		return nil
	}
	return os.RemoveAll(w.dir)
}

// copy writes a job's files and makes them durable. On an error nothing is left.
func (e *Engine) copy(ctx context.Context, job copyJob) (w written, err error) {
	by, err := partitionValues(job.partition, job.columns)
	if err != nil {
		return written{}, err
	}
	err = e.frugally(ctx, func() error {
		w, err = e.copyOnce(ctx, job, by)
		return err
	})
	return w, err
}

func (e *Engine) copyOnce(ctx context.Context, job copyJob, by []string) (w written, err error) {
	w.dir = filepath.Join(job.data, "engine-"+strings.ToLower(rand.Text()))
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return written{}, fmt.Errorf("make a folder for new files: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.remove())
			w = written{}
		}
	}()
	err = e.query(ctx, job.statement(w.dir, by, e.fileSize), func(rows *sql.Rows) error {
		var f lakehouse.DataFile
		var ignored any
		if err := rows.Scan(&f.Path, &f.Rows, &f.Bytes, &ignored, &ignored, &ignored); err != nil {
			return fmt.Errorf("read what COPY wrote: %w", err)
		}
		w.rows += f.Rows
		w.files = append(w.files, f)
		return nil
	})
	if err != nil {
		return w, err
	}
	w.files, err = removeEmpty(w.files)
	if err != nil {
		return w, err
	}
	slices.SortFunc(w.files, func(a, b lakehouse.DataFile) int { return strings.Compare(a.Path, b.Path) })
	return w, syncFiles(w.paths())
}

// statement is the COPY. Partition values are columns of their own that name
// the folders and stay out of the files. Sorted rows are so within a row group;
// groups may change places.
func (job copyJob) statement(dir string, by []string, fileSize int64) string {
	ids := make([]string, len(job.columns))
	for i, c := range job.columns {
		ids[i] = fmt.Sprintf("%s: %d", ident(c.Name), c.ID)
	}
	options := []string{
		"FORMAT parquet", "COMPRESSION zstd", "FIELD_IDS {" + strings.Join(ids, ", ") + "}",
		"FILENAME_PATTERN '{uuidv7}'", "RETURN_STATS",
	}
	if slices.ContainsFunc(job.columns, func(c schema.Column) bool { return c.Type.Kind == schema.Binary }) {
		options = append(options, "WRITE_BLOOM_FILTER false") // DuckDB 1.5.5 finds no row by a BLOB that has one
	}
	selected := finite(job.columns)
	if len(by) == 0 {
		options = append(options, fmt.Sprintf("FILE_SIZE_BYTES %d", fileSize)) // DuckDB takes it without partitions only
	} else {
		names := make([]string, len(by))
		for i, value := range by {
			names[i] = fmt.Sprintf("__floe_part_%d", i)
			selected += ", " + value + " AS " + names[i]
		}
		options = append(options, "PARTITION_BY ("+strings.Join(names, ", ")+")", "WRITE_PARTITION_COLUMNS false")
	}
	order := ""
	if len(job.sort) > 0 {
		keys := make([]string, len(job.sort))
		for i, s := range job.sort {
			keys[i] = ident(s.Column)
			if s.Descending {
				keys[i] += " DESC"
			}
		}
		order = " ORDER BY " + strings.Join(keys, ", ")
	}
	return "COPY (SELECT " + selected + " FROM (" + job.query + "\n)" + order + ") TO " + text(dir) + " (" + strings.Join(options, ", ") + ")"
}

// finite lists the columns. A time or date that is DuckDB's infinity is an
// error: other engines would read the year 294247.
func finite(columns []schema.Column) string {
	items := make([]string, len(columns))
	for i, c := range columns {
		items[i] = ident(c.Name)
		switch c.Type.Kind {
		case schema.Date, schema.Timestamp, schema.Timestamptz:
			problem := text(fmt.Sprintf("column %q holds infinity, which no other engine reads: write null, or a time", c.Name))
			items[i] = fmt.Sprintf("CASE WHEN isfinite(%[1]s) OR %[1]s IS NULL THEN %[1]s ELSE error(%[2]s) END AS %[1]s", items[i], problem)
		}
	}
	return strings.Join(items, ", ")
}

// partitionValues are expressions, equal where the partition is. The commit
// reads the partition of a file from its bounds, so that transforms that do
// not keep the order cannot be written here.
func partitionValues(fields []schema.PartitionField, columns []schema.Column) ([]string, error) {
	formats := map[schema.Transform]string{schema.Year: "%Y", schema.Month: "%Y-%m", schema.Day: "%Y-%m-%d", schema.Hour: "%Y-%m-%d-%H"}
	var values []string
	var errs []error
	for _, f := range fields {
		i := slices.IndexFunc(columns, func(c schema.Column) bool { return c.Name == f.Column })
		if i < 0 {
			errs = append(errs, fmt.Errorf("partition %q: the model has no column %q", f, f.Column))
			continue
		}
		if err := f.Accepts(columns[i].Type); err != nil {
			errs = append(errs, err)
			continue
		}
		column := ident(f.Column)
		switch {
		case f.Transform == schema.Identity:
			values = append(values, "CAST("+column+" AS VARCHAR)")
		case f.Transform == schema.Truncate:
			values = append(values, fmt.Sprintf("CAST(%s - ((%s %% %d) + %d) %% %d AS VARCHAR)", column, column, f.N, f.N, f.N))
		case formats[f.Transform] != "":
			values = append(values, fmt.Sprintf("strftime(%s, '%s')", column, formats[f.Transform]))
		default:
			errs = append(errs, fmt.Errorf("partition %q: DuckDB does not write buckets; partition a model by year, month, day or hour, or by a long, date or boolean column", f))
		}
	}
	return values, fault.New(fault.Usage, errors.Join(errs...), "")
}

// removeEmpty removes the files that hold no rows: an empty answer makes one.
func removeEmpty(files []lakehouse.DataFile) ([]lakehouse.DataFile, error) {
	var kept []lakehouse.DataFile
	for _, f := range files {
		if f.Rows > 0 {
			kept = append(kept, f)
			continue
		}
		if err := os.Remove(f.Path); err != nil {
			return files, fmt.Errorf("remove an empty file: %w", err)
		}
	}
	return kept, nil
}

// syncFiles makes files and the names of their folders durable, so that a
// commit never names a file that a power cut takes away.
func syncFiles(paths []string) error {
	folders := map[string]bool{}
	for _, p := range paths {
		if err := syncPath(p); err != nil {
			return err
		}
		folder := filepath.Dir(p)
		folders[folder], folders[filepath.Dir(folder)] = true, true
	}
	for f := range folders {
		if err := syncPath(f); err != nil {
			return err
		}
	}
	return nil
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("make %s durable: %w", path, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("make %s durable: %w", path, err)
	}
	return nil
}
