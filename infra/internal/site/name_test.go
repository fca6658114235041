package site

import "testing"

var dev = &Site{Project: "floe", Stack: "dev", Account: "123456789012", Region: "eu-central-1"}

// TestNames: package naming has the rules; here is that they are given the site.
func TestNames(t *testing.T) {
	for got, want := range map[string]string{
		dev.Name(Function, "ingest", "chess"): "floe-dev-ingest-chess",
		dev.Bucket("landing"):                 "floe-dev-landing-123456789012-eu-central-1",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestARN(t *testing.T) {
	china := &Site{Account: "1", Region: "cn-north-1"}
	gov := &Site{Account: "1", Region: "us-gov-west-1"}
	for got, want := range map[string]string{
		dev.ARN("glue", "catalog"):         "arn:aws:glue:eu-central-1:123456789012:catalog",
		dev.GlobalARN("iam", "role/x"):     "arn:aws:iam::123456789012:role/x",
		dev.BucketARN("b", "/x/*"):         "arn:aws:s3:::b/x/*",
		china.ARN("sqs", "q"):              "arn:aws-cn:sqs:cn-north-1:1:q",
		gov.GlobalARN("iam", "role/x"):     "arn:aws-us-gov:iam::1:role/x",
		dev.LogGroup("lambda", "floe-dev"): "/aws/lambda/floe-dev",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
