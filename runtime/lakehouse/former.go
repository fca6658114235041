package lakehouse

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
)

// propFormer are the folders of the tables that an adopted table took the place
// of, one a line: when (Unix milliseconds), a space, the folder's plain path.
const propFormer = "floe.former"

// formerFolder is a line of propFormer.
type formerFolder struct {
	at   time.Time
	path string
}

func addFormer(before, path string) string {
	return strings.TrimLeft(before+"\n"+strconv.FormatInt(time.Now().UnixMilli(), 10)+" "+path, "\n")
}

func formerFolders(text string) []formerFolder {
	var out []formerFolder
	for line := range strings.Lines(text) {
		at, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if ms, err := strconv.ParseInt(at, 10, 64); err == nil && path != "" {
			out = append(out, formerFolder{time.UnixMilli(ms), path})
		}
	}
	return out
}

// estate is the folders that a table's files are, or were, in. One may be in
// another: what an engine builds aside lies below the table that it will be.
type estate struct {
	current string
	home    string // where the table would be made, if current is in it, else current
	former  []formerFolder
}

func (l *Lake) estate(ctx context.Context, n Name, t *ice.Table) (estate, error) {
	current, err := l.fs.path(t.Location())
	if err != nil {
		return estate{}, err
	}
	e := estate{current: current, home: current}
	home, err := l.catalog.place(ctx, n)
	if err != nil {
		return estate{}, err
	}
	if below(home, current) {
		e.home = home
	}
	for _, f := range formerFolders(t.Properties()[propFormer]) {
		ours, err := l.within(ctx, n, f.path)
		if err != nil {
			return estate{}, err
		}
		if ours && f.path != current {
			e.former = append(e.former, f)
		}
	}
	return e, nil
}

// tops are the folders that hold all the others.
func (e estate) tops() []string {
	all := []string{e.current, e.home}
	for _, f := range e.former {
		all = append(all, f.path)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(slices.Clone(all), func(path string) bool {
		return slices.ContainsFunc(all, func(o string) bool { return below(o, path) })
	})
}

// owner is the former folder that a file was left in, nil if it is the current
// table's or was never a table's.
func (e estate) owner(path string) *formerFolder {
	var nearest *formerFolder
	for i, f := range e.former {
		if below(f.path, path) && (nearest == nil || len(f.path) > len(nearest.path)) {
			nearest = &e.former[i]
		}
	}
	if nearest != nil && below(e.current, path) && len(e.current) > len(nearest.path) {
		return nil
	}
	return nearest
}

// estateFiles lists what is in the estate's folders and in no other relation's.
func (l *Lake) estateFiles(ctx context.Context, n Name, e estate) ([]foundFile, error) {
	var all []foundFile
	for _, folder := range e.tops() {
		found, err := l.exclusive(ctx, n, folder)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// exclusive lists the files below a folder that no other relation's folder
// holds: a table that another writer put below, or one that n shares with a
// staged name whose adoption was cut off.
func (l *Lake) exclusive(ctx context.Context, n Name, folder string) ([]foundFile, error) {
	relations, err := l.catalog.list(ctx, n.Schema)
	if err != nil {
		return nil, err
	}
	var others []string
	for _, r := range relations {
		path, err := l.fs.path(r.location)
		if !n.equal(r.Name) && err == nil && below(folder, path) {
			others = append(others, parent(parent(path)))
		}
	}
	found, err := l.fs.list(ctx, folder)
	return slices.DeleteFunc(found, func(f foundFile) bool {
		return slices.ContainsFunc(others, func(o string) bool { return below(o, f.path) })
	}), err
}

// forget takes former folders that nothing is left of off a table's memory.
func (l *Lake) forget(ctx context.Context, n Name, folders []string) error {
	if len(folders) == 0 {
		return nil
	}
	_, _, err := l.commit(ctx, n, "", func(_ context.Context, head *Table) (*draft, error) {
		before := head.ice.Properties()[propFormer]
		var kept []string
		for line := range strings.Lines(before) {
			line = strings.TrimSuffix(line, "\n")
			if _, path, _ := strings.Cut(line, " "); !slices.Contains(folders, path) {
				kept = append(kept, line)
			}
		}
		switch after := strings.Join(kept, "\n"); after {
		case before:
			return nil, nil
		case "":
			return &draft{updates: []ice.Update{ice.NewRemovePropertiesUpdate([]string{propFormer})}}, nil
		default:
			return &draft{updates: []ice.Update{ice.NewSetPropertiesUpdate(iceberg.Properties{propFormer: after})}}, nil
		}
	})
	return err
}
