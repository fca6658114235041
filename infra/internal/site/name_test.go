package site

import (
	"regexp"
	"strings"
	"testing"
)

var dev = &Site{Project: "floe", Stack: "dev", Account: "123456789012", Region: "eu-central-1"}

func TestName(t *testing.T) {
	long := strings.Repeat("a-very-long-source-", 9)
	for _, tc := range []struct {
		site  *Site
		kind  Kind
		parts []string
		want  string
	}{
		{dev, Function, []string{"ingest", "chess"}, "floe-dev-ingest-chess"},
		{dev, Role, []string{"ingest", "my_Source"}, "floe-dev-ingest-my-source"},
		{&Site{Project: "My.Floe", Stack: "pr-12"}, Machine, []string{"daily"}, "my-floe-pr-12-daily"},
		{&Site{Project: "9lives", Stack: "dev"}, Repository, []string{"x"}, "f9lives-dev-x"},
		{dev, Function, []string{long}, "floe-dev-a-very-long-source-a-very-long-source-a-very-l-95bafcb7"},
		{dev, Schedule, nil, "floe-dev"},
	} {
		if got := tc.site.Name(tc.kind, tc.parts...); got != tc.want {
			t.Errorf("%v: got %s, want %s", tc, got, tc.want)
		}
	}
}

func TestBucket(t *testing.T) {
	if got := dev.Bucket("landing"); got != "floe-dev-landing-123456789012-eu-central-1" {
		t.Error(got)
	}
	long := &Site{Project: strings.Repeat("p", 60), Stack: "dev", Account: "123456789012", Region: "ap-southeast-2"}
	a, b := long.Bucket("landing"), long.Bucket("lakehouse")
	if a == b || len(a) > 63 || !strings.HasSuffix(a, "-123456789012-ap-southeast-2") {
		t.Errorf("%s, %s", a, b)
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

var form = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)

func FuzzName(f *testing.F) {
	f.Add("floe", "dev", "ingest", "chess", "eu-central-1")
	f.Add("", "", "", "", "")
	f.Add("Ä.b", "--", "9", strings.Repeat("x-", 90), "us-gov-west-1")
	f.Fuzz(func(t *testing.T, project, stack, a, b, region string) {
		s := &Site{Project: project, Stack: stack, Account: "123456789012", Region: region}
		for _, k := range []Kind{Function, Machine, Policy, Family, Secret} {
			name := s.Name(k, a, b)
			if len(name) > int(k) || !form.MatchString(name) {
				t.Fatalf("%q is no name of at most %d", name, k)
			}
			if s.Name(k, a, b) != name {
				t.Fatal("the same parts give another name")
			}
		}
		if len(region) == 0 || len(region) > 20 || plain(region) == "" {
			return // AWS's longest is 14
		}
		if name := s.Bucket(a); len(name) > 63 || len(name) < 3 || !form.MatchString(name) {
			t.Fatalf("%q is no bucket", name)
		}
	})
}
