package lakehouse

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/floe-data/floe/runtime/fault"
)

// propAdopted tells a table that took a name from one that an engine built aside
// and nobody published: a copy holds both.
const propAdopted = "floe.adopted"

// copies are the tables of a copy.
type copies struct {
	sizes  map[string]int64   // of every file, by its path
	tables map[Name][]edition // the newest first, see ranked
	views  []Name
}

// metadataEnd is how the name of every metadata file ends.
const metadataEnd = ".metadata.json"

// findCopies reads the metadata files below folders.
func (l *Lake) findCopies(ctx context.Context, folders []string) (*copies, error) {
	found := &copies{sizes: map[string]int64{}, tables: map[Name][]edition{}}
	var paths []string
	for _, folder := range folders {
		files, err := l.fs.list(ctx, folder)
		if err != nil {
			return nil, fmt.Errorf("look for tables below %s: %w", folder, err)
		}
		for _, f := range files {
			if f.special {
				continue
			}
			found.sizes[f.path] = f.size
			if strings.HasSuffix(f.path, metadataEnd) && strings.HasSuffix(parent(f.path), "/metadata") {
				paths = append(paths, f.path)
			}
		}
	}
	return found, found.read(ctx, l, paths)
}

// read reads metadata files and sorts them by their tables.
func (c *copies) read(ctx context.Context, l *Lake, paths []string) error {
	all := make([]edition, len(paths))
	g, reading := errgroup.WithContext(ctx)
	g.SetLimit(besides)
	for i, path := range paths {
		g.Go(func() error {
			all[i] = l.readEdition(reading, path)
			return reading.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	named := map[string]edition{} // by folder: one that says whose it is, rather a table's than a view's
	for _, e := range all {
		if _, ok := named[e.folder]; e.err == nil && (!ok || !e.view) {
			named[e.folder] = e
		}
	}
	for _, e := range all {
		if sure, ok := named[e.folder]; ok {
			e.name, e.rel = sure.name, sure.rel
			e.view = e.view || e.err != nil && sure.view
		}
		if e.view {
			c.views = append(c.views, e.name)
			continue
		}
		c.tables[e.name] = append(c.tables[e.name], e)
	}
	slices.SortFunc(c.views, func(a, b Name) int { return strings.Compare(a.String(), b.String()) })
	c.views = slices.DeleteFunc(slices.Compact(c.views), func(n Name) bool { return len(c.tables[n]) > 0 })
	for n, all := range c.tables {
		c.tables[n] = ranked(published(all))
	}
	return nil
}

// readCopy reads a small file of a copy. Only one that is not there is
// incomplete: a read that is refused, throttled or cut off says nothing of the
// copy, and must not make an older state look like the newest.
func (l *Lake) readCopy(ctx context.Context, path string) ([]byte, error) {
	text, err := l.fs.bind(ctx).(interface{ ReadFile(string) ([]byte, error) }).ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, incomplete{err}
	}
	return text, err
}

// unzipped is a metadata file's text; some writers compress it.
func unzipped(text []byte) ([]byte, error) {
	if !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		return text, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// wanted are the tables that are asked for: by name, by schema, or all. A word
// that means none is an error.
func (c *copies) wanted(only []string) ([]Name, error) {
	all := slices.SortedFunc(maps.Keys(c.tables), func(a, b Name) int { return strings.Compare(a.String(), b.String()) })
	if len(only) == 0 {
		return all, nil
	}
	chosen := map[Name]bool{}
	var errs []error
	for _, word := range only {
		some := slices.DeleteFunc(slices.Clone(all), func(n Name) bool { return n.String() != word && n.Schema != word })
		if len(some) == 0 {
			errs = append(errs, fmt.Errorf("the copy holds no table and no schema %s", word))
		}
		for _, n := range some {
			chosen[n] = true
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fault.New(fault.Usage, err, "floe restore … --dry-run without names shows what it holds")
	}
	return slices.DeleteFunc(all, func(n Name) bool { return !chosen[n] }), nil
}
