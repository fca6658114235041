//go:build cloud

package cloudtest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/floe-data/floe/runtime/environment"
)

// table asks Glue for a table; nil if there is none.
func (w *world) table(schema, name string) *types.Table {
	w.Helper()
	out, err := glue.NewFromConfig(w.engine.AWS.Config()).GetTable(w.ctx, &glue.GetTableInput{
		DatabaseName: aws.String(environment.PhysicalSchema("floe", w.name, schema)), Name: aws.String(name)})
	var missing *types.EntityNotFoundException
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return out.Table
}

func (w *world) hasTable(schema, name string) bool { return w.table(schema, name) != nil }

// columns are a table's as Glue lists them, joined by commas.
func (w *world) columns(schema, name string) string {
	w.Helper()
	t := w.table(schema, name)
	if t == nil {
		w.Fatalf("there is no table %s.%s", schema, name)
	}
	var names []string
	for _, c := range t.StorageDescriptor.Columns {
		names = append(names, aws.ToString(c.Name))
	}
	return strings.Join(names, ",")
}

// call is an AWS JSON call of which no client is linked.
func (w *world) call(service, target, body string) []byte {
	w.Helper()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodPost, w.engine.AWS.URL, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/"+region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		w.Fatalf("%s: %s %v %s", target, resp.Status, err, out)
	}
	return out
}

func (w *world) deleteLogGroup(name string) {
	w.Helper()
	w.call("logs", "Logs_20140328.DeleteLogGroup", fmt.Sprintf(`{"logGroupName": %q}`, name))
}
