package lakehouse

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
)

func column(s *Spec, name string) *schema.Column {
	i := slices.IndexFunc(s.Schema.Columns, func(c schema.Column) bool { return c.Name == name })
	return &s.Schema.Columns[i]
}

func without(s *Spec, name string) {
	s.Schema.Columns = slices.DeleteFunc(s.Schema.Columns, func(c schema.Column) bool { return c.Name == name })
}

func TestPlanAndApply(t *testing.T) { eachPlace(t, conformPlanAndApply) }

func conformPlanAndApply(t *testing.T, p lakeAt) {
	tests := []struct {
		name    string
		change  func(*Spec)
		want    string // kind column
		verdict string // "", breaking, refused
	}{
		{"nothing", func(*Spec) {}, "", ""},
		{"order of columns", func(s *Spec) { slices.Reverse(s.Schema.Columns) }, "", ""},
		{"floe's columns not named", func(s *Spec) { without(s, ColumnLoadID) }, "", ""},
		{"add", func(s *Spec) {
			s.Schema.Columns = append(s.Schema.Columns, schema.Column{Name: "eco", Type: typ(schema.String)})
		}, "add-column eco", ""},
		{"add required", func(s *Spec) {
			s.Schema.Columns = append(s.Schema.Columns, schema.Column{Name: "eco", Type: typ(schema.String), Required: true})
		}, "add-column eco", "refused"},
		{"add, other case", func(s *Spec) {
			s.Schema.Columns = append(s.Schema.Columns, schema.Column{Name: "PGN2", Type: typ(schema.String)}, schema.Column{Name: "pgn2", Type: typ(schema.String)})
		}, "", "usage"},
		{"drop", func(s *Spec) { without(s, "pgn") }, "drop-column pgn", "breaking"},
		{"drop the partition's column", func(s *Spec) { without(s, "ended"); s.Partition, s.Sort = nil, nil }, "drop-column ended", "refused"},
		{"drop a key column", func(s *Spec) { without(s, "url"); s.Key, s.Sort = nil, nil }, "drop-column url", "refused"},
		{"rename", func(s *Spec) { column(s, "pgn").Name = "moves"; s.Renames = map[string]string{"moves": "pgn"} }, "rename-column moves", ""},
		{"rename the key", func(s *Spec) {
			column(s, "url").Name, s.Key[0], s.Sort[1].Column = "link", "link", "link"
			s.Renames = map[string]string{"link": "url"}
		}, "rename-column link", "refused"},
		{"type", func(s *Spec) { column(s, "rating").Type = typ(schema.Double) }, "change-type rating", "refused"},
		{"json is string", func(s *Spec) { column(s, "pgn").Type = typ(schema.JSON) }, "", ""},
		{"key no longer required", func(s *Spec) { s.Key = nil; column(s, "url").Required = false }, "make-optional url", "refused"},
		{"required", func(s *Spec) { column(s, "pgn").Required = true }, "make-required pgn", "refused"},
		{"column's doc", func(s *Spec) { column(s, "pgn").Doc = "moves" }, "set-doc pgn", ""},
		{"table's doc", func(s *Spec) { s.Doc = "other" }, "set-doc ", ""},
		{"no doc", func(s *Spec) { s.Doc = "" }, "set-doc ", ""},
		{"partition", func(s *Spec) { s.Partition[0].Transform = schema.Year }, "set-partition ", "breaking"},
		{"no partition", func(s *Spec) { s.Partition = nil }, "set-partition ", "breaking"},
		{"sort", func(s *Spec) { s.Sort = s.Sort[:1] }, "set-sort ", ""},
		{"properties", func(s *Spec) { s.Properties = map[string]string{"owner": "me"} }, "set-properties ", ""},
		{"partition by string", func(s *Spec) { s.Partition = []schema.PartitionField{{Column: "pgn", Transform: schema.Identity}} }, "", "usage"},
		{"key of nothing", func(s *Spec) { s.Key = []string{"nothing"} }, "", "usage"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := p.another(t)
			l := p.open(t)
			newTable(t, l, games())
			load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 10))
			s := games()
			test.change(&s)
			changes, err := l.Plan(t.Context(), s)
			if test.verdict == "usage" {
				if fault.Code(err) != int(fault.Usage) {
					t.Fatalf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" && len(changes) > 0 || test.want != "" && len(changes) == 0 {
				t.Fatalf("changes %+v", changes)
			}
			if test.want == "" {
				return
			}
			c := changes[0]
			if got := c.Kind + " " + c.Column; got != test.want || c.Breaking != (test.verdict == "breaking") || (c.Refused != "") != (test.verdict == "refused") {
				t.Fatalf("changes %+v", changes)
			}
			_, err = l.Apply(t.Context(), s, ApplyOptions{})
			if (err != nil) != (test.verdict != "") {
				t.Fatalf("apply: %v", err)
			}
			made, err := l.Apply(t.Context(), s, ApplyOptions{AllowBreaking: true})
			if (err != nil) != (test.verdict == "refused") || test.verdict == "breaking" && len(made) == 0 {
				t.Fatalf("apply --allow-breaking: %v %v", made, err)
			}
			if test.verdict == "refused" {
				return
			}
			again, err := l.Plan(t.Context(), s)
			if err != nil || len(again) > 0 {
				t.Fatalf("after it: %+v %v", again, err)
			}
			load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRowsFor(s))
			if n := len(scan(t, l, gamesName)); n != 20 {
				t.Fatalf("%d rows after another load", n)
			}
		})
	}
}

func TestEvolvedColumnsStay(t *testing.T) { eachPlace(t, conformEvolvedColumnsStay) }

func conformEvolvedColumnsStay(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, players())
	ld, err := l.NewLoad(t.Context(), playersName, LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := ld.AddColumns(t.Context(), []schema.Column{{Name: "extra", Type: typ(schema.String)}, {Name: "score", Type: typ(schema.Long)}}); err != nil {
		t.Fatal(err)
	}
	if err := ld.AddColumns(t.Context(), []schema.Column{{Name: "score", Type: typ(schema.String)}}); err == nil || !strings.Contains(err.Error(), `"score" is long`) {
		t.Fatalf("another type: %v", err)
	}
	if err := ld.Write(t.Context(), playerBatch([]player{{1, "a", nil, "x"}}, true)); err != nil {
		t.Fatal(err)
	}
	if _, err := ld.Commit(t.Context(), StateUpdate{}); err != nil {
		t.Fatal(err)
	}
	changes, err := l.Plan(t.Context(), players())
	if err != nil || len(changes) != 1 || !changes[0].Info || changes[0].Column != "extra" {
		t.Fatalf("%+v %v", changes, err)
	}
	if made, err := l.Apply(t.Context(), players(), ApplyOptions{AllowBreaking: true}); err != nil || len(made) > 0 {
		t.Fatalf("%v %v", made, err)
	}
	named := players()
	named.Schema.Columns = append(named.Schema.Columns, schema.Column{Name: "extra", Type: typ(schema.String)})
	if _, err := l.Apply(t.Context(), named, ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	changes, err = l.Plan(t.Context(), players())
	if err != nil || len(changes) != 1 || changes[0].Kind != ChangeDropColumn {
		t.Fatalf("once the contract has named it, leaving it out drops it: %+v %v", changes, err)
	}
}

func TestCreateTwice(t *testing.T) { eachPlace(t, conformCreateTwice) }

func conformCreateTwice(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, games())
	if _, err := l.Create(t.Context(), games()); !errors.Is(err, ErrExists) {
		t.Fatal(err)
	}
}
