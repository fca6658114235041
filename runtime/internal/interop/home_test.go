//go:build interop

package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/internal/foreign"
	"github.com/floe-data/floe/runtime/internal/programs"
)

// The versions that are compared with. Spark 4 and others are not tried.
var (
	requirements = []string{"pyiceberg[sql-sqlite]==0.12.0", "pyarrow==26.0.1", "pyspark==3.5.9"}
	jars         = []struct{ artifact, sum string }{
		{"org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.12.0",
			"8dd8c90e54ed1a20f2461309d047a255ee56382eb7c0a46162b27a4936fd86dc"},
		{"org.xerial:sqlite-jdbc:3.54.1.0",
			"f8dce420a6016278497f4f0560f65602b9db858de141b541cf91a4644ebe4639"},
	}
)

// tools is what all tests share.
type tools struct {
	programs.Programs
	python string
	jars   []string
}

var built = sync.OnceValues(func() (tools, error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "floe-interop-")
	if err != nil {
		return tools{}, err
	}
	var t tools
	if t.Programs, err = programs.Build(ctx, dir); err != nil {
		return t, err
	}
	if _, err := exec.LookPath("java"); err != nil {
		return t, fmt.Errorf("find java: %w; install a Java 17 (Debian: apt-get install openjdk-17-jre-headless)", err)
	}
	if t.python, err = foreign.Venv(ctx, "interop", requirements...); err != nil {
		return t, err
	}
	for _, j := range jars {
		file, err := foreign.Jar(ctx, "interop", j.artifact, j.sum)
		if err != nil {
			return t, err
		}
		t.jars = append(t.jars, file)
	}
	return t, nil
})

// lab is the tools, a home and a project.
type lab struct {
	*testing.T
	tools
	home    string
	project string
}

func newLab(t *testing.T, project string) *lab {
	t.Helper()
	b, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return &lab{T: t, tools: b, home: filepath.Join(t.TempDir(), "home"), project: project}
}

// floe runs floe on the lab's home and project, to whatever end.
func (l *lab) floe(args ...string) programs.Result {
	l.Helper()
	r, err := l.Programs.Run(l.Context(), programs.Call{Home: l.home, Project: l.project, Args: args})
	if err != nil {
		l.Fatal(err)
	}
	return r
}

// must runs floe, which must end well.
func (l *lab) must(args ...string) programs.Result {
	l.Helper()
	r := l.floe(args...)
	if r.Code != 0 {
		l.Fatalf("floe %s: %s", strings.Join(args, " "), r)
	}
	return r
}

// content reads a table through floe sql.
func (l *lab) content(name string) (content, error) {
	t, err := l.Describe(l.Context(), l.home, name)
	if err != nil {
		return content{}, err
	}
	c := content{Table: t, values: make([][]value, len(t.Columns))}
	schema, table, _ := strings.Cut(name, ".")
	rows, err := l.Query(l.Context(), l.home, fmt.Sprintf(`select * from "%s"."%s"`, schema, table))
	if err != nil {
		return content{}, err
	}
	for _, row := range rows {
		for i, col := range t.Columns {
			cell, ok := row[col.Name]
			if !ok {
				return content{}, fmt.Errorf("%s: floe sql gives no column %s: %v", name, col.Name, row)
			}
			v, err := parse(col.Type, cellText(cell))
			if err != nil {
				return content{}, fmt.Errorf("%s.%s, a %s: %v: %w", name, col.Name, col.Type, cell, err)
			}
			c.values[i] = append(c.values[i], v)
		}
	}
	return c, nil
}

// counts asks floe sql for the counts of all filters.
func (l *lab) counts(name string, filters []filter) map[string]any {
	l.Helper()
	got := map[string]any{}
	schema, table, _ := strings.Cut(name, ".")
	for part := range slices.Chunk(filters, 40) {
		var selects []string
		for i, f := range part {
			selects = append(selects, fmt.Sprintf(`select %d as i, count(*) as n from "%s"."%s" where %s`, i, schema, table, f.sql()))
		}
		rows, err := l.Query(l.Context(), l.home, strings.Join(selects, " union all "))
		if err != nil {
			l.Fatalf("%s: %v", name, err)
		}
		for _, r := range rows {
			i, err := r["i"].(json.Number).Int64()
			if err != nil {
				l.Fatal(err)
			}
			got[part[i].ID] = r["n"]
		}
	}
	return got
}

// wanted is what a reader is asked of a table.
type wanted struct {
	Table   string   `json:"table"`
	Filters []filter `json:"filters"`
}

// asked is what the readers are to read of a home, and what floe says of it.
type asked struct {
	*lab
	Catalog   string   `json:"catalog"`
	Warehouse string   `json:"warehouse"`
	Tables    []wanted `json:"tables"`
	Inspect   bool     `json:"inspect"` // the metadata tables too: files, partitions, …
	contents  []content
}

// ask reads every table of the home with floe sql. choose gives the columns to
// filter by and how many of each one's values.
func (l *lab) ask(choose func(content) map[string]int) asked {
	l.Helper()
	list, err := l.tools.Tables(l.Context(), l.home)
	if err != nil {
		l.Fatal(err)
	}
	a := asked{lab: l, Inspect: true, Catalog: filepath.Join(l.home, "catalog.db"), Warehouse: "file://" + filepath.Join(l.home, "warehouse")}
	for _, t := range list {
		if t.Kind != "table" {
			continue // a view's SQL is DuckDB's: other engines read what it is made of
		}
		c, err := l.content(t.Name)
		if err != nil {
			l.Error(err)
			continue
		}
		c.Rows = t.Rows
		filters := []filter{}
		for column, most := range choose(c) {
			filters = append(filters, c.filters(column, most)...)
		}
		a.contents, a.Tables = append(a.contents, c), append(a.Tables, wanted{t.Name, filters})
	}
	return a
}

// answer is what a reader says of a home.
type answer struct {
	Listed []string          `json:"listed"` // PyIceberg only
	Tables map[string]report `json:"tables"`
}

// read runs a reader over homes, in one process: Spark takes long to start.
func read(t *testing.T, reader string, homes []asked) []answer {
	t.Helper()
	dir := t.TempDir()
	request, file := filepath.Join(dir, "request.json"), filepath.Join(dir, "answer.json")
	body, err := json.Marshal(map[string]any{"jars": homes[0].jars, "homes": homes})
	if err == nil {
		err = os.WriteFile(request, body, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	c := exec.CommandContext(t.Context(), homes[0].python, "testdata/read_"+reader+".py", request, file)
	c.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "SPARK_LOCAL_IP=127.0.0.1", "TZ=UTC")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", reader, err, out)
	}
	t.Logf("%s took %.0f s", reader, time.Since(start).Seconds())
	var all []answer
	if body, err = os.ReadFile(file); err == nil {
		err = json.Unmarshal(body, &all)
	}
	if err != nil || len(all) != len(homes) {
		t.Fatalf("%s: %d answers for %d homes: %v\n%s", reader, len(all), len(homes), err, out)
	}
	return all
}

// compare holds what floe, PyIceberg and Spark say of homes to each other: a
// sub-test for each reader and table.
func compare(t *testing.T, homes ...asked) {
	t.Helper()
	for _, h := range homes {
		label := ""
		if len(homes) > 1 {
			label = filepath.Base(h.home) + "/"
		}
		for i, c := range h.contents {
			t.Run("duckdb/"+label+c.Name, func(t *testing.T) {
				filters := h.Tables[i].Filters
				got := h.counts(c.Name, filters)
				for _, f := range filters {
					if fmt.Sprint(got[f.ID]) != fmt.Sprint(f.want) {
						t.Errorf("rows where %s: floe sql counts %v, its own rows are %d", f, got[f.ID], f.want)
					}
				}
				t.Logf("%d rows, %d columns, %d filters", c.rows(), len(c.Columns), len(filters))
			})
		}
	}
	for _, reader := range []string{"pyiceberg", "spark"} {
		for n, said := range read(t, reader, homes) {
			h, label := homes[n], ""
			if len(homes) > 1 {
				label = filepath.Base(h.home) + "/"
			}
			var names []string
			for i, c := range h.contents {
				names = append(names, c.Name)
				t.Run(reader+"/"+label+c.Name, func(t *testing.T) {
					got := said.Tables[c.Name]
					for _, d := range differences(c, h.Tables[i].Filters, got) {
						t.Error(d)
					}
					for view, why := range got.Metadata {
						if reader == "pyiceberg" { // it stumbles over optional statistics and over tables without files
							t.Logf("metadata table %s: %s", view, why)
							continue
						}
						t.Errorf("metadata table %s: %s", view, why)
					}
					for _, w := range got.Warnings {
						t.Log("warning:", w)
					}
					t.Logf("%d rows, %d columns, %d filters, %d files of position deletes", got.Rows, len(got.Columns), len(h.Tables[i].Filters), got.PositionDeletes)
				})
			}
			if slices.Sort(names); reader == "pyiceberg" && !slices.Equal(said.Listed, names) {
				t.Errorf("PyIceberg lists %v, floe %v", said.Listed, names)
			}
		}
	}
}
