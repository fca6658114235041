//go:build crash

package crashtest

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/floe-data/floe/runtime/internal/programs"
)

// TestDiskFull gives a run too little room: exit code 1 with the cause, every
// table that is there is whole, and with more room the next run completes.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a small file system can be mounted by root only")
	}
	s := newScene(t)
	failed := 0
	for _, percent := range []int64{5, 20, 40, 55, 65, 75, 85, 95} { // of what a clean run leaves
		t.Run(fmt.Sprintf("%d percent", percent), func(t *testing.T) {
			kb := s.size * percent / 100 >> 10
			dir := t.TempDir()
			if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kb)); err != nil {
				t.Skipf("no file system can be mounted here: %v", err)
			}
			defer func() {
				if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
					t.Error(err)
				}
			}()
			home := filepath.Join(dir, "home")
			r, err := s.Run(context.Background(), s.call(home))
			if err != nil {
				t.Fatal(err)
			}
			if r.Code == 0 {
				t.Logf("%d kB are enough", kb)
				s.same(t, home)
				return
			}
			failed++
			said := strings.ToLower(r.Stderr)
			if r.Code != 1 || !strings.Contains(said, "no space left") && !strings.Contains(said, "disk is full") {
				t.Errorf("want exit code 1 and the cause: %s", r)
			}
			if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=500m"); err != nil {
				t.Fatal(err)
			}
			s.whole(t, home)
			s.plain(t, home)
			s.same(t, home)
		})
	}
	if failed == 0 && !t.Skipped() {
		t.Error("no run met a full disk: the sizes are too large")
	}
}

// whole looks at what a failed run left: each table can be read to its end,
// and has as many rows as its metadata says.
func (s *scene) whole(t *testing.T, home string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(home, "catalog.db")); err != nil {
		return // it came to nothing at all
	}
	tables, err := s.Tables(context.Background(), home)
	if err != nil {
		t.Fatal(err)
	}
	tables = append([]programs.Table(nil), tables...)
	if len(tables) == 0 {
		return
	}
	got, err := s.contents(home)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if table.Rows != nil && !strings.HasPrefix(got[table.Name], fmt.Sprintf("%d rows", *table.Rows)) {
			t.Errorf("%s: %s, its metadata says %d rows", table.Name, got[table.Name], *table.Rows)
		}
	}
	t.Logf("left behind: %v", maps.Clone(got))
}
