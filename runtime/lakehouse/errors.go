package lakehouse

import (
	"errors"
	"fmt"
)

// What callers tell apart with errors.Is.
var (
	ErrNotFound   = errors.New("no such table or view")
	ErrExists     = errors.New("already exists")
	ErrLocked     = errors.New("the catalog is locked by another process")
	ErrMoved      = errors.New("the home was moved")
	ErrConflict   = errors.New("the table changed meanwhile")
	ErrStateMoved = errors.New("the cursor state changed meanwhile")
	ErrRolledBack = errors.New("the table was rolled back meanwhile")
	ErrReadOnly   = errors.New("the lake is open for reading only")
	ErrNoSchema   = errors.New("no such schema")
)

// errMovedOn is the refusal of a compare-and-swap: another commit came first.
var errMovedOn = errors.New("another commit came first")

// errUnknown: the catalog did not say what became of a commit, and could not be
// asked. The files must stay; the same load, run again, finds out.
var errUnknown = errors.New("what became of the commit is not known")

// errRefused is the catalog's refusal of a change: to ask again is of no use.
var errRefused = errors.New("refused")

// errUnanswered: the catalog may have made a change, or make it yet.
var errUnanswered = errors.New("not answered")

func stateMoved(key, is, want string) error {
	return fmt.Errorf("%w: %q is %q, not %q: another load of the same table committed; run again", ErrStateMoved, key, is, want)
}
