package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"os"

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
	found := l.checkCatalog(ctx)
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

func (l *Lake) checkCatalog(ctx context.Context) []Problem {
	rows, err := l.catalog.rows(ctx, "PRAGMA quick_check")
	if err != nil {
		return []Problem{{What: fmt.Sprintf("the catalog %s does not read: %v", l.catalog.path, err), Advice: fault.Next(err)}}
	}
	var found []Problem
	for _, r := range rows {
		if r[0] != "ok" {
			found = append(found, Problem{What: fmt.Sprintf("the catalog %s is damaged: %s", l.catalog.path, r[0]),
				Advice: "restore it from a copy, or delete the home and load again"})
		}
	}
	return found
}

func (l *Lake) checkRelation(ctx context.Context, r Relation) error {
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
	missing, first := 0, ""
	look := func(path string) {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			if missing == 0 {
				first = path
			}
			missing++
		}
	}
	for _, f := range files.Data {
		look(f.Path)
	}
	for _, path := range files.Deletes {
		look(path)
	}
	if missing == 0 {
		return nil
	}
	return fault.New(fault.Failed, fmt.Errorf("%d of its files are gone, among them %s", missing, first),
		"restore the files, or drop the table and load again with --full-refresh")
}
