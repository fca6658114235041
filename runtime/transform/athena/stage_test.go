package athena

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform"
	"github.com/floe-data/floe/runtime/transform/athena/athenatest"
)

const (
	described = "SELECT * FROM (\nselect game_id, moves from \"floe_dev_staging\".\"stg_games\"\n) LIMIT 0"
	madeAside = "CREATE TABLE \"floe_dev_marts\".\"games__floe_<id>\"\nWITH (\n    table_type = 'ICEBERG',\n    is_external = false,\n" +
		"    location = 's3://lake/marts/games/floe_<id>',\n    format = 'PARQUET',\n    write_compression = 'ZSTD'"
	resolved = "\n) AS\nselect game_id, moves from \"floe_dev_staging\".\"stg_games\""
)

func TestTableIsMadeAsideThenAdopted(t *testing.T) {
	b := newBed(t)
	b.columns = append(slices.Clone(played), athenatest.Column{Name: "played_at", Type: "timestamp", Precision: 3}, athenatest.Column{Name: "Rating", Type: "integer"})
	s := b.stage(transform.Build{UniqueID: "model.floe.games", Name: games, Kind: transform.KindTable, SQL: gamesSQL, Doc: "Games.",
		ColumnDocs: map[string]string{"game_id": "The game."}, Partition: []string{"month(played_at)", "bucket(16, game_id)"}, Sort: []string{"moves desc"},
		Properties: map[string]string{"write.parquet.row-group-limit": "1000"}, Summary: map[string]string{"floe.run": "r1"}})
	if s.Rows() != 3 {
		t.Errorf("%d rows, want 3", s.Rows())
	}
	if got := b.relations(); !slices.Equal(got, []string{"table marts.games__floe_<id>"}) {
		t.Errorf("staged: %v", got)
	}
	all, err := b.lake.Relations(context.Background(), "marts")
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if aside, err := b.lake.Table(context.Background(), all[0].Name); err != nil || aside.Property("floe.model") != "model.floe.games" || aside.Property("floe.run") != "r1" {
		t.Errorf("what is made aside does not tell whose it is: %v", err)
	}
	b.read(`select count(*) from "marts"."games" where games.moves > 0`)
	b.publish(s)
	b.read(`select * from marts.games g`)
	b.wantSent(described,
		madeAside+",\n    partitioning = ARRAY['month(played_at)', 'bucket(game_id, 16)']\n) AS\n"+
			"SELECT\n    \"game_id\",\n    \"moves\",\n    CAST(\"played_at\" AS timestamp(6)) AS \"played_at\",\n    CAST(\"Rating\" AS bigint) AS \"Rating\"\n"+
			"FROM (\nselect game_id, moves from \"floe_dev_staging\".\"stg_games\"\n)",
		`select count(*) from "floe_dev_marts"."games__floe_<id>" AS "games" where games.moves > 0`,
		`select * from "floe_dev_marts"."games" g`)
	if got := b.relations(); !slices.Equal(got, []string{"table marts.games"}) {
		t.Errorf("published: %v", got)
	}
	made, err := b.lake.Table(context.Background(), games)
	if err != nil {
		t.Fatal(err)
	}
	spec := made.Spec()
	c, _ := spec.Schema.Column("game_id")
	if spec.Doc != "Games." || c.Doc != "The game." || len(spec.Sort) != 1 || made.Property("write.parquet.row-group-limit") != "1000" {
		t.Errorf("spec %+v", spec)
	}
	if err := s.Discard(context.Background()); err != nil {
		t.Errorf("discard after publish: %v", err)
	}
	if err := s.Publish(context.Background()); err == nil {
		t.Error("published twice")
	}
}

func TestDiscardLeavesNothing(t *testing.T) {
	for _, tc := range []struct {
		kind  string
		there bool
	}{{transform.KindTable, false}, {transform.KindSeed, false}, {transform.KindView, false}, {transform.KindAppend, true}, {transform.KindMerge, true}} {
		t.Run(tc.kind, func(t *testing.T) {
			b := newBed(t)
			if tc.there {
				b.create(games, played...)
			}
			b.rows = [][]any{{0, 0}}
			before := b.relations()
			s := b.stage(transform.Build{Name: games, Kind: tc.kind, SQL: gamesSQL, Key: []string{"game_id"}})
			if len(b.relations()) != len(before)+1 {
				t.Errorf("staged: %v", b.relations())
			}
			if err := s.Discard(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := b.relations(); !slices.Equal(got, before) {
				t.Errorf("left: %v, before %v", got, before)
			}
			if kind, err := b.engine.Exists(context.Background(), games); err != nil || (kind != "") != tc.there {
				t.Errorf("exists: %q, %v", kind, err)
			}
		})
	}
}

func TestViewAndTableReplaceEachOther(t *testing.T) {
	b := newBed(t)
	view := transform.Build{Name: games, Kind: transform.KindView, SQL: gamesSQL}
	table := transform.Build{Name: games, Kind: transform.KindTable, SQL: gamesSQL}
	for _, tc := range []struct {
		build transform.Build
		want  string
	}{{view, "view"}, {table, "table"}, {view, "view"}, {view, "view"}} {
		b.publish(b.stage(tc.build))
		if got := b.relations(); !slices.Equal(got, []string{tc.want + " marts.games"}) {
			t.Fatalf("relations %v, want the %s", got, tc.want)
		}
	}
	if got := b.sent()[0]; got != "CREATE OR REPLACE VIEW \"floe_dev_marts\".\"games__floe_<id>\" AS\nselect game_id, moves from \"floe_dev_staging\".\"stg_games\"" {
		t.Errorf("view: %s", got)
	}
}

// TestAViewThatTakesATablesPlaceIsMade: the run is told to end when the table
// has just gone.
func TestAViewThatTakesATablesPlaceIsMade(t *testing.T) {
	b := newBed(t)
	b.create(games, played...)
	s := b.stage(transform.Build{Name: games, Kind: transform.KindView, SQL: gamesSQL})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.aws.Fail(func(q awstest.Request) *awstest.Failure {
		if q.Action == "DeleteTable" && q.Resource == "floe_dev_marts.games" {
			cancel()
		}
		return nil
	})
	if err := s.Publish(ctx); err != nil || ctx.Err() == nil {
		t.Errorf("%v; the run was told to end: %v", err, ctx.Err())
	}
	if got := b.relations(); !slices.Equal(got, []string{"view marts.games"}) {
		t.Errorf("relations %v", got)
	}
}

func TestAppend(t *testing.T) {
	b := newBed(t)
	b.create(games, played...)
	s := b.stage(transform.Build{Name: games, Kind: transform.KindAppend, SQL: gamesSQL})
	b.read(`select count(*) from "marts"."games"`)
	b.publish(s)
	rows := "SELECT\n    \"game_id\",\n    \"moves\"\nFROM (\nselect game_id, moves from \"floe_dev_staging\".\"stg_games\"\n)"
	b.wantSent(described, madeAside+"\n) AS\n"+rows,
		`select count(*) from (SELECT o."game_id", o."moves" FROM "floe_dev_marts"."games" o UNION ALL SELECT "game_id", "moves" FROM "floe_dev_marts"."games__floe_<id>") AS "games"`,
		"INSERT INTO \"floe_dev_marts\".\"games\" (\"game_id\", \"moves\")\nSELECT \"game_id\", \"moves\"\nFROM \"floe_dev_marts\".\"games__floe_<id>\"")
	if got := b.relations(); !slices.Equal(got, []string{"table marts.games"}) {
		t.Errorf("left: %v", got)
	}
}

// TestNotes: a table is noted when it is built, and before rows come into it.
func TestNotes(t *testing.T) {
	b := newBed(t)
	note := func() string {
		t.Helper()
		table, err := b.lake.Table(t.Context(), games)
		if err != nil {
			t.Fatal(err)
		}
		return table.Property(environment.ParameterClassified) + " of " + table.Property("floe.run")
	}
	b.engine.classified = func(_ context.Context, n lakehouse.Name, there *lakehouse.Table) (string, error) {
		if n != games {
			t.Errorf("asked of %s", n)
		}
		if there == nil {
			return "built", nil
		}
		return there.Property(environment.ParameterClassified) + "+", nil
	}
	b.columns = played
	b.publish(b.stage(transform.Build{Name: games, Kind: transform.KindTable, SQL: gamesSQL, Summary: map[string]string{"floe.run": "r1"}}))
	if got := note(); got != "built of r1" {
		t.Error(got)
	}
	b.publish(b.stage(transform.Build{Name: games, Kind: transform.KindAppend, SQL: gamesSQL, Summary: map[string]string{"floe.run": "r2"}}))
	if got := note(); got != "built++ of r2" { // once before and once after
		t.Error(got)
	}
}

func TestMerge(t *testing.T) {
	b := newBed(t)
	b.create(games, played...)
	b.with("repeated_keys", athenatest.Answer{Columns: []athenatest.Column{{Name: "without_key", Type: "bigint"}, {Name: "repeated_keys", Type: "bigint"}}, Rows: [][]any{{0, 0}}})
	s := b.stage(transform.Build{Name: games, Kind: transform.KindMerge, SQL: gamesSQL, Key: []string{"GAME_ID"}})
	b.read(`select 1 from marts.games as x`)
	b.publish(s)
	got := b.sent()[2:]
	want := []string{
		"SELECT\n    (SELECT count(*) FROM \"floe_dev_marts\".\"games__floe_<id>\" WHERE \"game_id\" IS NULL) AS without_key,\n" +
			"    (SELECT count(*) FROM (SELECT 1 AS one FROM \"floe_dev_marts\".\"games__floe_<id>\" GROUP BY \"game_id\" HAVING count(*) > 1)) AS repeated_keys",
		`select 1 from (SELECT o."game_id", o."moves" FROM "floe_dev_marts"."games" o WHERE NOT EXISTS (SELECT 1 FROM "floe_dev_marts"."games__floe_<id>" n WHERE n."game_id" = o."game_id")` +
			` UNION ALL SELECT "game_id", "moves" FROM "floe_dev_marts"."games__floe_<id>") as x`,
		"MERGE INTO \"floe_dev_marts\".\"games\" AS o\nUSING \"floe_dev_marts\".\"games__floe_<id>\" AS n\nON n.\"game_id\" = o.\"game_id\"\n" +
			"WHEN MATCHED THEN UPDATE SET \"moves\" = n.\"moves\"\nWHEN NOT MATCHED THEN INSERT (\"game_id\", \"moves\")\nVALUES (n.\"game_id\", n.\"moves\")",
	}
	if !slices.Equal(got, want) {
		t.Errorf("sent:\n%s\n\nwant:\n%s", strings.Join(got, "\n--\n"), strings.Join(want, "\n--\n"))
	}
}

func TestMergeRefusesKeysThatTellNoRow(t *testing.T) {
	for _, tc := range []struct {
		name         string
		key          []string
		null, double int
		want         string
		kind         fault.Kind
	}{
		{"no key", nil, 0, 0, "a merge needs unique_key", fault.Usage},
		{"no column", []string{"id"}, 0, 0, `unique_key "id" is no column of the table: it has game_id, moves`, fault.Usage},
		{"null", []string{"game_id"}, 2, 0, "2 rows have NULL in unique_key (game_id)", fault.Contract},
		{"twice", []string{"game_id", "moves"}, 0, 4, "several rows for 4 values of unique_key (game_id, moves)", fault.Contract},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBed(t)
			b.create(games, played...)
			b.with("repeated_keys", athenatest.Answer{Columns: []athenatest.Column{{Name: "without_key", Type: "bigint"}, {Name: "repeated_keys", Type: "bigint"}}, Rows: [][]any{{tc.null, tc.double}}})
			_, err := b.engine.Stage(context.Background(), transform.Build{Name: games, Kind: transform.KindMerge, SQL: gamesSQL, Key: tc.key})
			if err == nil || !strings.Contains(err.Error(), tc.want) || fault.Code(err) != int(tc.kind) {
				t.Errorf("error %v (code %d)", err, fault.Code(err))
			}
			if got := b.relations(); !slices.Equal(got, []string{"table marts.games"}) {
				t.Errorf("left: %v", got)
			}
		})
	}
}

func TestSchemaChanges(t *testing.T) {
	varchar := func(n string) athenatest.Column { return athenatest.Column{Name: n, Type: "varchar"} }
	for _, tc := range []struct {
		change string
		query  []athenatest.Column
		want   []string // the table's columns then
		insert string
		err    string
	}{
		{"", []athenatest.Column{varchar("game_id"), {Name: "moves", Type: "integer"}, varchar("eco")}, []string{"game_id", "moves"}, `"game_id", "moves"`, ""},
		{transform.SchemaIgnore, []athenatest.Column{varchar("game_id")}, nil, "", `the query has no column "moves"`},
		{transform.SchemaRefused, append(slices.Clone(played), varchar("eco")), nil, "", `the table has no column "eco"`},
		{transform.SchemaAppend, []athenatest.Column{varchar("game_id"), varchar("eco")}, []string{"game_id", "moves", "eco"}, `"game_id", "moves", "eco"`, ""},
		{transform.SchemaSync, []athenatest.Column{varchar("game_id"), varchar("eco")}, []string{"game_id", "eco"}, `"game_id", "eco"`, ""},
		{"", []athenatest.Column{varchar("game_id"), {Name: "moves", Type: "double"}}, nil, "", `column "moves" is double in the query and long in the table`},
	} {
		t.Run(tc.change+fmt.Sprint(len(tc.want)), func(t *testing.T) {
			b := newBed(t)
			b.create(games, played...)
			b.columns = tc.query
			s, err := b.engine.Stage(context.Background(), transform.Build{Name: games, Kind: transform.KindAppend, SQL: gamesSQL, OnSchemaChange: tc.change})
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) || fault.Code(err) != 2 {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			b.publish(s)
			table, err := b.lake.Table(context.Background(), games)
			if err != nil {
				t.Fatal(err)
			}
			if got := table.Schema().Names(); !slices.Equal(got, tc.want) {
				t.Errorf("columns %v, want %v", got, tc.want)
			}
			if last := b.sent()[2]; !strings.HasPrefix(last, `INSERT INTO "floe_dev_marts"."games" (`+tc.insert+")\n") {
				t.Errorf("insert: %s", last)
			}
		})
	}
}

func TestLargeSeedComesInParts(t *testing.T) {
	b := newBed(t)
	var sql strings.Builder
	sql.WriteString("select\n    cast(c1 as varchar) as \"game_id\",\n    cast(c2 as bigint) as \"moves\"\nfrom (values")
	for i := range 12_000 {
		if i > 0 {
			sql.WriteByte(',')
		}
		fmt.Fprintf(&sql, "\n    ('a (strange), ''name'' %d', '%d')", i, i)
	}
	sql.WriteString("\n) as seed (c1, c2)")
	s := b.stage(transform.Build{Name: games, Kind: transform.KindSeed, SQL: sql.String()})
	b.publish(s)
	sent := b.sent()
	if len(sent) < 4 || !strings.HasPrefix(sent[1], "CREATE TABLE") || !strings.HasPrefix(sent[2], `INSERT INTO "floe_dev_marts"."games__floe_<id>"`+"\nselect") {
		t.Fatalf("%d statements", len(sent))
	}
	rows := 0
	for _, q := range sent[1:] {
		rows += strings.Count(q, "a (strange)")
		if !strings.HasSuffix(q, "\n) as seed (c1, c2)") || strings.Contains(q, "(values,") || len(q) > maxStatement {
			t.Errorf("part of %d bytes ends %q", len(q), q[len(q)-40:])
		}
	}
	if rows != 12_000 || s.Rows() != int64(3*(len(sent)-1)) {
		t.Errorf("%d rows are sent, %d told", rows, s.Rows())
	}
}

func TestTableKeepsPartitionsThatTheModelDoesNotName(t *testing.T) {
	b := newBed(t)
	build := transform.Build{Name: games, Kind: transform.KindTable, SQL: gamesSQL, Partition: []string{"bucket(4, game_id)"}}
	spec, err := build.Spec(tableSchema(played).Columns, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.lake.Create(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	build.Partition = nil
	b.stage(build)
	if got := b.sent()[1]; !strings.Contains(got, "partitioning = ARRAY['bucket(game_id, 4)']") {
		t.Errorf("sent %s", got)
	}
}

func TestSweepDropsOnlyWhatIsOld(t *testing.T) {
	b := newBed(t)
	old := fmt.Sprintf("%08x", time.Now().Add(-48*time.Hour).Unix())
	now := fmt.Sprintf("%08x", time.Now().Unix())
	for _, n := range []string{"games", "games__floe_" + old + "beef", "games__floe_" + now + "beef", "games__floe_notes", "games__floe_" + old} {
		b.create(lakehouse.Name{Schema: "marts", Table: n}, played...)
	}
	b.aws.PutTable("floe_dev_marts", map[string]any{"Name": "v__floe_" + old + "0000", "TableType": "VIRTUAL_VIEW", "ViewOriginalText": "select 1"})
	gone, err := b.engine.Sweep(context.Background(), 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if len(gone) != 2 || len(b.relations()) != 4 {
		t.Errorf("gone %v, left %v", gone, b.relations())
	}
}

func TestPublicationMeetsAnotherWriter(t *testing.T) {
	b := newBed(t)
	b.create(games, played...)
	s := b.stage(transform.Build{Name: games, Kind: transform.KindTable, SQL: gamesSQL})
	refusals := 0
	b.aws.Fail(func(r awstest.Request) *awstest.Failure {
		if r.Action == "UpdateTable" && refusals == 0 {
			refusals++
			if _, err := b.lake.Apply(t.Context(), lakehouse.Spec{Name: games, Schema: tableSchema(played), Doc: "other"}, lakehouse.ApplyOptions{}); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	b.publish(s)
	made, err := b.lake.Table(t.Context(), games)
	if err != nil || !strings.Contains(made.Location(), "/games/floe_") || refusals != 1 {
		t.Errorf("%d refusals, error %v", refusals, err)
	}
	if got := b.relations(); !slices.Equal(got, []string{"table marts.games"}) {
		t.Errorf("left: %v", got)
	}
}

func TestStageOfWhatIsNotThere(t *testing.T) {
	b := newBed(t)
	_, err := b.engine.Stage(context.Background(), transform.Build{Name: games, Kind: transform.KindAppend, SQL: gamesSQL})
	if !errors.Is(err, lakehouse.ErrNotFound) {
		t.Errorf("append: %v", err)
	}
	if _, err := b.engine.Columns(context.Background(), games); !errors.Is(err, lakehouse.ErrNotFound) {
		t.Errorf("columns: %v", err)
	}
	if err := b.engine.Drop(context.Background(), games); err != nil {
		t.Errorf("drop: %v", err)
	}
}
