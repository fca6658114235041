package bootstrap

import (
	"errors"
	"net/http"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
)

// asked remembers where a request would go and what it is signed for, and sends none.
type asked struct{ url, signed string }

var scope = regexp.MustCompile(`Credential=[^/]+/[0-9]+/([^/]+/[^/]+)/`)

func (a *asked) Do(r *http.Request) (*http.Response, error) {
	a.url = r.URL.String()
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		a.signed = m[1]
	}
	return nil, errors.New("nothing is sent")
}

// TestEndpoints: S3 Control is asked in the region, by the account's own host;
// AWS has one Cost Explorer for all regions of a partition.
func TestEndpoints(t *testing.T) {
	for region, want := range map[string][4]string{
		"eu-central-1": {"https://123456789012.s3-control.eu-central-1.amazonaws.com/v20180820/configuration/publicAccessBlock", "eu-central-1/s3", "https://ce.us-east-1.amazonaws.com/", "us-east-1/ce"},
		"cn-north-1":   {"https://123456789012.s3-control.cn-north-1.amazonaws.com.cn/v20180820/configuration/publicAccessBlock", "cn-north-1/s3", "https://ce.cn-northwest-1.amazonaws.com.cn/", "cn-northwest-1/ce"},
	} {
		var to asked
		config := aws.Config{Region: region, HTTPClient: &to, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), RetryMaxAttempts: 1}
		a := &Account{Place: Place{Account: account}, block: newControl(config), costs: costexplorer.NewFromConfig(config)}
		if _, err := a.accountBlock(t.Context()); err == nil || to.url != want[0] || to.signed != want[1] {
			t.Errorf("%s: the block is asked for at %s for %s, %v", region, to.url, to.signed, err)
		}
		if _, err := a.costTags(t.Context()); err == nil || to.url != want[2] || to.signed != want[3] {
			t.Errorf("%s: the tags are asked for at %s for %s, %v", region, to.url, to.signed, err)
		}
	}
}
