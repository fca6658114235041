package project

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/floe-data/floe/runtime/fault"
)

// marker is the file that makes a folder a project's root.
const marker = "Pulumi.yaml"

// Project is what lies under a root, read and checked.
type Project struct {
	Root         string               // absolute
	Name         string               // Pulumi.yaml's name: the first part of every name in AWS
	Sources      map[string]*Source   // by folder name
	Workflows    map[string]*Workflow // by file name without .yaml
	Models       map[string]string    // models and seeds of the transformation by name: their file under the root
	TransformDir string               // absolute
}

// Find is the nearest folder from start upwards that holds a Pulumi.yaml.
func Find(start string) (string, error) {
	dir, err := filepath.Abs(start)
	if err != nil {
		return "", fmt.Errorf("find the project from %s: %w", start, err)
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return "", fault.New(fault.Usage, fmt.Errorf("find the project: there is no folder %s", dir), "name the project's root with --project")
	}
	for at := dir; ; at = filepath.Dir(at) {
		_, err := os.Stat(filepath.Join(at, marker))
		switch {
		case err == nil:
			return at, nil
		case !errors.Is(err, os.ErrNotExist):
			return "", fmt.Errorf("find the project from %s: %w", dir, err)
		case filepath.Dir(at) == at:
			return "", fault.New(fault.Usage, fmt.Errorf("no project here: neither %s nor a folder above it holds a %s", dir, marker),
				"go into the project's folder, or name it with --project")
		}
	}
}
