package images

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// form changes whenever what is made of the same inputs changes.
const form = "1"

// localReplacement is a line of go.mod that takes a module from a folder.
var localReplacement = regexp.MustCompile(`(?m)=>\s+"?((?:\.{1,2}/|/)[^\s"]*)`)

// inputs is a hash of all that a binary is made of: Go, its settings, and every
// file of runtime/ but tests and pipelines. It is wider than what the program
// reaches, and quick: no package is resolved.
func (c *compiler) inputs(program string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, form, runtime.Version(), c.version, program, flags)
	for _, v := range c.environment {
		if steers(v) {
			fmt.Fprintln(h, v)
		}
	}
	if err := hashTree(h, c.dir, "pipelines"); err != nil {
		return "", fmt.Errorf("read the program's files: %w", err)
	}
	mod, err := os.ReadFile(filepath.Join(c.dir, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("read the program's modules: %w", err)
	}
	for _, found := range localReplacement.FindAllStringSubmatch(string(mod), -1) {
		dir := found[1]
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(c.dir, dir)
		}
		if err := hashTree(h, dir, ""); err != nil {
			return "", fmt.Errorf("read the folder that go.mod takes a module from: %w", err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// steers says whether a variable changes the binary, rather than where Go keeps things.
func steers(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	switch name {
	case "GOENV", "GOTOOLCHAIN", "GOWORK", "CGO_ENABLED", "GOOS", "GOARCH", "GOARM64", "GOAMD64":
		return true
	}
	return false
}

// hashTree adds every file below dir that is no test: its path, length and content.
func hashTree(h io.Writer, dir, skip string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && (rel == skip || d.Name() == ".git"):
			return filepath.SkipDir
		case d.IsDir(), strings.HasSuffix(rel, "_test.go"):
			return nil
		}
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			return nil // Go compiles plain files, and links to them
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(h, "%s\n%d\n", filepath.ToSlash(rel), len(content))
		_, err = h.Write(content)
		return err
	})
}
