package lakehouse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
)

// TestOddHomes does everything once in folders whose names URLs would mangle.
func TestOddHomes(t *testing.T) {
	for _, name := range oddHomes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := filepath.Join(t.TempDir(), name)
			l := openLake(t, home)
			newTable(t, l, games())
			load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 60))
			load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, changed(gameRows(50, 20)))
			want := scan(t, l, gamesName)
			if len(want) != 70 || rowsOf(t, l, gamesName) != 70 {
				t.Fatalf("%d rows", len(want))
			}
			if _, err := l.Maintain(t.Context(), gamesName, MaintainOptions{Compact: true, Expire: true, Orphans: true, KeepFor: time.Nanosecond, OrphansAfter: time.Nanosecond}); err != nil {
				t.Fatal(err)
			}
			if got := scan(t, l, gamesName); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatal("maintenance changed rows")
			}
			target, err := l.PrepareReplace(t.Context(), Spec{Name: Name{"m", "näme"}, Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long)}}}})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := l.ReplaceFiles(t.Context(), Write{Files: []string{numbers(t, target.Dir, target.Schema, 0, 3)}}, &target); err != nil {
				t.Fatal(err)
			}
			if found := l.Check(t.Context()); len(found) > 0 {
				t.Fatal(found)
			}
			for _, n := range []Name{gamesName, target.Name} {
				if err := l.DropTable(t.Context(), n); err != nil {
					t.Fatal(err)
				}
			}
			if left, err := listFiles(filepath.Join(home, "warehouse")); err != nil || len(left) > 0 {
				t.Fatalf("left behind: %v %v", left, err)
			}
		})
	}
}

func TestAMovedHome(t *testing.T) {
	dir := t.TempDir()
	home, moved := filepath.Join(dir, "home"), filepath.Join(dir, "moved")
	l := openLake(t, home)
	newTable(t, l, games())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(home, moved); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Options{Home: moved})
	if !errors.Is(err, ErrMoved) || !strings.Contains(fault.Next(err), "move it back to "+home) {
		t.Fatalf("%v, next: %s", err, fault.Next(err))
	}
	if err := os.Rename(moved, home); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(home, moved); err != nil {
		t.Fatal(err)
	}
	link := openLake(t, moved)
	if link.Home() != home {
		t.Errorf("through a link the home is %s", link.Home())
	}
	load(t, link, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 5))
}

func TestDamage(t *testing.T) {
	t.Run("catalog", func(t *testing.T) {
		home := t.TempDir()
		if err := os.WriteFile(filepath.Join(home, "catalog.db"), []byte(strings.Repeat("no database ", 1000)), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Open(t.Context(), Options{Home: home})
		if err == nil || !strings.Contains(err.Error(), "is not an SQLite database") || fault.Next(err) == "" {
			t.Fatalf("%v", err)
		}
	})
	for name, damage := range map[string]func(path string) error{
		"does not read": func(path string) error { return os.WriteFile(path, []byte("{not json"), 0o644) },
		"is gone":       os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			l := openLake(t, t.TempDir())
			table := newTable(t, l, games())
			path, err := plainPath(table.entry.location)
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(path); err != nil {
				t.Fatal(err)
			}
			_, err = l.Table(t.Context(), gamesName)
			if err == nil || !strings.Contains(err.Error(), gamesName.String()) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), name) {
				t.Errorf("%v", err)
			}
			if relations, err := l.Relations(t.Context(), ""); err != nil || len(relations) != 1 {
				t.Errorf("%v %v", relations, err)
			}
			if found := l.Check(t.Context()); len(found) != 1 || found[0].Table != gamesName.String() || found[0].Advice == "" {
				t.Errorf("%+v", found)
			}
			if err := l.DropTable(t.Context(), gamesName); err != nil {
				t.Errorf("a damaged table cannot be dropped: %v", err)
			}
		})
	}
}

func TestReadOnly(t *testing.T) {
	home := t.TempDir()
	if _, err := Open(t.Context(), Options{Home: filepath.Join(home, "none"), ReadOnly: true}); !errors.Is(err, ErrNotFound) {
		t.Fatalf("no lake there: %v", err)
	}
	l := openLake(t, home)
	newTable(t, l, games())
	load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 5))
	ro, err := Open(t.Context(), Options{Home: home, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	if n := rowsOf(t, ro, gamesName); n != 5 {
		t.Fatal(n)
	}
	acts := map[string]func() error{
		"create": func() error { _, err := ro.Create(t.Context(), players()); return err },
		"load":   func() error { _, err := ro.NewLoad(t.Context(), gamesName, LoadOptions{}); return err },
		"drop":   func() error { return ro.DropTable(t.Context(), gamesName) },
		"apply":  func() error { _, err := ro.Apply(t.Context(), games(), ApplyOptions{}); return err },
		"view":   func() error { return ro.PutView(t.Context(), View{Name: Name{"a", "b"}, SQL: "select 1"}) },
		"state": func() error {
			return ro.SetState(t.Context(), gamesName, StateUpdate{Set: map[string]string{"a": "b"}})
		},
		"maintain": func() error { _, err := ro.Maintain(t.Context(), gamesName, everything); return err },
		"prepare":  func() error { _, err := ro.PrepareReplace(t.Context(), games()); return err },
	}
	for name, act := range acts {
		if err := act(); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNames(t *testing.T) {
	for _, s := range []string{"a.b", "landing_chess.players_games", "a.b__rejected", "übung.tabelle-1", "_a._b"} {
		if n, err := ParseName(s); err != nil || n.String() != s {
			t.Errorf("%q: %v %v", s, n, err)
		}
	}
	for _, s := range []string{"", "a", "a.", ".b", "a.b.c", "a.b/c", "a...b", "../x.y", "a.b c", "1a.b", "a.b\x00", "a." + strings.Repeat("x", 201)} {
		if n, err := ParseName(s); err == nil || fault.Code(err) != int(fault.Usage) {
			t.Errorf("%q was taken: %v %v", s, n, err)
		}
	}
}

// FuzzParseName: a name that is taken is a place of its own in the warehouse.
func FuzzParseName(f *testing.F) {
	for _, s := range []string{"a.b", "a..b", "../a.b", "a/b.c", "ä.ö", "a.b\x00", "$.x"} {
		f.Add(s)
	}
	l := &Lake{catalog: &sqliteCatalog{home: "/home"}}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseName(s)
		if err != nil {
			return
		}
		folder := folderOf(t, l, n)
		if ours, err := l.within(t.Context(), n, folder); n.String() != s || !ours || err != nil || filepath.Base(folder) != n.Table {
			t.Fatalf("%q became %q at %s", s, n, folder)
		}
	})
}

// FuzzFileURL: a path comes back from what metadata says of it.
func FuzzFileURL(f *testing.F) {
	for _, s := range []string{"/a b", "/a%20b", "/a#b", "/a?b", "//x", "/ä"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		path := filepath.Clean("/" + s)
		if got, err := plainPath(FileURL(path)); err != nil || got != path {
			t.Fatalf("%q became %q: %v", path, got, err)
		}
	})
}
