//go:build !linux && !darwin

package lakehouse

// lockHolder is unknown on systems without fcntl locks.
func lockHolder(string) int { return 0 }
