// Package guides reads the fenced blocks of the project's guides, so that a
// test can do what a reader would: write the files that a guide shows and run
// its commands.
//
// A block in sh is run; one in console shows what needs an account, and is only
// looked through for commands that do not exist (Commands). A block in any
// language after the comment <!-- write: PATH --> or <!-- append: PATH --> is
// written to that file.
package guides

import (
	"fmt"
	"regexp"
	"strings"
)

// Block is one fenced block.
type Block struct {
	Line     int    // of its first line of text
	Language string // "sh", "yaml", …
	Write    string // path to write it to, "" for none
	Append   string // path to append it to, "" for none
	Text     string
}

var directive = regexp.MustCompile(`^<!-- (write|append): (\S+) -->$`)

// Blocks lists the fenced blocks of a Markdown text in order.
func Blocks(markdown string) ([]Block, error) {
	var blocks []Block
	var open *Block
	var next Block // the directive before a block
	for i, line := range strings.Split(markdown, "\n") {
		fence := strings.HasPrefix(line, "```")
		switch {
		case open == nil && fence:
			b := next
			b.Line, b.Language = i+2, strings.TrimPrefix(line, "```")
			open, next = &b, Block{}
		case open != nil && fence:
			blocks = append(blocks, *open)
			open = nil
		case open != nil:
			open.Text += line + "\n"
		default:
			if m := directive.FindStringSubmatch(line); m != nil && m[1] == "write" {
				next = Block{Write: m[2]}
			} else if m != nil {
				next = Block{Append: m[2]}
			} else if strings.TrimSpace(line) != "" {
				next = Block{}
			}
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block is not closed", open.Line-1)
	}
	return blocks, nil
}
