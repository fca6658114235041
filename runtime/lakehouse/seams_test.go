package lakehouse

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// lakeAt is a lake that may be opened again and again: a home, or a stack's
// databases and buckets. What a test does through it, every kind of lake has to
// do the same way.
type lakeAt struct {
	home   string
	aws    *awstest.AWS // nil at home
	tables string       // the ARN of a table bucket, "" where Glue is
}

func eachPlace(t *testing.T, test func(t *testing.T, p lakeAt)) {
	t.Run("home", func(t *testing.T) { test(t, lakeAt{home: t.TempDir()}) })
	t.Run("glue", func(t *testing.T) { test(t, lakeAt{aws: cloud(t)}) })
	t.Run("s3tables", func(t *testing.T) { test(t, inTableBucket(t)) })
}

// eachFolder is for what a table bucket has not: folders whose files are listed
// and removed, and may become another table's.
func eachFolder(t *testing.T, test func(t *testing.T, p lakeAt)) {
	t.Run("home", func(t *testing.T) { test(t, lakeAt{home: t.TempDir()}) })
	t.Run("glue", func(t *testing.T) { test(t, lakeAt{aws: cloud(t)}) })
}

// another is a new place of the same kind.
func (p lakeAt) another(t testing.TB) lakeAt {
	if p.tables != "" {
		return inTableBucket(t)
	}
	if p.aws != nil {
		return lakeAt{aws: cloud(t)}
	}
	return lakeAt{home: t.TempDir()}
}

func (p lakeAt) open(t testing.TB) *Lake {
	t.Helper()
	switch {
	case p.tables != "":
		return openTables(t, p)
	case p.aws != nil:
		return openCloud(t, p.aws)
	}
	return openLake(t, p.home)
}

// address says to another process where the lake is; openAddress opens it.
func (p lakeAt) address() string {
	if p.aws != nil {
		return p.aws.URL() + "#" + p.tables
	}
	return p.home
}

func openAddress(ctx context.Context, address string) (*Lake, error) {
	if !strings.HasPrefix(address, "http://") {
		return Open(ctx, Options{Home: address})
	}
	endpoint, tables, _ := strings.Cut(address, "#")
	config := aws.Config{Region: awstest.Region, BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	if tables != "" {
		return Open(ctx, Options{S3Tables: &S3TablesOptions{Bucket: tables, Project: "floe", Stack: "dev", Config: config}})
	}
	return Open(ctx, Options{Glue: &GlueOptions{Project: "floe", Stack: "dev", Config: config}})
}

// put makes a file.
func (p lakeAt) put(t testing.TB, path string, content []byte) {
	t.Helper()
	if p.aws != nil {
		bucket, key := object(path)
		p.aws.PutObject(*bucket, *key, content, time.Time{})
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// age makes a file as old as said.
func (p lakeAt) age(t testing.TB, path string, at time.Time) {
	t.Helper()
	if p.aws == nil {
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		return
	}
	bucket, key := object(path)
	content, ok := p.aws.Object(*bucket, *key)
	if !ok {
		t.Fatalf("no object %s", path)
	}
	p.aws.PutObject(*bucket, *key, content, at)
}

// remove removes a file behind the lake's back.
func (p lakeAt) remove(t testing.TB, path string) {
	t.Helper()
	if p.aws != nil {
		bucket, key := object(path)
		p.aws.DeleteObject(*bucket, *key)
		return
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// files are the files that the table of games has.
func (p lakeAt) files(t testing.TB, l *Lake) []string {
	t.Helper()
	if p.tables != "" {
		place, _, _, _ := p.aws.S3Table(p.tables, gamesDatabase, "games")
		return p.aws.Keys(strings.TrimPrefix(place, "s3://"))
	}
	return onDisk(t, l)
}

// bring puts a file of this machine where an engine would have written it.
func (p lakeAt) bring(t testing.TB, local, path string) {
	t.Helper()
	content, err := os.ReadFile(local)
	if err != nil {
		t.Fatal(err)
	}
	p.put(t, path, content)
}

// deletes writes a position-delete file, as an engine does.
func (p lakeAt) deletes(t testing.TB, path string, rows ...parquetfile.Deletes) {
	t.Helper()
	local := filepath.Join(t.TempDir(), "deletes.parquet")
	if _, err := parquetfile.WriteDeletes(local, rows); err != nil {
		t.Fatal(err)
	}
	p.bring(t, local, path)
}

// numbers is numbers, in a folder of this place.
func (p lakeAt) numbers(t testing.TB, dir string, s schema.Schema, from, count int) string {
	t.Helper()
	local := numbers(t, t.TempDir(), s, from, count)
	path := under(dir, filepath.Base(local))
	p.bring(t, local, path)
	return path
}

// elsewhere is a folder that is no table's.
func (p lakeAt) elsewhere(t testing.TB) string {
	if p.aws != nil {
		return "s3://lake/else"
	}
	return t.TempDir()
}

// cloud is an AWS as infra leaves it for stack dev of project floe.
func cloud(t testing.TB) *awstest.AWS {
	t.Helper()
	a := awstest.New(t)
	a.Bucket("landing")
	a.Bucket("lake")
	for schemaName, location := range map[string]string{
		"landing_chess": "s3://landing/landing_chess", "marts": "s3://lake/marts/", "m": "s3://lake/m", "a": "s3://lake/a", "landing": "s3://landing/landing",
	} {
		a.Database(environment.PhysicalSchema("floe", "dev", schemaName), location, map[string]string{
			environment.ParameterProject: "floe", environment.ParameterStack: "dev", environment.ParameterSchema: schemaName,
		})
	}
	return a
}

// inTableBucket is the same stack with tables: s3tables.
func inTableBucket(t testing.TB) lakeAt {
	t.Helper()
	a := awstest.New(t)
	a.Bucket("lake") // of somebody's
	return lakeAt{aws: a, tables: a.TableBucket("floe-dev-tables", "floe_dev_landing_chess", "floe_dev_marts", "floe_dev_m", "floe_dev_a", "floe_dev_landing")}
}

func openTables(t testing.TB, p lakeAt) *Lake {
	t.Helper()
	l, err := Open(t.Context(), Options{S3Tables: &S3TablesOptions{Bucket: p.tables, Project: "floe", Stack: "dev", Config: p.aws.Config()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func openCloud(t testing.TB, a *awstest.AWS) *Lake {
	t.Helper()
	l, err := Open(t.Context(), Options{Glue: &GlueOptions{Project: "floe", Stack: "dev", Config: a.Config()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// modified is when an object was made.
func (p lakeAt) modified(bucket, key string) time.Time { return p.aws.Modified(bucket, key) }
