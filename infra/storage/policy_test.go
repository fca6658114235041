package storage

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/infra/plan"
)

// document is a policy as IAM reads it.
type document struct {
	Statement []struct {
		Sid, Effect      string
		Principal        any
		Action, Resource []string
		Condition        when
	}
}

func policyOf(t *testing.T, r plan.Resource) document {
	t.Helper()
	var d document
	text, _ := r.Inputs["policy"].(string)
	if err := json.Unmarshal([]byte(text), &d); err != nil || len(d.Statement) == 0 {
		t.Fatalf("%s: policy %q: %v", r.Name, text, err)
	}
	return d
}

// met evaluates a condition as IAM does: all operators and keys must hold; a
// key that the request lacks meets a negated operator and no other.
func met(t *testing.T, condition when, request map[string]string) bool {
	t.Helper()
	for operator, keys := range condition {
		for key, values := range keys {
			got, there := request[key]
			var holds bool
			switch operator {
			case "Null":
				holds = (values[0] == "true") != there
			case "Bool", "StringEquals":
				holds = there && slices.Contains(values, got)
			case "StringNotEquals":
				holds = !slices.Contains(values, got)
			case "NumericLessThan":
				a, err := strconv.ParseFloat(got, 64)
				b, _ := strconv.ParseFloat(values[0], 64)
				holds = there && err == nil && a < b
			default:
				t.Fatalf("the test knows no operator %s", operator)
			}
			if !holds {
				return false
			}
		}
	}
	return true
}

// TestWhatThePolicyRefuses puts objects as clients do.
func TestWhatThePolicyRefuses(t *testing.T) {
	const (
		algorithm = "s3:x-amz-server-side-encryption"
		keyID     = "s3:x-amz-server-side-encryption-aws-kms-key-id"
		customers = "s3:x-amz-server-side-encryption-customer-algorithm"
		secure    = "aws:SecureTransport"
		version   = "s3:TlsVersion"
	)
	resources := planned(t, sitetest.Load(t, "dev", nil), Args{})
	policy := policyOf(t, each(resources, "aws:s3/bucketPolicy:BucketPolicy")["landing"])
	ours, other := keyARN(t, resources, "landing"), "arn:aws:kms:eu-central-1:123456789012:key/another"
	for _, tc := range []struct {
		name    string
		request map[string]string
		refused string // by which statement
	}{
		{"no header, as Athena and most clients", map[string]string{secure: "true", version: "1.3"}, ""},
		{"our key by name", map[string]string{secure: "true", version: "1.2", algorithm: "aws:kms", keyID: ours}, ""},
		{"a request that AWS's services make for us", map[string]string{secure: "true"}, ""},
		{"another key", map[string]string{secure: "true", version: "1.3", algorithm: "aws:kms", keyID: other}, "RefuseOtherKeys"},
		{"AWS's key, because none is named", map[string]string{secure: "true", version: "1.3", algorithm: "aws:kms"}, "RefuseOtherKeys"},
		{"no KMS", map[string]string{secure: "true", version: "1.3", algorithm: "AES256"}, "RefuseOtherKeys"},
		{"a key that the client keeps", map[string]string{secure: "true", version: "1.3", customers: "AES256"}, "RefuseCustomersKeys"},
		{"plain http", map[string]string{secure: "false"}, "RefusePlainHTTP"},
		{"old TLS", map[string]string{secure: "true", version: "1.1"}, "RefuseOldTLS"},
	} {
		var refused []string
		for _, s := range policy.Statement {
			if s.Effect == "Deny" && (slices.Contains(s.Action, "s3:PutObject") || slices.Contains(s.Action, "s3:*")) && met(t, s.Condition, tc.request) {
				refused = append(refused, s.Sid)
			}
		}
		if got := strings.Join(refused, " "); got != tc.refused {
			t.Errorf("%s: refused by %q, want %q", tc.name, got, tc.refused)
		}
	}
}

// keyARN is the key that a bucket encrypts by.
func keyARN(t *testing.T, resources []plan.Resource, bucket string) string {
	t.Helper()
	r := each(resources, "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2")[bucket]
	rule := r.Inputs["rules"].([]any)[0].(map[string]any)
	arn, _ := rule["applyServerSideEncryptionByDefault"].(map[string]any)["kmsMasterKeyId"].(string)
	if arn == "" || rule["bucketKeyEnabled"] != true {
		t.Fatalf("%s: %v", bucket, r.Inputs)
	}
	return arn
}

// TestNobodyIsAllowedWithoutACondition walks the policies of all buckets and
// keys of all shapes.
func TestNobodyIsAllowedWithoutACondition(t *testing.T) {
	for shape, resources := range shapes(t) {
		for _, token := range []string{"aws:s3/bucketPolicy:BucketPolicy", "aws:kms/key:Key"} {
			for name, r := range each(resources, token) {
				for _, s := range policyOf(t, r).Statement {
					text, _ := json.Marshal(s.Principal)
					switch {
					case s.Effect == "Allow" && strings.Contains(string(text), `"*"`):
						t.Errorf("%s: %s %s: %s allows everybody", shape, token, name, s.Sid)
					case s.Effect == "Allow" && strings.Contains(string(text), "Service") && s.Condition["StringEquals"]["aws:SourceAccount"] == nil:
						t.Errorf("%s: %s %s: %s allows a service for any account", shape, token, name, s.Sid)
					case s.Effect == "Allow" && slices.ContainsFunc(s.Action, func(a string) bool { return strings.Contains(a, "*") }):
						t.Errorf("%s: %s %s: %s allows %v", shape, token, name, s.Sid, s.Action)
					case s.Effect == "Deny" && len(s.Condition) == 0:
						t.Errorf("%s: %s %s: %s locks everybody out", shape, token, name, s.Sid)
					}
				}
			}
		}
	}
}

// TestAdministrationCannotRead holds that who looks after a key needs S3 and a
// permission of its own to read with it.
func TestAdministrationCannotRead(t *testing.T) {
	for name, r := range each(planned(t, sitetest.Load(t, "prod", nil), Args{}), "aws:kms/key:Key") {
		for _, s := range policyOf(t, r).Statement {
			reads := slices.ContainsFunc(s.Action, func(a string) bool {
				return strings.HasPrefix(a, "kms:Decrypt") || strings.HasPrefix(a, "kms:GenerateDataKey") || strings.HasPrefix(a, "kms:Encrypt") || strings.HasPrefix(a, "kms:ReEncrypt") || a == "kms:CreateGrant"
			})
			if reads && s.Condition["StringEquals"]["kms:ViaService"] == nil {
				t.Errorf("%s: %s reads without S3", name, s.Sid)
			}
		}
	}
}
