package programs

// rssBytes is a peak of memory as wait4 gives it on Linux: in kilobytes.
func rssBytes(max int64) int64 { return max << 10 }
