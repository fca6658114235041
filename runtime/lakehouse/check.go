package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/floe-data/floe/runtime/fault"
)

// Problem is something that Check found.
type Problem struct {
	Table  string // "" for the catalog itself
	What   string // what is wrong
	Advice string // what to do
}

// Check looks at the catalog and every table: metadata that does not read and
// files that are missing. A home that was moved is found by Open.
func (l *Lake) Check(ctx context.Context) []Problem {
	found := l.catalog.check(ctx)
	relations, err := l.Relations(ctx, "")
	if err != nil {
		return append(found, Problem{What: err.Error(), Advice: fault.Next(err)})
	}
	for _, r := range relations {
		err := l.checkRelation(ctx, r)
		if err != nil {
			found = append(found, Problem{Table: r.Name.String(), What: err.Error(), Advice: fault.Next(err)})
		}
	}
	return found
}

func (l *Lake) checkRelation(ctx context.Context, r Relation) error {
	if r.View && l.catalog.noViews(r.Name) != nil {
		return nil // an engine's, not Iceberg's
	}
	if r.View {
		_, err := l.View(ctx, r.Name)
		return err
	}
	t, err := l.Table(ctx, r.Name)
	if err != nil {
		return err
	}
	files, err := t.Files(ctx)
	if err != nil {
		return err
	}
	wanted := slices.Clone(files.Deletes)
	for _, f := range files.Data {
		wanted = append(wanted, f.Path)
	}
	gone, err := l.missing(ctx, wanted)
	if err != nil {
		return err
	}
	if len(gone) == 0 {
		return nil
	}
	return fault.New(fault.Failed, fmt.Errorf("%d of its files are gone, among them %s", len(gone), gone[0]),
		"restore the files, or drop the table and load again with --full-refresh")
}

// besides is how many questions about files are asked at once.
const besides = 16

// sizes asks for the size of each file; those that are not there are left out.
func (l *Lake) sizes(ctx context.Context, files []string) (map[string]int64, error) {
	found := make(map[string]int64, len(files))
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(besides)
	for _, path := range files {
		g.Go(func() error {
			size, err := l.fs.size(ctx, path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			found[path] = size
			return err
		})
	}
	return found, g.Wait()
}

// missing are the files that are not there, in their order.
func (l *Lake) missing(ctx context.Context, files []string) ([]string, error) {
	there, err := l.sizes(ctx, files)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(files), func(path string) bool { _, ok := there[path]; return ok }), nil
}

// free removes files and says how large they were.
func (l *Lake) free(ctx context.Context, files []string) (int64, error) {
	var freed int64
	for some := range slices.Chunk(files, 1000) {
		there, err := l.sizes(ctx, some)
		if err != nil {
			return freed, err
		}
		if err := l.fs.remove(some); err != nil {
			return freed, err
		}
		for _, size := range there {
			freed += size
		}
	}
	return freed, nil
}
