package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

func TestReport(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"parts": "b\tSecond\na\tFirst\n", "a.txt": "text a\n", "b.txt": "text b\n", "a.failed": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "page.md")
	if err := run([]string{"--title", "T", "--marker", "m", "--out", out, dir}); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	first, second := strings.Index(string(page), "failed: First"), strings.Index(string(page), "Second")
	if second < 0 || first < second || !strings.HasPrefix(string(page), "<!-- floe: m -->\n## T\n") {
		t.Errorf("got %s", page)
	}
}

func TestUsage(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "parts"), []byte("../a\tA\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"", "--title T --out o", "--titel T", "--title T --out o /nowhere", "--title T --out o " + dir} {
		if err := run(strings.Fields(args)); err == nil || fault.Code(err) != 2 || fault.Next(err) == "" {
			t.Errorf("%q: %v", args, err)
		}
	}
}
