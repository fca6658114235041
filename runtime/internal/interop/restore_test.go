//go:build interop

package interop

import (
	"os"
	"path/filepath"
	"testing"
)

// TestRestored loads the pipeline that the repository ships twice, copies the
// home, loses it, restores the copy into another one, and lets every reader read
// that: the paths in metadata, manifests and position deletes are all new.
func TestRestored(t *testing.T) {
	l := newLab(t, "")
	for _, games := range []string{"800", "1000"} {
		server, err := l.Serve(t.Context(), "--games", games, "--players", "6")
		if err != nil {
			t.Fatal(err)
		}
		l.must(append([]string{"run", "chess"}, server.Set()...)...)
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}
	backup := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(backup, os.DirFS(l.home)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(l.home); err != nil {
		t.Fatal(err)
	}
	l.home = filepath.Join(t.TempDir(), "restored")
	l.must("restore", "--from", backup)
	if err := os.RemoveAll(backup); err != nil {
		t.Fatal(err)
	}
	compare(t, l.ask(func(c content) map[string]int {
		return map[string]int{c.Columns[0].Name: 2}
	}))
}
