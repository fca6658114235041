package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/schema"
)

var factName = Name{"marts", "fact"}

// stage builds a table aside as Athena does: in a folder below the target's.
func stage(t testing.TB, p lakeAt, l *Lake, id string, rows int) Name {
	t.Helper()
	n := Name{factName.Schema, factName.Table + "__" + id}
	s, err := Spec{Name: n, Schema: schema.Schema{Columns: []schema.Column{{Name: "n", Type: typ(schema.Long), Doc: "of " + id}}}}.normal()
	if err != nil {
		t.Fatal(err)
	}
	folder := under(folderOf(t, l, factName), id)
	meta, err := s.metadata(folder)
	if err != nil {
		t.Fatal(err)
	}
	location, err := l.writeMetadata(t.Context(), meta, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.swap(t.Context(), n, entry{}, entry{kind: kindTable, location: location, meta: meta}); err != nil {
		t.Fatal(err)
	}
	table, err := l.Table(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	file := p.numbers(t, under(folder, "data"), table.Schema(), 0, rows)
	if _, err := l.AppendFiles(t.Context(), Write{Table: n, Files: []string{file}}); err != nil {
		t.Fatal(err)
	}
	return n
}

func wantFact(t testing.TB, l *Lake, rows int) {
	t.Helper()
	if got := len(scan(t, l, factName)); got != rows {
		t.Fatalf("%d rows, want %d", got, rows)
	}
	found, err := l.Relations(t.Context(), factName.Schema)
	if err != nil || len(found) != 1 || found[0].Name != factName {
		t.Fatalf("%v %v", found, err)
	}
}

// TestAdopt: a table is made and replaced by adoptions; former files stay until
// they are orphans of age, and go with the table.
func TestAdopt(t *testing.T) { eachFolder(t, conformAdopt) }

func conformAdopt(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, Spec{Name: factName, Schema: schema.Schema{Columns: []schema.Column{{Name: "before", Type: typ(schema.String)}}}})
	for i, id := range []string{"one", "two", "three"} {
		if err := l.Adopt(t.Context(), factName, stage(t, p, l, id, i+1)); err != nil {
			t.Fatal(err)
		}
		wantFact(t, l, i+1)
	}
	folder := folderOf(t, l, factName)
	p.put(t, under(folder, "dead", "build.parquet"), []byte("12345")) // of a build that was killed
	had, err := l.fs.list(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if r := maintainFact(t, l, time.Hour); r.OrphansRemoved != 0 {
		t.Fatalf("young files were removed: %+v", r)
	}
	old := time.Now().Add(-2 * time.Hour)
	for _, f := range had {
		p.age(t, f.path, old)
	}
	if r := maintainFact(t, l, time.Hour); r.OrphansRemoved != 0 {
		t.Fatalf("the former tables were replaced just now: %+v", r)
	}
	time.Sleep(2 * time.Millisecond)
	r := maintainFact(t, l, time.Nanosecond)
	if r.OrphansRemoved < 6 || r.BytesFreed == 0 {
		t.Fatalf("%+v", r)
	}
	wantFact(t, l, 3)
	left, err := l.fs.list(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if !below(under(folder, "three"), f.path) {
			t.Errorf("left behind: %s", f.path)
		}
	}
	table, err := l.Table(t.Context(), factName)
	if err != nil || table.Property(propFormer) != "" {
		t.Errorf("still remembered: %q %v", table.Property(propFormer), err)
	}
	if found := l.Check(t.Context()); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	if err := l.Adopt(t.Context(), factName, stage(t, p, l, "four", 4)); err != nil {
		t.Fatal(err)
	}
	if err := l.DropTable(t.Context(), factName); err != nil {
		t.Fatal(err)
	}
	if left, err := l.fs.list(t.Context(), folder); err != nil || len(left) > 0 {
		t.Errorf("left behind by the drop: %v %v", left, err)
	}
}

func maintainFact(t testing.TB, l *Lake, age time.Duration) MaintainResult {
	t.Helper()
	r, err := l.Maintain(t.Context(), factName, MaintainOptions{Orphans: true, OrphansAfter: age})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAnAdoptionThatIsCutOff: between its two steps both names stand; neither a
// drop of the staged one nor the target's maintenance harms it, and the
// adoption can be done again.
func TestAnAdoptionThatIsCutOff(t *testing.T) { eachFolder(t, conformAnAdoptionThatIsCutOff) }

func conformAnAdoptionThatIsCutOff(t *testing.T, p lakeAt) {
	l := p.open(t)
	cut := func(id string, rows int) Name {
		n := stage(t, p, l, id, rows)
		swap := l.swap
		l.swap = func(ctx context.Context, at Name, old, next entry) error {
			if next.kind == "" {
				return errors.New("killed")
			}
			return swap(ctx, at, old, next)
		}
		if err := l.Adopt(t.Context(), factName, n); err == nil {
			t.Fatal("it was not cut off")
		}
		l.swap = swap
		return n
	}
	n := cut("one", 5)
	maintainFact(t, l, time.Nanosecond)
	if err := l.Adopt(t.Context(), factName, n); err != nil {
		t.Fatal(err)
	}
	wantFact(t, l, 5)
	if err := l.DropTable(t.Context(), cut("two", 6)); err != nil {
		t.Fatal(err)
	}
	wantFact(t, l, 6)
}

func TestAdoptRefuses(t *testing.T) { eachFolder(t, conformAdoptRefuses) }

func conformAdoptRefuses(t *testing.T, p lakeAt) {
	l := p.open(t)
	if err := l.Adopt(t.Context(), factName, Name{"marts", "none"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("no staged table: %v", err)
	}
	newTable(t, l, players())
	if err := l.Adopt(t.Context(), factName, playersName); err == nil || !strings.Contains(err.Error(), "is not below schema marts") {
		t.Errorf("a table of another schema: %v", err)
	}
	n := stage(t, p, l, "one", 1)
	swap := l.swap
	l.swap = func(ctx context.Context, at Name, old, next entry) error {
		l.swap = swap
		other := p.open(t)
		s := players()
		s.Name = factName
		newTable(t, other, s)
		return swap(ctx, at, old, next)
	}
	if err := l.Adopt(t.Context(), factName, n); !errors.Is(err, ErrConflict) {
		t.Errorf("the target appeared meanwhile: %v", err)
	}
	if err := l.Adopt(t.Context(), factName, n); err != nil {
		t.Errorf("done again: %v", err)
	}
	wantFact(t, l, 1)
}

// TestAdoptIsOneChange: Glue's table goes from one table to the other in one
// call, a view included, and lost answers of it are found out.
func TestAdoptIsOneChange(t *testing.T) {
	for name, failure := range map[string]*awstest.Failure{"answered": nil, "lost": awstest.Lost, "500": awstest.LostInternal} {
		t.Run(name, func(t *testing.T) {
			p := lakeAt{aws: cloud(t)}
			l := p.open(t)
			p.aws.PutTable("floe_dev_marts", map[string]any{"Name": "fact", "TableType": "VIRTUAL_VIEW", "ViewOriginalText": "x", "Parameters": map[string]any{"presto_view": "true"}})
			n := stage(t, p, l, "one", 3)
			p.aws.Forget()
			p.aws.Fail(func(q awstest.Request) *awstest.Failure {
				if q.Action == "UpdateTable" || q.Action == "DeleteTable" {
					return failure
				}
				return nil
			})
			if err := l.Adopt(t.Context(), factName, n); err != nil {
				t.Fatal(err)
			}
			p.aws.Fail(nil)
			var changes []string
			for _, q := range p.aws.Requests() {
				if q.Action == "UpdateTable" || q.Action == "CreateTable" || q.Action == "DeleteTable" {
					changes = append(changes, q.Action+" "+q.Resource)
				}
			}
			if want := "[UpdateTable floe_dev_marts.fact DeleteTable floe_dev_marts.fact__one]"; failure == nil && fmt.Sprint(changes) != want {
				t.Errorf("%v", changes)
			}
			wantFact(t, l, 3)
			table := p.aws.Table("floe_dev_marts", "fact")
			if table["TableType"] != "EXTERNAL_TABLE" || table["ViewOriginalText"] != nil || table["Parameters"].(map[string]any)["presto_view"] != nil {
				t.Errorf("%v", table)
			}
		})
	}
}
