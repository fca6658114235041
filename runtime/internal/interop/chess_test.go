//go:build interop

package interop

import (
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/internal/programs"
)

// TestChess runs the pipeline that the repository ships, twice, the second time
// with more games, and compares all its tables.
func TestChess(t *testing.T) {
	l := newLab(t, "")
	for _, games := range []string{"1500", "2000"} {
		server, err := l.Serve(t.Context(), "--games", games, "--players", "8")
		if err != nil {
			t.Fatal(err)
		}
		l.must(append([]string{"run", "chess"}, server.Set()...)...)
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
	compare(t, l.ask(func(c content) map[string]int {
		chosen := map[string]int{}
		for _, col := range c.Columns {
			switch {
			case col.Name == "url", col.Name == "game_id", col.Name == "username", col.Name == "end_time", col.Name == "ended_at":
				chosen[col.Name] = 3
			case strings.HasSuffix(col.Name, "rating"), strings.HasSuffix(col.Name, "month"), col.Name == "eco", strings.HasSuffix(col.Name, "accuracy"), col.Name == "is_rated":
				chosen[col.Name] = 1
			}
		}
		return chosen
	}))
}

// TestDifferencesAreFound changes what a reader said, one thing at a time:
// every change must be told.
func TestDifferencesAreFound(t *testing.T) {
	want := content{}
	want.Name = "marts.x"
	want.Columns = append(want.Columns, column("id", "long"), column("amount", "decimal(18,4)"))
	for i := range 3 {
		id, _ := parse("long", i)
		amount, _ := parse("decimal(18,4)", "-1.5")
		if want.values == nil {
			want.values = make([][]value, 2)
		}
		want.values[0], want.values[1] = append(want.values[0], id), append(want.values[1], amount)
	}
	filters := want.filters("id", 2)
	right := func() report {
		r := report{Rows: 3, Counted: 3, Format: 2, Sum: rowsChecksum(want.values), Filters: map[string]any{}}
		r.Columns = append(r.Columns, said("id", "long", checksum(want.values[0])), said("amount", "decimal(18,4)", checksum(want.values[1])))
		for _, f := range filters {
			r.Filters[f.ID] = float64(f.want)
		}
		return r
	}
	if d := differences(want, filters, right()); len(d) != 0 {
		t.Fatalf("what is right differs: %v", d)
	}
	for name, change := range map[string]func(*report){
		"a row too few":         func(r *report) { r.Rows-- },
		"a count from metadata": func(r *report) { r.Counted++ },
		"another type":          func(r *report) { r.Columns[1].Type = "decimal(18,2)" },
		"another name":          func(r *report) { r.Columns[0].Name = "ID" },
		"a column too few":      func(r *report) { r.Columns = r.Columns[:1] },
		"a column's content":    func(r *report) { r.Columns[1].Sum = checksum(want.values[0]) },
		"rows mixed up":         func(r *report) { r.Sum = "0000000000000000" },
		"a filter":              func(r *report) { r.Filters[filters[2].ID] = float64(0) },
		"a filter that failed":  func(r *report) { r.Filters[filters[2].ID] = "ArrowNotImplementedError" },
		"equality deletes":      func(r *report) { r.EqualityDeletes = 1 },
		"deletion vectors":      func(r *report) { r.Format = 3 },
		"an error":              func(r *report) { r.Error = "FileNotFoundError" },
		"another field id":      func(r *report) { r.Columns[0].ID = 7 },
	} {
		r := right()
		change(&r)
		if d := differences(want, filters, r); len(d) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
}

func column(name, kind string) programs.Column { return programs.Column{ID: 1, Name: name, Type: kind} }

func said(name, kind, sum string) reportColumn { return reportColumn{Name: name, Type: kind, Sum: sum} }
