package jinja

import "strings"

// primary parses a name, a literal or something in brackets.
func (p *parser) primary() expr {
	t := p.cur()
	switch t.kind {
	case tokName:
		p.next()
		return p.constantOrName(t)
	case tokString:
		var b strings.Builder
		for p.cur().kind == tokString {
			b.WriteString(Str(p.next().value))
		}
		return &constExpr{b.String()}
	case tokInt, tokFloat:
		p.next()
		return &constExpr{t.value}
	case tokOperator:
		switch t.text {
		case "(":
			p.next()
			return p.parenthesis()
		case "[":
			p.next()
			return p.list()
		case "{":
			p.next()
			return p.dict(t.line)
		}
	}
	p.fail("an expression is due here", "unexpected '%s'", t.describe())
	return &constExpr{}
}

func (p *parser) constantOrName(t token) expr {
	switch t.text {
	case "true", "True":
		return &constExpr{true}
	case "false", "False":
		return &constExpr{false}
	case "none", "None":
		return &constExpr{nil}
	case "varargs", "kwargs", "caller":
		p.noteImplicit(t.text)
	}
	return &nameExpr{t.text, t.line}
}

func (p *parser) parenthesis() expr {
	p.enter()
	defer p.leave()
	if p.skipOp(")") {
		return &tupleExpr{}
	}
	e := p.tuple(true)
	p.expect(")")
	return e
}

func (p *parser) list() expr {
	l := &listExpr{}
	for p.until("]", len(l.items) == 0) {
		l.items = append(l.items, p.expression())
	}
	p.expect("]")
	return l
}

func (p *parser) dict(line int) expr {
	d := &dictExpr{line: line}
	for p.until("}", len(d.keys) == 0) {
		d.keys = append(d.keys, p.expression())
		p.expect(":")
		d.values = append(d.values, p.expression())
	}
	p.expect("}")
	return d
}

// postfix parses .name, [key] and (arguments).
func (p *parser) postfix(e expr) expr {
	for n := 0; p.chain(n); n++ {
		line := p.line()
		switch {
		case p.skipOp("."):
			e = p.attribute(e, line)
		case p.skipOp("["):
			e = p.subscript(e, line)
		case p.isOp("("):
			e = &callExpr{callee: e, args: p.arguments(), line: line}
		default:
			return e
		}
	}
	return e
}

func (p *parser) attribute(e expr, line int) expr {
	switch t := p.cur(); t.kind {
	case tokName:
		p.next()
		return &attrExpr{e, t.text, line}
	case tokInt:
		p.next()
		return &itemExpr{e, &constExpr{t.value}, line}
	default:
		p.fail("write x.name or x.0", "expected name or number after '.', got '%s'", t.describe())
	}
	return e
}

func (p *parser) subscript(e expr, line int) expr {
	var parts []expr
	for p.until("]", len(parts) == 0) {
		parts = append(parts, p.subscriptPart())
	}
	p.expect("]")
	switch len(parts) {
	case 0:
		p.fail("write x[key] or x[from:to]", "Expected subscript expression")
		return e
	case 1:
		return &itemExpr{e, parts[0], line}
	}
	return &itemExpr{e, &tupleExpr{parts}, line}
}

// subscriptPart parses a key or a slice with up to three parts.
func (p *parser) subscriptPart() expr {
	var part [3]expr
	n, slice := 0, false
	for n < 3 && p.err == nil {
		if !p.isOp(":") && !p.isOp("]") && !p.isOp(",") {
			part[n] = p.expression()
		}
		if n == 2 || !p.skipOp(":") {
			break
		}
		slice = true
		n++
	}
	if slice {
		return &sliceExpr{part[0], part[1], part[2]}
	}
	if part[0] == nil {
		p.fail("write x[key] or x[from:to]", "Expected subscript expression")
		return &constExpr{}
	}
	return part[0]
}

// arguments parses a call's brackets.
func (p *parser) arguments() (a argList) {
	p.expect("(")
	for first := true; p.until(")", first); first = false {
		switch {
		case p.skipOp("**"):
			p.once(a.starstar == nil)
			a.starstar = p.expression()
		case p.skipOp("*"):
			p.once(a.star == nil && a.starstar == nil)
			a.star = p.expression()
		case p.cur().kind == tokName && p.peek().kind == tokOperator && p.peek().text == "=":
			p.once(a.starstar == nil)
			name := p.next().text
			p.next()
			for _, k := range a.kw {
				if k.name == name {
					p.fail("give it once", "keyword argument repeated: %s", name)
				}
			}
			a.kw = append(a.kw, kwExpr{name, p.expression()})
		default:
			p.once(len(a.kw) == 0 && a.star == nil && a.starstar == nil)
			a.pos = append(a.pos, p.expression())
		}
	}
	p.expect(")")
	return a
}

// once fails where arguments come in an order that has no meaning.
func (p *parser) once(ok bool) {
	if !ok {
		p.fail("the order is: values, name=value, *list, **dict", "invalid syntax for function call expression")
	}
}

// filters parses |filter, "is test" and calls of their results.
func (p *parser) filters(e expr) expr {
	for n := 0; p.chain(n); n++ {
		line := p.line()
		switch {
		case p.skipOp("|"):
			e = p.filter(e)
		case p.skipName("is"):
			e = p.test(e, line)
		case p.isOp("("):
			e = &callExpr{callee: e, args: p.arguments(), line: line}
		default:
			return e
		}
	}
	return e
}

func (p *parser) filter(in expr) *filterExpr {
	f := &filterExpr{in: in, line: p.line(), name: p.dotted()}
	if p.isOp("(") {
		f.args = p.arguments()
	}
	return f
}

func (p *parser) dotted() string {
	name := p.identifier()
	for p.err == nil && p.skipOp(".") {
		name += "." + p.identifier()
	}
	return name
}

// test parses "is [not] name", whose argument needs no brackets.
func (p *parser) test(in expr, line int) expr {
	negated := p.skipName("not")
	t := &testExpr{in: in, line: line, name: p.dotted()}
	switch {
	case p.isOp("("):
		t.args = p.arguments()
	case p.isName("is"):
		p.fail("join tests with 'and'", "You cannot chain multiple tests with is")
	case p.bareArgument():
		p.enter()
		t.args.pos = []expr{p.postfix(p.primary())}
		p.leave()
	}
	if negated {
		return &notExpr{t}
	}
	return t
}

// bareArgument tells whether an argument without brackets follows a test's name.
func (p *parser) bareArgument() bool {
	switch t := p.cur(); t.kind {
	case tokString, tokInt, tokFloat:
		return true
	case tokOperator:
		return t.text == "[" || t.text == "{"
	case tokName:
		return t.text != "else" && t.text != "or" && t.text != "and" && t.text != "if"
	}
	return false
}
