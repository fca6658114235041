//go:build crash

package crashtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestHeldCatalog lets another process hold the catalog's lock.
func TestHeldCatalog(t *testing.T) {
	s := newScene(t)
	home := filepath.Join(t.TempDir(), "home")
	s.plain(t, home)
	catalog := filepath.Join(home, "catalog.db")
	holder := exec.Command(os.Args[0], "-test.run=^$")
	holder.Env = append(os.Environ(), "FLOE_CRASH_HOLD="+catalog)
	holder.Stderr = os.Stderr
	release, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	held, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := held.Read(make([]byte, 16)); err != nil {
		t.Fatalf("the lock is not held: %v", err)
	}
	r, err := s.Run(context.Background(), s.call(home, "--lock-timeout", "2s"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Code != 1 || !strings.Contains(r.Stderr, catalog) || !strings.Contains(r.Stderr, strconv.Itoa(holder.Process.Pid)) {
		t.Errorf("want exit code 1, the file %s and the pid %d: %s", catalog, holder.Process.Pid, r)
	}
	if r.Wall < 2*time.Second || r.Wall > 30*time.Second {
		t.Errorf("it waited %v for a lock timeout of 2s", r.Wall)
	}
	if err := release.Close(); err != nil {
		t.Error(err)
	}
	if err := holder.Wait(); err != nil {
		t.Error(err)
	}
	s.plain(t, home)
	s.same(t, home)
}
