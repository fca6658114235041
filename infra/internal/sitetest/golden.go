package sitetest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/plan"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Updating says whether golden files are to be written anew.
func Updating() bool { return *update }

// Golden holds what was planned against testdata/<name>.golden; -update writes it.
func Golden(t *testing.T, name string, resources []plan.Resource) {
	t.Helper()
	Text(t, filepath.Join("testdata", name+".golden"), string(render(t, resources)))
}

// Text holds a text against a file; -update writes it.
func Text(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs at line %s\n-update writes it anew", path, difference(got, string(want)))
	}
}

// form is how a golden file shows a resource.
type form struct {
	Type   string         `json:"type"`
	Name   string         `json:"name"`
	Kept   string         `json:"kept,omitempty"`
	After  []string       `json:"after,omitempty"`
	Inputs map[string]any `json:"inputs"`
}

func render(t *testing.T, resources []plan.Resource) []byte {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	for _, r := range resources {
		f := form{Type: r.Type, Name: r.Name, Inputs: opened(r.Inputs)}
		switch {
		case r.Protect && r.Retain:
			f.Kept = "protected, retained"
		case r.Protect:
			f.Kept = "protected"
		case r.Retain:
			f.Kept = "retained"
		}
		for _, d := range r.DependsOn {
			f.After = append(f.After, short(d))
		}
		if err := encoder.Encode(f); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// opened shows policies as what they are, not as text.
func opened(inputs map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range inputs {
		out[key] = value
		if text, ok := value.(string); ok && strings.HasPrefix(text, "{") {
			var document any
			if json.Unmarshal([]byte(text), &document) == nil {
				out[key] = document
			}
		}
	}
	return out
}

// short is a URN's last type and name.
func short(urn string) string {
	i := strings.LastIndex(urn, "::")
	if i < 0 {
		return urn
	}
	kind := urn[:i]
	kind = kind[strings.LastIndexAny(kind, "$:/")+1:]
	return kind + " " + urn[i+2:]
}

// difference is the first line that differs, with its number.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return fmt.Sprintf("%d:\ngot  %s\nwant %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d: one ends here", min(len(a), len(b)))
}
