package lakehouse

import (
	"errors"
	"testing"

	"github.com/floe-data/floe/runtime/schema"
)

func TestViews(t *testing.T) {
	l := openLake(t, t.TempDir())
	v := View{Name: Name{"staging", "v"}, SQL: "select 1 as a", Dialect: "duckdb", Doc: "one",
		Schema: schema.Schema{Columns: []schema.Column{{Name: "a", Type: typ(schema.Long)}}}, Properties: map[string]string{"x": "1"}}
	steps := []struct {
		name   string
		change func(*View)
	}{
		{"created", func(*View) {}},
		{"same again", func(*View) {}},
		{"other SQL", func(v *View) { v.SQL = "select 2 as a" }},
		{"other columns and properties", func(v *View) {
			v.SQL, v.Properties, v.Doc = "select 'x' as b", nil, ""
			v.Schema.Columns = []schema.Column{{Name: "b", Type: typ(schema.String), Doc: "text"}}
		}},
		{"back to the first SQL", func(v *View) { v.SQL = "select 1 as b" }},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			s.change(&v)
			if err := l.PutView(t.Context(), v); err != nil {
				t.Fatal(err)
			}
			got, err := l.View(t.Context(), v.Name)
			if err != nil {
				t.Fatal(err)
			}
			if got.SQL != v.SQL || got.Dialect != "duckdb" || got.Doc != v.Doc || got.Properties["x"] != v.Properties["x"] {
				t.Fatalf("got %+v, want %+v", got, v)
			}
			if c := got.Schema.Columns[0]; c.Name != v.Schema.Columns[0].Name || c.Type != v.Schema.Columns[0].Type || c.Doc != v.Schema.Columns[0].Doc {
				t.Fatalf("column %+v", c)
			}
		})
	}
	if _, err := l.Table(t.Context(), v.Name); !errors.Is(err, ErrNotFound) {
		t.Errorf("a view read as a table: %v", err)
	}
	if err := l.DropTable(t.Context(), v.Name); !errors.Is(err, ErrNotFound) {
		t.Errorf("a view dropped as a table: %v", err)
	}
	if err := l.DropView(t.Context(), v.Name); err != nil {
		t.Error(err)
	}
	if files, err := listFiles(folderOf(t, l, v.Name)); err != nil || len(files) > 0 {
		t.Errorf("left behind: %v %v", files, err)
	}
}

func TestViewAndTableTakeEachOthersPlace(t *testing.T) {
	l := openLake(t, t.TempDir())
	newTable(t, l, games())
	load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 10))
	v := View{Name: gamesName, SQL: "select 1 as a", Schema: schema.Schema{Columns: []schema.Column{{Name: "a", Type: typ(schema.Long)}}}}
	if err := l.PutView(t.Context(), v); !errors.Is(err, ErrExists) {
		t.Fatalf("a view over a table: %v", err)
	}
	v.ReplacesTable = true
	if err := l.PutView(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	target, err := l.PrepareReplace(t.Context(), games())
	if err != nil || target.Exists {
		t.Fatalf("%+v %v", target, err)
	}
	if _, err := l.ReplaceFiles(t.Context(), Write{}, &target); err != nil {
		t.Fatal(err)
	}
	if rows := rowsOf(t, l, gamesName); rows != 0 {
		t.Fatalf("%d rows", rows)
	}
}
