package jinja

import (
	"regexp"
	"strings"
)

// Block is a top-level block of a file: a macro, test, materialization, snapshot or docs.
type Block struct {
	Kind   string // the tag: macro, test, data_test, materialization, snapshot, docs
	Name   string // as written in the tag
	Macro  string // what Template.Macros calls it; "" for snapshot and docs
	File   string // the name given to Blocks
	Source string // with its tags
	Body   string // between its tags
	Line   int    // of the opening tag in the file
}

// Parse parses the block alone; messages have the file's name and lines.
func (b Block) Parse() (*Template, error) { return ParseAt(b.File, b.Source, b.Line) }

// blockKinds are the blocks that dbt knows.
var blockKinds = []string{"macro", "test", "data_test", "materialization", "snapshot", "docs"}

var (
	// tagHead is "{% name arguments"; the closing sign follows somewhere.
	tagHead     = regexp.MustCompile(`^\{%[-+]?\s*(\w+)\s*(\w*)`)
	docsEnd     = regexp.MustCompile(`\{%[-+]?\s*enddocs\s*[-+]?%\}`)
	adapterHead = regexp.MustCompile(`adapter\s*=\s*['"]([^'"]*)['"]`)
)

// Blocks finds the top-level blocks of the given kinds (all that dbt has, if none
// are given). Their bodies are not parsed, so that a body may be wrong, or no
// template at all; what stands between blocks is skipped. As in dbt it is an error
// when a block stands inside of a block, an if or a for.
func Blocks(file, source string, kinds ...string) ([]Block, error) {
	if len(kinds) == 0 {
		kinds = blockKinds
	}
	s := &blockScanner{file: file, src: newlines.Replace(source), wanted: map[string]bool{}}
	for _, k := range kinds {
		s.wanted[k] = true
	}
	for s.err == nil {
		s.pos = nextTag(s.src, s.pos)
		if s.pos >= len(s.src) {
			break
		}
		s.tag()
	}
	if s.err == nil && s.open != nil {
		s.fail(s.open.start, "a {% "+s.open.Kind+" %} block is not closed", "close it with {% end"+s.open.Kind+" %}")
	}
	if s.err != nil {
		return nil, s.err
	}
	return s.out, nil
}

// blockScanner goes from tag to tag without looking at expressions.
type blockScanner struct {
	file   string
	src    string
	pos    int
	wanted map[string]bool
	out    []Block
	open   *openBlock
	flow   []string // if and for around the position, outside of blocks
	err    error
}

type openBlock struct {
	Block
	start, bodyStart int
}

func (s *blockScanner) line(pos int) int { return strings.Count(s.src[:pos], "\n") + 1 }

func (s *blockScanner) fail(pos int, message, hint string) {
	if s.err == nil {
		s.err = &Error{Kind: "TemplateSyntaxError", Message: message, Hint: hint, Template: s.file, Line: s.line(pos)}
	}
}

// tag handles the tag at pos and moves behind it.
func (s *blockScanner) tag() {
	start := s.pos
	switch s.src[start+1] {
	case '#':
		s.skipTo("#}", "a comment")
	case '{':
		s.skipExpression("}}")
	default:
		if m := rawBegin.FindString(s.src[start:]); m != "" {
			s.skipRaw(len(m))
			return
		}
		m := tagHead.FindStringSubmatch(s.src[start:])
		s.skipExpression("%}")
		if m != nil && s.err == nil {
			s.statement(start, m[1], m[2])
		}
	}
}

func (s *blockScanner) skipTo(end, what string) {
	i := strings.Index(s.src[s.pos+2:], end)
	if i < 0 {
		s.fail(s.pos, what+" is not closed", "close it with "+end)
		return
	}
	s.pos += i + 2 + len(end)
}

func (s *blockScanner) skipRaw(head int) {
	m := rawEnd.FindStringIndex(s.src[s.pos+head:])
	if m == nil {
		s.fail(s.pos, "{% raw %} is not closed", "close it with {% endraw %}")
		return
	}
	s.pos += head + m[1]
}

// skipDocs moves to the end of a docs block, which may hold any text.
func (s *blockScanner) skipDocs() {
	if m := docsEnd.FindStringIndex(s.src[s.pos:]); m != nil {
		s.pos += m[0]
		return
	}
	s.pos = len(s.src)
}

// skipExpression moves behind the tag's end, which does not count within strings
// or brackets.
func (s *blockScanner) skipExpression(end string) {
	var quote byte
	depth := 0
	for i := s.pos + 2; i < len(s.src); i++ {
		c := s.src[i]
		switch {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case depth <= 0 && strings.HasPrefix(s.src[i:], end):
			s.pos = i + 2
			return
		case c == '\'' || c == '"':
			quote = c
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		}
	}
	s.fail(s.pos, "a tag is not closed", "close it with "+end+", and strings and brackets in it before")
}

// statement looks at the tag "{% tag name", which begins at start and ends at pos.
func (s *blockScanner) statement(start int, tag, name string) {
	switch {
	case s.open != nil && tag == "end"+s.open.Kind:
		b := s.open
		b.Body, b.Source = s.src[b.bodyStart:start], s.src[b.start:s.pos]
		s.out = append(s.out, b.Block)
		s.open = nil
	case s.wanted[tag]:
		s.begin(start, tag, name)
	case s.open != nil:
	case tag == "if" || tag == "for":
		s.flow = append(s.flow, tag)
	case tag == "endif" || tag == "endfor":
		if n := len(s.flow); n > 0 && "end"+s.flow[n-1] == tag {
			s.flow = s.flow[:n-1]
		}
	}
}

// begin opens a block.
func (s *blockScanner) begin(start int, tag, name string) {
	switch {
	case s.open != nil && s.open.Kind == tag:
		s.fail(start, "a {% "+tag+" %} block inside of a {% "+tag+" %} block", "close the outer one with {% end"+tag+" %} before")
		return
	case s.open != nil:
		return
	case len(s.flow) > 0:
		s.fail(start, "a {% "+tag+" %} block inside of {% "+s.flow[len(s.flow)-1]+" %}", "move it to the top level of the file")
		return
	case name == "":
		s.fail(start, "a {% "+tag+" %} block without a name", "write {% "+tag+" name %}")
		return
	}
	b := Block{Kind: tag, Name: name, File: s.file, Line: s.line(start)}
	switch tag {
	case "macro":
		b.Macro = name
	case "test", "data_test":
		b.Macro = "test_" + name
	case "materialization":
		adapter := "default"
		if m := adapterHead.FindStringSubmatch(s.src[start:s.pos]); m != nil {
			adapter = m[1]
		}
		b.Macro = "materialization_" + name + "_" + adapter
	}
	s.open = &openBlock{b, start, s.pos}
	if tag == "docs" {
		s.skipDocs()
	}
}
