package lakehouse

import (
	"context"
	"errors"
)

// Change is one difference between a table and its Spec.
type Change struct {
	Table    Name
	Kind     string // see the Change* constants
	Column   string
	Detail   string
	Breaking bool   // needs ApplyOptions.AllowBreaking
	Info     bool   // nothing will be done: a column that evolution added and the Spec does not name
	Refused  string // why it can never be done and what to do instead; "" if it can
}

// The kinds of a Change.
const (
	ChangeCreate        = "create"
	ChangeAddColumn     = "add-column"
	ChangeDropColumn    = "drop-column"
	ChangeRenameColumn  = "rename-column"
	ChangeType          = "change-type"
	ChangeMakeOptional  = "make-optional"
	ChangeMakeRequired  = "make-required"
	ChangeDoc           = "set-doc"
	ChangeKey           = "set-key"
	ChangePartition     = "set-partition"
	ChangeSort          = "set-sort"
	ChangeProperties    = "set-properties"
	ChangeEvolvedColumn = "evolved-column"
)

// ApplyOptions says what Apply may do.
type ApplyOptions struct {
	AllowBreaking bool // drops of columns
}

// Plan lists what Apply would do, in a fixed order; it changes nothing.
func (l *Lake) Plan(ctx context.Context, s Spec) ([]Change, error) {
	return nil, errors.ErrUnsupported
}

// Apply makes the table as s says, or creates it, and gives what it did.
func (l *Lake) Apply(ctx context.Context, s Spec, o ApplyOptions) ([]Change, error) {
	return nil, errors.ErrUnsupported
}
