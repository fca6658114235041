package lakehouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
)

// ApplyOptions says what Apply may do.
type ApplyOptions struct {
	AllowBreaking bool // drop columns, change the key or the partitions
}

// Apply makes the table as s says, in one commit, or creates it, and gives what
// it did. If one change cannot be made, none is, and the error names them all.
func (l *Lake) Apply(ctx context.Context, s Spec, o ApplyOptions) ([]Change, error) {
	if err := l.writable("apply", s.Name); err != nil {
		return nil, err
	}
	s, err := s.normal()
	if err != nil {
		return nil, err
	}
	found, err := l.Plan(ctx, s)
	if err != nil {
		return nil, err
	}
	if len(found) == 1 && found[0].Kind == ChangeCreate {
		_, err := l.Create(ctx, s)
		if !errors.Is(err, ErrExists) {
			return found, err
		}
	}
	var made []Change
	_, _, err = l.commit(ctx, s.Name, "", func(_ context.Context, head *Table) (*draft, error) {
		p := diff(head, s)
		if err := allowed(p.changes, o); err != nil {
			return nil, err
		}
		d, err := p.draft(head, s)
		if d != nil {
			made = p.done()
		}
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("apply the changes of %s: %w", s.Name, err)
	}
	return made, nil
}

// done are the changes that are made, not those that only inform.
func (p *plan) done() []Change {
	var out []Change
	for _, c := range p.changes {
		if !c.Info {
			out = append(out, c)
		}
	}
	return out
}

// allowed is an error that names every change that must not be made.
func allowed(changes []Change, o ApplyOptions) error {
	var refused, breaking []error
	for _, c := range changes {
		switch {
		case c.Refused != "":
			refused = append(refused, fmt.Errorf("%s %q: %s", c.Kind, c.Column, c.Refused))
		case c.Breaking && !o.AllowBreaking:
			breaking = append(breaking, fmt.Errorf("%s %s %s breaks what reads the table", c.Kind, c.Column, c.Detail))
		}
	}
	if len(refused) > 0 {
		return fault.New(fault.Contract, errors.Join(append(refused, breaking...)...), "change the contract as the reasons say")
	}
	return fault.New(fault.Contract, errors.Join(breaking...), "floe apply --allow-breaking")
}

// draft is the change of a table's metadata; nil if there is none to make.
func (p *plan) draft(head *Table, s Spec) (*draft, error) {
	s.Schema = p.columns
	updates, err := layoutUpdates(head, s, p.columns)
	if err != nil {
		return nil, err
	}
	set := iceberg.Properties{}
	var remove []string
	for k, v := range s.Properties {
		if head.Property(k) != v {
			set[k] = v
		}
	}
	switch {
	case s.Doc != "" && s.Doc != head.Property(propComment):
		set[propComment] = s.Doc
	case s.Doc == "" && head.Property(propComment) != "":
		remove = append(remove, propComment)
	}
	// A column that the Spec names by now is no longer evolution's.
	if kept := joinIDs(p.evolved); kept != head.Property(propEvolved) {
		set[propEvolved] = kept
	}
	if len(set) > 0 {
		updates = append(updates, ice.NewSetPropertiesUpdate(set))
	}
	if len(remove) > 0 {
		updates = append(updates, ice.NewRemovePropertiesUpdate(remove))
	}
	if len(updates) == 0 {
		return nil, nil
	}
	return &draft{updates: updates}, nil
}
