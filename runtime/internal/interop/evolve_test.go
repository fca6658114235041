//go:build interop

package interop

import (
	"strings"
	"testing"
)

// TestEvolution changes a contract between loads: a column is renamed, one is
// dropped, three are added, and one comes by itself because the source sends it.
func TestEvolution(t *testing.T) {
	root, a := t.TempDir(), serve(t)
	contract := func(columns ...string) {
		text := "  - {name: id, type: long, required: true}\n  - {name: a, type: long}\n"
		for _, c := range columns {
			text += "  - {" + c + "}\n"
		}
		writeProject(t, root, []resource{{name: "plain", path: "evolving", columns: text, merge: true}}, nil)
	}
	rows := func(from, to int, more func(id int, row map[string]any)) {
		var all []map[string]any
		for id := from; id < to; id++ {
			row := map[string]any{"id": id, "a": -id}
			more(id, row)
			all = append(all, row)
		}
		a.set("evolving", all)
	}
	l := newLab(t, root)
	load := []string{"ingest", "kinds", "--set", "base_url=" + a.URL}

	contract("name: b, type: string", "name: gone, type: double", `name: d, type: "decimal(9,2)"`)
	rows(0, 40, func(id int, row map[string]any) { row["b"], row["gone"], row["d"] = strings.Repeat("x", id), 1.5, id })
	l.must(load...)

	contract("name: label, type: string, was_named: b, from: b, description: Was b.", `name: d, type: "decimal(9,2)", description: Money.`,
		`name: c, type: "decimal(18,4)"`, "name: e, type: date", "name: f, type: timestamptz")
	if r := l.floe("plan"); r.Code != 0 {
		t.Errorf("plan: %s", r)
	}
	if r := l.floe("apply"); r.Code == 0 {
		t.Errorf("a dropped column is applied without --allow-breaking: %s", r)
	}
	l.must("apply", "--allow-breaking")
	rows(30, 60, func(id int, row map[string]any) {
		row["b"], row["d"], row["c"], row["e"], row["f"], row["extra"] = "new", id, "-0.0001", "1969-12-31", "2024-01-01T00:00:00Z", id%2 == 0
	})
	l.must(load...)
	c, err := l.content("landing_kinds.plain")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, col := range c.Columns {
		names = append(names, col.Name)
	}
	if got := strings.Join(names, " "); c.rows() != 60 || !strings.Contains(got, "label") || strings.Contains(got, "gone") || !strings.Contains(got, "extra") {
		t.Errorf("%d rows of %s", c.rows(), got)
	}
	compare(t, l.ask(func(c content) map[string]int {
		chosen := map[string]int{}
		for _, col := range c.Columns {
			chosen[col.Name] = 3
		}
		return chosen
	}))
}
