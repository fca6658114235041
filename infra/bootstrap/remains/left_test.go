package remains

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
)

// register answers as the register of tags, KMS and ECS do.
func register(t *testing.T, answer func(target, body string) (int, string)) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
			t.Errorf("a call that is not signed: %v", err)
		}
		_, target, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		status, text := answer(target, string(body))
		w.WriteHeader(status)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(server.Close)
	return aws.Config{Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), RetryMaxAttempts: 1}
}

const (
	bucketARN = "arn:aws:s3:::floe-pr-12-landing"
	goneKey   = "arn:aws:kms:eu-central-1:123456789012:key/gone"
	liveKey   = "arn:aws:kms:eu-central-1:123456789012:key/live"
	cluster   = "arn:aws:ecs:eu-central-1:123456789012:cluster/floe-pr-12"
	family    = "arn:aws:ecs:eu-central-1:123456789012:task-definition/floe-pr-12:1"
	service   = "arn:aws:ecs:eu-central-1:123456789012:service/floe-pr-12"
)

func TestLeft(t *testing.T) {
	config := register(t, func(target, body string) (int, string) {
		mapping := func(arns ...string) string {
			return `[{"ResourceARN":"` + strings.Join(arns, `"},{"ResourceARN":"`) + `"}]`
		}
		switch target {
		case "GetResources":
			if !strings.Contains(body, `{"Key":"floe:project","Values":["floe"]},{"Key":"floe:stack","Values":["pr-12"]}`) {
				t.Errorf("asked for %s", body)
			}
			if strings.Contains(body, `"PaginationToken":"more"`) {
				return 200, `{"ResourceTagMappingList":` + mapping(cluster, family, service) + `,"PaginationToken":""}`
			}
			return 200, `{"ResourceTagMappingList":` + mapping(liveKey, goneKey, bucketARN) + `,"PaginationToken":"more"}`
		case "DescribeKey":
			if strings.Contains(body, "gone") {
				return 200, `{"KeyMetadata":{"KeyState":"PendingDeletion"}}`
			}
			return 200, `{"KeyMetadata":{"KeyState":"Enabled"}}`
		case "DescribeClusters":
			return 200, `{"clusters":[{"status":"INACTIVE"}]}`
		case "DescribeTaskDefinition":
			return 200, `{"taskDefinition":{"status":"INACTIVE"}}`
		}
		return 400, `{}`
	})
	left, err := Left(t.Context(), config, "floe", "pr-12")
	if want := []string{service, liveKey, bucketARN}; err != nil || !slices.Equal(left, want) {
		t.Errorf("left are %q, %v; want %q", left, err, want)
	}
}

func TestLeftFails(t *testing.T) {
	config := register(t, func(target, _ string) (int, string) {
		if target == "GetResources" {
			return 200, `{"ResourceTagMappingList":[{"ResourceARN":"` + liveKey + `"}]}`
		}
		return 400, `{"__type":"com.amazonaws#AccessDeniedException","message":"no"}`
	})
	_, err := Left(t.Context(), config, "floe", "pr-12")
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "AccessDeniedException" || !strings.Contains(err.Error(), liveKey) {
		t.Errorf("got %v", err)
	}
	config = register(t, func(string, string) (int, string) { return 500, "<html>" })
	if _, err := Left(t.Context(), config, "floe", "pr-12"); err == nil || !strings.Contains(err.Error(), "500") || !strings.Contains(err.Error(), "stack pr-12") {
		t.Errorf("got %v", err)
	}
}
