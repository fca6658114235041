//go:build linux || darwin

package main

import "syscall"

// freeBytes is the room on the disk of a folder, 0 if it cannot be told.
func freeBytes(dir string) int64 {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0
	}
	return int64(disk.Bavail * uint64(disk.Bsize))
}
