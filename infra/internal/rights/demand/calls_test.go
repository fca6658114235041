package demand

import (
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/rights"
)

const here = "eu-central-1:123456789012:"

func TestCalls(t *testing.T) {
	got := Calls([]rights.Request{
		{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/landing_a/t/data/1.parquet"},
		{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/landing_a/t/data/2.parquet"},
		{Action: "s3:ListBucket", Resource: "arn:aws:s3:::b", Context: rights.Context{"s3:prefix": {"landing_a/t/"}}},
		{Action: "s3:ListBucket", Resource: "arn:aws:s3:::b"},
		{Action: "glue:GetTable", Resource: "arn:aws:glue:" + here + "table/d/t"},
		{Action: "glue:GetTable", Resource: "arn:aws:glue:" + here + "database/d"},
		{Action: "secretsmanager:GetSecretValue", Resource: "arn:aws:secretsmanager:" + here + "secret:floe-dev-a-auth-PWfxYK"},
	})
	want := []string{
		"glue:GetTable arn:aws:glue:" + here + "database/d",
		"glue:GetTable arn:aws:glue:" + here + "table/d/*",
		"s3:GetObject arn:aws:s3:::b/landing_a/*",
		"s3:ListBucket arn:aws:s3:::b",
		"s3:ListBucket arn:aws:s3:::b s3:prefix=landing_a/*",
		"secretsmanager:GetSecretValue arn:aws:secretsmanager:" + here + "secret:floe-dev-a-auth-??????",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestDeployment(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:s3:::floe-dev-landing-1-r":                              "arn:aws:s3:::floe-dev-*",
		"arn:aws:s3:::floe-dev-landing-1-r/a/b":                          "arn:aws:s3:::floe-dev-*/*",
		"arn:aws:ecs:" + here + "cluster/floe-dev":                       "arn:aws:ecs:" + here + "cluster/floe-dev",
		"arn:aws:scheduler:" + here + "schedule/floe-dev/floe-dev-daily": "arn:aws:scheduler:" + here + "schedule/floe-dev/*",
		"arn:aws:logs:" + here + "log-group:/aws/lambda/floe-dev-x":      "arn:aws:logs:" + here + "log-group:/aws/lambda/floe-dev-*",
		"arn:aws:glue:" + here + "database/floe_dev_marts":               "arn:aws:glue:" + here + "database/floe_dev_*",
		"arn:aws:sns:" + here + "floe-dev-alarms:1-2":                    "arn:aws:sns:" + here + "floe-dev-*",
		"arn:aws:kms:" + here + "key/1-2":                                "arn:aws:kms:" + here + "key/*",
		"arn:aws:ce::1:anomalymonitor/1-2":                               "arn:aws:ce::1:anomalymonitor/*",
		"arn:aws:backup:" + here + "backup-plan:1-2":                     "arn:aws:backup:" + here + "backup-plan:*",
		"arn:aws:backup:" + here + "restore-testing-plan:floe_dev_x-1":   "arn:aws:backup:" + here + "restore-testing-plan:*",
		"arn:aws:kms:" + here + "alias/floe-dev-landing":                 "arn:aws:kms:" + here + "alias/floe-dev-*",
		"arn:aws:ec2:" + here + "sg-1":                                   "arn:aws:ec2:" + here + "security-group/*",
		"arn:aws:ec2:" + here + "vpc/vpc-1":                              "arn:aws:ec2:" + here + "vpc/*",
		"arn:aws:iam::1:role/floe-dev-x":                                 "arn:aws:iam::1:role/floe-dev-*",
		"arn:aws:iam::1:role/floe-prod-x":                                "arn:aws:iam::1:role/floe-prod-x", // not ours: it stays to be seen
		"*":                                                              "*",
	} {
		if got := Deployment([]rights.Request{{Action: "x:Y", Resource: arn}}, "floe", "dev"); len(got) != 1 || got[0] != "x:Y "+want {
			t.Errorf("%s: %v, want %s", arn, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	all, err := Parse("s3:GetObject arn:aws:s3:::b/*\nkms:Decrypt * kms:viaservice=s3.r.amazonaws.com\n")
	if err != nil || len(all) != 2 || all[1].Context["kms:viaservice"][0] != "s3.r.amazonaws.com" {
		t.Errorf("%v, %v", all, err)
	}
	for _, wrong := range []string{"", "s3:GetObject", "GetObject *", "s3:GetObject * prefix"} {
		if _, err := Parse(wrong); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

// FuzzParse: what is read is written the same.
func FuzzParse(f *testing.F) {
	f.Add("s3:GetObject arn:aws:s3:::b/*")
	f.Add("kms:Decrypt * a=b c=d=e")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Parse(text)
		if err != nil {
			return
		}
		var lines []string
		for _, r := range all {
			lines = append(lines, r.String())
		}
		again, err := Parse(strings.Join(lines, "\n"))
		if err != nil || len(again) != len(all) {
			t.Fatalf("%q: %v", lines, err)
		}
		for i := range all {
			if again[i].String() != all[i].String() {
				t.Errorf("%s becomes %s", all[i], again[i])
			}
		}
	})
}
