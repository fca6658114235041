package aws

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestNeeds holds what requests need in IAM, those above all whose API has
// another name.
func TestNeeds(t *testing.T) {
	rules, err := readRules(requestTable)
	if err != nil {
		t.Fatal(err)
	}
	const here = "eu-central-1:123456789012:"
	for name, c := range map[string]struct {
		service, method, url, target, body string
		header                             map[string]string
		want                               string
	}{
		"list":            {"s3", "GET", "/b?list-type=2&prefix=a/", "", "", nil, "s3:ListBucket arn:aws:s3:::b s3:prefix=a/"},
		"list without":    {"s3", "GET", "/b?list-type=2", "", "", nil, "s3:ListBucket arn:aws:s3:::b"},
		"head bucket":     {"s3", "HEAD", "/b", "", "", nil, "s3:ListBucket arn:aws:s3:::b"},
		"head object":     {"s3", "HEAD", "/b/a/x", "", "", nil, "s3:GetObject arn:aws:s3:::b/a/x"},
		"a version":       {"s3", "GET", "/b/a/x?versionId=1", "", "", nil, "s3:GetObjectVersion arn:aws:s3:::b/a/x"},
		"put":             {"s3", "PUT", "/b/a/x", "", "data", nil, "s3:PutObject arn:aws:s3:::b/a/x"},
		"a part":          {"s3", "PUT", "/b/a/x?partNumber=1&uploadId=u", "", "data", nil, "s3:PutObject arn:aws:s3:::b/a/x"},
		"begin parts":     {"s3", "POST", "/b/a/x?uploads=", "", "", nil, "s3:PutObject arn:aws:s3:::b/a/x"},
		"join parts":      {"s3", "POST", "/b/a/x?uploadId=u", "", "<x/>", nil, "s3:PutObject arn:aws:s3:::b/a/x"},
		"break parts off": {"s3", "DELETE", "/b/a/x?uploadId=u", "", "", nil, "s3:AbortMultipartUpload arn:aws:s3:::b/a/x"},
		"copy": {"s3", "PUT", "/b/a/x", "", "", map[string]string{"X-Amz-Copy-Source": "/c/d%20e?versionId=1"},
			"s3:GetObjectVersion arn:aws:s3:::c/d e; s3:PutObject arn:aws:s3:::b/a/x"},
		"delete many": {"s3", "POST", "/b?delete=", "", "<Delete><Object><Key>a</Key></Object><Object><Key>c</Key><VersionId>1</VersionId></Object></Delete>", nil,
			"s3:DeleteObject arn:aws:s3:::b/a; s3:DeleteObjectVersion arn:aws:s3:::b/c"},
		"delete bucket":  {"s3", "DELETE", "/b", "", "", nil, "s3:DeleteBucket arn:aws:s3:::b"},
		"close a bucket": {"s3", "PUT", "/b?publicAccessBlock", "", "<x/>", nil, "s3:PutBucketPublicAccessBlock arn:aws:s3:::b"},
		"table": {"glue", "POST", "/", "AWSGlue.UpdateTable", `{"DatabaseName":"d","TableInput":{"Name":"t"}}`, nil,
			"glue:UpdateTable arn:aws:glue:" + here + "catalog; glue:UpdateTable arn:aws:glue:" + here + "database/d; glue:UpdateTable arn:aws:glue:" + here + "table/d/t"},
		"secret": {"secretsmanager", "POST", "/", "secretsmanager.GetSecretValue", `{"SecretId":"arn:aws:secretsmanager:r:1:secret:a-abcdef"}`, nil,
			"secretsmanager:GetSecretValue arn:aws:secretsmanager:r:1:secret:a-abcdef"},
		"function": {"lambda", "POST", "/2015-03-31/functions", "", `{"FunctionName":"f","Role":"arn:aws:iam::1:role/r"}`, nil,
			"lambda:CreateFunction arn:aws:lambda:" + here + "function:f; lambda:TagResource arn:aws:lambda:" + here + "function:f; iam:PassRole arn:aws:iam::1:role/r iam:passedtoservice=lambda.amazonaws.com"},
		"function's code": {"lambda", "PUT", "/2015-03-31/functions/f/code", "", `{}`, nil, "lambda:UpdateFunctionCode arn:aws:lambda:" + here + "function:f"},
		"rule's target":   {"events", "POST", "/", "AWSEvents.PutTargets", `{"Rule":"r","Targets":[{"Arn":"x"}]}`, nil, "events:PutTargets arn:aws:events:" + here + "rule/r"},
		"workgroup": {"athena", "POST", "/", "AmazonAthena.CreateWorkGroup", `{"Name":"w","Configuration":{"ExecutionRole":"arn:aws:iam::1:role/r"}}`, nil,
			"athena:CreateWorkGroup arn:aws:athena:" + here + "workgroup/w; athena:TagResource arn:aws:athena:" + here + "workgroup/w; iam:PassRole arn:aws:iam::1:role/r iam:passedtoservice=athena.amazonaws.com"},
		"a plain workgroup": {"athena", "POST", "/", "AmazonAthena.CreateWorkGroup", `{"Name":"w","Configuration":{}}`, nil,
			"athena:CreateWorkGroup arn:aws:athena:" + here + "workgroup/w; athena:TagResource arn:aws:athena:" + here + "workgroup/w"},
		"a flow log": {"ec2", "POST", "/", "", "Action=CreateFlowLogs&DeliverLogsPermissionArn=arn:aws:iam::1:role/r", nil,
			"ec2:CreateFlowLogs arn:aws:ec2:" + here + "vpc-flow-log/*; ec2:CreateFlowLogs arn:aws:ec2:" + here + "vpc/*; ec2:CreateTags arn:aws:ec2:" + here + "vpc-flow-log/* ec2:createaction=CreateFlowLogs; iam:PassRole arn:aws:iam::1:role/r iam:passedtoservice=vpc-flow-logs.amazonaws.com"},
		"a flow log to a bucket": {"ec2", "POST", "/", "", "Action=CreateFlowLogs", nil,
			"ec2:CreateFlowLogs arn:aws:ec2:" + here + "vpc-flow-log/*; ec2:CreateFlowLogs arn:aws:ec2:" + here + "vpc/*; ec2:CreateTags arn:aws:ec2:" + here + "vpc-flow-log/* ec2:createaction=CreateFlowLogs"},
		"role":         {"iam", "POST", "/", "", "Action=DeleteRole&RoleName=r", nil, "iam:DeleteRole arn:aws:iam::123456789012:role/r"},
		"alarm":        {"monitoring", "POST", "/", "", "Action=PutMetricAlarm&AlarmName=a", nil, "cloudwatch:PutMetricAlarm arn:aws:cloudwatch:" + here + "alarm:a; cloudwatch:TagResource arn:aws:cloudwatch:" + here + "alarm:a"},
		"lake":         {"lakeformation", "POST", "/GetLFTag", "", `{"TagKey":"k"}`, nil, "lakeformation:GetLFTag *"},
		"table bucket": {"s3tables", "PUT", "/buckets", "", `{"name":"t"}`, nil, "s3tables:CreateTableBucket arn:aws:s3tables:" + here + "bucket/t; s3tables:PutTableBucketEncryption arn:aws:s3tables:" + here + "bucket/t"},
		"its policy": {"s3tables", "DELETE", "/buckets/arn%3Aaws%3As3tables%3Ar%3A1%3Abucket%2Ft/policy", "", "", nil,
			"s3tables:DeleteTableBucketPolicy arn:aws:s3tables:r:1:bucket/t"},
		"itself":         {"s3tables", "GET", "/buckets/arn%3Aaws%3As3tables%3Ar%3A1%3Abucket%2Ft", "", "", nil, "s3tables:GetTableBucket arn:aws:s3tables:r:1:bucket/t"},
		"namespace":      {"s3tables", "DELETE", "/namespaces/arn%3Aaws%3As3tables%3Ar%3A1%3Abucket%2Ft/n", "", "", nil, "s3tables:DeleteNamespace arn:aws:s3tables:r:1:bucket/t"},
		"schedule":       {"scheduler", "DELETE", "/schedules/s?groupName=g", "", "", nil, "scheduler:DeleteSchedule arn:aws:scheduler:" + here + "schedule/g/s"},
		"not known":      {"s3", "PUT", "/b?torrent", "", "", nil, "s3:PUT /b?torrent " + Unknown},
		"no such action": {"glue", "POST", "/", "AWSGlue.StartCrawler", `{}`, nil, "glue:StartCrawler " + Unknown},
	} {
		a := &Account{rules: rules, groups: map[string]string{}, options: Options{Region: "eu-central-1"}}
		r := httptest.NewRequest(c.method, c.url, strings.NewReader(c.body))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=K/20260101/eu-central-1/"+c.service+"/aws4_request, SignedHeaders=host, Signature=0")
		r.Header.Set("X-Amz-Target", c.target)
		if c.target == "" && strings.HasPrefix(c.body, "Action=") {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		var got []string
		for _, n := range a.needs(callOf(r), r) {
			got = append(got, n.String())
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s needs\n  %s\nwant\n  %s", name, strings.Join(got, "; "), c.want)
		}
	}
}

// TestMissing: who asks for a file that is not there needs to list the bucket.
func TestMissing(t *testing.T) {
	rules, err := readRules("s3 | GET /{bucket}/{key} | GetObject s3:::{bucket}/{key}")
	if err != nil {
		t.Fatal(err)
	}
	a := &Account{rules: rules}
	r := httptest.NewRequest("GET", "/b/k", nil)
	got := missing(a.needs(Call{Service: "s3"}, r))
	if len(got) != 1 || got[0].String() != "s3:ListBucket arn:aws:s3:::b" {
		t.Errorf("got %v", got)
	}
}

// TestWorkgroups: calls that name a query only are about its workgroup.
func TestWorkgroups(t *testing.T) {
	rules, err := readRules(requestTable)
	if err != nil {
		t.Fatal(err)
	}
	a := &Account{rules: rules, groups: map[string]string{}, options: Options{Region: "r"}}
	for _, c := range [][3]string{{"StartQueryExecution", "K", `{"WorkGroup":"w"}`}, {"GetQueryResults", "K", `{"QueryExecutionId":"q"}`}} {
		got := a.needs(Call{Service: "athena", Action: c[0], AccessKey: c[1]}, httptest.NewRequest("POST", "/", strings.NewReader(c[2])))
		if len(got) != 1 || got[0].Resource != "arn:aws:athena:r:123456789012:workgroup/w" {
			t.Errorf("%s: %v", c[0], got)
		}
	}
	if got := a.needs(Call{Service: "athena", Action: "GetQueryResults", AccessKey: "other"}, httptest.NewRequest("POST", "/", strings.NewReader(`{}`))); got[0].Resource != Unknown {
		t.Errorf("a query of nobody: %v", got)
	}
}

// TestRequestTable: a line that cannot be read is told by its number.
func TestRequestTable(t *testing.T) {
	for _, wrong := range []string{"# a comment\ns3 | GET /{bucket}", "\ns3 GET * x"} {
		if _, err := readRules(wrong); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
