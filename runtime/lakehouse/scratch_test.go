package lakehouse

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestScratchOfKilledProcesses goes with the next opening; that of living ones stays.
func TestScratchOfKilledProcesses(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ended := exec.Command(os.Args[0], "-test.run=^$")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	stay := map[string]bool{}
	for pid, stays := range map[int]bool{ended.Process.Pid: false, os.Getpid(): false, os.Getppid(): true} {
		dir := filepath.Join(os.TempDir(), fmt.Sprintf("%s%d-x", scratchName, pid))
		if err := os.MkdirAll(filepath.Join(dir, "staging"), 0o755); err != nil {
			t.Fatal(err)
		}
		stay[dir] = stays
	}
	first, err := makeScratch()
	if err != nil {
		t.Fatal(err)
	}
	stay[first] = true
	second, err := makeScratch()
	if err != nil {
		t.Fatal(err)
	}
	stay[second] = true
	for dir, stays := range stay {
		if _, err := os.Stat(dir); (err == nil) != stays {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if err := removeScratch(first); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(first); err == nil {
		t.Error("it is still there")
	}
}
