package jinja

import "strings"

func (e *constExpr) eval(*scope) (Value, error) { return e.value, nil }

func (e *nameExpr) eval(sc *scope) (Value, error) {
	if v, ok := sc.local(e.name); ok {
		return v, nil
	}
	if v, ok := sc.state.Lookup(e.name); ok {
		return v, nil
	}
	return sc.state.undefined(e.name, ""), nil
}

func evalAll(sc *scope, es []expr) ([]Value, error) {
	out := make([]Value, len(es))
	for i, e := range es {
		v, err := e.eval(sc)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (e *listExpr) eval(sc *scope) (Value, error) {
	items, err := evalAll(sc, e.items)
	return &List{Items: items}, err
}

func (e *tupleExpr) eval(sc *scope) (Value, error) {
	items, err := evalAll(sc, e.items)
	return Tuple(items), err
}

func (e *dictExpr) eval(sc *scope) (Value, error) {
	d := NewDict()
	for i := range e.keys {
		k, err := e.keys[i].eval(sc)
		if err != nil {
			return nil, err
		}
		v, err := e.values[i].eval(sc)
		if err != nil {
			return nil, err
		}
		if err := d.Set(k, v); err != nil {
			return nil, sc.at(err, e.line)
		}
	}
	return d, nil
}

func (e *attrExpr) eval(sc *scope) (Value, error) {
	o, err := e.object.eval(sc)
	if err != nil {
		return nil, err
	}
	v, err := sc.state.Attr(o, e.name)
	return v, sc.at(err, e.line)
}

func (e *itemExpr) eval(sc *scope) (Value, error) {
	o, err := e.object.eval(sc)
	if err != nil {
		return nil, err
	}
	if s, ok := e.key.(*sliceExpr); ok {
		v, err := s.apply(sc, o)
		return v, sc.at(err, e.line)
	}
	k, err := e.key.eval(sc)
	if err != nil {
		return nil, err
	}
	v, err := sc.state.Item(o, k)
	return v, sc.at(err, e.line)
}

func (e *condExpr) eval(sc *scope) (Value, error) {
	c, err := e.cond.eval(sc)
	if err != nil {
		return nil, err
	}
	if Truth(c) {
		return e.then.eval(sc)
	}
	if e.otherwise == nil {
		return sc.state.undefined("", "the inline if-expression evaluated to false and no else section was defined."), nil
	}
	return e.otherwise.eval(sc)
}

func (e *logicExpr) eval(sc *scope) (Value, error) {
	left, err := e.left.eval(sc)
	if err != nil {
		return nil, err
	}
	if Truth(left) != e.and {
		return left, nil
	}
	return e.right.eval(sc)
}

func (e *notExpr) eval(sc *scope) (Value, error) {
	v, err := e.operand.eval(sc)
	return !Truth(v), err
}

func (e *signExpr) eval(sc *scope) (Value, error) {
	v, err := e.operand.eval(sc)
	if err != nil {
		return nil, err
	}
	v, err = negate(v, e.minus)
	return v, sc.at(err, e.line)
}

func (e *compareExpr) eval(sc *scope) (Value, error) {
	left, err := e.first.eval(sc)
	if err != nil {
		return nil, err
	}
	for i, op := range e.ops {
		right, err := e.rest[i].eval(sc)
		if err != nil {
			return nil, err
		}
		ok, err := comparison(op, left, right)
		if err != nil {
			return nil, sc.at(err, e.line)
		}
		if !ok {
			return false, nil
		}
		left = right
	}
	return true, nil
}

func comparison(op string, a, b Value) (bool, error) {
	switch op {
	case "==":
		return Equal(a, b), nil
	case "!=":
		return !Equal(a, b), nil
	case "in":
		return Contains(b, a)
	case "not in":
		ok, err := Contains(b, a)
		return !ok, err
	}
	return ordered(op, a, b)
}

func (e *binaryExpr) eval(sc *scope) (Value, error) {
	left, err := e.left.eval(sc)
	if err != nil {
		return nil, err
	}
	right, err := e.right.eval(sc)
	if err != nil {
		return nil, err
	}
	v, err := sc.state.binary(e.op, left, right)
	return v, sc.at(err, e.line)
}

func (e *concatExpr) eval(sc *scope) (Value, error) {
	var b strings.Builder
	for _, p := range e.parts {
		v, err := p.eval(sc)
		if err != nil {
			return nil, err
		}
		s, err := text(v)
		if err != nil {
			return nil, err
		}
		b.WriteString(s)
		if b.Len() > maxStringBytes {
			break
		}
	}
	return b.String(), sc.state.grow(b.Len())
}
