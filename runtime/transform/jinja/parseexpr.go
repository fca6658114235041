package jinja

// target parses what may be assigned to: a, b.c, (a, b), a, b.
// end is the name that ends a list with a trailing comma.
func (p *parser) target(end string) expr {
	p.enter()
	defer p.leave()
	var items []expr
	tuple := false
	for p.err == nil {
		items = append(items, p.targetItem())
		if !p.skipOp(",") {
			break
		}
		tuple = true
		if p.isOp("=") || p.isOp(")") || p.cur().kind == tokBlockEnd || end != "" && p.isName(end) {
			break
		}
	}
	if tuple || len(items) == 0 {
		return &tupleExpr{items}
	}
	return items[0]
}

func (p *parser) targetItem() expr {
	if p.skipOp("(") {
		inner := p.target("")
		p.expect(")")
		return inner
	}
	line := p.line()
	name := p.identifier()
	switch name {
	case "true", "false", "none", "True", "False", "None":
		p.failAt(line, "choose another name", "can't assign to '%s'", name)
	}
	n := &nameExpr{name, line}
	if p.skipOp(".") {
		return &attrExpr{n, p.identifier(), line}
	}
	return n
}

// tuple parses an expression or, with commas, a tuple. conditional allows
// "a if b else c"; a name in ends ends it after a comma.
func (p *parser) tuple(conditional bool, ends ...string) expr {
	var items []expr
	isTuple := false
	for p.err == nil && !p.tupleEnds(ends) {
		if conditional {
			items = append(items, p.expression())
		} else {
			items = append(items, p.or())
		}
		if !p.skipOp(",") {
			break
		}
		isTuple = true
	}
	if isTuple {
		return &tupleExpr{items}
	}
	if len(items) == 0 {
		p.fail("", "Expected an expression, got '%s'", p.cur().describe())
		return &constExpr{}
	}
	return items[0]
}

func (p *parser) tupleEnds(ends []string) bool {
	k := p.cur().kind
	if k == tokVariableEnd || k == tokBlockEnd || p.isOp(")") {
		return true
	}
	for _, e := range ends {
		if p.isName(e) {
			return true
		}
	}
	return false
}

// expression parses a full expression, conditions included.
func (p *parser) expression() expr {
	p.enter()
	defer p.leave()
	e := p.or()
	for n := 0; p.isName("if") && p.chain(n); n++ {
		p.next()
		c := &condExpr{then: e, cond: p.or()}
		if p.skipName("else") {
			c.otherwise = p.expression()
		}
		e = c
	}
	return e
}

// chain bounds the length of a chain of operators, whose tree is as deep as it is long.
func (p *parser) chain(n int) bool {
	if n > maxChain {
		p.fail("split it with {% set %}", "an expression of more than %d operators", maxChain)
	}
	return p.err == nil
}

func (p *parser) or() expr {
	left := p.and()
	for n := 0; p.chain(n) && p.skipName("or"); n++ {
		left = &logicExpr{false, left, p.and()}
	}
	return left
}

func (p *parser) and() expr {
	left := p.not()
	for n := 0; p.chain(n) && p.skipName("and"); n++ {
		left = &logicExpr{true, left, p.not()}
	}
	return left
}

func (p *parser) not() expr {
	if !p.skipName("not") {
		return p.compare()
	}
	p.enter()
	defer p.leave()
	return &notExpr{p.not()}
}

func (p *parser) compare() expr {
	c := &compareExpr{line: p.line(), first: p.sum()}
	for p.err == nil {
		op := p.compareOp()
		if op == "" {
			break
		}
		c.ops, c.rest = append(c.ops, op), append(c.rest, p.sum())
	}
	if len(c.ops) == 0 {
		return c.first
	}
	return c
}

// compareOp takes a comparison operator; "" if there is none.
func (p *parser) compareOp() string {
	t := p.cur()
	switch {
	case t.kind == tokOperator:
		switch t.text {
		case "==", "!=", "<", "<=", ">", ">=":
			return p.next().text
		}
	case p.isName("in"):
		return p.next().text
	case p.isName("not") && p.peek().kind == tokName && p.peek().text == "in":
		p.next()
		p.next()
		return "not in"
	}
	return ""
}

// binary parses a left-associative chain of the given operators.
func (p *parser) binary(operand func() expr, ops ...string) expr {
	left := operand()
	for n := 0; p.chain(n); n++ {
		op := ""
		for _, o := range ops {
			if p.isOp(o) {
				op = o
			}
		}
		if op == "" {
			break
		}
		line := p.next().line
		left = &binaryExpr{op, left, operand(), line}
	}
	return left
}

func (p *parser) sum() expr { return p.binary(p.concat, "+", "-") }

func (p *parser) concat() expr {
	parts := []expr{p.product()}
	for p.err == nil && p.skipOp("~") {
		parts = append(parts, p.product())
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return &concatExpr{parts}
}

func (p *parser) product() expr { return p.binary(p.power, "*", "/", "//", "%") }

func (p *parser) power() expr { return p.binary(p.signed, "**") }

func (p *parser) signed() expr { return p.unary(true) }

// unary parses a sign or a primary; filters bind weaker than the sign.
func (p *parser) unary(filters bool) expr {
	p.enter()
	defer p.leave()
	var e expr
	line := p.line()
	switch {
	case p.skipOp("-"):
		e = &signExpr{p.unary(false), true, line}
	case p.skipOp("+"):
		e = &signExpr{p.unary(false), false, line}
	default:
		e = p.primary()
	}
	e = p.postfix(e)
	if filters {
		e = p.filters(e)
	}
	return e
}
