package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
		files, err := l.ownFiles(e)
		if err != nil {
			return fmt.Errorf("drop %s: %w", n, err)
		}
		err = l.swap(ctx, n, e, entry{})
		if errors.Is(err, errMovedOn) && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return fmt.Errorf("drop %s: %w", n, err)
		}
		return l.sweep(files)
	}
}

// ownFiles lists what is in a relation's folder, before its entry goes: a
// relation of the same name that is made later keeps its files.
func (l *Lake) ownFiles(e entry) ([]string, error) {
	path, err := plainPath(e.location)
	if err != nil {
		return nil, nil //nolint:nilerr // not on this machine: nothing of ours
	}
	folder := filepath.Dir(filepath.Dir(path)) // <location>/metadata/<file>
	if !l.within(folder) {
		return nil, nil // another writer put it elsewhere
	}
	return listFiles(folder)
}

// within says whether a folder is a relation's place in this lake.
func (l *Lake) within(folder string) bool {
	rel, err := filepath.Rel(filepath.Join(l.home, "warehouse"), folder)
	return err == nil && filepath.IsLocal(rel) && len(strings.Split(rel, string(filepath.Separator))) >= 2
}

// listFiles gives the files below a folder; it follows no links.
func listFiles(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	return files, err
}

// sweep removes files and the folders that are empty then.
func (l *Lake) sweep(files []string) error {
	if err := removeFiles(files); err != nil {
		return fmt.Errorf("remove files: %w", err)
	}
	var folders []string
	for _, f := range files {
		for dir := filepath.Dir(f); l.within(dir); dir = filepath.Dir(dir) {
			folders = append(folders, dir)
		}
	}
	slices.SortFunc(folders, func(a, b string) int { return len(b) - len(a) })
	for _, dir := range slices.Compact(folders) {
		_ = os.Remove(dir) // fails if something is in it, as it should
	}
	return nil
}
