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

// The versions that were measured in facts/interop.md. Spark 4 and others are not tried.
var (
	requirements = []string{"pyiceberg[sql-sqlite]==0.12.0", "pyarrow==26.0.1", "pyspark==3.5.9"}
	jars         = []struct{ url, sum string }{
		{"org/apache/iceberg/iceberg-spark-runtime-3.5_2.12/1.12.0/iceberg-spark-runtime-3.5_2.12-1.12.0.jar",
			"8dd8c90e54ed1a20f2461309d047a255ee56382eb7c0a46162b27a4936fd86dc"},
		{"org/xerial/sqlite-jdbc/3.54.1.0/sqlite-jdbc-3.54.1.0.jar",
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
		file, err := foreign.File(ctx, "interop", j.url, j.sum)
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
func (l *lab) content(name string) content {
	l.Helper()
	t, err := l.Describe(l.Context(), l.home, name)
	if err != nil {
		l.Fatal(err)
	}
	c := content{Table: t, values: make([][]value, len(t.Columns))}
	schema, table, _ := strings.Cut(name, ".")
	rows, err := l.Query(l.Context(), l.home, fmt.Sprintf(`select * from "%s"."%s"`, schema, table))
	if err != nil {
		l.Fatal(err)
	}
	for _, row := range rows {
		for i, col := range t.Columns {
			cell, ok := row[col.Name]
			if !ok {
				l.Fatalf("%s: floe sql gives no column %s: %v", name, col.Name, row)
			}
			v, err := parse(col.Type, cellText(cell))
			if err != nil {
				l.Fatalf("%s.%s, a %s: %v: %v", name, col.Name, col.Type, cell, err)
			}
			c.values[i] = append(c.values[i], v)
		}
	}
	return c
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

// readers are the scripts in testdata.
var readers = []string{"pyiceberg", "spark"}

// ask lets a reader read tables of the home.
func (l *lab) ask(reader string, tables []wanted) (map[string]report, []string) {
	l.Helper()
	dir := l.TempDir()
	request, answer := filepath.Join(dir, "request.json"), filepath.Join(dir, "answer.json")
	body, err := json.Marshal(map[string]any{
		"catalog": filepath.Join(l.home, "catalog.db"), "warehouse": "file://" + filepath.Join(l.home, "warehouse"), "jars": l.jars, "tables": tables,
	})
	if err == nil {
		err = os.WriteFile(request, body, 0o644)
	}
	if err != nil {
		l.Fatal(err)
	}
	start := time.Now()
	c := exec.CommandContext(l.Context(), l.python, "testdata/read_"+reader+".py", request, answer)
	c.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "SPARK_LOCAL_IP=127.0.0.1", "TZ=UTC")
	out, err := c.CombinedOutput()
	if err != nil {
		l.Fatalf("%s: %v\n%s", reader, err, out)
	}
	l.Logf("%s read %d tables in %.0f s", reader, len(tables), time.Since(start).Seconds())
	var all struct {
		Listed []string          `json:"listed"`
		Tables map[string]report `json:"tables"`
	}
	if body, err = os.ReadFile(answer); err == nil {
		err = json.Unmarshal(body, &all)
	}
	if err != nil {
		l.Fatalf("%s: %v\n%s", reader, err, out)
	}
	return all.Tables, all.Listed
}

// compare reads every table of the home with floe and each reader. choose
// gives the columns to filter by and how many of each one's values.
func (l *lab) compare(choose func(content) map[string]int) {
	l.Helper()
	list, err := l.Tables(l.Context(), l.home)
	if err != nil {
		l.Fatal(err)
	}
	var contents []content
	var asked []wanted
	var names []string
	for _, t := range list {
		if t.Kind != "table" {
			continue // a view's SQL is DuckDB's: other engines read what it is made of
		}
		c := l.content(t.Name)
		c.Rows = t.Rows
		filters := []filter{}
		for column, most := range choose(c) {
			filters = append(filters, c.filters(column, most)...)
		}
		contents, asked, names = append(contents, c), append(asked, wanted{t.Name, filters}), append(names, t.Name)
	}
	for i, c := range contents {
		l.Run("duckdb/"+names[i], func(t *testing.T) {
			got := l.counts(names[i], asked[i].Filters)
			for _, f := range asked[i].Filters {
				if fmt.Sprint(got[f.ID]) != fmt.Sprint(f.want) {
					t.Errorf("rows where %s: floe sql counts %v, its own rows are %d", f, got[f.ID], f.want)
				}
			}
			t.Logf("%d rows, %d columns, %d filters", c.rows(), len(c.Columns), len(asked[i].Filters))
		})
	}
	for _, reader := range readers {
		reports, listed := l.ask(reader, asked)
		if reader == "pyiceberg" {
			if names := slices.Sorted(slices.Values(names)); !slices.Equal(listed, names) {
				l.Errorf("PyIceberg lists %v, floe %v", listed, names)
			}
		}
		for i, c := range contents {
			l.Run(reader+"/"+c.Name, func(t *testing.T) {
				got := reports[c.Name]
				for _, d := range differences(c, asked[i].Filters, got) {
					t.Error(d)
				}
				for _, w := range got.Warnings {
					t.Log("warning:", w)
				}
				t.Logf("%d rows, %d columns, %d filters, %d files of position deletes", got.Rows, len(got.Columns), len(asked[i].Filters), got.PositionDeletes)
			})
		}
	}
}
