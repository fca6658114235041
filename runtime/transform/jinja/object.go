package jinja

// The interfaces below are how a Go type takes part in the language. A type
// implements those that it needs; what it lacks behaves as in Python (an error
// or Undefined).

// Object has attributes: x.name. False means that there is none, so that x[name]
// is tried next and the result is Undefined if that fails too.
type Object interface {
	Attr(name string) (Value, bool)
}

// Indexable has items: x[key].
type Indexable interface {
	Item(key Value) (Value, bool)
}

// Iterable can be looped over; the slice is not changed by the engine.
type Iterable interface {
	Iter() []Value
}

// Sized has a length; it is false when empty, unless it is a Truther.
type Sized interface {
	Len() int
}

// Container answers "key in x"; without it an Iterable's items are compared.
type Container interface {
	Has(key Value) bool
}

// Mapping passes the test "is mapping", may follow ** and may be given to dict().
// Looping over it yields the keys.
type Mapping interface {
	Indexable
	Keys() []Value
}

// Hashable objects may be keys of dicts and members of sets; they are equal to
// each other when their keys are. A pointer without it is equal to itself only.
type Hashable interface {
	HashKey() string
}

// Operand takes part in + - * / // % **. reflected is true when the object is the
// right operand. False means: not supported with this other operand.
type Operand interface {
	BinaryOp(op string, other Value, reflected bool) (Value, bool, error)
}

// Ordered can be compared with < and sorted; the result is negative, zero or positive.
type Ordered interface {
	CompareTo(other Value) (int, bool)
}

// Truther decides its own truth; any other object is true (see Sized).
type Truther interface {
	Truth() bool
}

// Representer gives Python's repr(); str() is fmt.Stringer's String, else the repr.
type Representer interface {
	Repr() string
}

// Typed gives the type's name in messages ("'DuckDBRelation' object is not iterable").
type Typed interface {
	TypeName() string
}

// Formatted handles a format specification: '{:%Y-%m}'.format(x).
type Formatted interface {
	Format(spec string) (string, error)
}

// Callable can be called: x(1, a=2). The State is the caller's.
type Callable interface {
	Call(s *State, a Args) (Value, error)
}

// Func makes a Go function a Callable.
type Func func(s *State, a Args) (Value, error)

// Call calls f.
func (f Func) Call(s *State, a Args) (Value, error) { return f(s, a) }

// TypeName is Python's for a function.
func (f Func) TypeName() string { return "function" }

// Keyword is one keyword argument.
type Keyword struct {
	Name  string
	Value Value
}

// Args are a call's arguments, keywords in the order they were written.
type Args struct {
	Pos []Value
	Kw  []Keyword
}

// Positional makes Args without keywords.
func Positional(v ...Value) Args { return Args{Pos: v} }

// Get is the i-th positional argument, else the keyword name, else def. It
// checks nothing; Bind does.
func (a Args) Get(i int, name string, def Value) Value {
	if i < len(a.Pos) {
		return a.Pos[i]
	}
	if v, ok := a.Keyword(name); ok {
		return v
	}
	return def
}

// Keyword is the keyword argument name.
func (a Args) Keyword(name string) (Value, bool) {
	for _, k := range a.Kw {
		if k.Name == name {
			return k.Value, true
		}
	}
	return nil, false
}

// KwDict holds the keyword arguments in a new dict.
func (a Args) KwDict() *Dict {
	d := NewDict()
	for _, k := range a.Kw {
		d.SetString(k.Name, k.Value)
	}
	return d
}

// Param is one parameter of a Go function, for Bind.
type Param struct {
	Name     string
	Default  Value
	Required bool
}

// Req is a parameter that must be given.
func Req(name string) Param { return Param{Name: name, Required: true} }

// Opt is a parameter with a default.
func Opt(name string, def Value) Param { return Param{Name: name, Default: def} }

// Bind gives the arguments in the parameters' order. Too many, missing, doubled
// or unknown arguments are a TypeError that names fn, as in Python.
func (a Args) Bind(fn string, params ...Param) ([]Value, error) {
	if len(a.Pos) > len(params) {
		return nil, Errorf("TypeError", "%s() takes at most %d argument(s) (%d given)", fn, len(params), len(a.Pos))
	}
	out := make([]Value, len(params))
	used := 0
	for i, p := range params {
		v, named := a.Keyword(p.Name)
		if named {
			used++
		}
		switch {
		case i < len(a.Pos) && named:
			return nil, Errorf("TypeError", "%s() got multiple values for argument '%s'", fn, p.Name)
		case i < len(a.Pos):
			out[i] = a.Pos[i]
		case named:
			out[i] = v
		case p.Required:
			return nil, Errorf("TypeError", "%s() missing required argument '%s'", fn, p.Name)
		default:
			out[i] = p.Default
		}
	}
	if used < len(a.Kw) {
		return nil, a.unexpected(fn, params)
	}
	return out, nil
}

// unexpected names the first keyword that is no parameter (or comes twice).
func (a Args) unexpected(fn string, params []Param) error {
	for _, k := range a.Kw {
		known := false
		for _, p := range params {
			known = known || p.Name == k.Name
		}
		if !known {
			return Errorf("TypeError", "%s() got an unexpected keyword argument '%s'", fn, k.Name)
		}
	}
	return Errorf("TypeError", "%s() got a keyword argument twice", fn)
}
