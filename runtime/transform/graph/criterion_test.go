package graph

import (
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

func TestParse(t *testing.T) {
	tests := map[string]Criterion{
		"fct":              {Method: "fqn", Value: "fct"},
		"+fct":             {Method: "fqn", Value: "fct", Parents: -1},
		"2+fct+3":          {Method: "fqn", Value: "fct", Parents: 2, Children: 3},
		"@fct":             {Method: "fqn", Value: "fct", Everything: true},
		"tag:nightly+":     {Method: "tag", Value: "nightly", Children: -1},
		"models/marts":     {Method: "path", Value: "models/marts"},
		"fct.sql":          {Method: "file", Value: "fct.sql"},
		"a.b.*":            {Method: "fqn", Value: "a.b.*"},
		"config.meta.o:x":  {Method: "config", Value: "x"},
		"source:chess.p+1": {Method: "source", Value: "chess.p", Children: 1},
	}
	for text, want := range tests {
		got, err := Parse([]string{text})
		if err != nil || len(got) != 1 || len(got[0]) != 1 {
			t.Errorf("%s: %v %v", text, got, err)
			continue
		}
		c := got[0][0]
		if c.Method != want.Method || c.Value != want.Value || c.Parents != want.Parents || c.Children != want.Children || c.Everything != want.Everything {
			t.Errorf("%s: %+v, want %+v", text, c, want)
		}
	}
	if got, _ := Parse([]string{"a b,c", "d"}); len(got) != 3 || len(got[1]) != 2 {
		t.Errorf("unions and intersections: %v", got)
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"tags:x":      "did you mean tag:?",
		"state:new":   "is dbt's, but floe has not got it",
		"config:x":    "config: wants a key",
		"tag.x:y":     "takes no .x",
		"+":           "names nothing",
		"a,,b":        "names nothing",
		"@a+":         "drop the + behind",
		"99999+a":     "up to 1000",
		"something:x": "floe has config, file",
	} {
		_, err := Parse([]string{text})
		if err == nil || !strings.Contains(err.Error(), want) || fault.Code(err) != int(fault.Usage) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"+a+", "2+tag:x,b @c", "config.a.b:c", "models/**", "@", "+++", "a:b:c"} {
		f.Add(s)
	}
	m := build("model.a:", "test.t: model.a")
	sel := NewSelector(m, New(m))
	f.Fuzz(func(t *testing.T, text string) {
		expr, err := Parse([]string{text})
		if err != nil {
			if fault.Code(err) != int(fault.Usage) {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		for _, all := range expr {
			if len(all) == 0 {
				t.Fatal("an empty intersection")
			}
		}
		if _, _, err := sel.Select([]string{text}, []string{text}); err != nil && fault.Code(err) != int(fault.Usage) {
			t.Fatal(err)
		}
	})
}
