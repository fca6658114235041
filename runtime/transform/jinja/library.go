package jinja

// method is a built-in type's method.
type method func(s *State, self Value, a Args) (Value, error)

// library holds what every template can use. It is complete before the first
// render and never changes; a State points to it, as filters need one another.
type library struct {
	filters map[string]Filter
	tests   map[string]Test
	globals map[string]Value
	methods map[string]map[string]method // by type name
}

func newLibrary() *library {
	l := &library{
		filters: map[string]Filter{},
		tests:   map[string]Test{},
		globals: builtinFunctions(),
		methods: map[string]map[string]method{
			"str": stringMethods(), "list": listMethods(), "tuple": tupleMethods(),
			"dict": dictMethods(), "set": setMethods(), "float": floatMethods(), "int": intMethods(),
		},
	}
	for _, m := range []map[string]Filter{textFilters(), numberFilters(), sequenceFilters(), sortFilters(), selectFilters(), passFilters()} {
		for name, f := range m {
			l.filters[name] = f
		}
	}
	for _, m := range []map[string]Test{typeTests(), valueTests()} {
		for name, t := range m {
			l.tests[name] = t
		}
	}
	return l
}

// boundMethod is x.name where name is a built-in method.
type boundMethod struct {
	self Value
	name string
	fn   method
}

// Call calls the method.
func (m *boundMethod) Call(s *State, a Args) (Value, error) { return m.fn(s, m.self, a) }

// TypeName is Python's.
func (m *boundMethod) TypeName() string { return "builtin_function_or_method" }

// Repr is Python's without an address.
func (m *boundMethod) Repr() string {
	return "<built-in method " + m.name + " of " + TypeName(m.self) + " object>"
}

// method finds a built-in method of v.
func (s *State) method(v Value, name string) (Value, bool) {
	fn, ok := s.run.lib.methods[builtinType(v)][name]
	if !ok {
		return nil, false
	}
	return &boundMethod{v, name, fn}, true
}

// builtinType is the type name of a built-in value, "" of an object, which may
// call itself whatever it likes.
func builtinType(v Value) string {
	switch v.(type) {
	case string:
		return "str"
	case *List:
		return "list"
	case Tuple:
		return "tuple"
	case *Dict:
		return "dict"
	case *Set:
		return "set"
	case float64:
		return "float"
	}
	if isInt(v) {
		return "int"
	}
	return ""
}

func floatMethods() map[string]method {
	return map[string]method{
		"is_integer": func(_ *State, self Value, a Args) (Value, error) {
			f, _ := floatOf(self)
			return f == float64(int64(f)), nil
		},
	}
}

func intMethods() map[string]method {
	return map[string]method{
		"bit_length": func(_ *State, self Value, a Args) (Value, error) {
			b, _ := bigOf(self)
			return int64(b.BitLen()), nil
		},
	}
}

// passFilters are those of dbt that only matter to its native rendering: the value goes through.
func passFilters() map[string]Filter {
	pass := func(_ *State, in Value, _ Args) (Value, error) { return in, nil }
	return map[string]Filter{"as_bool": pass, "as_native": pass, "as_text": pass, "as_number": pass, "is_list": isListFilter}
}

func isListFilter(_ *State, in Value, _ Args) (Value, error) {
	_, ok := in.(*List)
	return ok, nil
}
