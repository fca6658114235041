//go:build cloud

package cloudtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the folder of what the tests built; "" before.
var built string

var floeTool = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "floe-tool-")
	if err != nil {
		return "", err
	}
	built = dir
	path := filepath.Join(dir, "floe")
	c := exec.Command("go", "build", "-o", path, "./cmd/floe")
	c.Dir = filepath.Join("..", "..", "..", "runtime")
	c.Stderr = os.Stderr
	return path, c.Run()
})

// floeBinary builds the laptop's tool once.
func floeBinary(t *testing.T) string {
	t.Helper()
	path, err := floeTool()
	if err != nil {
		t.Fatalf("build floe: %v", err)
	}
	return path
}

// TestMain removes what the tests built.
func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}
