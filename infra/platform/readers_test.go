package platform

import (
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/rights"
	"github.com/floe-data/floe/infra/internal/rights/demand"
)

// TestReaders: who has the readers' policy can ask and is given what Lake
// Formation grants, and reads no file of a table, whatever else IAM allows.
func TestReaders(t *testing.T) {
	everything, err := rights.Parse(`{"Version":"2012-10-17","Statement":{"Sid":"Everything","Effect":"Allow","Action":"*","Resource":"*"}}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shapes[:2] {
		a := s.account(t)
		policy := a.Policies["floe-"+s.stack+"-reader"]
		if policy == nil {
			t.Fatalf("%s has no policy for readers", s.stack)
		}
		analyst := &demand.Role{Name: "analyst", ARN: "arn:aws:iam::123456789012:role/analyst", Own: []*rights.Document{policy}}
		admin := &demand.Role{Name: "analyst", ARN: analyst.ARN, Own: []*rights.Document{policy, everything}}
		bucket := func(name string) string {
			return "arn:aws:s3:::floe-" + s.stack + "-" + name + "-123456789012-eu-central-1"
		}
		here, low := "eu-central-1:123456789012:", "floe_"+s.stack+"_"
		for _, c := range []struct {
			action, resource string
			analyst, admin   bool
			key              rights.Context
		}{
			{"athena:StartQueryExecution", "arn:aws:athena:" + here + "workgroup/floe-" + s.stack + "-analyst", true, true, nil},
			{"athena:GetQueryResults", "arn:aws:athena:" + here + "workgroup/floe-" + s.stack + "-analyst", true, true, nil},
			{"athena:StartQueryExecution", "arn:aws:athena:" + here + "workgroup/floe-" + s.stack + "-transform", false, true, nil},
			{"lakeformation:GetDataAccess", "*", true, true, nil},
			{"lakeformation:GrantPermissions", "*", false, true, nil},
			{"glue:GetTable", "arn:aws:glue:" + here + "table/" + low + "marts/*", true, true, nil},
			{"glue:UpdateTable", "arn:aws:glue:" + here + "table/" + low + "marts/*", false, true, nil},
			{"s3:PutObject", bucket("results") + "/analyst/*", true, true, nil},
			{"s3:GetObject", bucket("results") + "/analyst/*", true, true, nil},
			{"s3:GetObject", bucket("results") + "/transform/*", false, true, nil},
			{"s3:GetBucketLocation", bucket("results"), true, true, nil},
			{"s3:ListBucket", bucket("results"), true, true, nil},
			{"s3:ListBucketMultipartUploads", bucket("results"), true, true, nil},
			{"s3:ListMultipartUploadParts", bucket("results") + "/analyst/*", true, true, nil},
			{"s3:AbortMultipartUpload", bucket("results") + "/analyst/*", true, true, nil},
			{"s3:ListBucket", bucket("results"), true, true, rights.Context{"s3:prefix": {"analyst/2026"}}},
			{"s3:ListBucket", bucket("results"), false, true, rights.Context{"s3:prefix": {"transform/"}}},
			{"s3:ListBucket", bucket("lakehouse"), false, true, nil},
			{"s3:GetObject", bucket("lakehouse") + "/marts/*", false, false, nil},
			{"s3:GetObject", bucket("landing") + "/landing_games/*", false, false, nil},
			{"s3:GetObjectVersion", bucket("lakehouse") + "/marts/*", false, false, nil},
			{"s3:PutObject", bucket("lakehouse") + "/marts/*", false, true, nil},
		} {
			for role, want := range map[*demand.Role]bool{analyst: c.analyst, admin: c.admin} {
				d, err := a.Decide(role, rights.Request{Action: c.action, Resource: c.resource, Context: c.key}, nil)
				if err != nil || d.Allowed != want {
					t.Errorf("%s: with %d policies, %s on %s: %v %s %v, want %v", s.stack, len(role.Own), c.action, strings.TrimPrefix(c.resource, "arn:aws:"), d.Allowed, d.Reason, err, want)
				}
			}
		}
	}
}
