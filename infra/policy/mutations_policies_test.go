package policy_test

import (
	"encoding/json"
	"slices"
)

// less are ways in which a statement denies less than all that comes.
var less = []struct {
	name   string
	change func(s map[string]any)
}{
	{"all but one", func(s map[string]any) { s["NotPrincipal"] = map[string]any{"AWS": "arn:aws:iam::123456789012:role/x"} }},
	{"one", func(s map[string]any) { s["Principal"] = map[string]any{"AWS": "arn:aws:iam::123456789012:role/x"} }},
	{"services", func(s map[string]any) { s["Principal"] = map[string]any{"Service": "*"} }},
	{"all actions but one", func(s map[string]any) { s["NotAction"] = "x:Y"; delete(s, "Action") }},
	{"one action", func(s map[string]any) { s["Action"] = "s3:DeleteBucket" }},
	{"all but one resource", func(s map[string]any) {
		s["NotResource"] = "arn:aws:s3:::floe-prod-landing-123456789012-eu-central-1/x"
		delete(s, "Resource")
	}},
	{"another's resource", func(s map[string]any) { s["Resource"] = "arn:aws:s3:::another*" }},
	{"where something else holds", func(s map[string]any) {
		s["Condition"].(map[string]any)["StringEquals"] = map[string]any{"aws:PrincipalOrgID": "o-1"}
	}},
	{"where another key of the operator holds", func(s map[string]any) {
		for _, keys := range s["Condition"].(map[string]any) {
			keys.(map[string]any)["aws:ViaAWSService"] = "false"
		}
	}},
	{"never", func(s map[string]any) {
		s["Condition"] = map[string]any{"StringNotEquals": map[string]any{"aws:SecureTransport": "false", "s3:TlsVersion": "1.2"}}
	}},
}

// denials are the statements that rules want, which are broken in all of these ways.
var denials = []struct {
	row                        int
	what, property, sid, stack string
}{
	{4, "BucketPolicy landing", "policy", "RefusePlainHTTP", "prod"},
	{4, "BucketPolicy lakehouse", "policy", "RefuseOldTLS", "dev"},
	{4, "TableBucketPolicy tables", "resourcePolicy", "RefusePlainHTTP", "tables"},
	{7, "BucketPolicy landing", "policy", "RefuseOtherKeys", "prod"},
	{58, "QueuePolicy dead-letters", "policy", "TLS", "prod"},
	{59, "TopicPolicy alarms", "policy", "TLS", "prod"},
	{98, "BucketPolicy landing", "policy", "RefuseReaders", "prod"},
	{99, "SecretPolicy partner", "policy", "OneReader", "prod"},
}

var denialMutations = slices.Concat(lessDenied(), []mutation{
	{row: 4, name: "plain HTTP to the objects", breaks: narrowed("BucketPolicy landing", "policy", "RefusePlainHTTP", 0)},
	{row: 4, name: "plain HTTP to the bucket", breaks: narrowed("BucketPolicy landing", "policy", "RefusePlainHTTP", 1)},
	{row: 4, name: "old TLS to the objects", breaks: narrowed("BucketPolicy results", "policy", "RefuseOldTLS", 0)},
	{row: 4, name: "plain HTTP to all tables", stack: "tables", breaks: narrowed("TableBucketPolicy tables", "resourcePolicy", "RefusePlainHTTP", 0)},
	{row: 4, name: "old TLS is asked for", breaks: func(w *world) {
		w.write("BucketPolicy logs", "policy", `"NumericLessThan":{"s3:TlsVersion"`, `"NumericGreaterThan":{"s3:TlsVersion"`)
	}},
	{row: 4, name: "reads alone", breaks: func(w *world) {
		w.statement("BucketPolicy landing", "policy", "RefusePlainHTTP", func(s map[string]any) { s["Action"] = []any{"s3:Get*", "s3:PutObject"} })
	}},
	{row: 58, name: "sending alone", breaks: func(w *world) {
		w.statement("QueuePolicy dead-letters", "policy", "TLS", func(s map[string]any) { s["Action"] = "sqs:SendMessage" })
	}},
	{row: 7, name: "another's key", breaks: func(w *world) {
		w.write("BucketPolicy landing", "policy", `("s3:x-amz-server-side-encryption-aws-kms-key-id":\[")[^"]*`, `"s3:x-amz-server-side-encryption-aws-kms-key-id":["arn:aws:kms:eu-central-1:123456789012:key/other`)
	}},
	{row: 98, name: "older versions", breaks: func(w *world) {
		w.statement("BucketPolicy landing", "policy", "RefuseReaders", func(s map[string]any) { s["Action"] = "s3:GetObject" })
	}},
	{row: 98, name: "some tables", breaks: func(w *world) {
		w.statement("BucketPolicy lakehouse", "policy", "RefuseReaders", func(s map[string]any) {
			s["Resource"] = "arn:aws:s3:::floe-prod-lakehouse-123456789012-eu-central-1/marts/*"
		})
	}},
	{row: 98, name: "older versions, past", breaks: func(w *world) {
		w.allow("Policy reader", `{"Effect":"Allow","Action":["s3:GetObjectVersion"],"Resource":["arn:aws:s3:::`+w.at("BucketV2 lakehouse").Inputs["bucket"].(string)+`/mart?/*"]}`)
	}},
	{row: 99, name: "all but the reader", breaks: func(w *world) { w.write("SecretPolicy partner", "policy", "ArnNotEquals", "ArnEquals") }},
	{row: 99, name: "any role", breaks: func(w *world) { w.write("SecretPolicy partner", "policy", `:role/[^"]*`, ":role/*") }},
	{row: 99, name: "two roles", breaks: func(w *world) {
		w.write("SecretPolicy partner", "policy", `"aws:PrincipalArn":\[`, `"aws:PrincipalArn":["arn:aws:iam::123456789012:role/x",`)
	}},
})

func lessDenied() []mutation {
	var all []mutation
	for _, d := range denials {
		for _, way := range less {
			all = append(all, mutation{row: d.row, name: d.sid + " of " + d.what + " refuses " + way.name, stack: d.stack, breaks: func(w *world) { w.statement(d.what, d.property, d.sid, way.change) }})
		}
	}
	return all
}

// narrowed leaves one of a statement's resources.
func narrowed(what, property, sid string, i int) func(*world) {
	return func(w *world) {
		w.statement(what, property, sid, func(s map[string]any) { s["Resource"] = s["Resource"].([]any)[i] })
	}
}

// more are statements that allow whom or what nobody named.
var more = []struct{ name, statement string }{
	{"all but one", `{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:role/x"},"Action":"x:Get","Resource":"*"}`},
	{"a list of everybody", `{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":"x:Get","Resource":"*"}`},
	{"any account", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::*:root"},"Action":"x:Get","Resource":"*"}`},
	{"any account's role", `{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::????????????:role/x"]},"Action":"x:Get","Resource":"*"}`},
	{"everybody where something holds", `{"Effect":"Allow","Principal":"*","Action":"x:Get","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}}`},
	{"any who is federated", `{"Effect":"Allow","Principal":{"Federated":"*"},"Action":"x:Get","Resource":"*"}`},
	{"a wildcard within an action", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/x"},"Action":"x:*Object","Resource":"*"}`},
	{"a wildcard at an action's end", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/x"},"Action":["x:Put*"],"Resource":"*"}`},
	{"a letter of an action", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/x"},"Action":["x:Ge?"],"Resource":"*"}`},
	{"all of all services", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/x"},"Action":"*:*","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}}}`},
	{"all but an action", `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/x"},"NotAction":"x:*","Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.eu-central-1.amazonaws.com"}}}`},
}

// deputies are statements that let a service act for anybody.
var deputies = []struct{ name, statement string }{
	{"a service for anybody", `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"x:Get","Resource":"*"}`},
	{"a service for all but one", `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"x:Get","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceAccount":"1"}}}`},
	{"a service for whom it does not name", `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"x:Get","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:SourceAccount":"1"}}}`},
	{"a service for any account", `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"x:Get","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:x"}}}`},
	{"a service for any bucket", `{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"x:Get","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:s3:::a","arn:aws:s3:::*"]}}}`},
}

var allowanceMutations = slices.Concat(moreAllowed(), []mutation{
	{row: 5, name: "a bucket's own", breaks: inline("BucketV2 landing")},
	{row: 58, name: "a queue's own", breaks: inline("Queue dead-letters")},
	{row: 59, name: "a topic's own", breaks: inline("Topic alarms")},
	{row: 99, name: "a secret's own", breaks: inline("Secret partner")},
	{row: 19, name: "apart", breaks: func(w *world) {
		w.add("aws:kms/keyPolicy:KeyPolicy", "more", map[string]any{"policy": `{"Statement":[` + more[0].statement + `]}`})
	}},
	{row: 5, name: "an object", breaks: func(w *world) {
		r := w.at("BucketPolicy landing")
		var document map[string]any
		if err := json.Unmarshal([]byte(r.Inputs["policy"].(string)), &document); err != nil {
			w.t.Fatal(err)
		}
		document["Statement"] = append(document["Statement"].([]any), map[string]any{"Effect": "Allow", "Principal": "*", "Action": "s3:GetBucketAcl", "Resource": "*"})
		r.Inputs["policy"] = document
	}},
	{row: 22, name: "not through S3", breaks: func(w *world) {
		w.statement("Key landing", "policy", "UseThroughS3", func(s map[string]any) {
			s["Condition"] = map[string]any{"StringNotEquals": map[string]any{"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
		})
	}},
	{row: 22, name: "through anything", breaks: func(w *world) {
		w.statement("Key landing", "policy", "UseThroughS3", func(s map[string]any) {
			s["Condition"] = map[string]any{"StringLike": map[string]any{"kms:ViaService": "*"}}
		})
	}},
	{row: 28, name: "all of S3", breaks: func(w *world) {
		w.statement("VpcEndpoint s3", "policy", "Ours", func(s map[string]any) { s["Action"] = "s3:*" })
	}},
	{row: 28, name: "all but an action", breaks: func(w *world) {
		w.statement("VpcEndpoint s3", "policy", "Ours", func(s map[string]any) { s["NotAction"] = "s3:Get*"; delete(s, "Action") })
	}},
	{row: 28, name: "all buckets", breaks: func(w *world) {
		w.statement("VpcEndpoint s3", "policy", "ImageLayers", func(s map[string]any) { s["Resource"] = "arn:aws:s3:::*/*" })
	}},
	{row: 28, name: "everybody's but ours", breaks: func(w *world) {
		w.statement("VpcEndpoint s3", "policy", "Ours", func(s map[string]any) {
			s["Condition"] = map[string]any{"StringNotEquals": map[string]any{"aws:ResourceAccount": "123456789012"}}
		})
	}},
})

// inline gives a resource a policy of its own beside the one that rules know.
func inline(what string) func(*world) {
	return func(w *world) { w.at(what).Inputs["policy"] = `{"Statement":[` + more[1].statement + `]}` }
}

func moreAllowed() []mutation {
	var all []mutation
	for row, what := range map[int]string{5: "BucketPolicy landing", 19: "Key landing", 37: "RepositoryPolicy ingest", 58: "QueuePolicy dead-letters", 59: "TopicPolicy alarms", 99: "SecretPolicy partner"} {
		statements := slices.Concat(more, deputies)
		if row == 19 {
			statements = more // rule 22 wants a key's services bound
		}
		for _, s := range statements {
			all = append(all, mutation{row: row, name: what + " allows " + s.name, breaks: func(w *world) { w.allow(what, s.statement) }})
		}
	}
	return all
}
