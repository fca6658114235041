package jinja

// Call is a call that a template makes, found without rendering it.
type Call struct {
	Name  string // "ref", "dbt_utils.star"; only calls of names and their attributes are listed
	Line  int
	Macro string // the macro in whose body it stands, "" at the top level
	Pos   []Argument
	Kw    []KeywordArgument
	Star  bool // *list or **dict follow, whose contents are not known
}

// Argument is an argument of a Call; Value is set where Const.
type Argument struct {
	Value Value
	Const bool
}

// KeywordArgument is a named Argument.
type KeywordArgument struct {
	Name string
	Argument
}

// Const tells whether all arguments are constants.
func (c Call) Const() bool {
	ok := !c.Star
	for _, a := range c.Pos {
		ok = ok && a.Const
	}
	for _, k := range c.Kw {
		ok = ok && k.Const
	}
	return ok
}

// Args are the arguments of a Call for which Const holds.
func (c Call) Args() Args {
	var out Args
	for _, a := range c.Pos {
		out.Pos = append(out.Pos, a.Value)
	}
	for _, k := range c.Kw {
		out.Kw = append(out.Kw, Keyword{k.Name, k.Value})
	}
	return out
}

// Calls are all calls in the template in the order of its text, outer calls before those
// in their arguments. Branches that would not be rendered count too.
func (t *Template) Calls() []Call {
	w := &callWalker{}
	w.statements(t.body)
	return w.out
}

type callWalker struct {
	out   []Call
	macro string
}

func (w *callWalker) statements(body []stmt) {
	for _, s := range body {
		w.statement(s)
	}
}

func (w *callWalker) statement(s stmt) {
	switch n := s.(type) {
	case *printStmt:
		w.expr(n.value)
	case *doStmt:
		w.expr(n.value)
	case *setStmt:
		w.expr(n.value)
	case *blockStmt:
		for _, f := range n.filters {
			w.args(f.args)
		}
		w.statements(n.body)
	case *ifStmt:
		for i, c := range n.conds {
			w.expr(c)
			w.statements(n.bodies[i])
		}
		w.statements(n.otherwise)
	case *forStmt:
		w.exprs(n.iterable, n.where)
		w.statements(n.body)
		w.statements(n.otherwise)
	case *withStmt:
		w.exprs(n.values...)
		w.statements(n.body)
	case *callStmt:
		w.expr(n.call)
		w.inMacro(n.caller, w.macro)
	case *groupStmt:
		w.statements(n.body)
	case *macroStmt:
		w.inMacro(n, n.name)
	}
}

func (w *callWalker) inMacro(m *macroStmt, name string) {
	outer := w.macro
	w.macro = name
	w.exprs(m.defaults...)
	w.statements(m.body)
	w.macro = outer
}

func (w *callWalker) exprs(es ...expr) {
	for _, e := range es {
		w.expr(e)
	}
}

func (w *callWalker) expr(e expr) {
	switch n := e.(type) {
	case *callExpr:
		w.call(n)
	case *filterExpr:
		w.expr(n.in)
		w.args(n.args)
	case *testExpr:
		w.expr(n.in)
		w.args(n.args)
	case *listExpr:
		w.exprs(n.items...)
	case *tupleExpr:
		w.exprs(n.items...)
	case *dictExpr:
		for i := range n.keys {
			w.exprs(n.keys[i], n.values[i])
		}
	case *attrExpr:
		w.expr(n.object)
	case *itemExpr:
		w.exprs(n.object, n.key)
	case *sliceExpr:
		w.exprs(n.from, n.to, n.step)
	case *condExpr:
		w.exprs(n.then, n.cond, n.otherwise)
	case *logicExpr:
		w.exprs(n.left, n.right)
	case *notExpr:
		w.expr(n.operand)
	case *signExpr:
		w.expr(n.operand)
	case *compareExpr:
		w.expr(n.first)
		w.exprs(n.rest...)
	case *binaryExpr:
		w.exprs(n.left, n.right)
	case *concatExpr:
		w.exprs(n.parts...)
	}
}

func (w *callWalker) args(a argList) {
	w.exprs(a.pos...)
	for _, k := range a.kw {
		w.expr(k.value)
	}
	w.exprs(a.star, a.starstar)
}

func (w *callWalker) call(n *callExpr) {
	if name := dottedName(n.callee); name != "" {
		c := Call{Name: name, Line: n.line, Macro: w.macro, Star: n.args.star != nil || n.args.starstar != nil}
		for _, e := range n.args.pos {
			c.Pos = append(c.Pos, constantOf(e))
		}
		for _, k := range n.args.kw {
			c.Kw = append(c.Kw, KeywordArgument{k.name, constantOf(k.value)})
		}
		w.out = append(w.out, c)
	}
	w.expr(n.callee)
	w.args(n.args)
}

// dottedName is "a.b.c" for a name and its attributes, else "".
func dottedName(e expr) string {
	switch n := e.(type) {
	case *nameExpr:
		return n.name
	case *attrExpr:
		if object := dottedName(n.object); object != "" {
			return object + "." + n.name
		}
	}
	return ""
}

// constantOf evaluates literals, also lists, tuples and dicts of them.
func constantOf(e expr) Argument {
	switch n := e.(type) {
	case *constExpr:
		return Argument{n.value, true}
	case *signExpr:
		a := constantOf(n.operand)
		v, err := negate(a.Value, n.minus)
		return Argument{v, a.Const && err == nil}
	case *listExpr:
		items, ok := constantsOf(n.items)
		return Argument{&List{Items: items}, ok}
	case *tupleExpr:
		items, ok := constantsOf(n.items)
		return Argument{Tuple(items), ok}
	case *dictExpr:
		d := NewDict()
		for i := range n.keys {
			k, v := constantOf(n.keys[i]), constantOf(n.values[i])
			if !k.Const || !v.Const || d.Set(k.Value, v.Value) != nil {
				return Argument{}
			}
		}
		return Argument{d, true}
	}
	return Argument{}
}

func constantsOf(es []expr) ([]Value, bool) {
	out := make([]Value, len(es))
	for i, e := range es {
		a := constantOf(e)
		if !a.Const {
			return nil, false
		}
		out[i] = a.Value
	}
	return out, true
}
