package athena

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
	"github.com/floe-data/floe/runtime/transform/athena/athenatest"
)

func TestTypesAndValues(t *testing.T) {
	utc := func(y int, m time.Month, d, h, min, s, ns int) time.Time {
		return time.Date(y, m, d, h, min, s, ns, time.UTC)
	}
	huge, _ := new(big.Int).SetString("9223372036854775808", 10)
	for _, tc := range []struct {
		column athenatest.Column
		given  any
		want   any
		kind   schema.Kind // of the answer
		stored string      // the select list's item; "" if no table holds it
	}{
		{athenatest.Column{Type: "boolean"}, "true", true, schema.Boolean, `"c"`},
		{athenatest.Column{Type: "tinyint"}, "-7", int64(-7), schema.Long, `CAST("c" AS bigint) AS "c"`},
		{athenatest.Column{Type: "integer"}, "7", int64(7), schema.Long, `CAST("c" AS bigint) AS "c"`},
		{athenatest.Column{Type: "bigint"}, "9223372036854775807", int64(math.MaxInt64), schema.Long, `"c"`},
		{athenatest.Column{Type: "bigint"}, "9223372036854775808", huge, schema.Long, `"c"`},
		{athenatest.Column{Type: "double"}, "1.5E10", 1.5e10, schema.Double, `"c"`},
		{athenatest.Column{Type: "double"}, "-Infinity", math.Inf(-1), schema.Double, `"c"`},
		{athenatest.Column{Type: "float"}, "0.1", 0.1, schema.Double, `CAST("c" AS double) AS "c"`},
		{athenatest.Column{Type: "decimal", Precision: 10, Scale: 2}, "12.50", transform.Decimal("12.50"), schema.Decimal, `"c"`},
		{athenatest.Column{Type: "decimal(10,2)"}, "12.50", transform.Decimal("12.50"), schema.Decimal, `"c"`},
		{athenatest.Column{Type: "date"}, "2024-02-29", utc(2024, 2, 29, 0, 0, 0, 0), schema.Date, `"c"`},
		{athenatest.Column{Type: "timestamp", Precision: 3}, "2024-02-29 10:00:00.125", utc(2024, 2, 29, 10, 0, 0, 125e6), schema.Timestamp, `CAST("c" AS timestamp(6)) AS "c"`},
		{athenatest.Column{Type: "timestamp(6)"}, "2024-02-29 10:00:00.000001", utc(2024, 2, 29, 10, 0, 0, 1000), schema.Timestamp, `CAST("c" AS timestamp(6)) AS "c"`},
		{athenatest.Column{Type: "timestamp with time zone"}, "2024-07-01 10:00:00.000 UTC", utc(2024, 7, 1, 10, 0, 0, 0), schema.Timestamptz, `CAST("c" AS timestamp(6) with time zone) AS "c"`},
		{athenatest.Column{Type: "timestamp with time zone"}, "2024-07-01 12:00:00.000 Europe/Paris", utc(2024, 7, 1, 10, 0, 0, 0), schema.Timestamptz, `CAST("c" AS timestamp(6) with time zone) AS "c"`},
		{athenatest.Column{Type: "timestamp(6) with time zone"}, "2024-07-01 12:00:00.000000 +02:00", utc(2024, 7, 1, 10, 0, 0, 0), schema.Timestamptz, `CAST("c" AS timestamp(6) with time zone) AS "c"`},
		{athenatest.Column{Type: "varchar"}, "", "", schema.String, `"c"`},
		{athenatest.Column{Type: "varchar"}, nil, nil, schema.String, `"c"`},
		{athenatest.Column{Type: "char"}, "ab ", "ab ", schema.String, `CAST("c" AS varchar) AS "c"`},
		{athenatest.Column{Type: "varbinary"}, "66 6c 6f", []byte("flo"), schema.Binary, `"c"`},
		{athenatest.Column{Type: "json"}, `{"a":1}`, `{"a":1}`, schema.JSON, `json_format("c") AS "c"`},
		{athenatest.Column{Type: "row"}, "{a=1, b=x}", "{a=1, b=x}", schema.String, ""},
		{athenatest.Column{Type: "array"}, "[1, 2]", "[1, 2]", schema.String, ""},
		{athenatest.Column{Type: "unknown"}, nil, nil, schema.String, ""},
		{athenatest.Column{Type: "interval day to second"}, "2 00:00:00.000", "2 00:00:00.000", schema.String, ""},
	} {
		t.Run(fmt.Sprintf("%s %v", tc.column.Type, tc.given), func(t *testing.T) {
			b := newBed(t)
			tc.column.Name = "c"
			b.columns, b.rows = []athenatest.Column{tc.column}, [][]any{{tc.given}}
			rows, err := b.engine.Query(context.Background(), "select c")
			if err != nil {
				t.Fatal(err)
			}
			if !rows.Next() {
				t.Fatal("no row", rows.Err())
			}
			if got := rows.Values()[0]; !reflect.DeepEqual(got, tc.want) {
				t.Errorf("value %#v, want %#v", got, tc.want)
			}
			if rows.Columns[0].Type.Kind != tc.kind {
				t.Errorf("type %v", rows.Columns[0].Type)
			}
			o := output{name: "c", engine: strings.NewReplacer("(6)", "", "(10,2)", "").Replace(tc.column.Type)}
			item, err := o.asStored()
			if item != tc.stored || (err != nil) != (tc.stored == "") {
				t.Errorf("stored as %s (%v), want %s", item, err, tc.stored)
			}
		})
	}
}

func TestValuesThatDoNotReadSayWhere(t *testing.T) {
	b := newBed(t)
	b.columns, b.rows = []athenatest.Column{{Name: "n", Type: "bigint"}}, [][]any{{"seven"}}
	rows, err := b.engine.Query(context.Background(), "select n")
	if err != nil {
		t.Fatal(err)
	}
	if rows.Next() || rows.Err() == nil || !strings.Contains(rows.Err().Error(), `column "n": "seven" is no whole number`) {
		t.Errorf("error %v", rows.Err())
	}
}

func TestPages(t *testing.T) {
	for _, tc := range []struct {
		sql  string
		rows int
		page int
	}{{"select n", 0, 3}, {"select n", 2, 3}, {"select n", 3, 3}, {"select n", 25, 3}, {"show tables", 7, 3}, {"select n", 2500, 1000}} {
		t.Run(fmt.Sprintf("%s %d by %d", tc.sql, tc.rows, tc.page), func(t *testing.T) {
			b := newBed(t)
			b.server.PageSize(tc.page)
			var rows [][]any
			for i := range tc.rows {
				rows = append(rows, []any{i})
			}
			b.with(tc.sql, athenatest.Answer{Columns: []athenatest.Column{{Name: "n", Type: "bigint"}}, Rows: rows})
			got := b.read(tc.sql)
			if len(got) != tc.rows {
				t.Fatalf("%d rows, want %d", len(got), tc.rows)
			}
			for i, r := range got {
				if r[0] != int64(i) {
					t.Fatalf("row %d is %v", i, r)
				}
			}
		})
	}
}

func TestAnAnswerWithoutHeaderKeepsItsFirstRow(t *testing.T) {
	b := newBed(t)
	b.with("show tables", athenatest.Answer{Columns: []athenatest.Column{{Name: "tab_name", Type: "string"}}, Rows: [][]any{{"tab_name"}, {"games"}}})
	if got := b.read("show tables"); len(got) != 2 {
		t.Errorf("rows %v", got)
	}
}

func TestThrottledAndLostCallsAreMadeAgain(t *testing.T) {
	for _, action := range []string{"StartQueryExecution", "GetQueryExecution", "GetQueryResults"} {
		t.Run(action, func(t *testing.T) {
			b := newBed(t)
			b.rows = [][]any{{"x", 1}}
			b.server.Throttle(action, 3)
			b.server.LoseAnswers(action, 2)
			if got := b.read("select 1"); len(got) != 1 {
				t.Errorf("rows %v", got)
			}
			if n := len(b.server.Statements()); n != 1 {
				t.Errorf("%d statements were started, want 1", n)
			}
		})
	}
}

// TestASubmissionWithoutAnswer is made once more under the same token, and not
// again: it may run.
func TestASubmissionWithoutAnswer(t *testing.T) {
	for _, tc := range []struct {
		name string
		lost int
		ok   bool
	}{{"at first", attempts + 2, true}, {"for good", 10 * attempts, false}} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBed(t)
			b.server.LoseAnswers("StartQueryExecution", tc.lost)
			_, err := b.engine.Query(context.Background(), "select 1")
			if (err == nil) != tc.ok || len(b.sent()) != 1 {
				t.Fatalf("error %v after %d statements", err, len(b.sent()))
			}
			if !tc.ok && (!strings.Contains(err.Error(), "whether the query runs is not known") || !strings.Contains(fault.Next(err), "--work-group floe-dev")) {
				t.Errorf("error %v, next %q", err, fault.Next(err))
			}
		})
	}
}

func TestAQueryThatWasNotFollowedToItsEndHasEnded(t *testing.T) {
	b := newBed(t)
	b.rows = [][]any{{"x", 1}}
	b.server.Throttle("GetQueryExecution", attempts)
	if got := b.read("select 1"); len(got) != 1 {
		t.Errorf("rows %v", got)
	}
}

func TestThrottledForGoodIsToldWithAdvice(t *testing.T) {
	b := newBed(t)
	b.server.Throttle("StartQueryExecution", 100)
	_, err := b.engine.Query(context.Background(), "select 1")
	if err == nil || fault.Code(err) != 1 || !strings.Contains(err.Error(), "workgroup floe-dev") || !strings.Contains(fault.Next(err), "quota") {
		t.Errorf("error %v, next %q", err, fault.Next(err))
	}
}

func TestFailedQueriesAreRunAgainIfThatMayHelp(t *testing.T) {
	const internal = "INTERNAL_ERROR_QUERY_ENGINE"
	for _, tc := range []struct {
		name      string
		reason    string
		retryable bool
		fails     int
		statement int // how many are started
		ok        bool
	}{
		{"once", internal, true, 1, 2, true}, {"always", internal, true, 9, 3, false}, {"for good", internal, false, 1, 1, false},
		{"a commit came first", "ICEBERG_COMMIT_ERROR: Failed to commit Iceberg update to table", false, 1, 2, true},
		{"a write came first", "TRANSACTION_CONFLICT: Found conflicting files that can contain records", false, 1, 2, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBed(t)
			n := 0
			b.script = func(string) (athenatest.Answer, bool) {
				n++
				if n > tc.fails {
					return athenatest.Answer{}, false
				}
				return athenatest.Answer{Error: &athenatest.Error{Reason: tc.reason, Category: 1, Retryable: tc.retryable}}, true
			}
			_, err := b.engine.Query(context.Background(), "select 1")
			if (err == nil) != tc.ok || len(b.sent()) != tc.statement {
				t.Errorf("error %v after %d statements", err, len(b.sent()))
			}
		})
	}
}

func TestFailedCreateIsMadeAgainInAnotherPlace(t *testing.T) {
	b := newBed(t)
	n := 0
	b.script = func(sql string) (athenatest.Answer, bool) {
		if !strings.HasPrefix(sql, "CREATE") {
			return athenatest.Answer{}, false
		}
		n++
		return athenatest.Answer{Error: &athenatest.Error{Reason: "INTERNAL_ERROR_QUERY_ENGINE", Category: 1, Retryable: true}}, n == 1
	}
	b.publish(b.stage(transform.Build{Name: games, Kind: transform.KindTable, SQL: gamesSQL}))
	s := b.server.Statements()
	if len(s) != 3 || s[1].SQL == s[2].SQL || masked(s[1].SQL) != masked(s[2].SQL) {
		t.Errorf("sent %q", b.sent())
	}
}

func TestAppendThatMayHaveCommittedIsNotMadeAgain(t *testing.T) {
	b := newBed(t)
	b.create(games, played...)
	s := b.stage(transform.Build{Name: games, Kind: transform.KindAppend, SQL: gamesSQL})
	b.with("INSERT INTO", athenatest.Answer{Error: &athenatest.Error{Reason: "INTERNAL_ERROR_QUERY_ENGINE", Retryable: true}})
	b.script = func(before func(string) (athenatest.Answer, bool)) func(string) (athenatest.Answer, bool) {
		return func(sql string) (athenatest.Answer, bool) {
			if strings.HasPrefix(sql, "INSERT") { // another writer, or this very statement
				if _, err := b.lake.ReplaceFiles(context.Background(), lakehouse.Write{Table: games}, nil); err != nil {
					t.Error(err)
				}
			}
			return before(sql)
		}
	}(b.script)
	err := s.Publish(context.Background())
	inserts := slices.DeleteFunc(b.sent(), func(q string) bool { return !strings.HasPrefix(q, "INSERT") })
	if err == nil || len(inserts) != 1 || !strings.Contains(err.Error(), "may be in it already") {
		t.Errorf("error %v after %d INSERTs", err, len(inserts))
	}
}

// Rows that were chosen by what the table held would leave a gap in one that
// went back.
func TestRowsForATableThatWentBack(t *testing.T) {
	for _, kind := range []string{transform.KindAppend, transform.KindMerge} {
		b := newBed(t)
		b.create(games, played...)
		first, err := b.lake.ReplaceFiles(t.Context(), lakehouse.Write{Table: games}, nil)
		if err == nil {
			_, err = b.lake.ReplaceFiles(t.Context(), lakehouse.Write{Table: games}, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		b.rows = [][]any{{0, 0}}
		s := b.stage(transform.Build{Name: games, Kind: kind, SQL: gamesSQL, Key: []string{"game_id"}})
		if _, err := b.lake.Rollback(t.Context(), games, lakehouse.RollbackOptions{Snapshot: first}); err != nil {
			t.Fatal(err)
		}
		before := len(b.sent())
		if err := s.Publish(t.Context()); !errors.Is(err, lakehouse.ErrRolledBack) || len(b.sent()) != before {
			t.Errorf("%s: %v, sent %q", kind, err, b.sent()[before:])
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		reason string
		kind   fault.Kind
		text   string
		next   string
	}{
		{"COLUMN_NOT_FOUND: line 2:8: Column 'nose' cannot be resolved", fault.Usage, "\n    where nose > 1", ""},
		{"SYNTAX_ERROR: line 1:1: mismatched input", fault.Usage, "\n    select 1", ""},
		{"line 9:1: far away", fault.Usage, "\n    select 1", ""},
		{"GENERIC_INTERNAL_ERROR: boom", fault.Failed, "GENERIC_INTERNAL_ERROR: boom\n    select 1", ""},
		{"ICEBERG_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions", fault.Usage, "open writers", "more coarsely"},
		{"Query cancelled! : Bytes scanned limit was exceeded", fault.Failed, "Bytes scanned", "mb_per_query"},
		{"Query exhausted resources at this scale factor", fault.Failed, "exhausted", "smaller parts"},
		{"Insufficient permissions to execute the query. ", fault.Failed, "permissions", "access.yaml"},
		{"", fault.Failed, "it gives no reason", ""},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			b := newBed(t)
			b.with("select", athenatest.Answer{Scanned: 5, Error: &athenatest.Error{Reason: tc.reason, Category: 2}})
			_, err := b.engine.Query(context.Background(), "select 1\nwhere nose > 1")
			if err == nil || fault.Code(err) != int(tc.kind) || !strings.Contains(err.Error(), tc.text) || !strings.Contains(fault.Next(err), tc.next) {
				t.Fatalf("error %v, code %d, next %q", err, fault.Code(err), fault.Next(err))
			}
			if !strings.Contains(err.Error(), "Athena query 00000000-0000-4000-8000-000000000001 failed") {
				t.Errorf("the error does not name the query: %v", err)
			}
			if got := b.engine.Totals(); got != (Totals{Queries: 1, Scanned: 5}) {
				t.Errorf("totals %+v", got)
			}
		})
	}
}

func TestStatementsThatAreTooLongAreNotSent(t *testing.T) {
	b := newBed(t)
	_, err := b.engine.Query(context.Background(), "select '"+strings.Repeat("x", maxStatement)+"'")
	if err == nil || fault.Code(err) != 2 || !strings.Contains(err.Error(), "262153 bytes long and Athena takes 262144") || len(b.sent()) != 0 {
		t.Errorf("error %v", err)
	}
}

func TestCancelStopsTheQuery(t *testing.T) {
	for _, tc := range []struct {
		name string
		act  func(*bed, context.Context) error
	}{
		{"query", func(b *bed, ctx context.Context) error {
			_, err := b.engine.Query(ctx, "select slow")
			return err
		}},
		{"stage", func(b *bed, ctx context.Context) error {
			_, err := b.engine.Stage(ctx, transform.Build{Name: games, Kind: transform.KindTable, SQL: "select slow"})
			return err
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBed(t)
			ctx, cancel := context.WithCancelCause(context.Background())
			told := errors.New("told to end")
			b.script = func(sql string) (athenatest.Answer, bool) {
				if strings.HasPrefix(sql, "SELECT * FROM (") {
					return athenatest.Answer{}, false
				}
				cancel(told)
				return athenatest.Answer{Delay: -1}, true
			}
			err := tc.act(b, ctx)
			if fault.Code(err) != int(fault.Interrupted) || !errors.Is(err, told) {
				t.Errorf("error %v, code %d", err, fault.Code(err))
			}
			s := b.server.Statements()
			if last := s[len(s)-1]; !last.Stopped {
				t.Errorf("the query still runs: %+v", last)
			}
		})
	}
}

func TestAQueryThatEndsWhileItIsStoppedHasEnded(t *testing.T) {
	b := newBed(t)
	b.create(games, played...)
	s := b.stage(transform.Build{Name: games, Kind: transform.KindAppend, SQL: gamesSQL})
	ctx, cancel := context.WithCancel(context.Background())
	b.with("INSERT INTO", athenatest.Answer{Finish: func() error { cancel(); return nil }})
	if err := s.Publish(ctx); err != nil {
		t.Errorf("the rows are in, and yet: %v", err)
	}
}

func FuzzScan(f *testing.F) {
	f.Add(`select "a""b".c, 'x''y' from a.b -- c`)
	f.Add("/* open")
	f.Add("select 'open")
	b := &Engine{project: "floe", stack: "dev", aside: map[lakehouse.Name]*relation{}}
	f.Fuzz(func(t *testing.T, sql string) {
		at := 0
		for _, x := range scan(sql) {
			if x.start < at || x.end <= x.start || x.text != sql[x.start:x.end] {
				t.Fatalf("token %+v after %d", x, at)
			}
			at = x.end
		}
		if out := b.resolve(sql); !strings.Contains(sql, ".") && out != sql {
			t.Fatalf("%q became %q", sql, out)
		}
		if got := bytes.Count([]byte(b.resolve(sql)), []byte("'")); got != strings.Count(sql, "'") {
			t.Fatalf("literals of %q changed", sql)
		}
	})
}
