package guides

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestCommands(t *testing.T) {
	text := "Do `make a` or `bin/floe run [w]`, not `makes`.\n```sh\nmake b X=1 && floe sql \"select floe; make c\" # make d\n```\n```console\n$ echo 1 | bin/floe secret set s\nmake e\n```\n```yaml\nmake: f\n```\n| `floe completion bash\\|zsh` |\n"
	got, err := Commands(text, "make", "floe")
	want := []Command{
		{3, []string{"make", "b", "X=1"}},
		{3, []string{"floe", "sql", "TEXT"}},
		{6, []string{"floe", "secret", "set", "s"}},
		{1, []string{"make", "a"}},
		{1, []string{"floe", "run", "[w]"}},
		{12, []string{"floe", "completion", "bash,zsh"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, err := Commands("```sh\nmake"); err == nil {
		t.Fatal("an open block was taken")
	}
}

// TestTargetsExist holds that every make target that README and docs/ name
// exists, and that a value given with it is one that Makefile or scripts read.
func TestTargetsExist(t *testing.T) {
	root := "../../.."
	makefile := text(t, filepath.Join(root, "Makefile"))
	var targets []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(makefile, -1) {
		targets = append(targets, m[1])
	}
	scripts, err := filepath.Glob(filepath.Join(root, "scripts", "*.sh"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	readers := makefile
	for _, s := range scripts {
		readers += text(t, s)
	}
	guides, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(guides) == 0 {
		t.Fatalf("no guides: %v", err)
	}
	for _, guide := range append(guides, filepath.Join(root, "README.md")) {
		commands, err := Commands(text(t, guide), "make")
		if err != nil {
			t.Errorf("%s: %v", guide, err)
		}
		for _, c := range commands {
			if problem := wrongTarget(c, targets, readers); problem != "" {
				t.Errorf("%s:%d: %s", filepath.Base(guide), c.Line, problem)
			}
		}
	}
	for _, words := range []string{"make previews", "make preview STAKC=dev", "make preview --nothing"} {
		if wrongTarget(Command{Words: strings.Fields(words)}, targets, readers) == "" {
			t.Errorf("%q is taken", words)
		}
	}
}

// wrongTarget says what is wrong with a call of make, "" if nothing.
func wrongTarget(c Command, targets []string, readers string) string {
	for _, word := range c.Words[1:] {
		name, _, isValue := strings.Cut(word, "=")
		switch {
		case isValue && !regexp.MustCompile(`\$[({]`+regexp.QuoteMeta(name)+`\b`).MatchString(readers):
			return fmt.Sprintf("nothing reads %s of %q", name, strings.Join(c.Words, " "))
		case !isValue && !slices.Contains(targets, word):
			return fmt.Sprintf("Makefile has no target %s", word)
		}
	}
	return ""
}

func text(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
