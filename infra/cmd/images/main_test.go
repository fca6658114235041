package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

// tiny goes into a project whose programs compile in no time; <all> is each of them.
func tiny(t *testing.T, files map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, from := range []string{"../../../runtime/project/testdata/good", "../../../runtime/live/testdata/good"} {
		if err := os.CopyFS(root, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		for _, program := range programs {
			put(t, filepath.Join(root, strings.ReplaceAll(name, "<all>", program)), strings.ReplaceAll(text, "<all>", program))
		}
	}
	t.Chdir(root)
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(cache))) // layers are kept elsewhere, what is compiled is not
	t.Setenv("XDG_CACHE_HOME", filepath.Join(root, ".cache"))
	return root
}

// TestSameImages builds the images of a project in which they take no time.
func TestSameImages(t *testing.T) {
	root := tiny(t, map[string]string{"runtime/go.mod": "module example.org/tiny\n\ngo 1.26.0\n", "runtime/cmd/<all>/main.go": "package main\n\nfunc main() { println(\"<all>\") }\n"})
	say := func(args ...string) (string, error) {
		var out strings.Builder
		err := run(t.Context(), args, &out)
		return out.String(), err
	}
	dev, err := say("dev")
	if err != nil {
		t.Fatal(err)
	}
	var digests map[string]string
	if err := json.Unmarshal([]byte(dev), &digests); err != nil || len(digests) != 2 || !strings.HasPrefix(digests["ingest"], "sha256:") {
		t.Fatalf("got %s, %v", dev, err)
	}
	file := filepath.Join(root, "dev.json")
	put(t, file, dev)
	if out, err := say("--same", file, "prod"); err != nil || strings.Count(out, "tried before") != 2 {
		t.Errorf("the same images: %s, %v", out, err)
	}
	pipeline := filepath.Join(root, "runtime", "pipelines", "orchestrate", "daily.yaml")
	text, err := os.ReadFile(pipeline)
	if err != nil {
		t.Fatal(err)
	}
	put(t, pipeline, string(text)+"# another\n")
	if _, err := say("--same", file, "prod"); fault.Code(err) != 1 || !strings.Contains(err.Error(), "was tried before") || fault.Next(err) == "" {
		t.Errorf("other pipelines: %v", err)
	}
	put(t, file, "{}")
	if _, err := say("--same", file, "prod"); fault.Code(err) != 2 || !strings.Contains(err.Error(), "name no image ingest") {
		t.Errorf("no digests: %v", err)
	}
}

func TestUsage(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken")
	put(t, broken, "{")
	for _, args := range []string{"", "a b", "--sam x dev", "--same /nowhere dev", "--same " + broken + " dev", "--sbom x", "--sbom x a b", "--sbom x --same y dev"} {
		if err := run(t.Context(), strings.Fields(args), new(strings.Builder)); fault.Code(err) != 2 || fault.Next(err) == "" {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
