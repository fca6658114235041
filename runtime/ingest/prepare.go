package ingest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
)

// harmless are the changes of a contract that a load makes by itself: no row
// and no query that was right before is wrong after them.
var harmless = map[string]bool{
	lakehouse.ChangeCreate: true, lakehouse.ChangeAddColumn: true,
	lakehouse.ChangeDoc: true, lakehouse.ChangeProperties: true,
}

// prepare makes the table s as its contract says, as far as a load may, and
// gives it as it is then.
func prepare(ctx context.Context, lake *lakehouse.Lake, s lakehouse.Spec) (*lakehouse.Table, error) {
	changes, err := lake.Plan(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("compare the contract with table %s: %w", s.Name, err)
	}
	var blocked []string
	todo := false
	for _, c := range changes {
		switch {
		case c.Info:
		case c.Breaking || c.Refused != "" || !harmless[c.Kind]:
			blocked = append(blocked, describe(c))
		default:
			todo = true
		}
	}
	if len(blocked) > 0 {
		return nil, fault.New(fault.Contract, fmt.Errorf("the contract of %s asks for changes that a load does not make: %s", s.Name, strings.Join(blocked, "; ")),
			"floe plan shows them, floe apply makes them")
	}
	if todo {
		if err := apply(ctx, lake, s, changes); err != nil {
			return nil, err
		}
	}
	return lake.Table(ctx, s.Name)
}

func apply(ctx context.Context, lake *lakehouse.Lake, s lakehouse.Spec, changes []lakehouse.Change) error {
	if changes[0].Kind == lakehouse.ChangeCreate {
		_, err := lake.Create(ctx, s)
		if err != nil && !errors.Is(err, lakehouse.ErrExists) { // another run made it: good
			return fmt.Errorf("create table %s: %w", s.Name, err)
		}
		return nil
	}
	if _, err := lake.Apply(ctx, s, lakehouse.ApplyOptions{}); err != nil {
		return fmt.Errorf("change table %s as its contract says: %w", s.Name, err)
	}
	return nil
}

func describe(c lakehouse.Change) string {
	text := strings.TrimSpace(c.Kind + " " + c.Column)
	if c.Detail != "" {
		text += " (" + c.Detail + ")"
	}
	if c.Refused != "" {
		text += ": " + c.Refused
	}
	return text
}
