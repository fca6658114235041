package lakehouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/floe-data/floe/runtime/fault"
)

// Create makes a table, and its schema if that is missing. An existing
// relation of the name is ErrExists.
func (l *Lake) Create(ctx context.Context, s Spec) (*Table, error) {
	if err := l.writable("create table", s.Name); err != nil {
		return nil, err
	}
	s, err := s.normal()
	if err != nil {
		return nil, err
	}
	if e, err := l.catalog.find(ctx, s.Name); err != nil || e.kind != "" {
		return nil, errors.Join(err, exists(s.Name, e))
	}
	meta, err := s.metadata(l.folder(s.Name))
	if err != nil {
		return nil, err
	}
	location, err := l.writeMetadata(meta, 0)
	if err != nil {
		return nil, fmt.Errorf("create table %s: %w", s.Name, err)
	}
	next := entry{kind: kindTable, location: location}
	if err := l.replace(ctx, s.Name, entry{}, next); err != nil {
		return nil, fmt.Errorf("create table %s: %w", s.Name, err)
	}
	return l.load(ctx, s.Name, next)
}

func exists(n Name, e entry) error {
	switch e.kind {
	case kindTable:
		return fmt.Errorf("table %s %w", n, ErrExists)
	case kindView:
		return fmt.Errorf("view %s %w", n, ErrExists)
	}
	return nil
}

// replace swaps a relation's entry, and finds out what became of it when the
// answer was lost. The loser's metadata file is removed.
func (l *Lake) replace(ctx context.Context, n Name, old, next entry) error {
	err := l.swap(ctx, n, old, next)
	if err == nil {
		return nil
	}
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.catalog.wait)
	defer cancel()
	now, lookErr := l.catalog.find(look, n)
	switch {
	case lookErr != nil:
		return errors.Join(err, lookErr)
	case now == next:
		return nil
	}
	err = errors.Join(err, l.fs.Remove(next.location))
	if now != old && old.kind == "" {
		return exists(n, now)
	}
	if now != old {
		return fault.New(fault.Failed, fmt.Errorf("%w: %s was changed by another process", ErrConflict, n), "run again")
	}
	return err
}
