//go:build guides

package guides

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestGuides does what the guides say, in a copy of the project: it writes the
// files that they show and runs their commands, in order. Each guide starts
// from a fresh copy that has seen one make run.
func TestGuides(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, guide := range []string{"README.md", "docs/add-a-pipeline.md", "docs/add-a-model.md", "docs/access.md", "docs/cost.md", "docs/operate.md"} {
		t.Run(guide, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, guide))
			if err != nil {
				t.Fatal(err)
			}
			blocks, err := Blocks(string(text))
			if err != nil {
				t.Fatal(err)
			}
			dir := copyProject(t, root)
			if guide != "README.md" {
				shell(t, dir, nil, "make run")
			}
			env := sampleServer(t, dir)
			ran := 0
			for _, b := range blocks {
				ran += follow(t, dir, env, guide, b)
			}
			if ran == 0 {
				t.Fatalf("%s has no command", guide)
			}
			shell(t, dir, env, "bin/floe doctor")
		})
	}
}

// TestReadmeHasTwoSetUpCommands holds the promise of the README's first block.
func TestReadmeHasTwoSetUpCommands(t *testing.T) {
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := Blocks(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(blocks[0].Text); !slices.Equal(got, []string{"make", "run", "make", "test"}) {
		t.Fatalf("the first block is %q", blocks[0].Text)
	}
}

// follow does one block; it returns how many commands it ran.
func follow(t *testing.T, dir string, env []string, guide string, b Block) int {
	t.Helper()
	switch {
	case b.Write != "":
		put(t, filepath.Join(dir, b.Write), os.O_TRUNC, b.Text)
	case b.Append != "":
		put(t, filepath.Join(dir, b.Append), os.O_APPEND, b.Text)
	case b.Language == "sh":
		// make test is this suite's own caller; it is not run within itself.
		script := strings.ReplaceAll(b.Text, "make test\n", "")
		t.Logf("%s:%d: %s", guide, b.Line, script)
		shell(t, dir, env, script)
		return 1
	}
	return 0
}

func put(t *testing.T, path string, mode int, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|mode, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func shell(t *testing.T, dir string, env []string, script string) {
	t.Helper()
	c := exec.Command("sh", "-e", "-c", script)
	c.Dir = dir
	// A reader's make is not called by another one, which would have it tell folders.
	own := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "MAKE") || strings.HasPrefix(v, "MFLAGS=")
	})
	c.Env = append(own, env...)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, out)
	}
}

// copyProject copies what git knows, and what it would add, into a new folder.
func copyProject(t *testing.T, root string) string {
	t.Helper()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		t.Fatalf("list the project's files: %v", err)
	}
	dir := t.TempDir()
	for _, name := range strings.Split(strings.Trim(string(names), "\x00"), "\x00") {
		body, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue
		}
		info, serr := os.Stat(filepath.Join(root, name))
		if err != nil || serr != nil {
			t.Fatal(err, serr)
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, body, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// sampleServer starts the sample server for the commands that need one and
// returns BASE_URL and PLAYERS.
func sampleServer(t *testing.T, dir string) []string {
	t.Helper()
	shell(t, dir, nil, "make build")
	sample := filepath.Join(dir, "bin", "sample")
	players, err := exec.Command(sample, "--games", "500", "--list-players").Output()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(sample, "--games", "500", "--addr", "127.0.0.1:0")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(line)
	return []string{"BASE_URL=" + words[len(words)-1], "PLAYERS=" + string(bytes.TrimSpace(players))}
}
