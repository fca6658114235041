//go:build linux || darwin

package lakehouse

import (
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Where SQLite puts its locks: in WAL mode in catalog.db-shm ("WAL-index
// format", section 2.2.1: write, checkpoint, recover and five readers' bytes),
// else in catalog.db (PENDING, RESERVED and SHARED bytes at 1 GiB).
const (
	walLocks, walLocksLen = 120, 8
	dbLocks, dbLocksLen   = 0x40000000, 512
)

// probes are the files that lockHolder has opened. They stay open: to close
// any descriptor of a file drops all of this process's POSIX locks on it, those
// of open SQLite connections included.
var probes = struct {
	sync.Mutex
	files map[string]*os.File
}{files: map[string]*os.File{}}

// lockHolder is the process that holds a lock on the SQLite database at path,
// 0 if none or unknown.
func lockHolder(path string) int {
	probes.Lock()
	defer probes.Unlock()
	if pid := holderOf(path+"-shm", walLocks, walLocksLen); pid > 0 {
		return pid
	}
	return holderOf(path, dbLocks, dbLocksLen)
}

func holderOf(path string, start, length int64) int {
	f := probes.files[path]
	if f == nil {
		var err error
		if f, err = os.Open(path); err != nil {
			return 0
		}
		probes.files[path] = f
	}
	// A shared lock that we ask for is refused by writers only.
	for _, kind := range []int16{unix.F_RDLCK, unix.F_WRLCK} {
		lock := unix.Flock_t{Type: kind, Whence: io.SeekStart, Start: start, Len: length}
		if err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock); err == nil && lock.Type != unix.F_UNLCK && lock.Pid > 0 {
			return int(lock.Pid)
		}
	}
	return 0
}
