package jinja

// macroStatement parses {% macro %} and dbt's {% test %}, whose macro is called "test_" and its name.
func (p *parser) macroStatement(tag string, line int) stmt {
	m := &macroStmt{name: p.identifier(), line: line}
	if tag != "macro" {
		m.name = "test_" + m.name
	}
	p.signature(m)
	m.body = p.macroBody(tag, m, line)
	return m
}

// macroBody parses the body and notes in m which implicit parameters it uses.
// Loops around the macro are none of its own.
func (p *parser) macroBody(tag string, m *macroStmt, line int) []stmt {
	loops := p.loops
	p.loops = 0
	p.macros = append(p.macros, m)
	body := p.closed(tag, line)
	p.macros = p.macros[:len(p.macros)-1]
	p.loops = loops
	return body
}

// materialization parses {% materialization name, adapter='x', supported_languages=[...] %}.
// The macro is called "materialization_<name>_<adapter>", "default" without one.
func (p *parser) materialization(line int) stmt {
	name, adapter := p.identifier(), "default"
	m := &macroStmt{line: line}
	for p.err == nil && p.skipOp(",") {
		key := p.identifier()
		if key == "default" {
			continue
		}
		p.expect("=")
		value := p.expression()
		if key != "adapter" {
			m.params, m.defaults = append(m.params, key), append(m.defaults, value)
			continue
		}
		c, _ := value.(*constExpr)
		if c == nil {
			p.fail("write adapter='athena'", "the adapter of a materialization must be a string")
			return nil
		}
		adapter = Str(c.value)
	}
	m.name = "materialization_" + name + "_" + adapter
	if len(m.params) == 0 {
		m.params = []string{"supported_languages"}
		m.defaults = []expr{&listExpr{[]expr{&constExpr{"sql"}}}}
	}
	m.body = p.macroBody("materialization", m, line)
	return m
}

// signature parses a macro's parameters. Types ("a: list[str]") are dbt's, and ignored.
func (p *parser) signature(m *macroStmt) {
	p.expect("(")
	for first := true; p.err == nil && !p.isOp(")"); first = false {
		if !first {
			p.expect(",")
		}
		param := p.identifier()
		if m.hasParam(param) {
			p.fail("choose another name", "duplicate argument '%s' in macro definition", param)
		}
		m.params = append(m.params, param)
		if p.skipOp(":") {
			p.typeName()
		}
		switch {
		case p.skipOp("="):
			m.defaults = append(m.defaults, p.expression())
		case len(m.defaults) > 0:
			p.fail("give it a default too, or move it to the front", "non-default argument follows default argument")
		}
	}
	p.expect(")")
}

func (p *parser) typeName() {
	p.enter()
	defer p.leave()
	p.identifier()
	if !p.skipOp("[") {
		return
	}
	for first := true; p.until("]", first); first = false {
		p.typeName()
	}
	p.expect("]")
}

// noteImplicit marks the enclosing macros as users of varargs, kwargs or caller.
func (p *parser) noteImplicit(name string) {
	for _, m := range p.macros {
		if m.hasParam(name) && name != "caller" {
			continue
		}
		switch name {
		case "varargs":
			m.varargs = true
		case "kwargs":
			m.kwargs = true
		case "caller":
			m.caller = true
		}
	}
}

func (m *macroStmt) hasParam(name string) bool {
	for _, p := range m.params {
		if p == name {
			return true
		}
	}
	return false
}
