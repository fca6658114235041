package lakehouse

import (
	"os"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/schema"
)

func TestZZLake(t *testing.T) {
	home := os.Getenv("ZZ")
	if home == "" {
		t.Skip()
	}
	l := openLake(t, home)
	for name, p := range map[string]schema.PartitionField{
		"none": {}, "boolean": {Column: "b", Transform: schema.Identity}, "day": {Column: "z", Transform: schema.Day}, "hour": {Column: "z", Transform: schema.Hour},
		"year": {Column: "d", Transform: schema.Year}, "month": {Column: "t", Transform: schema.Month}, "date": {Column: "d", Transform: schema.Identity},
		"bucket_s": {Column: "s", Transform: schema.Bucket, N: 5}, "bucket_m": {Column: "m", Transform: schema.Bucket, N: 5}, "bucket_x": {Column: "x", Transform: schema.Bucket, N: 3},
		"truncate_l": {Column: "l", Transform: schema.Truncate, N: 100}, "identity_id": {Column: "id", Transform: schema.Identity},
	} {
		s := allTypes(Name{"types", name})
		if p.Column != "" {
			s.Partition = []schema.PartitionField{p}
		}
		newTable(t, l, s)
		load(t, l, s.Name, LoadOptions{}, StateUpdate{}, allRows(0, 40))
		load(t, l, s.Name, LoadOptions{Merge: true}, StateUpdate{}, allRows(30, 20))
		b := allRows(0, 3)
		cols := b.Columns()
		cols[2] = allRows(10, 3).Column(2)
		_ = b
		load(t, l, s.Name, LoadOptions{Merge: true}, StateUpdate{}, allRows(1000, 5), allRows(0, 3))
		if name > "c" {
			ld, err := l.NewLoad(t.Context(), s.Name, LoadOptions{Merge: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := ld.AddColumns(t.Context(), []schema.Column{{Name: "late", Type: typ(schema.String)}}); err != nil {
				t.Fatal(err)
			}
			if err := ld.Write(t.Context(), allRows(2000, 5)); err != nil {
				t.Fatal(err)
			}
			if _, err := ld.Commit(t.Context(), StateUpdate{}); err != nil {
				t.Fatal(err)
			}
		}
		if name < "d" {
			if _, err := l.Maintain(t.Context(), s.Name, MaintainOptions{Compact: true, Expire: true, KeepFor: time.Nanosecond}); err != nil {
				t.Fatal(err)
			}
		}
	}
	v := View{Name: Name{"types", "v"}, SQL: "select 1 as a", Dialect: "spark", Schema: schema.Schema{Columns: []schema.Column{{Name: "a", Type: typ(schema.Long)}}}}
	if err := l.PutView(t.Context(), v); err != nil {
		t.Fatal(err)
	}
}
