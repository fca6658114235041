package pymodules

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

func clock() time.Time { return time.Date(2026, 1, 15, 10, 11, 12, 123456000, time.UTC) }

func env() *jinja.Env {
	modules, _ := Modules(clock).(*jinja.Bag)
	datetimes, _ := modules.Attrs["datetime"].(*jinja.Bag)
	return &jinja.Env{Lookup: func(name string) (jinja.Value, bool) {
		switch name {
		case "new":
			return datetimes.Attr("datetime")
		case "day":
			return datetimes.Attr("date")
		}
		return modules.Attr(name)
	}}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// TestOracle compares with what Python's own modules made of testdata/cases.json.
func TestOracle(t *testing.T) {
	var cases []struct{ Source, OK, Error string }
	readJSON(t, "testdata/oracle.json", &cases)
	var differences map[string]string
	readJSON(t, "testdata/differences.json", &differences)
	for _, c := range cases {
		if _, known := differences[c.Source]; known {
			delete(differences, c.Source)
			continue
		}
		tpl, err := jinja.Parse("test.sql", c.Source)
		if err != nil {
			t.Errorf("%s: %v", c.Source, err)
			continue
		}
		got, err := tpl.Render(context.Background(), env())
		kind := ""
		if e := new(jinja.Error); errors.As(err, &e) {
			kind = e.Kind
		}
		if got != c.OK || kind != c.Error || (err == nil) != (c.Error == "") {
			t.Errorf("%s\n got %q, %v\nwant %q %s", c.Source, got, err, c.OK, c.Error)
		}
	}
	for source := range differences {
		t.Errorf("differences.json names a case that cases.json does not have: %s", source)
	}
}
