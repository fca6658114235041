package jinja

import (
	"errors"
	"fmt"
	"strings"
)

// Error is a template that cannot be parsed or rendered.
type Error struct {
	Kind     string  // Jinja's or Python's name: TemplateSyntaxError, UndefinedError, TypeError, ...; "" for Err of another package
	Message  string  // what was found
	Hint     string  // what would be right, "" if the message says it
	Template string  // the name given to Parse
	Line     int     // from 1; 0 if unknown
	Stack    []Frame // macro calls that led there, innermost first
	Err      error   // the cause where a Callable failed, else nil
}

// Frame is one macro call on the way to an Error.
type Frame struct {
	Macro    string
	Template string // where it was called
	Line     int
}

// maxFrames bounds how many frames a message shows.
const maxFrames = 8

// Error is one line: place, kind, message, hint, macro calls.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Template != "" {
		fmt.Fprintf(&b, "%s:%d: ", e.Template, e.Line)
	}
	if e.Kind != "" {
		b.WriteString(e.Kind + ": ")
	}
	b.WriteString(e.Message)
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	if len(e.Stack) > 0 {
		b.WriteString(" (")
		for i, f := range e.Stack {
			if i == maxFrames {
				fmt.Fprintf(&b, "; %d more calls", len(e.Stack)-i)
				break
			}
			if i > 0 {
				b.WriteString("; ")
			}
			b.WriteString("in macro " + f.Macro)
			if f.Line > 0 {
				fmt.Fprintf(&b, ", called at %s:%d", f.Template, f.Line)
			}
		}
		b.WriteString(")")
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error for a Callable to return; the engine adds the place.
func Errorf(kind, format string, a ...any) error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, a...)}
}

// Return is the error by which return(value) leaves a macro. It passes through
// jinja's own macros, as in dbt; the call site of a dbt macro ends it with Catch.
type Return struct {
	Value    Value
	template string // where it was called
	line     int
}

func (*Return) Error() string { return "return() was called outside of a macro" }

// Catch turns a Return into the value that it carries; it is for the call site of a dbt macro.
func Catch(v Value, err error) (Value, error) {
	var r *Return
	if err != nil && errors.As(err, &r) {
		return r.Value, nil
	}
	return v, err
}

// at notes the place, if none is noted yet.
func (r *Return) at(template string, line int) *Return {
	if r.line > 0 {
		return r
	}
	return &Return{r.Value, template, line}
}

// outside is the error of a Return that no macro call ended. It wraps it, so that a
// macro around this render may still end it.
func outside(err error) error {
	var r *Return
	if _, ok := own(err); ok || !errors.As(err, &r) {
		return err
	}
	return &Error{Kind: "MacroReturn", Message: "return() was called outside of a macro", Template: r.template, Line: r.line, Err: r,
		Hint: "print the value with {{ }}, or move the code into a macro"}
}

// own tells whether err itself is an Error. One that another package wrapped is not: what
// that package added must stay in the message.
func own(err error) (*Error, bool) {
	e, ok := err.(*Error) //nolint:errorlint // see above
	return e, ok
}

// loopSignal leaves a loop's body; the parser lets it only occur inside one.
type loopSignal int

const (
	breakLoop loopSignal = iota + 1
	continueLoop
)

func (loopSignal) Error() string { return "break or continue outside of a loop" }

// located gives err its place unless it has one already. The error is copied, as
// callers may share it.
func located(err error, template string, line int) error {
	var signal loopSignal
	if err == nil || errors.As(err, &signal) {
		return err
	}
	if e, ok := own(err); ok {
		if e.Template != "" || e.Line > 0 {
			return err
		}
		c := *e
		c.Template, c.Line = template, line
		return &c
	}
	var r *Return
	if errors.As(err, &r) {
		return r.at(template, line)
	}
	return &Error{Message: err.Error(), Template: template, Line: line, Err: err}
}

// inMacro notes that err left the named macro; calledAt fills in from where.
func inMacro(err error, macro string) error {
	e, ok := own(err)
	if !ok {
		return err
	}
	c := *e
	c.Stack = append(append([]Frame(nil), e.Stack...), Frame{Macro: macro})
	return &c
}

func calledAt(err error, template string, line int) error {
	err = located(err, template, line)
	e, ok := own(err)
	if !ok || len(e.Stack) == 0 || e.Stack[len(e.Stack)-1].Line > 0 {
		return err
	}
	c := *e
	c.Stack = append([]Frame(nil), e.Stack...)
	c.Stack[len(c.Stack)-1].Template, c.Stack[len(c.Stack)-1].Line = template, line
	return &c
}
