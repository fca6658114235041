package compiler

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform/jinja"
)

// project writes a project of the given files; dbt_project.yml is added.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{"dbt_project.yml": "name: small\n"}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t *testing.T, files map[string]string) *Project {
	t.Helper()
	p, err := Load(context.Background(), Options{Dir: project(t, files), Env: noEnv})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func noEnv(string) (string, bool) { return "", false }

// tables is a Database of fixed answers.
type tables struct {
	columns map[string][]string // relation -> columns
	answers map[string][][]jinja.Value
	exec    []string
}

func (d *tables) Query(_ context.Context, sql string) (*Table, error) {
	for text, rows := range d.answers {
		if !strings.Contains(sql, text) {
			continue
		}
		t := &Table{Rows: rows}
		for i := range rows[0] {
			t.Columns = append(t.Columns, ResultColumn{Name: string(rune('a' + i)), Type: "BIGINT"})
		}
		return t, nil
	}
	return &Table{}, nil
}

func (d *tables) Exec(_ context.Context, sql string) error {
	d.exec = append(d.exec, sql)
	return nil
}

func (d *tables) Columns(_ context.Context, n lakehouse.Name) ([]schema.Column, error) {
	names, ok := d.columns[n.String()]
	if !ok {
		return nil, lakehouse.ErrNotFound
	}
	var out []schema.Column
	for _, c := range names {
		out = append(out, schema.Column{Name: c, Type: schema.Type{Kind: schema.Long}})
	}
	return out, nil
}

func (d *tables) Exists(_ context.Context, n lakehouse.Name) (string, error) {
	if _, ok := d.columns[n.String()]; ok {
		return "table", nil
	}
	return "", nil
}
