//go:build cloud

package cloudtest

import (
	"bytes"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/floe-data/floe/runtime/transform/athena/athenatest"
)

// answer stands for Athena: what a statement makes is made in the emulated
// Glue and S3, what it computes is not.
func (w *world) answer(sql string) athenatest.Answer {
	if strings.Contains(sql, "should_error") { // a test of a model, which passes
		return athenatest.Answer{
			Columns: []athenatest.Column{{Name: "failures", Type: "bigint"}, {Name: "should_warn", Type: "boolean"}, {Name: "should_error", Type: "boolean"}},
			Rows:    [][]any{{0, false, false}},
		}
	}
	return athenatest.Catalog{Columns: columns, Create: w.createTable, CreateView: w.createView, DropView: w.dropView, Written: 3}.Script()(sql)
}

// columns are a model's output, which Athena would find in the SQL.
func columns(sql string) []athenatest.Column {
	if strings.Contains(sql, "as followers") {
		return []athenatest.Column{{Name: "player", Type: "varchar"}, {Name: "games", Type: "bigint"}, {Name: "followers", Type: "bigint"}}
	}
	return []athenatest.Column{{Name: "player", Type: "varchar"}, {Name: "url", Type: "varchar"}, {Name: "end_time", Type: "timestamp with time zone"}, {Name: "rated", Type: "boolean"}}
}

func (w *world) createTable(t athenatest.Table) error {
	meta, err := t.Metadata()
	if err != nil {
		return err
	}
	file := t.Location + "/metadata/00000-made-by-athena.metadata.json"
	bucket, key, _ := strings.Cut(strings.TrimPrefix(file, "s3://"), "/")
	if _, err := s3.NewFromConfig(w.engine.AWS.Config()).PutObject(w.ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(meta)}); err != nil {
		return err
	}
	return w.putEntry(t.Database, &types.TableInput{Name: aws.String(t.Name), TableType: aws.String("EXTERNAL_TABLE"),
		StorageDescriptor: &types.StorageDescriptor{Location: aws.String(t.Location)},
		Parameters:        map[string]string{"table_type": "ICEBERG", "metadata_location": file}})
}

func (w *world) createView(database, name, sql string) error {
	if err := w.dropView(database, name); err != nil {
		return err
	}
	return w.putEntry(database, &types.TableInput{Name: aws.String(name), TableType: aws.String("VIRTUAL_VIEW"), ViewOriginalText: aws.String(sql)})
}

func (w *world) putEntry(database string, t *types.TableInput) error {
	_, err := glue.NewFromConfig(w.engine.AWS.Config()).CreateTable(w.ctx, &glue.CreateTableInput{DatabaseName: &database, TableInput: t})
	return err
}

func (w *world) dropView(database, name string) error {
	_, err := glue.NewFromConfig(w.engine.AWS.Config()).DeleteTable(w.ctx, &glue.DeleteTableInput{DatabaseName: &database, Name: &name})
	if err != nil && strings.Contains(err.Error(), "EntityNotFound") {
		return nil
	}
	return err
}
