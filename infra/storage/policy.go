package storage

import "github.com/floe-data/floe/infra/internal/grant"

// Prefixes of the logs bucket.
const (
	FlowLogs   = "AWSLogs/" // of the VPC: where they go unless a prefix is named
	AccessLogs = "access/"  // of S3, by bucket
)

// when is a statement's conditions: operator -> key -> values.
type when = map[string]map[string][]string

// refusals are what nobody may do, whatever else allows it.
func (m *maker) refusals(bucket string) []grant.Statement {
	all := grant.On(m.site.BucketARN(bucket, ""), m.site.BucketARN(bucket, "/*"))
	return []grant.Statement{
		{
			Sid: "RefusePlainHTTP", Deny: true, Principals: []string{"*"}, Actions: []string{"s3:*"}, Resources: all,
			When: when{"Bool": {"aws:SecureTransport": {"false"}}},
		},
		{ // a request of AWS's own services has no such key, which NumericLessThan then does not meet
			Sid: "RefuseOldTLS", Deny: true, Principals: []string{"*"}, Actions: []string{"s3:*"}, Resources: all,
			When: when{"NumericLessThan": {"s3:TlsVersion": {"1.2"}}},
		},
	}
}

// otherKeys refuses an object that asks for encryption other than by the
// bucket's key.
//
// A request that asks for none is right: the bucket encrypts by default, and
// Athena, the parts of a multipart upload and most clients send no header. One
// that names an algorithm and no key would get AES256 or AWS's own key for S3,
// so as soon as an algorithm is named the key must be ours: StringNotEquals
// holds where the key is missing, too.
//
// Where a service delivers into the bucket, services are let through: what
// CloudTrail signs its logs by it encrypts by S3's own key.
func (m *maker) otherKeys(bucket, key string, allowed []grant.Statement) []grant.Statement {
	objects := grant.On(m.site.BucketARN(bucket, "/*"))
	others := when{
		"Null":            {"s3:x-amz-server-side-encryption": {"false"}},
		"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": {key}},
	}
	if len(allowed) > 0 {
		others["BoolIfExists"] = map[string][]string{"aws:PrincipalIsAWSService": {"false"}}
	}
	return []grant.Statement{
		{
			Sid: "RefuseOtherKeys", Deny: true, Principals: []string{"*"}, Actions: []string{"s3:PutObject"}, Resources: objects,
			When: others,
		},
		{
			Sid: "RefuseCustomersKeys", Deny: true, Principals: []string{"*"}, Actions: []string{"s3:PutObject"}, Resources: objects,
			When: when{"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": {"false"}}},
		},
	}
}

// deliveries let AWS's services write logs of this account, each below its own
// prefix. The first two are what VPC wants to find before it makes a flow log
// (Amazon VPC, "Publish flow logs to Amazon S3"); their Sids are AWS's, which
// would add statements of these names where they are missing.
func (m *maker) deliveries(bucket string) []grant.Statement {
	ours := map[string][]string{"aws:SourceAccount": {m.site.Account}}
	logs := map[string][]string{"aws:SourceArn": {m.site.ARN("logs", "*")}}
	delivery := []string{m.site.ServicePrincipal("delivery.logs")}
	var sources []string
	for _, name := range []string{"landing", "lakehouse", "results"} {
		sources = append(sources, m.site.BucketARN(m.site.Bucket(name), ""))
	}
	return []grant.Statement{
		{
			Sid: "AWSLogDeliveryWrite", Services: delivery, Actions: []string{"s3:PutObject"},
			Resources: grant.On(m.site.BucketARN(bucket, "/"+FlowLogs+"*")),
			When: when{
				"StringEquals": {"aws:SourceAccount": {m.site.Account}, "s3:x-amz-acl": {"bucket-owner-full-control"}},
				"ArnLike":      logs,
			},
		},
		{
			Sid: "AWSLogDeliveryAclCheck", Services: delivery, Actions: []string{"s3:GetBucketAcl"},
			Resources: grant.On(m.site.BucketARN(bucket, "")),
			When:      when{"StringEquals": ours, "ArnLike": logs},
		},
		{
			Sid: "AccessLogs", Services: []string{m.site.ServicePrincipal("logging.s3")}, Actions: []string{"s3:PutObject"},
			Resources: grant.On(m.site.BucketARN(bucket, "/"+AccessLogs+"*")),
			When:      when{"StringEquals": ours, "ArnLike": {"aws:SourceArn": sources}},
		},
	}
}
