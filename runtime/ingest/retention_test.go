package ingest

import (
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

func TestRowsKept(t *testing.T) {
	p := &project.Project{Sources: map[string]*project.Source{"shop": {Contracts: map[string]*project.Contract{
		"orders": {Name: "landing_shop.orders", Retention: "730d"}, "customers": {Name: "landing_shop.customers", Retention: "forever"}, "items": {Name: "landing_shop.items"},
	}}}}
	kept := RowsKept(p)
	for _, table := range []string{"orders", "orders__rejected"} {
		if got := kept[lakehouse.Name{Schema: "landing_shop", Table: table}]; got != 730*24*time.Hour {
			t.Errorf("%s: %s", table, got)
		}
	}
	if len(kept) != 2 {
		t.Errorf("%v", kept)
	}
	if s := SpecOf(p.Sources["shop"].Contracts["orders"]); s.Properties["floe.retention"] != "730d" {
		t.Errorf("%v", s.Properties)
	}
}
