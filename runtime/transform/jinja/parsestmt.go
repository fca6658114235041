package jinja

import "sort"

// statementRules are the tags; each rule begins behind the tag's name.
func (p *parser) statementRule(tag string) func(line int) stmt {
	switch tag {
	case "if":
		return p.ifStatement
	case "for":
		return p.forStatement
	case "set":
		return p.setStatement
	case "do":
		return p.doStatement
	case "macro", "test", "data_test":
		return func(line int) stmt { return p.macroStatement(tag, line) }
	case "materialization":
		return p.materialization
	case "call":
		return p.callStatement
	case "filter":
		return p.filterStatement
	case "with":
		return p.withStatement
	case "break", "continue":
		return func(line int) stmt { return p.loopStatement(tag, line) }
	case "snapshot", "docs", "autoescape":
		return func(line int) stmt { return p.group(tag, line) }
	}
	return nil
}

var tagNames = []string{
	"if", "for", "set", "do", "macro", "test", "data_test", "materialization", "call", "filter",
	"with", "break", "continue", "snapshot", "docs", "autoescape", "raw",
}

func init() { sort.Strings(tagNames) }

func (p *parser) statement() stmt {
	line := p.line()
	if p.cur().kind != tokName {
		p.fail("write a tag's name after {%", "tag name expected, got '%s'", p.cur().describe())
		return nil
	}
	tag := p.next().text
	rule := p.statementRule(tag)
	if rule == nil {
		p.unknownTag(tag, line)
		return nil
	}
	return rule(line)
}

func (p *parser) ifStatement(line int) stmt {
	n := &ifStmt{line: line}
	for tag := "if"; tag == "if" || tag == "elif"; {
		n.conds = append(n.conds, p.tuple(false))
		var body []stmt
		body, tag = p.block("if", line, "elif", "else", "endif")
		n.bodies = append(n.bodies, body)
		if tag == "else" {
			n.otherwise, _ = p.block("if", line, "endif")
		}
	}
	p.end(tokBlockEnd)
	return n
}

func (p *parser) forStatement(line int) stmt {
	n := &forStmt{line: line, target: p.target("in")}
	if !p.skipName("in") {
		p.fail("write {% for x in items %}", "expected 'in', got '%s'", p.cur().describe())
	}
	n.iterable = p.tuple(false, "recursive")
	if p.skipName("if") {
		n.where = p.expression()
	}
	n.recursive = p.skipName("recursive")
	p.loops++
	body, tag := p.block("for", line, "else", "endfor")
	p.loops--
	n.body = body
	if tag == "else" {
		n.otherwise, _ = p.block("for", line, "endfor")
	}
	p.end(tokBlockEnd)
	return n
}

func (p *parser) setStatement(line int) stmt {
	target := p.target("")
	if p.skipOp("=") {
		n := &setStmt{target: target, value: p.tuple(true), line: line}
		p.end(tokBlockEnd)
		return n
	}
	n := &blockStmt{target: target, line: line}
	if p.isOp("|") {
		n.filters = p.blockFilters(false)
	}
	n.body = p.closed("set", line)
	return n
}

func (p *parser) filterStatement(line int) stmt {
	n := &blockStmt{filters: p.blockFilters(true), line: line}
	n.body = p.closed("filter", line)
	return n
}

// blockFilters are the filters through which a block's text goes, first to last.
func (p *parser) blockFilters(withoutBar bool) []*filterExpr {
	var out []*filterExpr
	for p.err == nil && (withoutBar || p.skipOp("|")) {
		withoutBar = false
		out = append(out, p.filter(nil))
	}
	return out
}

func (p *parser) doStatement(line int) stmt {
	n := &doStmt{value: p.tuple(true), line: line}
	p.end(tokBlockEnd)
	return n
}

func (p *parser) withStatement(line int) stmt {
	n := &withStmt{line: line}
	for p.err == nil && p.cur().kind != tokBlockEnd {
		if len(n.targets) > 0 {
			p.expect(",")
		}
		n.targets = append(n.targets, p.target(""))
		p.expect("=")
		n.values = append(n.values, p.expression())
	}
	n.body = p.closed("with", line)
	return n
}

func (p *parser) loopStatement(tag string, line int) stmt {
	if p.loops == 0 {
		p.failAt(line, "use it between {% for %} and {% endfor %}", "'%s' outside of a loop", tag)
		return nil
	}
	p.end(tokBlockEnd)
	if tag == "break" {
		return &loopStmt{breakLoop}
	}
	return &loopStmt{continueLoop}
}

// group parses {% snapshot name %}, {% docs name %} and {% autoescape false %}.
func (p *parser) group(tag string, line int) stmt {
	if tag == "autoescape" {
		p.expression()
	} else {
		p.identifier()
	}
	return &groupStmt{p.closed(tag, line)}
}

// callStatement parses {% call(x) f(1) %}body{% endcall %}.
func (p *parser) callStatement(line int) stmt {
	m := &macroStmt{name: "caller", line: line}
	if p.isOp("(") {
		p.signature(m)
	}
	call, ok := p.expression().(*callExpr)
	if !ok {
		p.failAt(line, "write {% call name(arguments) %}", "expected a call after 'call'")
		return nil
	}
	m.body = p.macroBody("call", m, line)
	return &callStmt{call: call, caller: m, line: line}
}
