//go:build cloud

package cloudtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// files is a copy of a project that a test may change.
type files struct {
	t    *testing.T
	root string
}

// newFiles copies the tests' project and, so that images can be built from it,
// the runtime's code beside it.
func newFiles(t *testing.T) files {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("testdata/project")); err != nil {
		t.Fatal(err)
	}
	copyCode(t, filepath.Join("..", "..", "..", "runtime"), filepath.Join(root, "runtime"))
	return files{t, root}
}

// copyCode copies a Go module without its tests, test data and pipelines.
func copyCode(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel == "pipelines" || d.Name() == "testdata" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if strings.HasSuffix(rel, "_test.go") || !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// edit replaces text in a file; old must be there exactly once. An empty old
// writes the whole file.
func (f files) edit(name, old, text string) {
	f.t.Helper()
	path := filepath.Join(f.root, filepath.FromSlash(name))
	if old != "" {
		have, err := os.ReadFile(path)
		if err != nil {
			f.t.Fatal(err)
		}
		if n := strings.Count(string(have), old); n != 1 {
			f.t.Fatalf("%s holds %q %d times", name, old, n)
		}
		text = strings.Replace(string(have), old, text, 1)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// rename moves a file or folder.
func (f files) rename(from, to string) {
	f.t.Helper()
	if err := os.Rename(filepath.Join(f.root, filepath.FromSlash(from)), filepath.Join(f.root, filepath.FromSlash(to))); err != nil {
		f.t.Fatal(err)
	}
}
