package lakehouse

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
)

const gamesDatabase = "floe_dev_landing_chess"

// TestGlueTable: a table is in Glue as Athena, Trino and PyIceberg keep theirs,
// and what another writer has added stays.
func TestGlueTable(t *testing.T) {
	a := cloud(t)
	l := openCloud(t, a)
	s := games()
	s.Doc = "finished\ngames"
	newTable(t, l, s)
	first := a.Table(gamesDatabase, "games")
	other := map[string]any{}
	for k, v := range first {
		other[k] = v
	}
	other["Owner"] = "someone"
	parameters := map[string]any{"trino_query_id": "1", "floe.state.gone": "x", "comment": "stale"}
	for k, v := range first["Parameters"].(map[string]any) {
		parameters[k] = v
	}
	other["Parameters"] = parameters
	a.PutTable(gamesDatabase, other)
	wider := games()
	without(&wider, "pgn")
	if _, err := l.Apply(t.Context(), wider, ApplyOptions{AllowBreaking: true}); err != nil {
		t.Fatal(err)
	}
	got := a.Table(gamesDatabase, "games")
	for _, k := range []string{"CreateTime", "UpdateTime"} {
		delete(got, k)
	}
	p := got["Parameters"].(map[string]any)
	if p["previous_metadata_location"] != first["Parameters"].(map[string]any)["metadata_location"] {
		t.Errorf("previous metadata: %v", p["previous_metadata_location"])
	}
	for k, v := range p { // the names of metadata files are chance
		if strings.HasSuffix(k, "metadata_location") {
			p[k] = "s3://…/" + metadataName.FindStringSubmatch(v.(string))[1]
		}
	}
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "gluetable.golden.json")
	if os.Getenv("FLOE_UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(golden, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != string(text)+"\n" {
		t.Fatalf("%v; the table is\n%s", err, text)
	}
}

func TestHiveTypes(t *testing.T) {
	p := iceberg.PrimitiveTypes
	for want, is := range map[string]iceberg.Type{
		"boolean": p.Bool, "int": p.Int32, "bigint": p.Int64, "float": p.Float32, "double": p.Float64, "date": p.Date,
		"timestamp": p.TimestampTz, "string": p.String, "binary": p.Binary, "decimal(38,10)": iceberg.DecimalTypeOf(38, 10),
		"array<bigint>": &iceberg.ListType{ElementID: 2, Element: p.Int64},
		"map<string,struct<a:string,b c:array<binary>>>": &iceberg.MapType{KeyID: 2, KeyType: p.String, ValueID: 3, ValueType: &iceberg.StructType{FieldList: []iceberg.NestedField{
			{ID: 4, Name: "a", Type: p.UUID}, {ID: 5, Name: "b c", Type: &iceberg.ListType{ElementID: 6, Element: iceberg.FixedTypeOf(7)}},
		}}},
	} {
		if got := hiveType(is); got != want {
			t.Errorf("%s: %s, want %s", is, got, want)
		}
	}
	if got := hiveType(p.Time); got != "string" {
		t.Errorf("time: %s", got)
	}
}

func TestOneLine(t *testing.T) {
	if got := oneLine(" a\n\tb  c ", 255); got != "a b c" {
		t.Errorf("%q", got)
	}
	if got := oneLine(strings.Repeat("é", 200), 255); len(got) > 255 || !strings.HasSuffix(got, "é…") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

// TestGlueDatabases: a database is a schema of the stack if its parameters say
// so, whatever its name is.
func TestGlueDatabases(t *testing.T) {
	a := cloud(t)
	own := func(stack, schemaName string) map[string]string {
		return map[string]string{environment.ParameterProject: "floe", environment.ParameterStack: stack, environment.ParameterSchema: schemaName}
	}
	a.Database("floe_dev_x_marts", "s3://lake/x", own("dev-x", "marts"))
	a.Database("floe_dev_nowhere", "", own("dev", "nowhere"))
	a.Database("default", "s3://lake/default", nil)
	l := openCloud(t, a)
	if got, err := l.Schemas(t.Context()); err != nil || strings.Join(got, " ") != "a landing landing_chess m marts nowhere" {
		t.Errorf("schemas %v %v", got, err)
	}
	for schemaName, want := range map[string]string{
		"gone": "floe_dev_gone, which does not exist", "x_marts": `stack "dev-x", schema "marts"`, "nowhere": `its location is ""`,
	} {
		n := Name{schemaName, "t"}
		for act, err := range map[string]error{
			"find":   func() error { _, _, err := l.Exists(t.Context(), n); return err }(),
			"list":   func() error { _, err := l.Relations(t.Context(), schemaName); return err }(),
			"create": func() error { s := players(); s.Name = n; _, err := l.Create(t.Context(), s); return err }(),
		} {
			if err == nil || !strings.Contains(err.Error(), want) || fault.Next(err) != "make deploy STACK=dev" {
				t.Errorf("%s in %s: %v, next %q", act, schemaName, err, fault.Next(err))
			}
		}
	}
	if _, err := l.Table(t.Context(), Name{"gone", "t"}); !errors.Is(err, ErrNoSchema) {
		t.Errorf("%v", err)
	}
}

// TestGlueRelations: several pages of tables, views among them, and tables that
// are not Iceberg's.
func TestGlueRelations(t *testing.T) {
	a := cloud(t)
	l := openCloud(t, a)
	newTable(t, l, games())
	iceberg := a.Table(gamesDatabase, "games")["Parameters"]
	for _, name := range []string{"z", "b", "c"} {
		a.PutTable(gamesDatabase, map[string]any{"Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": iceberg})
	}
	a.PutTable(gamesDatabase, map[string]any{"Name": "v", "TableType": "VIRTUAL_VIEW", "Parameters": map[string]any{"presto_view": "true"}})
	a.PutTable(gamesDatabase, map[string]any{"Name": "csv", "TableType": "EXTERNAL_TABLE", "Parameters": map[string]any{"classification": "csv"}})
	found, err := l.Relations(t.Context(), "")
	var got []string
	for _, r := range found {
		got = append(got, r.Name.Table)
		if r.View != (r.Name.Table == "v") {
			t.Errorf("%+v", r)
		}
	}
	if err != nil || !slices.Equal(got, []string{"b", "c", "games", "v", "z"}) {
		t.Fatalf("%v %v", got, err)
	}
	view := Name{"landing_chess", "v"}
	if table, isView, err := l.Exists(t.Context(), view); table || !isView || err != nil {
		t.Errorf("%v %v %v", table, isView, err)
	}
	for act, err := range map[string]error{
		"view": func() error { _, err := l.View(t.Context(), view); return err }(),
		"put":  l.PutView(t.Context(), View{Name: view, SQL: "select 1"}),
		"drop": l.DropView(t.Context(), view),
	} {
		if err == nil || !strings.Contains(err.Error(), "the SQL engine makes and drops views") {
			t.Errorf("%s: %v", act, err)
		}
	}
	if _, err := l.Table(t.Context(), Name{"landing_chess", "csv"}); err == nil || !strings.Contains(err.Error(), "is no Iceberg table") {
		t.Errorf("%v", err)
	}
	if _, err := l.Create(t.Context(), Spec{Name: view, Schema: players().Schema}); !errors.Is(err, ErrExists) {
		t.Errorf("a table in a view's place: %v", err)
	}
}

func TestGlueOptions(t *testing.T) {
	a := cloud(t)
	config := a.Config()
	for want, o := range map[string]GlueOptions{
		"must both be set":     {Project: "floe", Config: config},
		"no AWS region is set": {Project: "floe", Stack: "dev"},
	} {
		if _, err := Open(t.Context(), Options{Glue: &o}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	ro, err := Open(t.Context(), Options{ReadOnly: true, Glue: &GlueOptions{Project: "floe", Stack: "dev", Config: config}})
	if err != nil {
		t.Fatal(err)
	}
	newTable(t, openCloud(t, a), games())
	if rows := scan(t, ro, gamesName); len(rows) > 0 {
		t.Error(rows)
	}
	if err := ro.SetState(t.Context(), gamesName, StateUpdate{Set: map[string]string{"a": "b"}}); !errors.Is(err, ErrReadOnly) {
		t.Error(err)
	}
	dir := ro.fs.(*s3Files).dir
	if err := ro.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("temporary files are left")
	}
}

// TestNestedTablesOfOthers: Glue shows their types, and floe keeps off their rows.
func TestNestedTablesOfOthers(t *testing.T) {
	fields := iceberg.NewSchema(0, iceberg.NestedField{ID: 1, Name: "tags", Type: &iceberg.ListType{ElementID: 2, Element: iceberg.PrimitiveTypes.String}})
	spec := iceberg.NewPartitionSpec()
	meta, err := ice.NewMetadata(fields, &spec, ice.UnsortedSortOrder, "s3://lake/marts/nested", iceberg.Properties{ice.PropertyFormatVersion: "2"})
	if err != nil {
		t.Fatal(err)
	}
	a := cloud(t)
	l := openCloud(t, a)
	location, err := l.writeMetadata(t.Context(), meta, 0)
	if err != nil {
		t.Fatal(err)
	}
	staged, target := Name{"marts", "staged"}, Name{"marts", "nested"}
	if err := l.swap(t.Context(), staged, entry{}, entry{kind: kindTable, location: location, meta: meta}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Table(t.Context(), staged); err == nil || !strings.Contains(err.Error(), `column "tags"`) {
		t.Errorf("%v", err)
	}
	if err := l.Adopt(t.Context(), target, staged); err != nil {
		t.Fatal(err)
	}
	columns := a.Table("floe_dev_marts", "nested")["StorageDescriptor"].(map[string]any)["Columns"].([]any)
	if len(columns) != 1 || columns[0].(map[string]any)["Type"] != "array<string>" {
		t.Errorf("%v", columns)
	}
}
