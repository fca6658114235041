package jinja

import "context"

// UndefinedMode says what an undefined name's attributes, items and calls are.
type UndefinedMode int

const (
	// Strict is jinja2's default: an UndefinedError.
	Strict UndefinedMode = iota
	// Lenient is dbt's while it parses: Undefined again.
	Lenient
)

// Filter is a filter: x|name(args).
type Filter func(s *State, in Value, a Args) (Value, error)

// Test is a test: x is name(args).
type Test func(s *State, v Value, a Args) (bool, error)

// Env is what templates run in. Many renders may share one; nothing here changes it.
type Env struct {
	// Lookup resolves the names that the template itself does not define. It wins
	// over the built-in functions (range, dict, namespace, ...); nil knows none.
	Lookup func(name string) (Value, bool)
	// Undefined is the mode of undefined values.
	Undefined UndefinedMode
	// Filters and Tests are added to the built-in ones, and win over them.
	Filters map[string]Filter
	Tests   map[string]Test
	// Limits bound a render; zero fields have defaults.
	Limits Limits
}

// Limits bound what one render (with all macros that it calls) may cost.
type Limits struct {
	Steps int64 // statements, calls and items looped over; default 50 million
	Depth int   // nested calls; default 220, about where Python's own limit is
	Bytes int64 // bytes of strings and lists made by growing operations, and output; default 1 GiB
}

// Template is a parsed template. It is immutable and safe for concurrent use.
type Template struct {
	name   string
	body   []stmt
	macros map[string]*macroStmt
	order  []string
}

// Name is the name given to Parse.
func (t *Template) Name() string { return t.name }

// Macros are the names of the macros at the top level, in the order written: also tests
// ("test_<name>") and materializations ("materialization_<name>_<adapter>").
func (t *Template) Macros() []string { return append([]string(nil), t.order...) }

// Render gives the template's text. Errors are *Error, or wrap what ctx says.
func (t *Template) Render(ctx context.Context, env *Env) (string, error) {
	return t.RenderIn(NewState(ctx, env))
}

// RenderIn renders with a caller's State, so that its limits and its context hold.
func (t *Template) RenderIn(s *State) (string, error) {
	out := &output{state: s}
	if err := execAll(t.body, newScope(s, t.name), out); err != nil {
		return "", outside(located(err, t.name, 0))
	}
	return out.String(), nil
}

// Macro is the macro of that name at the top level, bound to env: its body
// resolves names there, whoever calls it. Calling it may end in a *Return, see Catch.
func (t *Template) Macro(env *Env, name string) (*Macro, bool) {
	m, ok := t.macros[name]
	if !ok {
		return nil, false
	}
	return &Macro{node: m, env: env, scope: &scope{template: t.name}}, true
}
