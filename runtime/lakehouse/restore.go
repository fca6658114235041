package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
)

// RestoreOptions say what comes back from where.
type RestoreOptions struct {
	From   string   // the folder, or s3://bucket/prefix, that holds the copy; "": of a stack, where its schemas lie
	Only   []string // schemas, and tables as schema.table; all where none is given
	DryRun bool     // say what would be done
	Begin  func(Name)
}

// What became of a table.
const (
	RestoreDone  = "restored"
	RestoreWould = "to be restored" // a dry run
	RestoreThere = "there already"
	RestoreView  = "view" // a view's text is its model's
)

// Restored is what became of one table.
type Restored struct {
	Table     Name      `json:"table"`
	State     string    `json:"state"`
	From      string    `json:"from,omitempty"`     // its folder in the copy
	Location  string    `json:"location,omitempty"` // its new folder
	Snapshot  int64     `json:"snapshot,omitempty"`
	At        time.Time `json:"at"`        // when what came back was committed
	Rows      int64     `json:"rows"`      // deleted ones subtracted
	Snapshots int       `json:"snapshots"` // of its history
	Files     int       `json:"files"`     // that were copied
	Bytes     int64     `json:"bytes"`
	Lost      Loss      `json:"lost"`
	Doubt     string    `json:"doubt,omitempty"` // why it may not be what the table was last
}

// Loss is what the copy tells of but does not hold whole.
type Loss struct {
	Behind    time.Duration `json:"behind_ns"`      // between what came back and the newest commit that the copy tells of
	Snapshots int           `json:"snapshots"`      // newer ones
	Rows      *int64        `json:"rows,omitempty"` // by the summaries of the two; nil: they do not say
	Older     int           `json:"older"`          // snapshots of the history that could not be kept
	Missing   []string      `json:"missing,omitempty"`
}

// Restore brings tables back from a copy of their files, such as a replica
// bucket or a copied home, whose metadata names the places that they had. Data
// files are copied to where the lake's schemas lie, unless they are there; every
// file that holds paths is written anew (metadata, manifest lists, manifests,
// position deletes), verified, and then the catalog is told: until then nobody
// sees anything, and done again it begins anew. Of a copy that is not complete,
// the newest state that is comes back. The copy is only read. A table's error
// does not stop the others.
func (l *Lake) Restore(ctx context.Context, o RestoreOptions) ([]Restored, error) {
	if l.reading && !o.DryRun {
		return nil, fmt.Errorf("restore: %w", ErrReadOnly)
	}
	if by := l.catalog.remover(); by != "" {
		return nil, fault.New(fault.Usage, fmt.Errorf("restore: the files of the stack's tables are in the keeping of %s, which takes none of a copy", by), "load again, or restore the copy into a home")
	}
	folders, err := l.copyFolders(ctx, o.From)
	if err != nil {
		return nil, err
	}
	found, err := l.findCopies(ctx, folders)
	if err != nil {
		return nil, err
	}
	if len(found.tables)+len(found.views) == 0 {
		return nil, fault.New(fault.Usage, fmt.Errorf("no table below %s: there is no file metadata/*%s", strings.Join(folders, ", "), metadataEnd), "name the folder that holds the copies with --from")
	}
	names, err := found.wanted(o.Only)
	if err != nil {
		return nil, err
	}
	var done []Restored
	var failed []error
	for _, n := range names {
		if o.Begin != nil {
			o.Begin(n)
		}
		r, err := l.restore(ctx, n, found, o.DryRun)
		if err != nil {
			failed = append(failed, fmt.Errorf("restore %s: %w", n, err))
		} else {
			done = append(done, r)
		}
		if ctx.Err() != nil {
			return done, errors.Join(append(failed, context.Cause(ctx))...)
		}
	}
	if len(o.Only) == 0 {
		for _, n := range found.views {
			done = append(done, Restored{Table: n, State: RestoreView})
		}
	}
	return done, errors.Join(failed...)
}

// CheckCopy says whether a home, or a stack, may be restored from there; it can
// be asked before there is a lake.
func CheckCopy(from string, home bool) error {
	switch {
	case from == "" && home:
		return fault.New(fault.Usage, errors.New("from where? write --from and the folder that holds the copy"), "floe restore --help")
	case from == "":
		return nil
	case home == strings.Contains(from, "://"):
		return fault.New(fault.Usage, fmt.Errorf("--from %s: a home is restored from a folder, a stack from S3", from), "copy it there first, for example with aws s3 sync")
	case home:
		if _, err := os.Stat(from); err != nil {
			return fault.New(fault.Usage, fmt.Errorf("--from: %w", err), "name the folder that holds the copies with --from")
		}
	}
	return nil
}

// copyFolders are the folders to look in.
func (l *Lake) copyFolders(ctx context.Context, from string) ([]string, error) {
	if err := CheckCopy(from, l.home != ""); err != nil {
		return nil, err
	}
	switch {
	case l.home != "":
		folder, err := filepath.Abs(from)
		return []string{folder}, err
	case from != "":
		return []string{strings.TrimRight(from, "/")}, nil
	}
	schemas, err := l.catalog.schemas(ctx)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, s := range schemas {
		folder, err := l.catalog.folder(ctx, s)
		if err != nil {
			return nil, err
		}
		folders = append(folders, folder)
	}
	return folders, nil
}

// restore brings one table back.
func (l *Lake) restore(ctx context.Context, n Name, c *copies, dry bool) (Restored, error) {
	if err := n.check(); err != nil {
		return Restored{}, err
	}
	root, err := l.catalog.folder(ctx, n.Schema)
	if err != nil {
		return Restored{}, err
	}
	p, err := l.choose(ctx, c, n, root)
	if err != nil {
		return Restored{}, err
	}
	old, there, err := l.occupied(ctx, n, p.edition)
	r := p.report(n)
	if err != nil || there {
		r.State, r.Files, r.Bytes, r.Lost = RestoreThere, 0, 0, Loss{}
		return r, err
	}
	files, bytes, err := l.lacking(ctx, p)
	if err != nil {
		return r, err
	}
	r.Files, r.Bytes = len(files), bytes
	if dry {
		r.State = RestoreWould
		return r, nil
	}
	if err := l.copyFiles(ctx, p.move, p.files, files); err != nil {
		return r, err
	}
	w := &rewriter{lake: l, plan: p}
	location, err := w.write(ctx)
	if err != nil {
		return r, errors.Join(err, l.fs.remove(w.made))
	}
	meta, err := l.verify(ctx, n, p, location)
	if err != nil {
		return r, errors.Join(fmt.Errorf("what was written does not verify: %w", err), l.fs.remove(w.made))
	}
	err = l.replace(ctx, n, old, entry{kind: kindTable, location: location, meta: meta})
	if err != nil && !errors.Is(err, errUnknown) {
		err = errors.Join(err, l.fs.remove(w.made))
	}
	return r, err
}

// occupied says what has the name: nothing, or an entry whose metadata is lost;
// the same table at the same snapshot; anything else is not overwritten.
func (l *Lake) occupied(ctx context.Context, n Name, e edition) (old entry, same bool, err error) {
	old, err = l.catalog.find(ctx, n)
	if err != nil || old.kind == "" {
		return old, false, err
	}
	if old.view() {
		return old, false, fault.New(fault.Failed, fmt.Errorf("a view has its name: %w", exists(n, old)), "drop the view, or restore into another home or stack")
	}
	is, err := l.head(ctx, n, old)
	if errors.Is(err, fs.ErrNotExist) {
		return old, false, nil
	}
	if err != nil {
		return old, false, err
	}
	if is.Metadata().TableUUID() == e.meta.TableUUID() && currentID(is.Metadata()) == currentID(e.meta) {
		return old, true, nil
	}
	was := time.UnixMilli(is.Metadata().LastUpdatedMillis()).UTC().Format(time.RFC3339)
	return old, false, fault.New(fault.Failed, fmt.Errorf("%w: it is there, changed last at %s, and is not what the copy holds, of %s; nothing is overwritten",
		ErrExists, was, time.UnixMilli(e.updated()).UTC().Format(time.RFC3339)), "floe rollback takes a table back in its own history; or drop it, or restore into another home or stack")
}

func currentID(meta ice.Metadata) int64 {
	if s := meta.CurrentSnapshot(); s != nil {
		return s.SnapshotID
	}
	return 0
}
