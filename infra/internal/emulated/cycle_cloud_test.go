//go:build cloud

package emulated

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// steps fails the test where an operation fails or does not do what it must.
func steps(t *testing.T) func(what string, r *Result, err error, want map[string]int) {
	return func(what string, r *Result, err error, want map[string]int) {
		t.Helper()
		t.Logf("%s: %s", what, r)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		for op, n := range want {
			if r.Changes[op] != n {
				t.Errorf("%s: %d of %s, want %d", what, r.Changes[op], op, n)
			}
		}
	}
}

// TestCycle takes the program with everything through its life.
func TestCycle(t *testing.T) {
	ctx := t.Context()
	e := Start(t, Options{Log: func(s string) { t.Log(s) }})
	program := &everything{Memory: 256, CIDR: "10.0.1.0/24"}
	var current *pulumi.Context
	program.Image = pushes(t, echoImage(t), func() *pulumi.Context { return current })
	s, err := e.Stack(ctx, "dev", Program{Run: func(ctx *pulumi.Context) error {
		current = ctx
		return program.Run(ctx)
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetConfigPath(ctx, "aws:defaultTags.tags.project", "floe"); err != nil {
		t.Fatal(err)
	}
	must := steps(t)
	r, err := s.Preview(ctx)
	must("preview", r, err, nil)
	all := r.Changes["create"]
	r, err = s.Up(ctx)
	must("up", r, err, map[string]int{"create": all})
	coverage(t, r)
	r, err = s.Up(ctx, NoChanges)
	must("up again", r, err, map[string]int{"same": all})
	r, err = s.Refresh(ctx, NoChanges)
	must("refresh", r, err, map[string]int{"same": all})
	drift(t, e, s)
	r, err = s.Refresh(ctx)
	must("refresh after drift", r, err, map[string]int{"delete": 1, "update": 1})
	r, err = s.Up(ctx)
	must("repair", r, err, map[string]int{"create": 1, "update": 1})
	program.CIDR, program.Memory = "10.0.2.0/24", 512
	r, err = s.Up(ctx)
	must("change", r, err, map[string]int{"replace": 2}) // the subnet and its association
	for _, step := range r.Steps {
		if step.Type == "aws:ec2/subnet:Subnet" && step.Op == "create-replacement" && !slices.Equal(step.Replaces, []string{"cidrBlock"}) {
			t.Errorf("the subnet is replaced for %v, want cidrBlock", step.Replaces)
		}
	}
	r, err = s.Destroy(ctx)
	must("destroy", r, err, map[string]int{"delete": all})
	left, err := e.AWS.Residue(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range left { // as on AWS
		if l.State != "PendingDeletion" && l.State != "INACTIVE" {
			t.Errorf("after destroy there is %s", l)
		}
	}
	if len(left) != 3 {
		t.Errorf("after destroy there are %v, want the key, the cluster and the task definition", left)
	}
}

// coverage fails the test if the program leaves a type of Resources out.
func coverage(t *testing.T, r *Result) {
	t.Helper()
	for _, known := range Resources {
		if !slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Type == known.Token }) {
			t.Errorf("the program makes no %s", known.Token)
		}
	}
}

// drift changes two resources behind Pulumi's back.
func drift(t *testing.T, e *Engine, s *Stack) {
	t.Helper()
	outputs, err := s.Outputs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if answer, _ := outputs["answer"].Value.(string); !strings.Contains(answer, `"said":"hello"`) || !strings.Contains(answer, `"marker":"here"`) || !strings.Contains(answer, `"stack":"dev"`) {
		t.Errorf("the function answered %v", outputs["answer"].Value)
	}
	bucket, _ := outputs["bucket"].Value.(string)
	client := s3.NewFromConfig(e.AWS.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: &bucket,
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusSuspended}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.AWS.URL+"/", strings.NewReader(`{"logGroupName":"/aws/lambda/floe-ingest"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "Logs_20140328.DeleteLogGroup")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/logs/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("deleting the log group: %s", resp.Status)
	}
}
