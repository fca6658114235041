package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

func TestUsage(t *testing.T) {
	for args, want := range map[string]string{
		"":                         "no such act",
		"mak --stack dev":          "no such act",
		"make":                     "--stack is missing",
		"make --stack dev x":       `found "x" after the flags`,
		"make --stak dev":          "stak",
		"guard --stack nowhere":    `there is no stack "nowhere"`,
		"remains --stack dev":      "read the stack's state",
		"guard --project /nowhere": "--stack is missing",
	} {
		err := run(t.Context(), strings.Fields(args), new(strings.Builder))
		if err == nil || fault.Code(err) != 2 || !strings.Contains(err.Error(), want) || fault.Next(err) == "" {
			t.Errorf("%q: %v (code %d, next %q)", args, err, fault.Code(err), fault.Next(err))
		}
	}
}

// TestActsOfTheGuidesExist holds that what guides and scripts call is here.
func TestActsOfTheGuidesExist(t *testing.T) {
	found := 0
	for _, path := range []string{"../../../docs/deploy.md", "../../../scripts/pulumi.sh", "../../../scripts/destroy.sh", "../../../scripts/pr.sh"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`bootstrap ([a-z]+) --stack`).FindAllStringSubmatch(string(text), -1) {
			found++
			if acts[m[1]] == nil {
				t.Errorf("%s calls bootstrap %s, which is no act", path, m[1])
			}
		}
	}
	if found < 4 {
		t.Errorf("only %d calls were found", found)
	}
}
