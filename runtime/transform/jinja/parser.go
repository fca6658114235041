package jinja

import (
	"fmt"
	"strings"

	"github.com/floe-data/floe/runtime/nearest"
)

const (
	maxParseDepth = 150  // nested expressions and blocks
	maxChain      = 5000 // a + b + c + ..., x|f|g|...
)

// parser is a recursive-descent parser. The first error sticks: it moves the
// position to the end of the tokens, where every rule ends.
type parser struct {
	name   string
	tokens []token
	pos    int
	err    *Error
	depth  int
	loops  int          // loops open in the current macro
	open   []openTag    // block tags not yet closed
	macros []*macroStmt // enclosing, to note the use of varargs, kwargs and caller
}

type openTag struct {
	name string
	ends []string
	line int
}

// Parse parses a template; name is used in messages. The error is an *Error.
func Parse(name, source string) (*Template, error) { return ParseAt(name, source, 1) }

// ParseAt parses a part of a file that begins at the given line.
func ParseAt(name, source string, line int) (*Template, error) {
	if name == "" {
		name = "<template>"
	}
	tokens, err := lex(name, source, line)
	if err != nil {
		return nil, err
	}
	p := &parser{name: name, tokens: tokens}
	body := p.body()
	if p.err != nil {
		return nil, p.err
	}
	t := &Template{name: name, body: body, macros: map[string]*macroStmt{}}
	for _, s := range body {
		if m, ok := s.(*macroStmt); ok {
			if t.macros[m.name] == nil {
				t.order = append(t.order, m.name)
			}
			t.macros[m.name] = m
		}
	}
	return t, nil
}

func (p *parser) cur() token { return p.tokens[p.pos] }

func (p *parser) peek() token { return p.tokens[min(p.pos+1, len(p.tokens)-1)] }

// next moves on; at the end it stays.
func (p *parser) next() token {
	t := p.cur()
	if p.pos < len(p.tokens)-1 {
		p.pos++
	}
	return t
}

func (p *parser) line() int { return p.cur().line }

// fail records the first error at the current token and ends all rules.
func (p *parser) fail(hint, format string, a ...any) { p.failAt(p.line(), hint, format, a...) }

func (p *parser) failAt(line int, hint, format string, a ...any) {
	if p.err == nil {
		p.err = &Error{Kind: "TemplateSyntaxError", Message: fmt.Sprintf(format, a...), Hint: hint, Template: p.name, Line: line}
	}
	p.pos = len(p.tokens) - 1
}

// enter counts a level of nesting; it is undone by leave.
func (p *parser) enter() {
	if p.depth++; p.depth > maxParseDepth {
		p.fail("move the inner parts into variables or macros", "expressions or blocks are nested more than %d deep", maxParseDepth)
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) isOp(op string) bool { t := p.cur(); return t.kind == tokOperator && t.text == op }

func (p *parser) isName(name string) bool { t := p.cur(); return t.kind == tokName && t.text == name }

func (p *parser) skipOp(op string) bool {
	if p.isOp(op) {
		p.next()
		return true
	}
	return false
}

func (p *parser) skipName(name string) bool {
	if p.isName(name) {
		p.next()
		return true
	}
	return false
}

// expect takes the operator op.
func (p *parser) expect(op string) {
	if !p.skipOp(op) {
		p.fail("", "expected '%s', got '%s'", op, p.cur().describe())
	}
}

// identifier takes a name.
func (p *parser) identifier() string {
	if p.cur().kind != tokName {
		p.fail("", "expected a name, got '%s'", p.cur().describe())
		return ""
	}
	return p.next().text
}

// until tells whether the list that the closing operator ends goes on. first is
// false once an item was read, when a comma must follow; it may be the last.
func (p *parser) until(closing string, first bool) bool {
	if p.err != nil || p.isOp(closing) {
		return false
	}
	if !first {
		p.expect(",")
	}
	return p.err == nil && !p.isOp(closing)
}

// end takes a kind of token that ends a tag.
func (p *parser) end(kind tokenKind) {
	if p.cur().kind != kind {
		p.fail("", "expected '%s', got '%s'", token{kind: kind}.describe(), p.cur().describe())
		return
	}
	p.next()
}

// block parses the rest of the tag and then statements up to one of the ends,
// whose name is taken and returned; the rest of that tag is left.
func (p *parser) block(tag string, line int, ends ...string) ([]stmt, string) {
	p.skipOp(":")
	p.end(tokBlockEnd)
	p.open = append(p.open, openTag{tag, ends, line})
	body := p.body(ends...)
	p.open = p.open[:len(p.open)-1]
	if p.err != nil {
		return nil, ""
	}
	return body, p.identifier()
}

// closed parses a block with one possible end, and that end.
func (p *parser) closed(tag string, line int) []stmt {
	body, _ := p.block(tag, line, "end"+tag)
	p.end(tokBlockEnd)
	return body
}

// body parses up to a tag that is named in ends, or up to the end of the template
// where there are none. The position is left at the name.
func (p *parser) body(ends ...string) []stmt {
	p.enter()
	defer p.leave()
	var out []stmt
	for p.err == nil {
		switch t := p.cur(); t.kind {
		case tokData:
			p.next()
			out = append(out, &dataStmt{t.text})
		case tokVariableBegin:
			p.next()
			e := p.tuple(true)
			p.end(tokVariableEnd)
			out = append(out, &printStmt{e, t.line})
		case tokBlockBegin:
			p.next()
			for _, e := range ends {
				if p.isName(e) {
					return out
				}
			}
			if s := p.statement(); s != nil {
				out = append(out, s)
			}
		default:
			if len(ends) > 0 {
				p.unclosed()
			}
			return out
		}
	}
	return nil
}

// unclosed fails at the innermost open tag.
func (p *parser) unclosed() {
	o := p.open[len(p.open)-1]
	p.failAt(p.line(), fmt.Sprintf("close {%% %s %%} of line %d with {%% %s %%}", o.name, o.line, o.ends[len(o.ends)-1]),
		"Unexpected end of template")
}

// unknownTag fails at a tag that has no meaning here.
func (p *parser) unknownTag(tag string, line int) {
	hint := "no block is open"
	if n := len(p.open); n > 0 {
		o := p.open[n-1]
		hint = fmt.Sprintf("{%% %s %%} of line %d is open and needs %s", o.name, o.line, quoteList(o.ends))
	}
	switch {
	case loaderTags[tag]:
		hint = "there is no template loader; put shared text into a macro"
	case !strings.HasPrefix(tag, "end") && tag != "else" && tag != "elif":
		hint = "tags are " + strings.Join(tagNames, ", ")
		if near := nearest.Word(tag, tagNames); near != "" {
			hint = "did you mean '" + near + "'?"
		}
	}
	p.failAt(line, hint, "Encountered unknown tag '%s'", tag)
}

var loaderTags = map[string]bool{"include": true, "import": true, "from": true, "extends": true, "block": true}

func quoteList(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = "'" + n + "'"
	}
	return strings.Join(q, " or ")
}
