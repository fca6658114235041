package bootstrap

import (
	"encoding/json"
	"strings"
	"testing"
)

// denies evaluates a condition as IAM does: all operators and keys must hold; a
// key that the request lacks meets a negated operator and no other.
func denies(t *testing.T, condition map[string]map[string]string, request map[string]string) bool {
	t.Helper()
	for operator, keys := range condition {
		for key, value := range keys {
			got, there := request[key]
			var holds bool
			switch operator {
			case "Null":
				holds = (value == "true") != there
			case "Bool":
				holds = there && got == value
			case "StringNotEquals":
				holds = got != value
			case "NumericLessThan":
				holds = there && got < value // 1.1, 1.2, 1.3
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

// TestWhatTheBucketRefuses puts a state as Pulumi and others do.
func TestWhatTheBucketRefuses(t *testing.T) {
	const (
		algorithm = "s3:x-amz-server-side-encryption"
		keyID     = "s3:x-amz-server-side-encryption-aws-kms-key-id"
		customers = "s3:x-amz-server-side-encryption-customer-algorithm"
		ours      = "arn:aws:kms:eu-central-1:123456789012:key/ours"
	)
	text, err := (&Account{Place: place(), key: &key{ARN: ours}}).bucketPolicy()
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		Statement []struct {
			Sid, Effect string
			Condition   map[string]map[string]string
		}
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name    string
		request map[string]string
		refused string // by which statement
	}{
		{"no header, as Pulumi does", nil, ""},
		{"our key by name", map[string]string{algorithm: "aws:kms", keyID: ours}, ""},
		{"another key", map[string]string{algorithm: "aws:kms", keyID: "arn:aws:kms:eu-central-1:123456789012:key/other"}, "OtherKey"},
		{"AWS's key, because none is named", map[string]string{algorithm: "aws:kms"}, "OtherKey"},
		{"no KMS", map[string]string{algorithm: "AES256"}, "OtherKey"},
		{"a key that the client keeps", map[string]string{customers: "AES256"}, "CustomersKey"},
		{"plain http", map[string]string{"aws:SecureTransport": "false"}, "PlainHTTP"},
		{"old TLS", map[string]string{"s3:TlsVersion": "1.1"}, "OldTLS"},
	} {
		request := map[string]string{"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}
		for key, value := range tc.request {
			request[key] = value
		}
		var refused []string
		for _, s := range policy.Statement {
			if s.Effect == "Deny" && denies(t, s.Condition, request) {
				refused = append(refused, s.Sid)
			}
		}
		if got := strings.Join(refused, " "); got != tc.refused {
			t.Errorf("%s: refused by %q, want %q", tc.name, got, tc.refused)
		}
	}
}
