package duckdb

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform"
)

// bench is a lake in a folder of the test's and an engine over it.
type bench struct {
	*testing.T
	ctx    context.Context
	lake   *lakehouse.Lake
	engine *Engine
}

func newBench(t *testing.T, o ...Options) *bench {
	t.Helper()
	b := &bench{T: t, ctx: context.Background()}
	lake, err := lakehouse.Open(b.ctx, lakehouse.Options{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lake.Close() })
	b.lake = lake
	options := Options{}
	if len(o) > 0 {
		options = o[0]
	}
	b.engine = b.open(options)
	return b
}

func (b *bench) open(o Options) *Engine {
	b.Helper()
	e, err := Open(b.ctx, b.lake, o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := e.Close(); err != nil {
			b.Error("close the engine:", err)
		}
	})
	return e
}

// rows are a query's rows as text: values by "|", NULL as "null".
func (b *bench) rows(query string) []string {
	b.Helper()
	lines, err := b.try(query)
	if err != nil {
		b.Fatalf("%s: %v", query, err)
	}
	return lines
}

func (b *bench) try(query string) ([]string, error) {
	rows, err := b.engine.Query(b.ctx, query)
	if err != nil {
		return nil, err
	}
	return drain(rows)
}

func drain(rows *transform.Rows) ([]string, error) {
	var lines []string
	for rows.Next() {
		var cells []string
		for _, v := range rows.Values() {
			if v == nil {
				v = "null"
			}
			if raw, ok := v.([]byte); ok {
				v = fmt.Sprintf("%x", raw)
			}
			if s, ok := v.(fmt.Stringer); ok {
				v = s.String()
			}
			cells = append(cells, fmt.Sprint(v))
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return lines, rows.Err()
}

// wants compares a query's rows, in order.
func (b *bench) wants(query string, want ...string) {
	b.Helper()
	if got := b.rows(query); strings.Join(got, "\n") != strings.Join(want, "\n") {
		b.Errorf("%s\n got %q\nwant %q", query, got, want)
	}
}

// fails wants an error that holds every one of words.
func (b *bench) fails(err error, words ...string) {
	b.Helper()
	if err == nil {
		b.Errorf("no error, want one about %q", words)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			b.Errorf("error %q does not say %q", err, w)
		}
	}
}

// build stages and publishes.
func (b *bench) build(kind, relation, sql string, with ...func(*transform.Build)) {
	b.Helper()
	if err := b.stage(kind, relation, sql, with...).Publish(b.ctx); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) stage(kind, relation, sql string, with ...func(*transform.Build)) transform.Staged {
	b.Helper()
	s, err := b.tryStage(kind, relation, sql, with...)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func (b *bench) tryStage(kind, relation, sql string, with ...func(*transform.Build)) (transform.Staged, error) {
	b.Helper()
	build := transform.Build{UniqueID: "model.test." + relation, Name: b.named(relation), Kind: kind, SQL: sql}
	for _, w := range with {
		w(&build)
	}
	return b.engine.Stage(b.ctx, build)
}

func (b *bench) named(relation string) lakehouse.Name {
	b.Helper()
	n, err := lakehouse.ParseName(relation)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func (b *bench) table(relation string) *lakehouse.Table {
	b.Helper()
	t, err := b.lake.Table(b.ctx, b.named(relation))
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// files are the names below a relation's data folder.
func (b *bench) files(relation string) []string {
	b.Helper()
	n := b.named(relation)
	root := filepath.Join(b.lake.Home(), "warehouse", n.Schema, n.Table, "data")
	var found []string
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			found = append(found, strings.TrimPrefix(path, root+"/"))
		}
		return nil
	})
	return found
}

func key(columns ...string) func(*transform.Build) {
	return func(b *transform.Build) { b.Key = columns }
}

func onSchemaChange(what string) func(*transform.Build) {
	return func(b *transform.Build) { b.OnSchemaChange = what }
}

func partition(fields ...string) func(*transform.Build) {
	return func(b *transform.Build) { b.Partition = fields }
}
