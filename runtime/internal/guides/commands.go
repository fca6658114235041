package guides

import (
	"regexp"
	"strings"
)

// Command is a command that a guide names: a line of a block in sh or console,
// or a span of code in its text.
type Command struct {
	Line  int
	Words []string // make, preview, STACK=dev
}

var (
	span = regexp.MustCompile("`([^`]+)`")
	// parts ends a command where a shell would begin another.
	parts = regexp.MustCompile(`&&|\|\||[|;<>]`)
	// quoted is a text that is one word; what is in it is no command.
	quoted = regexp.MustCompile(`"[^"]*"|'[^']*'`)
)

// Commands lists the commands of a Markdown text whose first word is one of
// programs; bin/floe is floe. A block's language is sh for commands that a test
// runs, console for those that it cannot run; there they begin with "$ ".
func Commands(markdown string, programs ...string) ([]Command, error) {
	blocks, err := Blocks(markdown)
	if err != nil {
		return nil, err
	}
	var found []Command
	inBlock := map[int]bool{}
	for _, b := range blocks {
		for i, line := range strings.Split(strings.TrimSuffix(b.Text, "\n"), "\n") {
			inBlock[b.Line+i] = true
			switch b.Language {
			case "sh":
				found = append(found, commands(b.Line+i, line, programs)...)
			case "console":
				if typed, ok := strings.CutPrefix(line, "$ "); ok {
					found = append(found, commands(b.Line+i, typed, programs)...)
				}
			}
		}
	}
	for i, line := range strings.Split(markdown, "\n") {
		if inBlock[i+1] || strings.HasPrefix(line, "```") {
			continue
		}
		for _, m := range span.FindAllStringSubmatch(line, -1) {
			found = append(found, commands(i+1, strings.ReplaceAll(m[1], `\|`, ","), programs)...)
		}
	}
	return found, nil
}

// commands are those of one line of shell.
func commands(line int, text string, programs []string) []Command {
	var found []Command
	text, _, _ = strings.Cut(quoted.ReplaceAllString(text, "TEXT"), " #")
	for _, part := range parts.Split(text, -1) {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		words[0] = strings.TrimPrefix(words[0], "bin/")
		for _, p := range programs {
			if words[0] == p {
				found = append(found, Command{Line: line, Words: words})
			}
		}
	}
	return found
}
