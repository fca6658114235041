package deployed

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
)

// Memory is how many bytes the program may use: a function's size, a task's
// limit, or the machine's; 0 if none of them is told.
func Memory() int64 {
	if mb, err := strconv.ParseInt(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 64); err == nil && mb > 0 {
		return mb << 20
	}
	return memoryBelow("/")
}

// memoryBelow reads the limits of a Linux whose files are under root. A task
// that is limited as a whole shows no limit of its own, but its machine is no larger.
func memoryBelow(root string) int64 {
	least := machineMemory(filepath.Join(root, "proc/meminfo"))
	for _, name := range []string{"sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && n > 0 && (least == 0 || n < least) { // "max" is no number
			least = n
		}
	}
	return least
}

func machineMemory(meminfo string) int64 {
	text, err := os.ReadFile(meminfo)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(line, "MemTotal:")
		if !ok {
			continue
		}
		if fields := strings.Fields(rest); len(fields) > 0 {
			if kb, err := strconv.ParseInt(fields[0], 10, 64); err == nil {
				return kb << 10
			}
		}
	}
	return 0
}

// HoldMemory bounds Go's heap to what the program may use, less a fifth for
// what is not in it; $GOMEMLIMIT overrides it.
func HoldMemory(limit int64) {
	if limit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 5 * 4)
	}
}
