package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

// TestSBOM writes that of images that compile in no time.
func TestSBOM(t *testing.T) {
	tiny(t, map[string]string{
		"runtime/go.mod":            "module example.org/tiny\n\ngo 1.26.0\n\nrequire example.org/lib v1.2.3\n\nreplace example.org/lib => ./lib\n",
		"runtime/lib/go.mod":        "module example.org/lib\n\ngo 1.26.0\n",
		"runtime/lib/lib.go":        "package lib\n\nfunc Say() { println() }\n",
		"runtime/cmd/<all>/main.go": "package main\n\nimport \"example.org/lib\"\n\nfunc main() { lib.Say() }\n",
	})
	out, again := t.TempDir(), t.TempDir()
	for _, dir := range []string{out, again} {
		if err := run(t.Context(), []string{"--sbom", dir, "dev"}, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	sums := content(t, filepath.Join(out, "checksums.txt"))
	if !regexp.MustCompile(`^[0-9a-f]{64}  [a-z-]+-ingest\n[0-9a-f]{64}  [a-z-]+-transform\n$`).MatchString(sums) {
		t.Errorf("checksums.txt is %q", sums)
	}
	if each := content(t, filepath.Join(out, "ingest.sha256")) + content(t, filepath.Join(out, "transform.sha256")); each != sums {
		t.Errorf("one by one the sums are %q", each)
	}
	text := content(t, filepath.Join(out, "ingest.cdx.json"))
	if text != content(t, filepath.Join(again, "ingest.cdx.json")) {
		t.Error("the same image gives another document")
	}
	var bom document
	if err := json.Unmarshal([]byte(text), &bom); err != nil {
		t.Fatal(err)
	}
	if digest := strings.TrimPrefix(bom.Metadata.Component.Version, "sha256:"); !strings.HasPrefix(sums, digest+"  ") {
		t.Errorf("the document is of %s", digest)
	}
	var names []string
	for _, c := range bom.Components {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "example.org/tiny std ./lib" {
		t.Errorf("it is made of %s", got)
	}
}

func TestDocument(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.1", Path: "m/cmd/x", Main: debug.Module{Path: "m"}, Settings: []debug.BuildSetting{{Key: "GOARCH", Value: "arm64"}},
		Deps: []*debug.Module{{Path: "a.org/b/v2", Version: "v2.0.0+incompatible"}, {Path: "c.org/d", Version: "v0.0.1", Replace: &debug.Module{Path: "e.org/f", Version: "v1.0.0"}}}}
	text, err := encode(describe("floe-x", "sha256:"+strings.Repeat("ab", 32), info))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"pkg:golang/m@%28devel%29"`, `"pkg:golang/std@1.26.1"`, `"pkg:golang/a.org/b/v2@v2.0.0+incompatible"`, `"pkg:golang/e.org/f@v1.0.0"`, `"go:GOARCH"`, `"urn:uuid:`, `"container"`} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func content(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
