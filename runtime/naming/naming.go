package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Kind is what is named; its value is the length that AWS takes.
type Kind int

// The kinds of names, by the API's limits (see each service's create call).
const (
	Bucket        Kind = 63  // and it is unique in all of AWS: account and region are its last parts
	Function      Kind = 64  // Lambda
	Role          Kind = 64  // unique without regard to case
	Schedule      Kind = 64  // EventBridge Scheduler, its groups too
	Vault         Kind = 50  // AWS Backup, its plans and selections too
	Trail         Kind = 128 // CloudTrail
	TableBucket   Kind = 63  // S3 Tables
	Rule          Kind = 64  // EventBridge
	Machine       Kind = 80  // Step Functions
	Queue         Kind = 80  // SQS
	Budget        Kind = 100 // AWS Budgets; monitors of costs too
	Policy        Kind = 128 // IAM
	Workgroup     Kind = 128 // Athena
	Family        Kind = 255 // ECS task definitions; clusters
	Alarm         Kind = 255
	SecurityGroup Kind = 255
	Alias         Kind = 250 // KMS; "alias/" goes before it
	Topic         Kind = 256
	Repository    Kind = 256 // ECR, lower case, begins with a letter
	LogGroup      Kind = 512 // with the service's prefix before it, see LogGroup
	Secret        Kind = 512
)

// hashed is the length of what a cut name ends in.
const hashed = 8

// Place is where what is named lies.
type Place struct {
	Project string // Pulumi's project: floe
	Stack   string // dev
	Account string // twelve digits
	Region  string // eu-central-1
}

// State is where the state of a project's stacks lies: one bucket for all of
// them in one account and region, <project>-state-<account>-<region>, which is
// Bucket("") of this place.
func State(project, account, region string) Place {
	return Place{Project: project, Stack: "state", Account: account, Region: region}
}

// Partition is the ARNs' second part.
func (p Place) Partition() string {
	switch {
	case strings.HasPrefix(p.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(p.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// GlobalARN names a resource of this account in all regions: GlobalARN("iam", "role/x").
func (p Place) GlobalARN(service, resource string) string {
	return "arn:" + p.Partition() + ":" + service + "::" + p.Account + ":" + resource
}

// Name is <project>-<stack>-<parts…>: lower-case letters, digits and hyphens,
// a letter first, and not longer than the kind takes. Different parts give
// different names as long as they differ in letters and digits.
func (p Place) Name(k Kind, parts ...string) string {
	all := append([]string{p.Project, p.Stack}, parts...)
	for i := range all {
		all[i] = plain(all[i])
	}
	name := strings.Trim(strings.Join(all, "-"), "-")
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		name = "f" + name
	}
	return capped(name, int(k))
}

// TableBucketARN is the ARN of the stack's S3 table bucket, whose name is unique
// in the account and region.
func (p Place) TableBucketARN() string {
	return "arn:" + p.Partition() + ":s3tables:" + p.Region + ":" + p.Account + ":bucket/" + p.Name(TableBucket, "tables")
}

// Bucket is a bucket's name. Account and region are always whole, so that no
// other account can have taken it by accident.
func (p Place) Bucket(part string) string {
	tail := "-" + p.Account + "-" + plain(p.Region)
	return p.Name(Kind(int(Bucket)-len(tail)), part) + tail
}

// LogGroup is the log group of a service's resource: /aws/lambda/<name>.
func (p Place) LogGroup(service, name string) string { return "/aws/" + service + "/" + name }

// capped cuts a name and ends it in a hash of the whole.
func capped(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	head := strings.TrimRight(name[:limit-hashed-1], "-")
	return head + "-" + hex.EncodeToString(sum[:])[:hashed]
}

// plain keeps lower-case letters and digits; all else is one hyphen.
func plain(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(text) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
			continue
		}
		gap = true
	}
	return b.String()
}
