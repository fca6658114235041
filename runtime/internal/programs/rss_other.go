//go:build !linux

package programs

// rssBytes is a peak of memory as wait4 gives it on macOS: in bytes.
func rssBytes(max int64) int64 { return max }
