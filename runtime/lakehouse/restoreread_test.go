package lakehouse

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	iceio "github.com/apache/iceberg-go/io"

	"github.com/floe-data/floe/runtime/fault"
)

// refusing is a file system whose reads of some small files fail.
type refusing struct {
	filesystem
	refuse func(path string) error
}

func (r refusing) bind(ctx context.Context) iceio.WriteFileIO {
	return refusingIO{r.filesystem.bind(ctx), r.refuse}
}

type refusingIO struct {
	iceio.WriteFileIO
	refuse func(path string) error
}

func (r refusingIO) Open(name string) (iceio.File, error) {
	if err := r.refuse(name); err != nil {
		return nil, err
	}
	return r.WriteFileIO.Open(name)
}

func (r refusingIO) ReadFile(name string) ([]byte, error) {
	if err := r.refuse(name); err != nil {
		return nil, err
	}
	return r.WriteFileIO.(interface{ ReadFile(string) ([]byte, error) }).ReadFile(name)
}

// A copy that cannot be read is not one that is incomplete: an older state must
// not come back for it. The table fails, the others come back.
func TestRestoreOfACopyThatDoesNotAnswer(t *testing.T) {
	eachFolder(t, conformRestoreOfACopyThatDoesNotAnswer)
}

func conformRestoreOfACopyThatDoesNotAnswer(t *testing.T, p lakeAt) {
	was := library(t, p)
	table, err := was.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	current := table.ice.CurrentSnapshot()
	manifests, err := current.Manifests(was.fs.bind(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	errDenied := errors.New("access denied")
	for what, file := range map[string]string{
		"the newest metadata file":   table.entry.location,
		"the newest manifest list":   current.ManifestList,
		"a manifest of the newest":   manifests[0].FilePath(),
		"a metadata file of history": previousOf(t, table),
	} {
		t.Run(what, func(t *testing.T) {
			b := p.backUp(t)
			l := b.open(t)
			name := file[strings.LastIndex(file, "/"):]
			gone := false
			whole := l.fs
			l.fs = refusing{whole, func(path string) error {
				switch {
				case !strings.HasSuffix(path, name):
					return nil
				case gone: // since it was listed
					return &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
				}
				return errDenied
			}}
			done, err := l.Restore(t.Context(), RestoreOptions{From: b.from})
			if !errors.Is(err, errDenied) || !strings.Contains(err.Error(), gamesName.String()) || fault.Code(err) != int(fault.Failed) {
				t.Fatalf("%v", err)
			}
			if len(done) == 0 || done[0].Table != playersName {
				t.Errorf("the other table: %+v", done)
			}
			if left, err := whole.list(t.Context(), folderOf(t, l, gamesName)); err != nil || len(left) > 0 {
				t.Errorf("%d files were written, %v", len(left), err)
			}
			gone = true
			if _, err := l.Restore(t.Context(), RestoreOptions{From: b.from}); err != nil {
				t.Errorf("a file that is gone: %v", err)
			}
		})
	}
}

func previousOf(t *testing.T, table *Table) string {
	t.Helper()
	for f := range table.ice.Metadata().PreviousFiles() {
		return f.MetadataFile
	}
	t.Fatal("no former metadata")
	return ""
}

// A folder that held a view before, or will: the table comes back all the same.
func TestRestoreOfATableInAViewsFolder(t *testing.T) {
	eachFolder(t, conformRestoreOfATableInAViewsFolder)
}

func conformRestoreOfATableInAViewsFolder(t *testing.T, p lakeAt) {
	was := library(t, p)
	table, err := was.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"00000-0.metadata.json", "99999-0.metadata.json"} {
		b := p.backUp(t)
		folder := ""
		for _, path := range b.list(t) {
			if strings.HasSuffix(path, table.entry.location[strings.LastIndex(table.entry.location, "/"):]) {
				folder = parent(path)
			}
		}
		b.put(t, under(folder, name), []byte(`{"view-uuid": "a", "format-version": 1, "location": "`+table.ice.Location()+`"}`))
		b.put(t, under(folder, "99999-1.metadata.json"), []byte(`{`)) // cut off: whose it is, the others say
		is, done := b.restore(t, RestoreOptions{})
		if r := done[gamesName.String()]; r.State != RestoreDone || len(r.Lost.Missing) != 1 {
			t.Errorf("%s: %+v", name, r)
		}
		wantSame(t, was, is, gamesName)
	}
}
