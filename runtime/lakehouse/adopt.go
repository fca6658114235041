package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
)

// Adopt makes the content of a table that an engine built aside the target's,
// and drops the staged name: one change of the target's entry, so readers see
// the former table or the new one. The target is made if it is not there; a
// view of the name goes. The files stay at the staged table's location, which
// must therefore be a folder of its own below the target's schema, never used
// again. Snapshots of the former table are not kept: time travel ends at an
// adoption. Its files go with Maintain's orphans, so that who reads them now can
// end. ErrConflict: the target or the staged table changed meanwhile; done
// again, it completes what was cut off.
func (l *Lake) Adopt(ctx context.Context, target, staged Name) error {
	if err := errors.Join(l.writable("adopt", target), staged.check()); err != nil {
		return err
	}
	if err := l.adopt(ctx, target, staged); err != nil {
		return fmt.Errorf("adopt %s as %s: %w", staged, target, err)
	}
	return nil
}

func (l *Lake) adopt(ctx context.Context, target, staged Name) error {
	from, err := l.catalog.find(ctx, staged)
	if err != nil {
		return err
	}
	if from.kind != kindTable || staged == target {
		return notFound(staged, from)
	}
	built, err := l.head(ctx, staged, from)
	if err != nil {
		return err
	}
	if err := l.adoptable(ctx, target, built); err != nil {
		return err
	}
	old, err := l.catalog.find(ctx, target)
	if err != nil {
		return err
	}
	former, done, err := l.succeeded(ctx, target, old, built)
	if err != nil {
		return err
	}
	if !done {
		if err := l.succeed(ctx, target, old, from, built, former); err != nil {
			return err
		}
	}
	err = l.swap(ctx, staged, from, entry{})
	switch {
	case err == nil || l.gone(ctx, staged, from):
		return nil
	case errors.Is(err, errMovedOn):
		return conflict(staged)
	}
	return fmt.Errorf("drop the name %s: %w", staged, err)
}

// adoptable refuses a staged table whose files are where a drop or a clean-up
// of the target would not look for them.
func (l *Lake) adoptable(ctx context.Context, target Name, built *ice.Table) error {
	location, err := l.fs.path(built.Location())
	if err != nil {
		return err
	}
	ours, err := l.within(ctx, target, location)
	if err != nil || ours {
		return err
	}
	return fault.New(fault.Failed, fmt.Errorf("its location %s is not below schema %s", location, target.Schema), "build it in a folder of that schema's location")
}

// succeeded says whether the target is the staged table already, and else
// which folders its files were in.
func (l *Lake) succeeded(ctx context.Context, target Name, old entry, built *ice.Table) (former string, done bool, err error) {
	if old.kind != kindTable {
		return "", false, nil
	}
	now, err := l.head(ctx, target, old)
	if err != nil {
		return "", false, err
	}
	if now.Metadata().TableUUID() == built.Metadata().TableUUID() {
		return "", true, nil
	}
	location, err := l.fs.path(now.Location())
	if err != nil {
		return now.Properties()[propFormer], false, nil //nolint:nilerr // elsewhere: not ours to clean up
	}
	return addFormer(now.Properties()[propFormer], location), false, nil
}

// succeed makes the target's entry the staged table's newest metadata, with
// what the target has to remember.
func (l *Lake) succeed(ctx context.Context, target Name, old, from entry, built *ice.Table, former string) error {
	set := iceberg.Properties{propAdopted: time.Now().UTC().Format(time.RFC3339)}
	if former != "" {
		set[propFormer] = former
	}
	updates := []ice.Update{ice.NewSetPropertiesUpdate(set)}
	meta, err := ice.UpdateTableMetadata(built.Metadata(), updates, from.location)
	if err != nil {
		return fmt.Errorf("change its metadata: %w", err)
	}
	location, err := l.writeMetadata(ctx, meta, version(from.location)+1)
	if err != nil {
		return err
	}
	err = l.replace(ctx, target, old, entry{kind: kindTable, location: location, meta: meta})
	if errors.Is(err, ErrExists) || errors.Is(err, errMovedOn) {
		return conflict(target)
	}
	return err
}

func conflict(n Name) error {
	return fault.New(fault.Failed, fmt.Errorf("%w: %s was changed by another process", ErrConflict, n), "run again")
}
