// Package foreign fetches the Python and Java programs that floe is compared
// with: readers for make interop, rivals for make bench. Nothing of them is
// needed to use the product. They are kept in ${XDG_CACHE_HOME:-~/.cache}/floe,
// with exact versions, so that a second run fetches nothing.
package foreign

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Dir is the cache's folder of a name, made if it is missing.
func Dir(name string) (string, error) {
	cache := os.Getenv("XDG_CACHE_HOME")
	if cache == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the cache folder: %w; set XDG_CACHE_HOME", err)
		}
		cache = filepath.Join(home, ".cache")
	}
	dir := filepath.Join(cache, "floe", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the cache folder: %w", err)
	}
	return dir, nil
}

// Venv makes a Python environment with exactly these requirements, or finds
// the one made before, and gives the path of its interpreter.
func Venv(ctx context.Context, name string, requirements ...string) (string, error) {
	sum := sha256.Sum256([]byte(strings.Join(requirements, "\n")))
	parent, err := Dir(name)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(parent, "venv-"+hex.EncodeToString(sum[:6]))
	python, ready := filepath.Join(dir, "bin", "python"), filepath.Join(dir, "ready")
	if _, err := os.Stat(ready); err == nil {
		return python, nil
	}
	base, err := exec.LookPath("python3")
	if err != nil {
		return "", fmt.Errorf("find python3: %w; install Python 3.10 or newer (Debian: apt-get install python3 python3-venv)", err)
	}
	install := append([]string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"}, requirements...)
	for _, act := range [][]string{{base, "-m", "venv", "--clear", dir}, append([]string{python}, install...)} {
		c := exec.CommandContext(ctx, act[0], act[1:]...)
		if out, err := c.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(act, " "), err, out)
		}
	}
	if err := os.WriteFile(ready, []byte(strings.Join(requirements, "\n")+"\n"), 0o644); err != nil {
		return "", fmt.Errorf("mark %s as ready: %w", dir, err)
	}
	return python, nil
}

// mavenCopy is the goal that fetches one artifact into a folder.
const mavenCopy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"

// Jar fetches an artifact, group:artifact:version, with Maven, or finds it in
// the cache. Its content's SHA-256 is known.
func Jar(ctx context.Context, name, artifact, sum string) (string, error) {
	dir, err := Dir(name)
	if err != nil {
		return "", err
	}
	parts := strings.Split(artifact, ":")
	if len(parts) != 3 {
		return "", fmt.Errorf("artifact %q: write group:artifact:version", artifact)
	}
	file := filepath.Join(dir, parts[1]+"-"+parts[2]+".jar")
	if have, err := hashOf(file); err == nil && have == sum {
		return file, nil
	}
	fresh, err := os.MkdirTemp(dir, "fetch-")
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w", artifact, err)
	}
	defer os.RemoveAll(fresh)
	c := exec.CommandContext(ctx, "mvn", "-q", "-B", mavenCopy, "-Dartifact="+artifact, "-DoutputDirectory="+fresh)
	c.Dir = fresh
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("fetch %s with mvn (Debian: apt-get install maven): %w\n%s", artifact, err, out)
	}
	got := filepath.Join(fresh, filepath.Base(file))
	have, err := hashOf(got)
	if err == nil && have != sum {
		err = fmt.Errorf("its SHA-256 is %s, not %s", have, sum)
	}
	if err == nil {
		err = os.Rename(got, file)
	}
	if err != nil {
		return "", fmt.Errorf("keep %s: %w", artifact, err)
	}
	return file, nil
}

func hashOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
