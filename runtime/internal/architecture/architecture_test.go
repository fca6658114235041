package architecture

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/floe-data/floe/runtime/"

// pkg is a package as go list tells it, without tests.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// name is the package's path in the module: "transform/duckdb".
func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func list(t *testing.T) []pkg {
	t.Helper()
	// What go list reads is unknown to the test cache; folders that are walked
	// here are not: a change of the code runs this test again.
	if err := filepath.WalkDir("../..", func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("go", "list", "-e", "-json=ImportPath,Imports,Deps", "./...")
	c.Dir = "../.."
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for d := json.NewDecoder(out); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := c.Wait(); err != nil || len(all) < 5 {
		t.Fatalf("list the packages: %d found, %v", len(all), err)
	}
	return all
}

// rule says what packages may not reach.
type rule struct {
	of     []string // patterns of package names; a/... is a and all below
	except []string // likewise
	never  []string // parts of import paths, or /... patterns of our own packages
	direct bool     // only direct imports count
	why    string
}

var rules = []rule{
	{of: []string{"project", "live", "environment", "naming", "orchestrate", "schema", "fault", "yamlfile", "nearest"},
		never: []string{"duckdb", "iceberg-go", "arrow-go", "parquet-go", "modernc.org/sqlite", "lakehouse/...", "ingest/...", "transform/..."},
		why:   "infra is made of it"},
	{of: []string{"governance"},
		never: []string{"aws-sdk-go", "duckdb", "iceberg-go", "arrow-go", "parquet-go", "lakehouse/...", "ingest/...", "transform/...", "cmd/..."},
		why:   "what is governed is said without AWS: infra and the laptop say it, too"},
	{of: []string{"governance/lake"},
		never: []string{"duckdb", "iceberg-go", "arrow-go", "parquet-go", "lakehouse/...", "ingest/...", "transform/...", "cmd/..."},
		why:   "tags and grants need no tables"},
	{of: []string{"..."}, except: []string{"transform/duckdb/...", "cmd/floe/...", "internal/..."},
		never: []string{"duckdb"}, why: "only the laptop's tool has DuckDB; cmd/ingest and cmd/transform build with CGO_ENABLED=0"},
	{of: []string{"..."}, except: []string{"lakehouse/...", "internal/..."},
		never: []string{"iceberg-go"}, direct: true, why: "nothing above lakehouse knows iceberg-go"},
	{of: []string{"lakehouse/..."}, never: []string{"ingest/...", "transform/...", "orchestrate/...", "project/...", "live/...", "cmd/..."}, why: "lakehouse is below"},
	{of: []string{"ingest/..."}, never: []string{"transform/...", "orchestrate/...", "live/...", "cmd/..."}, why: "ingest stands beside the others"},
	{of: []string{"transform/..."}, never: []string{"ingest/...", "orchestrate/...", "live/...", "cmd/..."}, why: "transform stands beside the others"},
	{of: []string{"transform/jinja/..."}, never: []string{"fault/...", "schema/...", "project/...", "lakehouse/...", "ingest/...", "orchestrate/...", "transform/dbtproject/...", "transform/graph/..."}, why: "the language stands alone"},
	{of: []string{"cmd/ingest"}, never: []string{"transform/...", "live/...", "spf13/cobra", "service/athena"}, why: "the ingest image starts in milliseconds and is small"},
	{of: []string{"deployed", "secrets", "maintenance"}, never: []string{"ingest/...", "transform/...", "live/...", "cmd/..."}, why: "cmd puts the parts together"},
	{of: []string{"orchestrate/..."}, never: []string{"ingest/...", "transform/...", "lakehouse/...", "cmd/..."}, why: "steps are handed in by cmd/floe"},
	{of: []string{"cmd/floe/...", "cmd/ingest", "deployed", "secrets", "maintenance", "ingest/...", "transform/...", "lakehouse/...", "orchestrate/...", "governance/...", "project", "live"}, never: []string{"sample/...", "internal/..."}, why: "what only tests and demonstrations use ships in no product"},
}

func TestReach(t *testing.T) {
	all := list(t)
	for _, r := range rules {
		found := false
		for _, p := range all {
			if !matches(r.of, p.name()) || matches(r.except, p.name()) {
				continue
			}
			found = true
			reached := p.Deps
			if r.direct {
				reached = p.Imports
			}
			for _, dep := range reached {
				if why := r.refuses(dep); why != "" {
					t.Errorf("%s reaches %s: %s", p.name(), strings.TrimPrefix(dep, module), why)
				}
			}
		}
		if !found {
			t.Errorf("the rule of %v holds nothing: mend it", r.of)
		}
	}
}

// refuses says why a package may not reach dep, "" if it may.
func (r rule) refuses(dep string) string {
	own, ours := strings.CutPrefix(dep, module)
	for _, n := range r.never {
		switch {
		case strings.HasSuffix(n, "/..."):
			if ours && matches([]string{n}, own) {
				return r.why
			}
		case strings.Contains(dep, n) && !ours:
			return r.why
		}
	}
	return ""
}

// matches says whether one of the patterns holds name.
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		below, isTree := strings.CutSuffix(p, "...")
		below = strings.TrimSuffix(below, "/")
		return name == below || isTree && (below == "" || strings.HasPrefix(name, below+"/"))
	})
}

// A rule that cannot fail is none.
func TestRulesRefuse(t *testing.T) {
	for _, tc := range []struct {
		of, dep string
		refused bool
	}{
		{"project", "github.com/apache/arrow-go/v18/arrow", true},
		{"project", module + "schema", false},
		{"live", module + "lakehouse", true},
		{"ingest/rest", "github.com/duckdb/duckdb-go/v2", true},
		{"transform/duckdb", "github.com/duckdb/duckdb-go/v2", false},
		{"transform/duckdb", "github.com/apache/iceberg-go/table", true},
		{"lakehouse", "github.com/apache/iceberg-go/table", false},
		{"lakehouse", module + "transform/manifest", true},
		{"ingest", module + "lakehouse", false},
		{"ingest", module + "transform", true},
		{"orchestrate", module + "lakehouse", true},
		{"transform/jinja", module + "fault", true},
		{"cmd/floe", module + "internal/programs", true},
		{"cmd/sample", module + "sample", false},
		{"cmd/ingest", module + "transform/athena", true},
		{"cmd/ingest", "github.com/duckdb/duckdb-go/v2", true},
		{"cmd/ingest", module + "internal/awstest", true},
		{"cmd/ingest", module + "lakehouse", false},
		{"deployed", module + "ingest", true},
		{"maintenance", module + "lakehouse", false},
		{"governance", "github.com/aws/aws-sdk-go-v2/aws", true},
		{"governance", module + "transform", true},
		{"governance", module + "live", false},
		{"governance/lake", "github.com/aws/aws-sdk-go-v2/service/lakeformation", false},
		{"governance/lake", module + "lakehouse", true},
	} {
		refused := false
		for _, r := range rules {
			if matches(r.of, tc.of) && !matches(r.except, tc.of) && r.refuses(tc.dep) != "" {
				refused = true
			}
		}
		if refused != tc.refused {
			t.Errorf("%s -> %s: refused %v", tc.of, tc.dep, refused)
		}
	}
}
