package jinja

func execAll(body []stmt, sc *scope, out *output) error {
	for _, s := range body {
		if err := sc.state.step(1); err != nil {
			return err
		}
		if err := s.exec(sc, out); err != nil {
			return err
		}
	}
	return nil
}

func (n *dataStmt) exec(_ *scope, out *output) error { return out.write(n.text) }

func (n *printStmt) exec(sc *scope, out *output) error {
	v, err := n.value.eval(sc)
	if err == nil {
		err = out.printed(v)
	}
	return sc.at(err, n.line)
}

func (n *ifStmt) exec(sc *scope, out *output) error {
	for i, c := range n.conds {
		v, err := c.eval(sc)
		if err != nil {
			return sc.at(err, n.line)
		}
		if Truth(v) {
			return execAll(n.bodies[i], sc, out)
		}
	}
	return execAll(n.otherwise, sc, out)
}

func (n *loopStmt) exec(*scope, *output) error { return n.signal }

func (n *groupStmt) exec(sc *scope, out *output) error { return execAll(n.body, sc, out) }

func (n *doStmt) exec(sc *scope, _ *output) error {
	_, err := n.value.eval(sc)
	return sc.at(err, n.line)
}

func (n *setStmt) exec(sc *scope, _ *output) error {
	v, err := n.value.eval(sc)
	if err == nil {
		err = assign(sc, n.target, v)
	}
	return sc.at(err, n.line)
}

func (n *blockStmt) exec(sc *scope, out *output) error {
	captured := &output{state: sc.state}
	if err := execAll(n.body, sc.child(), captured); err != nil {
		return err
	}
	var v Value = captured.String()
	for _, f := range n.filters {
		var err error
		if v, err = f.apply(sc, v); err != nil {
			return sc.at(err, n.line)
		}
	}
	if n.target == nil {
		return sc.at(out.printed(v), n.line)
	}
	return sc.at(assign(sc, n.target, v), n.line)
}

func (n *withStmt) exec(sc *scope, out *output) error {
	inner := sc.child()
	for i, t := range n.targets {
		v, err := n.values[i].eval(sc)
		if err == nil {
			err = assign(inner, t, v)
		}
		if err != nil {
			return sc.at(err, n.line)
		}
	}
	return execAll(n.body, inner, out)
}

func (n *callStmt) exec(sc *scope, out *output) error {
	v, err := n.call.call(sc, newMacro(n.caller, sc))
	if err == nil {
		err = out.printed(v)
	}
	return sc.at(err, n.line)
}

func (n *macroStmt) exec(sc *scope, _ *output) error {
	sc.set(n.name, newMacro(n, sc))
	return nil
}

// assign binds a target, which may be a tuple or a namespace's attribute.
func assign(sc *scope, target expr, v Value) error {
	switch t := target.(type) {
	case *nameExpr:
		sc.set(t.name, v)
		return nil
	case *tupleExpr:
		return unpack(sc, t.items, v)
	case *attrExpr:
		o, err := t.object.eval(sc)
		if err != nil {
			return err
		}
		ns, ok := o.(*Namespace)
		if !ok {
			return Errorf("TemplateRuntimeError", "cannot assign attribute on non-namespace object")
		}
		ns.attrs.SetString(t.name, v)
		return nil
	}
	return Errorf("TemplateRuntimeError", "cannot assign to this expression")
}

func unpack(sc *scope, targets []expr, v Value) error {
	c, err := cursorOf(v)
	if err != nil {
		return Errorf("TypeError", "cannot unpack non-iterable %s object", TypeName(v))
	}
	var items []Value
	for len(items) <= len(targets) {
		x, ok, err := c.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		items = append(items, x)
	}
	if len(items) < len(targets) {
		return Errorf("ValueError", "not enough values to unpack (expected %d, got %d)", len(targets), len(items))
	}
	if len(items) > len(targets) {
		return Errorf("ValueError", "too many values to unpack (expected %d)", len(targets))
	}
	for i, t := range targets {
		if err := assign(sc, t, items[i]); err != nil {
			return err
		}
	}
	return nil
}
