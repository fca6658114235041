//go:build interop

package interop

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// TestContractsCannotNameWhatReadersDisagreeAbout holds every row of
// What readers are known to disagree about and a contract could run into:
// reading the project fails, as a usage error that names file, column and what to write.
func TestContractsCannotNameWhatReadersDisagreeAbout(t *testing.T) {
	for name, c := range map[string]struct {
		columns   string
		partition string
		words     []string
	}{
		"decimals over 18 digits lose rows by filters": {columns: "  - {name: v, type: \"decimal(19,2)\"}\n", words: []string{"decimal(19,2)", "18"}},
		"decimals of 38 digits":                        {columns: "  - {name: v, type: \"decimal(38,10)\"}\n", words: []string{"decimal(38,10)", "18"}},
		"uuid finds no row in Spark":                   {columns: "  - {name: v, type: uuid}\n", words: []string{"uuid", "string"}},
		"time refuses the whole table in Spark":        {columns: "  - {name: v, type: time}\n", words: []string{"time", "string"}},
		"timestamp_ns refuses the table in Spark":      {columns: "  - {name: v, type: timestamp_ns}\n", words: []string{"timestamp_ns", "timestamptz"}},
		"fixed cannot be a partition in Spark":         {columns: "  - {name: v, type: \"fixed(16)\"}\n", words: []string{"fixed", "binary"}},
		"a null list is read as empty":                 {columns: "  - {name: v, type: \"list<struct<a:long>>\"}\n", words: []string{"list", "json"}},
		"int would be widened one day":                 {columns: "  - {name: v, type: int}\n", words: []string{"int", "long"}},
		"float would be widened one day":               {columns: "  - {name: v, type: float}\n", words: []string{"float", "double"}},
		"an unknown type":                              {columns: "  - {name: v, type: strin}\n", words: []string{"strin", "string"}},
		"an empty string as a partition hides rows":    {columns: "  - {name: v, type: string}\n", partition: "v", words: []string{"v", "bucket"}},
		"a truncated string may be empty too":          {columns: "  - {name: v, type: string}\n", partition: `"truncate(3, v)"`, words: []string{"v", "bucket"}},
		"json is a string":                             {columns: "  - {name: v, type: json}\n", partition: "v", words: []string{"v", "bucket"}},
		"a time of day in a path is escaped":           {columns: "  - {name: v, type: timestamptz}\n", partition: "v", words: []string{"v"}},
		"the same without a zone":                      {columns: "  - {name: v, type: timestamp}\n", partition: "v", words: []string{"v"}},
		"bytes in a path are escaped":                  {columns: "  - {name: v, type: binary}\n", partition: "v", words: []string{"v"}},
		"a decimal as a partition":                     {columns: "  - {name: v, type: \"decimal(9,2)\"}\n", partition: "v", words: []string{"v"}},
		"a double as a partition":                      {columns: "  - {name: v, type: double}\n", partition: "v", words: []string{"v"}},
		"a double has no bucket":                       {columns: "  - {name: v, type: double}\n", partition: `"bucket(4, v)"`, words: []string{"v"}},
		"an hour of a date":                            {columns: "  - {name: v, type: date}\n", partition: "hour(v)", words: []string{"v"}},
		"void":                                         {columns: "  - {name: v, type: long}\n", partition: "void(v)", words: []string{"void"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			writeProject(t, root, []resource{{name: "plain", columns: kindsColumns + c.columns, partition: c.partition, merge: true}}, nil)
			_, err := project.Load(root)
			if err == nil {
				t.Fatal("the contract is taken")
			}
			if code := fault.Code(err); code != int(fault.Usage) {
				t.Errorf("exit code %d, want 2", code)
			}
			for _, word := range append(c.words, "plain.yaml") {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("the error does not say %q: %v", word, err)
				}
			}
		})
	}
}

// TestOddHomes runs a small pipeline in homes whose paths iceberg-go and other
// readers escape differently: it is refused with words on the home, or right everywhere.
func TestOddHomes(t *testing.T) {
	root, a := t.TempDir(), serve(t)
	writeProject(t, root, []resource{{name: "plain", columns: kindsColumns, partition: "year(atz)", merge: true}},
		map[string]string{"models/everything.sql": models["models/everything.sql"]})
	a.set("kinds", kindsRows(0, 30, 0))
	var homes []asked
	for _, folder := range []string{"plain", "with space", "höme", "a%20b", "a+b", "a#b", "a?b", "a&b=c"} {
		l := newLab(t, root)
		l.home = filepath.Join(t.TempDir(), folder)
		r := l.floe("ingest", "kinds", "--set", "base_url="+a.URL)
		if r.Code == 0 {
			l.must("transform", "build")
			h := l.ask(func(content) map[string]int { return map[string]int{"id": 1, "atz": 2} })
			h.Inspect = false
			homes = append(homes, h)
			continue
		}
		t.Logf("%q is refused: %s", folder, r.Stderr)
		if folder == "plain" || r.Code > 2 || !strings.Contains(r.Stderr, folder) {
			t.Errorf("%q: the refusal should name the home: %s", folder, r)
		}
	}
	compare(t, homes...)
}
