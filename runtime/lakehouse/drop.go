package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// DropTable removes the table from the catalog and then the files under its
// own location.
func (l *Lake) DropTable(ctx context.Context, n Name) error { return l.dropRelation(ctx, n, kindTable) }

// DropView removes a view and its metadata files.
func (l *Lake) DropView(ctx context.Context, n Name) error { return l.dropRelation(ctx, n, kindView) }

func (l *Lake) dropRelation(ctx context.Context, n Name, kind string) error {
	if err := l.writable("drop", n); err != nil {
		return err
	}
	for {
		e, err := l.catalog.find(ctx, n)
		if err != nil {
			return err
		}
		if e.kind != kind {
			return fmt.Errorf("%w: there is no %s %s to drop", ErrNotFound, strings.ToLower(kind), n)
		}
		if refused := l.catalog.noViews(n); e.view() && refused != nil {
			return refused
		}
		files, err := l.ownFiles(ctx, n, e)
		if err != nil {
			return fmt.Errorf("drop %s: %w", n, err)
		}
		err = l.swap(ctx, n, e, entry{})
		if errors.Is(err, errMovedOn) && ctx.Err() == nil {
			continue
		}
		if err != nil && !l.gone(ctx, n, e) {
			return fmt.Errorf("drop %s: %w", n, err)
		}
		return l.sweep(ctx, n, files)
	}
}

// gone says whether an entry is no longer there, when the answer to its removal
// was lost.
func (l *Lake) gone(ctx context.Context, n Name, e entry) bool {
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.wait)
	defer cancel()
	now, err := l.catalog.find(look, n)
	return err == nil && !now.same(e)
}

// ownFiles lists what is in a relation's folders, before its entry goes: a
// relation of the same name that is made later keeps its files.
func (l *Lake) ownFiles(ctx context.Context, n Name, e entry) ([]string, error) {
	if l.catalog.remover() != "" {
		return nil, nil
	}
	path, err := l.fs.path(e.location)
	if err != nil {
		return nil, nil //nolint:nilerr // elsewhere: nothing of ours
	}
	folder := parent(parent(path)) // <location>/metadata/<file>
	ours, err := l.within(ctx, n, folder)
	if err != nil || !ours {
		return nil, err // another writer put it elsewhere
	}
	all := estate{current: folder, home: folder}
	if e.kind == kindTable {
		if head, err := l.head(ctx, n, e); err == nil { // a damaged table can be dropped, too
			own, err := l.estate(ctx, n, head)
			if err != nil {
				return nil, err
			}
			if own.current == folder {
				all = own
			}
		}
	}
	found, err := l.estateFiles(ctx, n, all)
	files := make([]string, len(found))
	for i, f := range found {
		files[i] = f.path
	}
	return files, err
}

// within says whether a folder is a place of the relation's schema in this lake.
func (l *Lake) within(ctx context.Context, n Name, folder string) (bool, error) {
	root, err := l.catalog.folder(ctx, n.Schema)
	return err == nil && below(root, folder), err
}

// sweep removes a relation's files and the folders that are empty then.
func (l *Lake) sweep(ctx context.Context, n Name, files []string) error {
	if l.catalog.remover() != "" {
		return nil
	}
	if err := l.fs.remove(files); err != nil {
		return fmt.Errorf("remove files: %w", err)
	}
	root, err := l.catalog.folder(ctx, n.Schema)
	if err != nil {
		return err
	}
	l.fs.prune(root, files)
	return nil
}
