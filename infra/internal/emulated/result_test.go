package emulated

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

func TestGather(t *testing.T) {
	ch := make(chan events.EngineEvent)
	urn := func(kind, name string) string { return "urn:pulumi:dev::floe::" + kind + "::" + name }
	outputs := func(m apitype.StepEventMetadata) apitype.EngineEvent {
		return apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: m}}
	}
	go func() {
		defer close(ch)
		for _, e := range []apitype.EngineEvent{
			outputs(apitype.StepEventMetadata{Op: apitype.OpSame, URN: urn("aws:kms/key:Key", "key"), Type: "aws:kms/key:Key"}),
			outputs(apitype.StepEventMetadata{Op: apitype.OpCreate, URN: urn("pulumi:pulumi:Stack", "floe-dev"), Type: "pulumi:pulumi:Stack"}),
			outputs(apitype.StepEventMetadata{Op: apitype.OpUpdate, URN: urn("aws:s3/bucketV2:BucketV2", "lake"), Type: "aws:s3/bucketV2:BucketV2",
				Keys: []string{"bucket"}, DetailedDiff: map[string]apitype.PropertyDiff{"tags.a": {}}}),
			{ResOpFailedEvent: &apitype.ResOpFailedEvent{Metadata: apitype.StepEventMetadata{Op: apitype.OpCreate, URN: urn("aws:sqs/queue:Queue", "dead"), Type: "aws:sqs/queue:Queue"}}},
			{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "error", URN: urn("aws:sqs/queue:Queue", "dead"), Message: "refused\n"}},
			{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "info", Message: "by the way"}},
			{SummaryEvent: &apitype.SummaryEvent{ResourceChanges: map[apitype.OpType]int{apitype.OpSame: 3, apitype.OpUpdate: 1}}},
		} {
			ch <- events.EngineEvent{EngineEvent: e}
		}
	}()
	r := &Result{Changes: map[string]int{}}
	r.gather(ch)
	if len(r.Steps) != 2 || r.Steps[0].Name != "lake" || !reflect.DeepEqual(r.Steps[0].Diffs, []string{"tags.a"}) || !r.Steps[1].Failed {
		t.Errorf("the steps are %+v, want lake and the failed dead", r.Steps)
	}
	if r.Changed() != 1 || r.Changes["same"] != 3 {
		t.Errorf("the changes are %v, want one", r.Changes)
	}
	cause := errors.New("all of the output")
	if err := r.explain(cause); err.Error() != "dead: refused" || !errors.Is(err, cause) {
		t.Errorf("the error is %v, want dead: refused", err)
	}
	quiet := &Result{Output: "a\nno changes were expected\n"}
	if err := quiet.explain(cause); err.Error() != "no changes were expected" {
		t.Errorf("the error is %v, want the last line", err)
	}
	if s := r.String(); !strings.Contains(s, "update aws:s3/bucketV2:BucketV2 lake changes [tags.a] replaces for [bucket]") || !strings.Contains(s, "FAILED") {
		t.Errorf("the result reads %q", s)
	}
}

func TestPulumiPath(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(dir, "bin", "pulumi")
	if err := os.WriteFile(want, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{dir, filepath.Join(dir, "bin"), want} {
		if got, err := pulumiPath(given); err != nil || got != want {
			t.Errorf("FLOE_PULUMI=%s: %q, %v; want %q", given, got, err, want)
		}
	}
	if _, err := pulumiPath(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "FLOE_PULUMI") {
		t.Errorf("a wrong FLOE_PULUMI: %v, want an error that names it", err)
	}
	t.Setenv("PATH", dir)
	if _, err := pulumiPath(""); err == nil || !strings.Contains(err.Error(), "install") {
		t.Errorf("no pulumi on PATH: %v, want an error that says how to get it", err)
	}
}
