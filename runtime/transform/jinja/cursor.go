package jinja

import "unicode/utf8"

// cursor walks over an iterable once. Lists are walked live: what a loop's body
// appends is visited too, as in Python.
type cursor interface {
	next() (Value, bool, error)
}

type sliceCursor struct {
	items []Value
	pos   int
}

func (c *sliceCursor) next() (Value, bool, error) {
	if c.pos >= len(c.items) {
		return nil, false, nil
	}
	c.pos++
	return c.items[c.pos-1], true, nil
}

type listCursor struct {
	list *List
	pos  int
}

func (c *listCursor) next() (Value, bool, error) {
	if c.pos >= len(c.list.Items) {
		return nil, false, nil
	}
	c.pos++
	return c.list.Items[c.pos-1], true, nil
}

type dictCursor struct {
	view *dictView
	size int
	pos  int
}

func (c *dictCursor) next() (Value, bool, error) {
	if c.view.Len() != c.size {
		return nil, false, Errorf("RuntimeError", "dictionary changed size during iteration")
	}
	if c.pos >= c.size {
		return nil, false, nil
	}
	c.pos++
	return c.view.at(c.pos - 1), true, nil
}

type stringCursor struct{ rest string }

func (c *stringCursor) next() (Value, bool, error) {
	if c.rest == "" {
		return nil, false, nil
	}
	_, size := utf8.DecodeRuneInString(c.rest)
	v := c.rest[:size]
	c.rest = c.rest[size:]
	return v, true, nil
}

type rangeCursor struct {
	r   Range
	pos int
}

func (c *rangeCursor) next() (Value, bool, error) {
	if c.pos >= c.r.Len() {
		return nil, false, nil
	}
	c.pos++
	return c.r.At(c.pos - 1), true, nil
}

type iteratorCursor struct{ it *Iterator }

func (c iteratorCursor) next() (Value, bool, error) { return c.it.next() }

// cursorOf begins an iteration; what cannot be iterated is a TypeError.
func cursorOf(v Value) (cursor, error) {
	switch x := v.(type) {
	case *List:
		return &listCursor{list: x}, nil
	case Tuple:
		return &sliceCursor{items: x}, nil
	case *Dict:
		return &dictCursor{view: &dictView{x, "keys"}, size: x.Len()}, nil
	case *dictView:
		return &dictCursor{view: x, size: x.Len()}, nil
	case *Set:
		return &dictCursor{view: &dictView{x.members, "keys"}, size: x.Len()}, nil
	case string:
		return &stringCursor{rest: x}, nil
	case Range:
		return &rangeCursor{r: x}, nil
	case *Iterator:
		return iteratorCursor{x}, nil
	case *Undefined:
		return &sliceCursor{}, nil
	case Iterable:
		return &sliceCursor{items: x.Iter()}, nil
	case Mapping:
		return &sliceCursor{items: x.Keys()}, nil
	}
	return nil, Errorf("TypeError", "'%s' object is not iterable", TypeName(v))
}

// isIterable tells whether cursorOf succeeds.
func isIterable(v Value) bool {
	_, err := cursorOf(v)
	return err == nil
}

// Items are all that an iteration over v yields, in a new slice. An Iterator is
// consumed by it.
func (s *State) Items(v Value) ([]Value, error) {
	c, err := cursorOf(v)
	if err != nil {
		return nil, err
	}
	var out []Value
	for {
		x, ok, err := c.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			return out, s.growList(len(out))
		}
		out = append(out, x)
		if len(out) > maxListItems {
			return nil, s.growList(len(out))
		}
	}
}

// lengthOf is Python's len(v).
func (s *State) lengthOf(v Value) (int, error) {
	switch x := v.(type) {
	case string:
		return utf8.RuneCountInString(x), nil
	case Tuple:
		return len(x), nil
	case *Undefined:
		return 0, nil
	case Sized:
		return x.Len(), nil
	case Mapping:
		return len(x.Keys()), nil
	}
	return 0, Errorf("TypeError", "object of type '%s' has no len()", TypeName(v))
}

// Iterate begins an iteration over v: the function gives one item after the other, and
// false at the end.
func (s *State) Iterate(v Value) (next func() (Value, bool, error), err error) {
	c, err := cursorOf(v)
	if err != nil {
		return nil, err
	}
	return func() (Value, bool, error) {
		if err := s.step(1); err != nil {
			return nil, false, err
		}
		return c.next()
	}, nil
}
