package jinja

import (
	"context"
	"fmt"
)

const (
	defaultSteps = 50_000_000
	defaultDepth = 220
	defaultBytes = 1 << 30

	maxStringBytes = 64 << 20 // of one string
	maxListItems   = 10_000_000
	maxRange       = 100_000 // jinja2's sandbox: MAX_RANGE
	maxNesting     = 1000    // of values within values, for repr, == and JSON
)

// State is one render under way: the Env of the code that runs and what the
// render has cost so far. A Callable gets its caller's State and hands it on to
// what it calls itself. A State belongs to one goroutine.
type State struct {
	env *Env
	run *run
}

// run is what all templates and macros of one render share.
type run struct {
	ctx     context.Context
	lib     *library
	limits  Limits
	steps   int64
	bytes   int64
	depth   int
	ctxTick int64
}

var builtins = newLibrary()

// NewState begins a render. Template.Render makes its own; a State of one's own is for
// calling a Macro or another Value from Go. A nil env knows only the built-in names.
func NewState(ctx context.Context, env *Env) *State {
	if env == nil {
		env = &Env{}
	}
	l := env.Limits
	if l.Steps <= 0 {
		l.Steps = defaultSteps
	}
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	return &State{env: env, run: &run{ctx: ctx, lib: builtins, limits: l}}
}

// Context is the render's context, for callables that do I/O.
func (s *State) Context() context.Context { return s.run.ctx }

// Env is the environment of the code that calls.
func (s *State) Env() *Env { return s.env }

// In is the same render seen from another environment: for a callable that renders
// or calls code which belongs to env.
func (s *State) In(env *Env) *State {
	if env == nil || env == s.env {
		return s
	}
	return &State{env: env, run: s.run}
}

// Lookup resolves a name that no template defines: Env.Lookup, then the built-in functions.
func (s *State) Lookup(name string) (Value, bool) {
	if s.env.Lookup != nil {
		if v, ok := s.env.Lookup(name); ok {
			return v, true
		}
	}
	v, ok := s.run.lib.globals[name]
	return v, ok
}

// Call calls f. It bounds the depth of calls.
func (s *State) Call(f Value, a Args) (Value, error) {
	switch x := f.(type) {
	case Callable:
		if err := s.step(1); err != nil {
			return nil, err
		}
		if s.run.depth >= s.run.limits.Depth {
			return nil, Errorf("RecursionError", "maximum recursion depth exceeded: %d nested calls", s.run.depth)
		}
		s.run.depth++
		v, err := x.Call(s, a)
		s.run.depth--
		return v, err
	case *Undefined:
		if x.Lenient {
			return x, nil
		}
		return nil, x.err()
	}
	return nil, Errorf("TypeError", "'%s' object is not callable", TypeName(f))
}

// undefined makes an Undefined of the environment's mode.
func (s *State) undefined(name, hint string) *Undefined {
	return &Undefined{Name: name, Hint: hint, Lenient: s.env.Undefined == Lenient}
}

// step counts work, and looks at the context now and then.
func (s *State) step(n int) error {
	r := s.run
	r.steps += int64(n)
	if r.steps > r.limits.Steps {
		return Errorf("LimitError", "the template takes more than %d steps: look for a loop or a macro that does not end", r.limits.Steps)
	}
	if r.steps-r.ctxTick > 1024 {
		r.ctxTick = r.steps
		if err := r.ctx.Err(); err != nil {
			return fmt.Errorf("rendering was stopped: %w", context.Cause(r.ctx))
		}
	}
	return nil
}

// grow accounts for n bytes before they are made.
func (s *State) grow(n int) error {
	if n > maxStringBytes {
		return tooLarge()
	}
	s.run.bytes += int64(n)
	if n < 0 || s.run.bytes > s.run.limits.Bytes {
		return Errorf("MemoryError", "the template makes more than %d bytes of text and lists", s.run.limits.Bytes)
	}
	return nil
}

func tooLarge() error {
	return Errorf("MemoryError", "a value of more than %d bytes", maxStringBytes)
}

// growBy is grow(n*each) without overflow.
func (s *State) growBy(n, each int) error {
	if n > 0 && each > maxStringBytes/n {
		return tooLarge()
	}
	return s.grow(max(n, 0) * each)
}

// growList accounts for a list of n items.
func (s *State) growList(n int) error {
	if n > maxListItems {
		return Errorf("MemoryError", "a list of more than %d items", maxListItems)
	}
	if err := s.step(n); err != nil {
		return err
	}
	return s.growBy(n, 1)
}
