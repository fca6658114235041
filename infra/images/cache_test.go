package images

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// withoutCompiler makes every compilation fail: go env still works.
func withoutCompiler(t *testing.T) {
	t.Helper()
	t.Setenv("GOCACHE", t.TempDir())
	onBuild(t, "echo 'no build' >&2; exit 1")
}

// onBuild runs a line of the shell before every go build.
func onBuild(t *testing.T, line string) {
	t.Helper()
	real := os.Getenv("PATH")
	dir := t.TempDir()
	script := "#!/bin/sh\n[ \"$1\" = build ] && { " + line + "; }\nPATH=" + real + " exec go \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+real)
}

func entry(t *testing.T, cache string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(cache, "ingest-amd64-*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the cache has %v, %v", found, err)
	}
	return found[0]
}

func TestCacheHitBuildsNothing(t *testing.T) {
	root, cache := project(t), t.TempDir()
	first := build(t, root, cache, "x86_64")
	withoutCompiler(t)
	if second := build(t, root, cache, "x86_64"); second.Digest != first.Digest {
		t.Errorf("%s, then %s", first.Digest, second.Digest)
	}
	if _, err := Build(context.Background(), BuildOptions{Root: root, Program: Ingest, Architecture: "arm64", Cache: cache}); err == nil || !strings.Contains(err.Error(), "no build") {
		t.Errorf("the compiler was not in the way: %v", err)
	}
}

func TestDamagedEntriesAreRebuilt(t *testing.T) {
	root, cache := project(t), t.TempDir()
	first := build(t, root, cache, "x86_64")
	for name, damage := range map[string]func(dir string) error{
		"a byte of the layer": func(dir string) error {
			path := filepath.Join(dir, layerFile)
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b[len(b)/2] ^= 1
			return os.WriteFile(path, b, 0o600)
		},
		"a short layer": func(dir string) error { return os.Truncate(filepath.Join(dir, layerFile), 10) },
		"no layer":      func(dir string) error { return os.Remove(filepath.Join(dir, layerFile)) },
		"no facts":      func(dir string) error { return os.Remove(filepath.Join(dir, factsFile)) },
		"broken facts":  func(dir string) error { return os.WriteFile(filepath.Join(dir, factsFile), []byte("{"), 0o600) },
		"other facts": func(dir string) error {
			path := filepath.Join(dir, factsFile)
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			_, digits, _ := strings.Cut(string(b), `"diff_id":"sha256:`)
			other := "0"
			if digits[0] == '0' {
				other = "1"
			}
			return os.WriteFile(path, []byte(strings.Replace(string(b), digits, other+digits[1:], 1)), 0o600)
		},
		"an empty folder": func(dir string) error {
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
			return os.Mkdir(dir, 0o700)
		},
	} {
		if err := damage(entry(t, cache)); err != nil {
			t.Fatal(err)
		}
		if _, err := load(entry(t, cache)); err == nil {
			t.Errorf("%s: the entry is taken for whole", name)
		}
		if again := build(t, root, cache, "x86_64"); again.Digest != first.Digest {
			t.Errorf("%s: %s, then %s", name, first.Digest, again.Digest)
		}
		if _, err := load(entry(t, cache)); err != nil {
			t.Errorf("%s: not mended: %v", name, err)
		}
	}
	left, err := filepath.Glob(filepath.Join(cache, aside+"*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestOneBuildAtATime(t *testing.T) {
	root, cache, counted := project(t), t.TempDir(), filepath.Join(t.TempDir(), "builds")
	onBuild(t, "echo build >>"+counted)
	const many = 8
	digests, errs := make([]string, many), make([]error, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			b, err := Build(context.Background(), BuildOptions{Root: root, Program: Ingest, Architecture: "x86_64", Cache: cache})
			if errs[i] = err; err == nil {
				digests[i] = b.Digest
			}
		})
	}
	all.Wait()
	for i := range many {
		if errs[i] != nil || digests[i] != digests[0] {
			t.Errorf("build %d: %s, %v; the first has %s", i, digests[i], errs[i], digests[0])
		}
	}
	if builds, err := os.ReadFile(counted); err != nil || string(builds) != "build\n" {
		t.Errorf("compiled %q, %v: once is right", builds, err)
	}
}

func TestWhoWaitsForABuildCanBeStopped(t *testing.T) {
	cache := t.TempDir()
	lock, err := lockBuild(t.Context(), cache, "ingest-amd64")
	if err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithTimeout(t.Context(), time.Second)
	defer stop()
	if _, err := lockBuild(stopped, cache, "ingest-amd64"); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), lock.Path()) {
		t.Errorf("%v does not tell what it waited for", err)
	}
	other, err := lockBuild(t.Context(), cache, "transform-amd64")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(lock.Close(), other.Close()); err != nil {
		t.Fatal(err)
	}
	build(t, project(t), cache, "x86_64")
}

func TestPrune(t *testing.T) {
	cache, now := t.TempDir(), time.Now()
	age := map[string]time.Duration{
		"ingest-amd64-1": 30 * time.Hour, "ingest-amd64-2": 20 * time.Hour, "ingest-amd64-3": 5 * time.Hour, "ingest-amd64-4": time.Hour,
		"ingest-amd64-5": time.Hour, "ingest-amd64-6": time.Hour, "ingest-amd64-7": time.Hour, "ingest-amd64-8": time.Hour,
		"ingest-arm64-1": 30 * time.Hour, "transform-amd64-1": 30 * time.Hour, aside + "1": 3 * time.Hour, aside + "2": time.Minute,
	}
	for name, a := range age {
		dir := filepath.Join(cache, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, now.Add(-a), now.Add(-a)); err != nil {
			t.Fatal(err)
		}
	}
	prune(cache, "ingest-amd64-", now)
	for name := range age {
		_, err := os.Stat(filepath.Join(cache, name))
		gone := name == "ingest-amd64-1" || name == "ingest-amd64-2" || name == "ingest-amd64-3" || name == aside+"1"
		if (err != nil) != gone {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLinkedFilesCount(t *testing.T) {
	root, cache, elsewhere := project(t), t.TempDir(), filepath.Join(t.TempDir(), "linked.go")
	if err := os.WriteFile(elsewhere, []byte("package main\n\nfunc init() { println(1) }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(root, "runtime/cmd/ingest/linked.go")); err != nil {
		t.Fatal(err)
	}
	before := layers(t, build(t, root, cache, "x86_64"))
	if err := os.WriteFile(elsewhere, []byte("package main\n\nfunc init() { println(2) }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if after := layers(t, build(t, root, cache, "x86_64")); after[0] == before[0] {
		t.Error("an edit of a file that is linked to is not seen")
	}
}

func TestModulesOfFoldersCount(t *testing.T) {
	root := project(t)
	write(t, root, map[string]string{
		"runtime/go.mod":   "module example.org/tiny\n\ngo 1.26.0\n\nreplace example.org/other => ../other\n",
		"other/go.mod":     "module example.org/other\n",
		"other/other.go":   "package other\n",
		"other/.git/index": "x",
	})
	hash := func() string {
		c, err := newCompiler(context.Background(), root, targets["arm64"])
		if err != nil {
			t.Fatal(err)
		}
		h, err := c.inputs(Ingest)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	before := hash()
	write(t, root, map[string]string{"other/.git/index": "y"})
	if hash() != before {
		t.Error("what version control keeps is taken for an input")
	}
	write(t, root, map[string]string{"other/other.go": "package other // edited\n"})
	if hash() == before {
		t.Error("an edit of a module that go.mod takes from a folder is not seen")
	}
}
