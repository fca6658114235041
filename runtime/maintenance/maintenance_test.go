package maintenance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// lakeOf is a lake with empty tables of these names in schema s.
func lakeOf(t *testing.T, tables ...string) (*lakehouse.Lake, []lakehouse.Name) {
	t.Helper()
	lake, err := lakehouse.Open(context.Background(), lakehouse.Options{Home: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lake.Close() })
	for _, name := range tables {
		spec := lakehouse.Spec{Name: lakehouse.Name{Schema: "s", Table: name}, Schema: schema.Schema{Columns: []schema.Column{{Name: "id", Type: schema.Type{Kind: schema.Long}}}}}
		if _, err := lake.Create(context.Background(), spec); err != nil {
			t.Fatal(err)
		}
	}
	names, err := TablesOf(context.Background(), lake, []string{"s"})
	if err != nil {
		t.Fatal(err)
	}
	return lake, names
}

// breakTable makes a table unreadable.
func breakTable(t *testing.T, lake *lakehouse.Lake, name string) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(lake.Home(), "warehouse", "s", name, "metadata")); err != nil {
		t.Fatal(err)
	}
}

func act(t *testing.T) lakehouse.MaintainOptions {
	t.Helper()
	o, err := ActOf("", "")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOneTablesErrorDoesNotStopTheOthers(t *testing.T) {
	lake, names := lakeOf(t, "a", "b", "c", "d")
	breakTable(t, lake, "a")
	breakTable(t, lake, "c")
	var begun, ended []string
	r, err := Run(context.Background(), lake, names, Options{Act: act(t), Begin: func(n lakehouse.Name) { begun = append(begun, n.Table) },
		End: func(table Table, err error) { ended = append(ended, fmt.Sprint(table.Table, err == nil)) }})
	if err == nil || !strings.Contains(err.Error(), "2 tables") || !strings.Contains(err.Error(), "s.a") || !strings.Contains(err.Error(), "s.c") || fault.Code(err) != 1 {
		t.Errorf("error %v", err)
	}
	if !slices.Equal(r.Done, []string{"s.b", "s.d"}) || len(r.Tables) != 2 || r.Finished {
		t.Errorf("%+v", r)
	}
	if strings.Join(begun, "") != "abcd" || strings.Join(ended, " ") != "s.afalse s.btrue s.cfalse s.dtrue" {
		t.Errorf("begun %v, ended %v", begun, ended)
	}
}

func TestDoneIsLeftOut(t *testing.T) {
	lake, names := lakeOf(t, "a", "b")
	r, err := Run(context.Background(), lake, names, Options{Act: act(t), Done: []string{"s.a"}})
	if err != nil || !r.Finished || len(r.Tables) != 1 || r.Tables[0].Table != "s.b" || !slices.Equal(r.Done, []string{"s.a", "s.b"}) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestHandOver(t *testing.T) {
	lake, names := lakeOf(t, "a", "b", "c")
	past := time.Now().Add(-time.Second)
	stop := make(chan struct{})
	close(stop)
	// The time is up as soon as the first table is done.
	until := time.Now().Add(2 * time.Second)
	r, err := Run(context.Background(), lake, names, Options{Act: act(t), Until: until, End: func(Table, error) { time.Sleep(time.Until(until)) }})
	if err != nil || r.Finished || !slices.Equal(r.Done, []string{"s.a"}) {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = Run(context.Background(), lake, names, Options{Act: act(t), Stop: stop})
	if err != nil || r.Finished || len(r.Done) > 0 {
		t.Errorf("told to end: %+v, %v", r, err)
	}
	// A run that does no table at all would be called again for ever.
	r, err = Run(context.Background(), lake, names[:1], Options{Act: act(t), Until: past})
	if err == nil && !r.Finished {
		t.Errorf("no headway: %+v", r)
	}
	if err != nil && !strings.Contains(err.Error(), "not done in the time") {
		t.Error(err)
	}
}

func TestTableThatIsGoneIsDone(t *testing.T) {
	lake, names := lakeOf(t, "a")
	names = append(names, lakehouse.Name{Schema: "s", Table: "gone"})
	if r, err := Run(context.Background(), lake, names, Options{Act: act(t)}); err != nil || !r.Finished || len(r.Done) != 2 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestCancelled(t *testing.T) {
	lake, names := lakeOf(t, "a", "b")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, lake, names, Options{Act: act(t)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestActOf(t *testing.T) {
	o, err := ActOf("24h", "100h")
	if err != nil || o.KeepFor != 24*time.Hour || o.OrphansAfter != 100*time.Hour || !o.Expire || !o.Compact || !o.Orphans {
		t.Errorf("%+v, %v", o, err)
	}
	for _, wrong := range []string{"a day", "-1h", "0s"} {
		if _, err := ActOf(wrong, ""); fault.Code(err) != int(fault.Usage) || !strings.Contains(err.Error(), "keep_snapshots") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// What a contract keeps for a while is removed of its tables, and of no other.
func TestRowsAreKeptAsLongAsSaid(t *testing.T) {
	lake, names := lakeOf(t, "a", "b")
	for _, n := range names {
		spec := lakehouse.Spec{Name: n, Schema: schema.Schema{Columns: append([]schema.Column{{Name: "id", Type: schema.Type{Kind: schema.Long}}}, lakehouse.LoadColumns()...)}}
		if _, err := lake.Apply(context.Background(), spec, lakehouse.ApplyOptions{}); err != nil {
			t.Fatal(err)
		}
		load, err := lake.NewLoad(context.Background(), n, lakehouse.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		rows := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64}}, nil))
		rows.Field(0).(*array.Int64Builder).AppendValues([]int64{1, 2, 3}, nil)
		if err := load.Write(context.Background(), rows.NewRecordBatch()); err != nil {
			t.Fatal(err)
		}
		if _, err := load.Commit(context.Background(), lakehouse.StateUpdate{}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Run(context.Background(), lake, names, Options{Act: act(t), Kept: map[lakehouse.Name]time.Duration{{Schema: "s", Table: "A"}: time.Nanosecond}})
	if err != nil || len(r.Tables) != 2 || r.Tables[0].RowsRemoved != 3 || r.Tables[1].RowsRemoved != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
