package lakehouse

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
)

// Write is a commit of files that an engine wrote: Parquet with the field ids
// of Table.Schema or Target.Schema, each file with rows of one partition only.
type Write struct {
	Table   Name
	Files   []string // new data files, plain paths under Location()/data
	Deletes []string // Parquet files with columns file_path (FileURL) and pos, of any partitions; they are removed
	Base    int64    // the snapshot that was read (DeltaFiles), 0 for none
	Read    *Table   // by which the rows were chosen: a rollback since then is ErrRolledBack; nil: not looked at. ReplaceFiles, which leaves nothing of it, does not look
	Summary map[string]string
}

// AppendFiles adds w.Files to the table and gives the snapshot's id. Whatever
// else was added meanwhile stays.
func (l *Lake) AppendFiles(ctx context.Context, w Write) (int64, error) {
	return l.put(ctx, w, "append files to", func(ctx context.Context, head *Table) (change, error) {
		files, err := l.describe(ctx, head.ice.Metadata(), w.Files)
		return change{operation: ice.OpAppend, add: files}, err
	})
}

// DeltaFiles adds w.Files and the position deletes in one commit. ErrConflict:
// w.Base is no longer the table's snapshot; read and write again.
func (l *Lake) DeltaFiles(ctx context.Context, w Write) (int64, error) {
	var made []iceberg.DataFile
	id, err := l.put(ctx, w, "add a delta to", func(ctx context.Context, head *Table) (change, error) {
		if snapshotID(head.ice) != w.Base {
			return change{}, fmt.Errorf("%w: %s is at snapshot %d, the delta was made for %d", ErrConflict, head.name, snapshotID(head.ice), w.Base)
		}
		c := change{operation: ice.OpAppend}
		var err error
		if c.add, err = l.describe(ctx, head.ice.Metadata(), w.Files); err != nil || len(w.Deletes) == 0 {
			return c, err
		}
		if made == nil {
			if made, err = l.sortDeletes(ctx, head, w.Deletes); err != nil {
				return c, err
			}
		}
		c.operation, c.addDeletes = ice.OpOverwrite, made
		return c, nil
	})
	if err != nil && !errors.Is(err, errUnknown) {
		return 0, errors.Join(err, l.fs.remove(paths(l.fs, made)))
	}
	return id, errors.Join(err, l.fs.remove(w.Deletes))
}

// put commits the change that make gives for each head.
func (l *Lake) put(ctx context.Context, w Write, act string, make func(ctx context.Context, head *Table) (change, error)) (int64, error) {
	id := newCommitID()
	t, _, err := l.commit(ctx, w.Table, id, func(ctx context.Context, head *Table) (*draft, error) {
		if err := head.Follows(w.Read); err != nil {
			return nil, err
		}
		c, err := make(ctx, head)
		if err != nil {
			return nil, err
		}
		if c.empty() {
			return nil, nil
		}
		c.summary = w.summary(id)
		d, err := l.stage(ctx, head.ice.Metadata(), c)
		return &d, err
	})
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", act, w.Table, err)
	}
	if made, ok := committed(t.ice, id); ok {
		return made, nil
	}
	return snapshotID(t.ice), nil
}

func (w Write) summary(id string) map[string]string {
	s := map[string]string{summaryLoad: id}
	for k, v := range w.Summary {
		s[k] = v
	}
	return s
}

// ReplaceFiles makes w.Files the table's whole content and t's spec its
// schema, in one commit; the table is created with it if need be. With t nil
// the table and its schema stay as they are. A view of the name is replaced.
// On a conflict it is done again on the new head. It gives the snapshot's id.
func (l *Lake) ReplaceFiles(ctx context.Context, w Write, t *Target) (int64, error) {
	if t != nil {
		w.Table = t.Name
	}
	for tries := 0; ; tries++ {
		e, err := l.catalog.find(ctx, w.Table)
		if err != nil {
			return 0, err
		}
		if e.kind == kindTable {
			return l.replaceContent(ctx, w, t)
		}
		if t == nil {
			return 0, notFound(w.Table, e)
		}
		id, err := l.createWith(ctx, w, t, e)
		again := errors.Is(err, errMovedOn) || errors.Is(err, ErrExists) // another process created it meanwhile
		if !again || ctx.Err() != nil || tries == maxAttempts {
			return id, err
		}
		pause(ctx, tries)
	}
}

func (l *Lake) replaceContent(ctx context.Context, w Write, t *Target) (int64, error) {
	id := newCommitID()
	done, _, err := l.commit(ctx, w.Table, id, func(ctx context.Context, head *Table) (*draft, error) {
		var updates []ice.Update
		meta := head.ice.Metadata()
		if t != nil {
			shape, err := reshape(head, t.spec)
			if err != nil {
				return nil, err
			}
			if err := t.fits(shape.schema); err != nil {
				return nil, err
			}
			updates = shape.updates
			if meta, err = ice.UpdateTableMetadata(meta, updates, ""); err != nil {
				return nil, fmt.Errorf("change the schema: %w", err)
			}
		}
		files, err := l.describe(ctx, meta, w.Files)
		if err != nil {
			return nil, err
		}
		d, err := l.stage(ctx, meta, change{operation: ice.OpOverwrite, add: files, dropAll: true, summary: w.summary(id)})
		d.updates = append(updates, d.updates...)
		return &d, err
	})
	if err != nil {
		return 0, fmt.Errorf("replace the content of %s: %w", w.Table, err)
	}
	made, _ := committed(done.ice, id)
	return made, nil
}

// createWith makes the table and its first content in one step; nobody sees it
// empty. A view that has the name goes.
func (l *Lake) createWith(ctx context.Context, w Write, t *Target, old entry) (int64, error) {
	if err := l.writable("create table", w.Table); err != nil {
		return 0, err
	}
	if t.Exists {
		return 0, fault.New(fault.Failed, fmt.Errorf("%w: table %s was dropped while its new content was built", ErrConflict, t.Name), "run again")
	}
	meta, err := t.spec.metadata(t.Location)
	if err != nil {
		return 0, err
	}
	files, err := l.describe(ctx, meta, w.Files)
	if err != nil {
		return 0, fmt.Errorf("create table %s: %w", t.Name, err)
	}
	d, err := l.stage(ctx, meta, change{operation: ice.OpAppend, add: files, summary: w.summary(newCommitID())})
	if err != nil {
		return 0, fmt.Errorf("create table %s: %w", t.Name, err)
	}
	if meta, err = ice.UpdateTableMetadata(meta, d.updates, ""); err != nil {
		return 0, errors.Join(fmt.Errorf("create table %s: %w", t.Name, err), l.fs.remove(d.made))
	}
	location, err := l.writeMetadata(ctx, meta, 0)
	if err != nil {
		return 0, errors.Join(fmt.Errorf("create table %s: %w", t.Name, err), l.fs.remove(d.made))
	}
	err = l.replace(ctx, t.Name, old, entry{kind: kindTable, location: location, meta: meta})
	if errors.Is(err, errUnknown) {
		return 0, fmt.Errorf("create table %s: %w", t.Name, err)
	}
	if err != nil {
		return 0, errors.Join(fmt.Errorf("create table %s: %w", t.Name, err), l.fs.remove(d.made))
	}
	if old.view() && l.catalog.noViews(t.Name) == nil {
		_ = l.removeMetadata(old) // its folder is the table's now; what fails is left to the orphans' clean-up
	}
	return meta.CurrentSnapshot().SnapshotID, nil
}

// inside refuses files that are not below the table's data folder.
func (l *Lake) inside(meta ice.Metadata, path string) error {
	folder, err := l.fs.path(meta.Location())
	if err != nil {
		return err
	}
	if !below(folder, path) {
		return fault.New(fault.Failed, fmt.Errorf("file %s is not below the table's folder %s", path, folder), "")
	}
	return nil
}
