package lakehouse

import (
	"context"
	"errors"
	"fmt"
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
	folder, err := l.catalog.place(ctx, s.Name)
	if err != nil {
		return nil, fmt.Errorf("create table %s: %w", s.Name, err)
	}
	meta, err := s.metadata(folder)
	if err != nil {
		return nil, err
	}
	location, err := l.writeMetadata(ctx, meta, 0)
	if err != nil {
		return nil, fmt.Errorf("create table %s: %w", s.Name, err)
	}
	next := entry{kind: kindTable, location: location, meta: meta}
	if err := l.replace(ctx, s.Name, entry{}, next); err != nil {
		return nil, fmt.Errorf("create table %s: %w", s.Name, err)
	}
	return l.made(s.Name, next)
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
	if errors.Is(err, ErrNoSchema) { // there is nowhere to look
		return errors.Join(err, l.removeMetadata(next))
	}
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.wait)
	defer cancel()
	now, lookErr := l.catalog.find(look, n)
	switch {
	case lookErr != nil:
		return fmt.Errorf("%w: %w (%w)", errUnknown, err, lookErr)
	case now.same(next):
		return nil
	}
	if errors.Is(err, errUnanswered) && now.same(old) {
		return fmt.Errorf("%w: %w", errUnknown, err) // it may be done yet: the file stays
	}
	err = errors.Join(err, l.removeMetadata(next))
	if !now.same(old) && old.kind == "" {
		return exists(n, now)
	}
	if !now.same(old) {
		return conflict(n)
	}
	return err
}

// removeMetadata removes an entry's metadata file.
func (l *Lake) removeMetadata(e entry) error {
	path, err := l.fs.path(e.location)
	if err != nil {
		return err
	}
	return l.fs.remove([]string{path})
}
