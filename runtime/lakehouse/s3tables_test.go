package lakehouse

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/internal/awstest"
)

// forbidden are the calls that S3 refuses on a table's bucket.
func forbidden(all []awstest.Request) (found []string) {
	for _, q := range all {
		if q.Service == "s3" && slices.Contains([]string{"ListObjectsV2", "DeleteObject", "DeleteObjects", "CopyObject"}, q.Action) {
			found = append(found, q.Action+" "+q.Resource)
		}
	}
	return found
}

// TestS3TablesTable: a table lies where S3 Tables says, floe alone maintains it,
// nothing is asked that a table bucket refuses, and its files go with it.
func TestS3TablesTable(t *testing.T) {
	p := inTableBucket(t)
	l := smallLoads(t, p, 6)
	place, metadata, maintained, ok := p.aws.S3Table(p.tables, gamesDatabase, "games")
	if table, err := l.Table(t.Context(), gamesName); err != nil || !ok || table.Location() != place || !below(place, metadata) {
		t.Fatalf("the table is at %s, S3 Tables says %s and %s: %v", table.Location(), place, metadata, err)
	}
	if len(maintained) > 0 {
		t.Errorf("S3 maintains it, too: %v", maintained)
	}
	if l.Remover() != "S3 Tables" {
		t.Errorf("%q removes files", l.Remover())
	}
	r := maintain(t, l, everything)
	if r.FilesCompacted != 30 || r.SnapshotsExpired != 6 || r.OrphansRemoved != 0 || r.BytesFreed != 0 {
		t.Errorf("%+v", r)
	}
	lost := false
	p.aws.Fail(func(q awstest.Request) *awstest.Failure {
		if q.Action != "UpdateTableMetadataLocation" || lost {
			return nil
		}
		lost = true // and with it the files of one attempt
		return tokenMoved
	})
	load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, gameRows(280, 50))
	if err := l.DropTable(t.Context(), gamesName); err != nil {
		t.Fatal(err)
	}
	if _, _, _, left := p.aws.S3Table(p.tables, gamesDatabase, "games"); left {
		t.Error("the table is still there")
	}
	if bad := forbidden(p.aws.Requests()); len(bad) > 0 {
		t.Errorf("a table bucket refuses %v", bad)
	}
	newTable(t, l, games())
	if again, _, _, _ := p.aws.S3Table(p.tables, gamesDatabase, "games"); again == place {
		t.Errorf("a new table is at the dropped one's place, %s", again)
	}
}

// TestS3TablesNamespaces: schemas are the stack's namespaces, in several pages; a
// table whose place was asked for, and no more, is none.
func TestS3TablesNamespaces(t *testing.T) {
	p := inTableBucket(t)
	l := p.open(t)
	if got, err := l.Schemas(t.Context()); err != nil || strings.Join(got, " ") != "a landing landing_chess m marts" {
		t.Errorf("schemas %v %v", got, err)
	}
	for _, name := range []string{"d", "c", "b", "e"} {
		s := players()
		s.Name = Name{"m", name}
		newTable(t, l, s)
	}
	s := games()
	s.Name = Name{"m", "only_a_place"}
	if _, err := l.PrepareReplace(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if table, view, err := l.Exists(t.Context(), s.Name); table || view || err != nil {
		t.Errorf("%v %v %v", table, view, err)
	}
	for _, of := range []string{"", "m"} {
		found, err := l.Relations(t.Context(), of)
		var got []string
		for _, r := range found {
			got = append(got, r.Name.String())
		}
		if err != nil || strings.Join(got, " ") != "m.b m.c m.d m.e" {
			t.Errorf("relations of %q: %v %v", of, got, err)
		}
	}
	gone := Name{"gone", "t"}
	for act, err := range map[string]error{
		"find":   func() error { _, _, err := l.Exists(t.Context(), gone); return err }(),
		"list":   func() error { _, err := l.Relations(t.Context(), "gone"); return err }(),
		"create": func() error { s := players(); s.Name = gone; _, err := l.Create(t.Context(), s); return err }(),
	} {
		if !errors.Is(err, ErrNoSchema) || !strings.Contains(err.Error(), "floe_dev_gone of "+p.tables) || fault.Next(err) != "make deploy STACK=dev" {
			t.Errorf("%s: %v, next %q", act, err, fault.Next(err))
		}
	}
}

// TestS3TablesRefusals: what a table bucket has not is refused by name.
func TestS3TablesRefusals(t *testing.T) {
	p := inTableBucket(t)
	l := smallLoads(t, p, 1)
	target := Name{gamesName.Schema, "target"}
	for want, act := range map[string]func() error{
		"keeps tables only":            func() error { return l.PutView(t.Context(), View{Name: target, SQL: "select 1"}) },
		"which takes none of a copy":   func() error { _, err := l.Restore(t.Context(), RestoreOptions{From: "s3://lake/x"}); return err },
		"a place of its own":           func() error { return l.Adopt(t.Context(), target, gamesName) },
		"unsupported operation":        func() error { _, err := l.fs.list(t.Context(), "s3://any"); return err },
		"neither begins nor ends with": func() error { s := players(); s.Name.Table = "_x"; _, err := l.Create(t.Context(), s); return err },
		"a to z, digits and _":         func() error { s := players(); s.Name.Table = "ä"; _, err := l.Create(t.Context(), s); return err },
	} {
		if err := act(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	config := p.aws.Config()
	for want, o := range map[string]S3TablesOptions{
		"must both be set":     {Bucket: p.tables, Project: "floe", Config: config},
		"no ARN of a table":    {Bucket: "floe-dev-tables", Project: "floe", Stack: "dev", Config: config},
		"no AWS region is set": {Bucket: p.tables, Project: "floe", Stack: "dev"},
		"bucket/":              {Bucket: strings.TrimSuffix(p.tables, "floe-dev-tables"), Project: "floe", Stack: "dev", Config: config},
	} {
		if _, err := Open(t.Context(), Options{S3Tables: &o}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

// TestS3TablesCreators: of several processes that create a table at once one
// does, and nobody's files are where the table is not.
func TestS3TablesCreators(t *testing.T) {
	p := inTableBucket(t)
	const creators = 6
	errs := make([]error, creators)
	var wg sync.WaitGroup
	for i := range creators {
		l := p.open(t)
		wg.Go(func() { _, errs[i] = l.Create(t.Context(), games()) })
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else if !errors.Is(err, ErrExists) {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d of them made it", made)
	}
	load(t, p.open(t), gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 50))
}

// TestS3TablesDropsDuringACreate: who prepared a table that was dropped since is
// told so at once, whether it was made anew or not.
func TestS3TablesDropsDuringACreate(t *testing.T) {
	for name, anew := range map[string]bool{"gone": false, "made anew": true} {
		t.Run(name, func(t *testing.T) {
			p := inTableBucket(t)
			l := p.open(t)
			swap := l.swap
			l.swap = func(ctx context.Context, n Name, old, next entry) error {
				p.aws.DropS3Table(p.tables, gamesDatabase, "games")
				if anew {
					if _, err := l.catalog.place(ctx, n); err != nil {
						t.Error(err)
					}
				}
				return swap(ctx, n, old, next)
			}
			target, err := l.PrepareReplace(t.Context(), games())
			if err == nil {
				_, err = l.ReplaceFiles(t.Context(), Write{}, &target)
			}
			if !errors.Is(err, ErrConflict) || fault.Next(err) != "run again" {
				t.Fatal(err)
			}
		})
	}
}
