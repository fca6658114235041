package site

import (
	"strings"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// Site is where a component stands.
type Site struct {
	Project string // Pulumi's project: floe
	Stack   string // dev
	Account string // twelve digits
	Region  string // eu-central-1
	Live    *live.Stack
	// Pipelines is what runtime/pipelines holds.
	Pipelines *project.Project
}

// Production says whether this is the stack that people rely on.
func (s *Site) Production() bool { return s.Stack == live.Production }

// Partition is the ARNs' second part.
func (s *Site) Partition() string {
	switch {
	case strings.HasPrefix(s.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(s.Region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// ARN names a resource of this account and region: ARN("glue", "catalog").
func (s *Site) ARN(service, resource string) string {
	return "arn:" + s.Partition() + ":" + service + ":" + s.Region + ":" + s.Account + ":" + resource
}

// GlobalARN names a resource of this account in all regions: GlobalARN("iam", "role/x").
func (s *Site) GlobalARN(service, resource string) string {
	return "arn:" + s.Partition() + ":" + service + "::" + s.Account + ":" + resource
}

// BucketARN names a bucket, or objects in it: BucketARN("b", "/x/*").
func (s *Site) BucketARN(bucket, objects string) string {
	return "arn:" + s.Partition() + ":s3:::" + bucket + objects
}

// ServicePrincipal is the principal of an AWS service: ServicePrincipal("lambda").
func (s *Site) ServicePrincipal(service string) string {
	return service + ".amazonaws.com"
}

// Tags are those of every resource; the provider sets them.
func (s *Site) Tags() map[string]string {
	return map[string]string{"environment": s.Stack, "floe:project": s.Project, "floe:stack": s.Stack, "managed-by": "pulumi"}
}
