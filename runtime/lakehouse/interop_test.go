package lakehouse

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/floe-data/floe/runtime/schema"
)

type pyLake struct {
	Namespaces []string
	Tables     map[string]struct {
		Rows      []string
		Snapshots int
	}
}

// readPyIceberg reads a lake with PyIceberg. It needs a Python that has it, and
// is skipped otherwise: FLOE_PYICEBERG=/path/to/venv/bin/python go test -run PyIceberg ./lakehouse
func readPyIceberg(t *testing.T, home string) pyLake {
	t.Helper()
	python := os.Getenv("FLOE_PYICEBERG")
	if python == "" {
		t.Skip("FLOE_PYICEBERG names no Python")
	}
	cmd := exec.CommandContext(t.Context(), python, "testdata/read_pyiceberg.py", home)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("PyIceberg: %v", err)
	}
	var lake pyLake
	if err := json.Unmarshal(text, &lake); err != nil {
		t.Fatal(err)
	}
	return lake
}

func TestPyIcebergReadsTheLake(t *testing.T) {
	for _, name := range oddHomes {
		t.Run(name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), name)
			l := openLake(t, home)
			newTable(t, l, games())
			load(t, l, gamesName, LoadOptions{ID: "one"}, StateUpdate{}, gameRows(0, 100))
			load(t, l, gamesName, LoadOptions{ID: "two"}, StateUpdate{}, gameRows(100, 20))
			v := View{Name: Name{"landing_chess", "v"}, SQL: "select 1 as a", Schema: schema.Schema{Columns: []schema.Column{{Name: "a", Type: typ(schema.Long)}}}}
			if err := l.PutView(t.Context(), v); err != nil {
				t.Fatal(err)
			}
			lake := readPyIceberg(t, home)
			got := lake.Tables[gamesName.String()]
			if len(lake.Tables) != 1 || len(got.Rows) != 120 || got.Snapshots != 2 {
				t.Fatalf("namespaces %v, %d tables, %d rows, %d snapshots", lake.Namespaces, len(lake.Tables), len(got.Rows), got.Snapshots)
			}
			t.Log(got.Rows[0])
		})
	}
}

// oddHomes are folder names that URLs, SQLite's and Iceberg's, would mangle.
var oddHomes = []string{"plain", "with space", "per%cent", "per%41cent", "num#ber", "que?stion", "näme 漢字", "plus+and&=;"}
