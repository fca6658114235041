package jinja

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	rawBegin = regexp.MustCompile(`^\{%([-+]?)\s*raw\s*(-?)%\}`)
	rawEnd   = regexp.MustCompile(`\{%([-+]?)\s*endraw\s*([-+]?)%\}`)
	newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n")
)

// lexer splits a template into tokens as jinja2.lexer does with its default
// options. The first error ends it.
type lexer struct {
	name      string
	src       string
	pos       int
	line      int
	stripNext bool // the last tag ended with a minus sign
	out       []token
	err       *Error
}

func lex(name, src string, line int) ([]token, error) {
	l := &lexer{name: name, src: strings.TrimSuffix(newlines.Replace(src), "\n"), line: line}
	if !utf8.ValidString(src) {
		l.fail("the template is not valid UTF-8", "save the file as UTF-8")
	}
	for l.err == nil && l.pos < len(l.src) {
		l.data()
		if l.err == nil && l.pos < len(l.src) {
			l.tag()
		}
	}
	if l.err != nil {
		return nil, l.err
	}
	l.add(tokEOF, "", nil)
	return l.out, nil
}

func (l *lexer) fail(message, hint string) {
	if l.err == nil {
		l.err = &Error{Kind: "TemplateSyntaxError", Message: message, Hint: hint, Template: l.name, Line: l.line}
	}
}

func (l *lexer) add(kind tokenKind, text string, value Value) {
	l.out = append(l.out, token{kind: kind, text: text, value: value, line: l.line})
}

// advance moves to pos and counts the lines passed.
func (l *lexer) advance(pos int) {
	l.line += strings.Count(l.src[l.pos:pos], "\n")
	l.pos = pos
}

// data takes the text up to the next tag.
func (l *lexer) data() {
	end := nextTag(l.src, l.pos)
	text := l.src[l.pos:end]
	if l.stripNext {
		text = strings.TrimLeftFunc(text, isSpace)
	}
	if end+2 < len(l.src) && l.src[end+2] == '-' {
		text = strings.TrimRightFunc(text, isSpace)
	}
	l.stripNext = false
	if text != "" {
		l.add(tokData, text, nil)
	}
	l.advance(end)
}

// nextTag is where the next {{, {% or {# begins at or after pos, else the end.
func nextTag(src string, pos int) int {
	for {
		i := strings.IndexByte(src[pos:], '{')
		if i < 0 || pos+i+1 >= len(src) {
			return len(src)
		}
		pos += i
		if c := src[pos+1]; c == '{' || c == '%' || c == '#' {
			return pos
		}
		pos++
	}
}

// tag takes a comment, a raw section, a statement or an expression.
func (l *lexer) tag() {
	switch l.src[l.pos+1] {
	case '#':
		l.comment()
	case '%':
		if m := rawBegin.FindStringSubmatch(l.src[l.pos:]); m != nil {
			l.raw(len(m[0]), m[2] == "-")
			return
		}
		l.add(tokBlockBegin, "", nil)
		l.expression("%}", tokBlockEnd)
	default:
		l.add(tokVariableBegin, "", nil)
		l.expression("}}", tokVariableEnd)
	}
}

func (l *lexer) comment() {
	end := strings.Index(l.src[l.pos+2:], "#}")
	if end < 0 {
		l.fail("Missing end of comment tag", "close {# with #}")
		return
	}
	end += l.pos + 2
	l.stripNext = end > l.pos+2 && l.src[end-1] == '-'
	l.advance(end + 2)
}

func (l *lexer) raw(begin int, stripLeft bool) {
	start := l.pos + begin
	m := rawEnd.FindStringSubmatchIndex(l.src[start:])
	if m == nil {
		l.fail("Missing end of raw directive", "close {% raw %} with {% endraw %}")
		return
	}
	body := l.src[start : start+m[0]]
	if stripLeft {
		body = strings.TrimLeftFunc(body, isSpace)
	}
	if l.src[start+m[2]:start+m[3]] == "-" {
		body = strings.TrimRightFunc(body, isSpace)
	}
	if body != "" {
		l.add(tokData, body, nil)
	}
	l.stripNext = l.src[start+m[4]:start+m[5]] == "-"
	l.advance(start + m[1])
}

// expression takes the inside of a tag up to closing, which only counts outside of brackets.
func (l *lexer) expression(closing string, end tokenKind) {
	begun := l.line
	l.pos += 2
	if l.pos < len(l.src) && (l.src[l.pos] == '-' || l.src[l.pos] == '+') {
		l.pos++
	}
	var open []byte
	for l.err == nil {
		l.space()
		if l.pos >= len(l.src) {
			l.line = begun
			l.fail("unexpected end of template: a tag is not closed", "close it with "+closing)
			return
		}
		if len(open) == 0 && l.closes(closing) {
			l.add(end, "", nil)
			return
		}
		open = l.element(open)
	}
}

// space skips Unicode white space, of which non-breaking spaces occur in practice.
func (l *lexer) space() {
	for l.pos < len(l.src) {
		r, size := utf8.DecodeRuneInString(l.src[l.pos:])
		if !isSpace(r) {
			return
		}
		if r == '\n' {
			l.line++
		}
		l.pos += size
	}
}

// closes takes the tag's end, with its sign if it has one.
func (l *lexer) closes(closing string) bool {
	rest := l.src[l.pos:]
	if strings.HasPrefix(rest, closing) {
		l.pos += 2
		return true
	}
	if (rest[0] == '-' || rest[0] == '+') && strings.HasPrefix(rest[1:], closing) {
		l.stripNext = rest[0] == '-'
		l.pos += 3
		return true
	}
	return false
}
