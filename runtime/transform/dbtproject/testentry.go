package dbtproject

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// testConfigKeys may stand beside a test's arguments (dbt's older notation) or
// under config.
var testConfigKeys = []string{"severity", "tags", "enabled", "where", "limit", "warn_if", "error_if", "fail_calc",
	"store_failures", "store_failures_as", "meta", "database", "schema", "alias", "group"}

// tests reads both notations, tests and data_tests; both at once is an error, as in dbt.
func (d decoder) tests(v *yamltree.Value, at string) []TestEntry {
	key := "data_tests"
	list := v.Get(key)
	if old := v.Get("tests"); old != nil {
		if list != nil {
			d.r.Addf(old.Line, at+".tests", "tests and data_tests are one thing: write data_tests only")
		}
		key, list = "tests", old
	}
	var out []TestEntry
	for i, t := range d.r.List(list, at+"."+key) {
		if e, ok := d.test(t, fmt.Sprintf("%s.%s[%d]", at, key, i)); ok {
			out = append(out, e)
		}
	}
	return out
}

// test reads one of:
//
//   - unique
//   - accepted_values: {values: [a, b], config: {severity: warn}}
//   - {name: my_name, test_name: accepted_values, values: [a, b]}
func (d decoder) test(v *yamltree.Value, at string) (TestEntry, bool) {
	e := TestEntry{File: d.file.Path, Line: v.Line}
	var args []yamltree.Pair
	switch {
	case v.Kind == yamltree.String:
		e.setName(v.Text())
		return e, true
	case v.Kind != yamltree.Map || len(v.Pairs) == 0:
		d.r.Addf(v.Line, at, "found %s; a test is a name (- unique) or a name with arguments (- accepted_values: {values: […]})", v.Kind)
		return e, false
	case v.Get("test_name") != nil:
		e.setName(d.r.String(v.Get("test_name"), at+".test_name"))
		args = v.Pairs
	case len(v.Pairs) == 1:
		e.setName(v.Pairs[0].Key)
		e.Line = v.Pairs[0].Line
		inner := d.mapping(v.Pairs[0].Value, at+"."+v.Pairs[0].Key)
		if inner != nil {
			args = inner.Pairs
		}
	default:
		d.r.Addf(v.Line, at, "found the keys %s side by side; a test's arguments are indented below its name", keyList(v))
		return e, false
	}
	d.arguments(&e, args, at)
	return e, true
}

func keyList(v *yamltree.Value) string {
	var keys []string
	for _, p := range v.Pairs {
		keys = append(keys, p.Key)
	}
	return strings.Join(keys, ", ")
}

func (e *TestEntry) setName(name string) {
	if pkg, test, ok := strings.Cut(name, "."); ok {
		e.Namespace, e.Test = pkg, test
		return
	}
	e.Test = name
}

func (d decoder) arguments(e *TestEntry, args []yamltree.Pair, at string) {
	for _, p := range args {
		switch {
		case p.Key == "test_name":
		case p.Key == "name":
			e.CustomName = d.r.String(p.Value, at+".name")
		case p.Key == "description":
			e.Docs = d.r.String(p.Value, at+".description")
		case p.Key == "config":
			if m := d.mapping(p.Value, at+".config"); m != nil {
				e.Config = append(e.Config, m.Pairs...)
			}
		case p.Key == "arguments":
			if m := d.mapping(p.Value, at+".arguments"); m != nil {
				e.Args = append(e.Args, m.Pairs...)
			}
		case p.Key == "model":
			d.r.Addf(p.Line, at+".model", "a test's model is the one that it is written under")
		case slices.Contains(testConfigKeys, p.Key):
			e.Config = append(e.Config, p)
		default:
			e.Args = append(e.Args, p)
		}
	}
}
