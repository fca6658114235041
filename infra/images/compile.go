package images

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
)

// flags make a binary that depends on its source only: no paths, no version
// control, no symbols, no id of the build.
var flags = []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="}

// kept are the settings of the user's Go that a build needs and that change
// nothing in what it makes: where modules come from, and where they are kept.
var kept = []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE", "GOAUTH", "GOVCS"}

// compiler is the user's Go with all else fixed.
type compiler struct {
	dir         string // runtime/
	version     string // go1.26.8
	environment []string
}

// newCompiler asks the user's Go for its version and its caches.
func newCompiler(ctx context.Context, root string, t target) (*compiler, error) {
	c := &compiler{dir: filepath.Join(root, "runtime")}
	fixed := []string{"GOTOOLCHAIN=local", "GOWORK=off"}
	out, err := c.run(ctx, append(without(os.Environ(), "GOTOOLCHAIN", "GOWORK"), fixed...), append([]string{"env", "-json", "GOVERSION"}, kept...)...)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{}
	if err := json.Unmarshal(out, &settings); err != nil {
		return nil, fmt.Errorf("read what go env tells: %w", err)
	}
	c.version = settings["GOVERSION"]
	c.environment = append(withoutGo(os.Environ()), fixed...)
	for _, name := range kept {
		if settings[name] != "" {
			c.environment = append(c.environment, name+"="+settings[name])
		}
	}
	// GOENV=off: what `go env -w` has set is not read, so that an empty GOFLAGS is empty.
	c.environment = append(c.environment, "GOENV=off", "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+t.goarch, t.level)
	return c, nil
}

// compile writes the binary of runtime/cmd/<program>.
func (c *compiler) compile(ctx context.Context, program, file string) error {
	args := append(append([]string{"build"}, flags...), "-o", file, "./cmd/"+program)
	if _, err := c.run(ctx, c.environment, args...); err != nil {
		return fmt.Errorf("compile runtime/cmd/%s: %w", program, err)
	}
	return nil
}

func (c *compiler) run(ctx context.Context, environment []string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = c.dir, environment
	out, err := cmd.Output()
	if err == nil {
		return out, nil
	}
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fault.New(fault.Usage, fmt.Errorf("images are compiled by Go, which is not on PATH: %w", err), "install Go (go.work names the version), then deploy again")
	}
	said := ""
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		said = strings.TrimSpace(string(exit.Stderr))
	}
	return nil, fmt.Errorf("go %s in %s: %w\n%s", args[0], c.dir, err, said)
}

// without leaves out the named variables.
func without(environment []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(names, name)
	})
}

// withoutGo leaves out whatever steers the compiler.
func withoutGo(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(v string) bool {
		return strings.HasPrefix(v, "GO") || strings.HasPrefix(v, "CGO_")
	})
}
