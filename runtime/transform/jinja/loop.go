package jinja

import (
	"errors"
	"fmt"
)

// loop is the variable "loop" within {% for %}.
type loop struct {
	state    *State
	source   cursor
	iterable Value // what is looped over, nil where a condition filters it
	current  Value
	previous Value
	ahead    []Value // read but not yet visited
	index    int     // from 0
	depth    int
	changed  Value
	again    func(v Value) (Value, error) // of a recursive loop
	err      error                        // of reading ahead
}

func (n *forStmt) exec(sc *scope, out *output) error {
	v, err := n.iterable.eval(sc)
	if err == nil {
		err = n.run(sc, out, v, 0)
	}
	return sc.at(err, n.line)
}

// run loops over v; depth counts recursive loops.
func (n *forStmt) run(sc *scope, out *output, v Value, depth int) error {
	source, err := cursorOf(v)
	if err != nil {
		return err
	}
	l := &loop{state: sc.state, source: source, iterable: v, index: -1, depth: depth}
	if n.where != nil {
		l.source, l.iterable = &whereCursor{n, sc, source}, nil
	}
	if n.recursive {
		l.again = func(v Value) (Value, error) {
			inner := &output{state: sc.state}
			err := n.run(sc, inner, v, depth+1)
			return inner.String(), err
		}
	}
	completed, err := n.iterations(sc, out, l)
	if err != nil || completed {
		return err
	}
	return execAll(n.otherwise, sc.child(), out)
}

// iterations tells whether an iteration came to its end. As in jinja2, one that break or
// continue left does not count, so that the else branch may still be rendered.
func (n *forStmt) iterations(sc *scope, out *output, l *loop) (completed bool, err error) {
	for {
		ok, err := l.advance()
		if err != nil || !ok {
			return completed, err
		}
		inner := sc.child()
		inner.set("loop", l)
		if err := assign(inner, n.target, l.current); err != nil {
			return false, err
		}
		switch err := execAll(n.body, inner, out); {
		case errors.Is(err, breakLoop):
			return completed, nil
		case errors.Is(err, continueLoop):
		case err != nil:
			return false, err
		default:
			completed = true
		}
		if l.err != nil {
			return false, l.err
		}
	}
}

// whereCursor leaves out what the loop's condition refuses.
type whereCursor struct {
	node   *forStmt
	sc     *scope
	source cursor
}

func (c *whereCursor) next() (Value, bool, error) {
	for {
		v, ok, err := c.source.next()
		if err != nil || !ok {
			return nil, false, err
		}
		sc := c.sc.child()
		if err := sc.state.step(1); err != nil {
			return nil, false, err
		}
		if err := assign(sc, c.node.target, v); err != nil {
			return nil, false, err
		}
		keep, err := c.node.where.eval(sc)
		if err != nil {
			return nil, false, err
		}
		if Truth(keep) {
			return v, true, nil
		}
	}
}

// advance goes to the next item.
func (l *loop) advance() (bool, error) {
	if err := l.state.step(1); err != nil {
		return false, err
	}
	v, ok, err := l.take()
	if err != nil || !ok {
		return false, err
	}
	if l.index++; l.index > 0 {
		l.previous = l.current
	}
	l.current = v
	return true, nil
}

func (l *loop) take() (Value, bool, error) {
	if len(l.ahead) > 0 {
		v := l.ahead[0]
		l.ahead = l.ahead[1:]
		return v, true, nil
	}
	return l.source.next()
}

// peek is the next item without going there.
func (l *loop) peek() (Value, bool) {
	if len(l.ahead) == 0 {
		v, ok, err := l.source.next()
		if err != nil || !ok {
			l.err = err
			return nil, false
		}
		l.ahead = append(l.ahead, v)
	}
	return l.ahead[0], true
}

// length reads to the end where the iterable does not know its length.
func (l *loop) length() int {
	if _, generator := l.iterable.(*Iterator); l.iterable != nil && !generator {
		if n, err := l.state.lengthOf(l.iterable); err == nil {
			return n
		}
	}
	for {
		v, ok, err := l.source.next()
		if err == nil {
			err = l.state.step(1)
		}
		if err != nil || !ok {
			l.err = err
			return l.index + 1 + len(l.ahead)
		}
		l.ahead = append(l.ahead, v)
	}
}

// Attr gives loop.index and its kin.
func (l *loop) Attr(name string) (Value, bool) {
	switch name {
	case "index":
		return int64(l.index + 1), true
	case "index0":
		return int64(l.index), true
	case "revindex":
		return int64(l.length() - l.index), true
	case "revindex0":
		return int64(l.length() - l.index - 1), true
	case "length":
		return int64(l.length()), true
	case "depth":
		return int64(l.depth + 1), true
	case "depth0":
		return int64(l.depth), true
	case "first":
		return l.index == 0, true
	case "last":
		_, more := l.peek()
		return !more, true
	case "previtem":
		if l.index > 0 {
			return l.previous, true
		}
		return l.state.undefined(name, "there is no previous item"), true
	case "nextitem":
		if v, ok := l.peek(); ok {
			return v, true
		}
		return l.state.undefined(name, "there is no next item"), true
	case "cycle":
		return Func(l.cycle), true
	case "changed":
		return Func(l.hasChanged), true
	}
	return nil, false
}

func (l *loop) cycle(_ *State, a Args) (Value, error) {
	if len(a.Pos) == 0 {
		return nil, Errorf("TypeError", "no items for cycling given")
	}
	return a.Pos[l.index%len(a.Pos)], nil
}

func (l *loop) hasChanged(_ *State, a Args) (Value, error) {
	v := Tuple(a.Pos)
	if l.changed != nil && Equal(l.changed, v) {
		return false, nil
	}
	l.changed = v
	return true, nil
}

// Call is loop(items) in a recursive loop.
func (l *loop) Call(_ *State, a Args) (Value, error) {
	if l.again == nil {
		return nil, Errorf("TypeError", "The loop must have the 'recursive' marker to be called recursively.")
	}
	v, err := a.Bind("loop", Req("iterable"))
	if err != nil {
		return nil, err
	}
	return l.again(v[0])
}

// TypeName is jinja2's.
func (l *loop) TypeName() string { return "LoopContext" }

// Repr is jinja2's.
func (l *loop) Repr() string { return fmt.Sprintf("<LoopContext %d/%d>", l.index+1, l.length()) }

// Len is what loop|length gives.
func (l *loop) Len() int { return l.length() }

// Truth holds always: there is a loop.
func (l *loop) Truth() bool { return true }
