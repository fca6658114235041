package awstest

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// Listed fails the test, when it ends, for an API that was called and that a
// file does not list, a line of service and action each. infra's tests hold
// that the roles of deployed programs may call what these files list.
func (a *AWS) Listed(t testing.TB, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	listed := strings.Split(strings.TrimSpace(string(text)), "\n")
	t.Cleanup(func() {
		for _, r := range a.Requests() {
			if line := r.Service + " " + r.Action; !slices.Contains(listed, line) {
				t.Errorf("%s is called, which %s does not list: add it, and see in infra/platform's tests whether roles may", line, path)
			}
		}
	})
}
