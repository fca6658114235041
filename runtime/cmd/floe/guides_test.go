package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/internal/guides"
)

// TestCommandsOfTheGuidesExist holds that every floe command and flag that
// README and docs/ name exists.
func TestCommandsOfTheGuidesExist(t *testing.T) {
	files, err := filepath.Glob("../../../docs/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no guides: %v", err)
	}
	for _, file := range append(files, "../../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		commands, err := guides.Commands(string(text), "floe")
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		for _, c := range commands {
			if problem := wrongCommand(c.Words[1:]); problem != "" {
				t.Errorf("%s:%d: %s", filepath.Base(file), c.Line, problem)
			}
		}
	}
	for _, wrong := range []string{"runs", "secret sett shop", "run --nothing", "sql --stack dev --dry-run", "maintain --keeping=1h"} {
		if wrongCommand(strings.Fields(wrong)) == "" {
			t.Errorf("floe %s is taken", wrong)
		}
	}
}

// wrongCommand says what is wrong with the words after floe, "" if nothing.
// What stands for something else (<source>, [workflow]) is an argument.
func wrongCommand(words []string) string {
	root := new(app).root()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	c := root
	for len(words) > 0 && c.HasSubCommands() {
		next := child(c, words[0])
		if next == nil {
			break
		}
		c, words = next, words[1:]
	}
	if len(words) > 0 && c.HasSubCommands() && !strings.ContainsAny(words[0][:1], "-[<…") && !strings.Contains(words[0], ",") {
		return fmt.Sprintf("%s has no command %s", c.CommandPath(), words[0])
	}
	c.InitDefaultHelpFlag()
	for _, w := range words {
		name, isFlag := strings.CutPrefix(strings.Trim(w, "[]"), "--")
		name, _, _ = strings.Cut(name, "=")
		if isFlag && c.Flags().Lookup(name) == nil && c.InheritedFlags().Lookup(name) == nil {
			return fmt.Sprintf("%s has no flag --%s", c.CommandPath(), name)
		}
	}
	return ""
}

func child(c *cobra.Command, name string) *cobra.Command {
	for _, sub := range c.Commands() {
		if sub.Name() == name || sub.HasAlias(name) {
			return sub
		}
	}
	return nil
}
