package foreign

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeMaven puts a mvn on the PATH that writes a file named a-1.jar with the
// text "content", and a line to log for each call.
func fakeMaven(t *testing.T) (log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "log")
	script := "#!/bin/sh\necho \"$*\" >>" + log + "\nfor a; do case $a in -DoutputDirectory=*) out=${a#*=};; -Dartifact=g:gone:*) exit 1;; esac; done\nprintf content >$out/a-1.jar\n"
	if err := os.WriteFile(filepath.Join(dir, "mvn"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	return log
}

func TestJar(t *testing.T) {
	log := fakeMaven(t)
	const sum = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
	for range 2 {
		file, err := Jar(t.Context(), "x", "g:a:1", sum)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := os.ReadFile(file); err != nil || string(body) != "content" {
			t.Errorf("%s: %q %v", file, body, err)
		}
	}
	if calls, err := os.ReadFile(log); err != nil || strings.Count(string(calls), "\n") != 1 {
		t.Errorf("fetched %q, want once (%v)", calls, err)
	}
	for _, tc := range []struct{ artifact, want string }{{"g:gone:1", "exit status 1"}, {"g:a:1", "SHA-256"}, {"g:a", "group:artifact:version"}} {
		if _, err := Jar(t.Context(), "y", tc.artifact, strings.Repeat("0", 64)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %s", tc.artifact, err, tc.want)
		}
	}
}
