package main

import (
	"errors"
	"testing"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// TestNotes: what is built of a table is as sensitive as that was held to be
// when it was built, through views, too; where nobody noted that, nobody reads it.
func TestNotes(t *testing.T) {
	lake, err := lakehouse.Open(t.Context(), lakehouse.Options{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer lake.Close()
	people := governance.Table{Schema: "staging", Name: "people", Model: true, Sensitivity: "public", Columns: []governance.Column{{Name: "name", Sensitivity: "public", Own: true}}}
	view := governance.Table{Schema: "staging", Name: "names", Model: true, View: true, Sensitivity: "public", Reads: []string{"staging.people"}}
	mart := governance.Table{Schema: "marts", Name: "names", Model: true, Sensitivity: "public", Reads: []string{"staging.names"}}
	said := governance.Table{Schema: "marts", Name: "masked", Model: true, Sensitivity: "public", Reads: []string{"staging.people"}, Columns: []governance.Column{{Name: "name", Sensitivity: "internal", Own: true}}}
	n := newNotes([]governance.Table{people, view, mart, said}, lake)
	holds := func(what, name string, there *lakehouse.Table, want string) {
		t.Helper()
		parsed, err := lakehouse.ParseName(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := n.of(t.Context(), parsed, there); err != nil || got != want {
			t.Errorf("%s: %s of %s, want %s; %v", what, got, name, want, err)
		}
	}
	build := func(name, note string, columns ...string) *lakehouse.Table {
		t.Helper()
		parsed, err := lakehouse.ParseName(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := lake.DropTable(t.Context(), parsed); err != nil && !errors.Is(err, lakehouse.ErrNotFound) {
			t.Fatal(err)
		}
		s := lakehouse.Spec{Name: parsed, Properties: map[string]string{}}
		if note != "" {
			s.Properties[environment.ParameterClassified] = note
		}
		for _, c := range columns {
			s.Schema.Columns = append(s.Schema.Columns, schema.Column{Name: c, Type: schema.Type{Kind: schema.String}})
		}
		made, err := lake.Create(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	holds("nothing is there", "marts.names", nil, `{"*":"public","name":"public"}`)
	build("staging.people", `{"*":"public","name":"personal"}`, "name")
	holds("built before it was masked", "marts.names", nil, `{"*":"public","name":"personal"}`)
	holds("says so itself", "marts.masked", nil, `{"*":"public","name":"internal"}`)
	holds("is built anew itself", "staging.people", nil, `{"*":"public","name":"public"}`)
	holds("nobody's model", "marts.others", nil, "")
	there := build("marts.names", `{"*":"confidential","name":"public"}`, "name", "Age")
	holds("rows are added", "marts.names", there, `{"*":"public","age":"confidential","name":"personal"}`)
	holds("rows are added to a table that nobody noted", "staging.people", build("marts.masked", "", "name"), "")
	build("staging.people", "", "name")
	holds("of what nobody noted", "marts.names", nil, `{"*":"public","name":"unclassified"}`)
	build("staging.people", people.Note(), "name")
	holds("built anew", "marts.names", nil, `{"*":"public","name":"public"}`)
}
