package athena

import (
	"context"
	"errors"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform"
	"github.com/floe-data/floe/runtime/transform/athena/athenatest"
)

// bed is an engine over a stack's tables in an emulated Glue and S3, and an
// Athena that makes tables there.
type bed struct {
	t      *testing.T
	aws    *awstest.AWS
	lake   *lakehouse.Lake
	server *athenatest.Server
	engine *Engine

	mu      sync.Mutex
	script  func(sql string) (athenatest.Answer, bool) // asked first
	columns []athenatest.Column                        // of every query
	rows    [][]any
	written int64
}

var played = []athenatest.Column{{Name: "game_id", Type: "varchar"}, {Name: "moves", Type: "bigint"}}

func newBed(t *testing.T) *bed {
	t.Helper()
	b := &bed{t: t, aws: awstest.New(t), columns: played, written: 3}
	b.aws.Bucket("lake")
	for _, s := range []string{"marts", "staging"} {
		b.aws.Database("floe_dev_"+s, "s3://lake/"+s, map[string]string{
			environment.ParameterProject: "floe", environment.ParameterStack: "dev", environment.ParameterSchema: s,
		})
	}
	var err error
	if b.lake, err = lakehouse.Open(t.Context(), lakehouse.Options{Glue: &lakehouse.GlueOptions{Project: "floe", Stack: "dev", Config: b.aws.Config()}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.lake.Close() })
	b.server = athenatest.New(func(sql string) athenatest.Answer {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.script != nil {
			if a, ok := b.script(sql); ok {
				return a
			}
		}
		return b.tables().Script()(sql)
	})
	web := httptest.NewServer(b.server)
	t.Cleanup(web.Close)
	config := b.aws.Config()
	config.BaseEndpoint = aws.String(web.URL)
	b.engine, err = Open(Options{Config: config, Lake: b.lake, Project: "floe", Stack: "dev", Workgroup: "floe-dev", Poll: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tables makes what statements make in Glue and S3.
func (b *bed) tables() athenatest.Catalog {
	return athenatest.Catalog{
		Columns: func(string) []athenatest.Column { return slices.Clone(b.columns) }, Rows: func(string) [][]any { return b.rows }, Written: b.written,
		Create: b.createTable,
		CreateView: func(database, name, sql string) error {
			if old := b.aws.Table(database, name); old != nil && old["TableType"] != "VIRTUAL_VIEW" {
				return errors.New("a table of that name exists")
			}
			b.aws.PutTable(database, map[string]any{"Name": name, "TableType": "VIRTUAL_VIEW", "ViewOriginalText": sql})
			return nil
		},
		DropView: func(database, name string) error {
			_, err := glue.NewFromConfig(b.aws.Config()).DeleteTable(b.t.Context(), &glue.DeleteTableInput{DatabaseName: &database, Name: &name})
			var missing *gluetypes.EntityNotFoundException
			if errors.As(err, &missing) {
				return nil
			}
			return err
		},
	}
}

func (b *bed) createTable(t athenatest.Table) error {
	for i, c := range t.Columns {
		if strings.Contains(t.Query, `CAST("`+c.Name+`" AS bigint)`) {
			t.Columns[i].Type = "bigint"
		}
	}
	meta, err := t.Metadata()
	if err != nil {
		return err
	}
	file := t.Location + "/metadata/00000-made-by-athena.metadata.json"
	b.aws.PutObject("lake", strings.TrimPrefix(file, "s3://lake/"), meta, time.Time{})
	b.aws.PutTable(t.Database, map[string]any{"Name": t.Name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": map[string]any{"Location": t.Location},
		"Parameters": map[string]any{"table_type": "ICEBERG", "metadata_location": file}})
	return nil
}

func tableSchema(columns []athenatest.Column) schema.Schema {
	var s schema.Schema
	for _, c := range columns {
		t, _ := output{name: c.Name, engine: c.Type, precision: c.Precision, scale: c.Scale}.stored()
		s.Columns = append(s.Columns, schema.Column{Name: c.Name, Type: t})
	}
	return s
}

// with makes a script that answers statements that hold a text.
func (b *bed) with(part string, a athenatest.Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.script
	b.script = func(sql string) (athenatest.Answer, bool) {
		if strings.Contains(sql, part) {
			return a, true
		}
		if before != nil {
			return before(sql)
		}
		return a, false
	}
}

var ids = regexp.MustCompile(`floe_[0-9a-f]{12}`)

func masked(s string) string { return ids.ReplaceAllString(s, "floe_<id>") }

// sent are the statements so far, ids masked.
func (b *bed) sent() []string {
	var out []string
	for _, s := range b.server.Statements() {
		out = append(out, masked(s.SQL))
	}
	return out
}

func (b *bed) wantSent(want ...string) {
	b.t.Helper()
	if got := b.sent(); !slices.Equal(got, want) {
		b.t.Errorf("sent:\n%s\n\nwant:\n%s", strings.Join(got, "\n--\n"), strings.Join(want, "\n--\n"))
	}
}

func (b *bed) create(n lakehouse.Name, columns ...athenatest.Column) {
	b.t.Helper()
	if _, err := b.lake.Create(context.Background(), lakehouse.Spec{Name: n, Schema: tableSchema(columns)}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) relations() []string {
	b.t.Helper()
	all, err := b.lake.Relations(context.Background(), "")
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, r := range all {
		kind := "table "
		if r.View {
			kind = "view "
		}
		out = append(out, kind+masked(r.Name.String()))
	}
	return out
}

func (b *bed) stage(build transform.Build) transform.Staged {
	b.t.Helper()
	s, err := b.engine.Stage(context.Background(), build)
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bed) publish(s transform.Staged) {
	b.t.Helper()
	if err := s.Publish(context.Background()); err != nil {
		b.t.Fatal(err)
	}
}

// read runs a query and gives its rows.
func (b *bed) read(sql string) [][]any {
	b.t.Helper()
	rows, err := b.engine.Query(context.Background(), sql)
	if err != nil {
		b.t.Fatal(err)
	}
	var out [][]any
	for rows.Next() {
		out = append(out, slices.Clone(rows.Values()))
	}
	if rows.Err() != nil {
		b.t.Fatal(rows.Err())
	}
	return out
}

var games = lakehouse.Name{Schema: "marts", Table: "games"}

const gamesSQL = `select game_id, moves from "staging"."stg_games"`
