// Package pymodules has the Python modules that dbt gives to templates as
// "modules": datetime, pytz, re and itertools, as values of package jinja.
//
// Regular expressions are Python's (lookaround, (?x), \g<name>), on regexp2 and
// with a time limit; time zones come with the program, so that an image without
// /usr/share/zoneinfo has them too.
package pymodules

import (
	"time"
	_ "time/tzdata" // images may have no time zones

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// Modules is dbt's "modules". now is the clock of datetime.now() and its kin.
// The value is safe for concurrent use.
func Modules(now func() time.Time) jinja.Value {
	return module("modules", map[string]jinja.Value{
		"datetime":  Datetimes(now),
		"pytz":      Pytz(),
		"re":        Re(),
		"itertools": Itertools(),
	})
}

func module(name string, attrs map[string]jinja.Value) *jinja.Bag {
	return &jinja.Bag{Type: name, Attrs: attrs}
}

// class is a Python class: callable, with class methods and constants.
func class(name string, make jinja.Func, attrs map[string]jinja.Value) *jinja.Bag {
	return &jinja.Bag{Type: name, Fn: make, Attrs: attrs}
}

// method makes a function of one that takes bound arguments.
func method(name string, params []jinja.Param, f func(a []jinja.Value) (jinja.Value, error)) jinja.Func {
	return func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
		v, err := a.Bind(name, params...)
		if err != nil {
			return nil, err
		}
		return f(v)
	}
}

// getter makes a method without arguments.
func getter(name string, f func() (jinja.Value, error)) jinja.Func {
	return method(name, nil, func([]jinja.Value) (jinja.Value, error) { return f() })
}

// intArg is an int argument.
func intArg(v jinja.Value) (int64, error) {
	switch x := v.(type) {
	case int64:
		return x, nil
	case bool:
		if x {
			return 1, nil
		}
		return 0, nil
	}
	return 0, jinja.Errorf("TypeError", "'%s' object cannot be interpreted as an integer", jinja.TypeName(v))
}

// textArg is a str argument.
func textArg(fn string, v jinja.Value) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", jinja.Errorf("TypeError", "%s() argument must be str, not %s", fn, jinja.TypeName(v))
	}
	return s, nil
}
