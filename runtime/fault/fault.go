// Package fault gives an error its exit code and the next thing to do.
//
// Every program of floe ends with one of five codes (see Kind). An error that
// nothing has marked is a failure, code 1. The mark travels with %w, so that
// the innermost package that knows sets it and main only reads it.
package fault

import (
	"errors"
	"fmt"
	"io"
)

// Kind says what sort of end an error is; its value is the exit code.
type Kind int

// The kinds and their exit codes.
const (
	Failed      Kind = 1 // an act failed: the cause is outside the command line
	Usage       Kind = 2 // used wrongly: a flag, a name or a file that floe reads
	Contract    Kind = 3 // tests or contracts failed: the data is not as promised
	Interrupted Kind = 4 // stopped by a signal; state is kept
)

// Error is an error with its kind and, where it is known, the next command or act.
type Error struct {
	Kind Kind
	Err  error
	Next string // what to do next, a whole sentence or a command; "" if unknown
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// New marks err with a kind and the next act; nil stays nil.
func New(k Kind, err error, next string) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: k, Err: err, Next: next}
}

// Code is the exit code of err: 0 for nil, 1 where nothing marked it.
func Code(err error) int {
	if err == nil {
		return 0
	}
	var e *Error
	if errors.As(err, &e) {
		return int(e.Kind)
	}
	return int(Failed)
}

// Next is the outermost advice that err carries, "" if none.
func Next(err error) string {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return ""
		}
		if e.Next != "" {
			return e.Next
		}
		err = e.Err
	}
	return ""
}

// Tell writes an error and its advice for people to read, nothing of nil, and
// gives the exit code.
func Tell(w io.Writer, err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintln(w, "error:", err)
	if next := Next(err); next != "" {
		fmt.Fprintln(w, "next: ", next)
	}
	return Code(err)
}
