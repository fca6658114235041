package lakehouse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// scratchName begins the name of a deployed lake's folder on this machine; the
// process's id follows, so that another can tell what was left by a killed one.
// A Lambda's next start finds the /tmp of the one that was killed.
const scratchName = "floe-lake-"

// scratches are this process's folders.
var scratches = struct {
	sync.Mutex
	dirs map[string]bool
}{dirs: map[string]bool{}}

func makeScratch() (string, error) {
	scratches.Lock()
	defer scratches.Unlock()
	sweepScratch()
	dir, err := os.MkdirTemp("", scratchName+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", fmt.Errorf("make a folder for temporary files: %w", err)
	}
	scratches.dirs[dir] = true
	return dir, nil
}

func removeScratch(dir string) error {
	scratches.Lock()
	defer scratches.Unlock()
	delete(scratches.dirs, dir)
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove temporary files: %w", err)
	}
	return nil
}

// sweepScratch removes the folders of processes that are no more. What fails is
// another user's, or goes with the next.
func sweepScratch() {
	found, err := filepath.Glob(filepath.Join(os.TempDir(), scratchName+"*-*"))
	if err != nil {
		return
	}
	for _, dir := range found {
		id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), scratchName), "-")
		pid, err := strconv.Atoi(id)
		if err == nil && !scratches.dirs[dir] && (pid == os.Getpid() || !alive(pid)) {
			_ = os.RemoveAll(dir)
		}
	}
}

func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}
