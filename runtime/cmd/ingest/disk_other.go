//go:build !linux && !darwin

package main

// freeBytes is not known here; the images are Linux.
func freeBytes(string) int64 { return 0 }
