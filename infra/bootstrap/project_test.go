package bootstrap

import (
	"os"
	"path/filepath"
	"testing"
)

const account = "123456789012"

// testProject is a copy of the projects that runtime's tests use, whose dev
// stack is in eu-west-1 or wherever the text of its settings says.
func testProject(t *testing.T, settings string) string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{"../../runtime/project/testdata/good", "../../runtime/live/testdata/good"} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "Pulumi.yaml"), "name: floe\nruntime: go\nmain: infra\nstackConfigDir: stacks\n")
	write(t, filepath.Join(dir, "stacks", "Pulumi.dev.yaml"), settings)
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
