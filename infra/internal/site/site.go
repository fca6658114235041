package site

import (
	"github.com/floe-data/floe/runtime/environment"
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
func (s *Site) Partition() string { return s.names().Partition() }

// ARN names a resource of this account and region: ARN("glue", "catalog").
func (s *Site) ARN(service, resource string) string {
	return "arn:" + s.Partition() + ":" + service + ":" + s.Region + ":" + s.Account + ":" + resource
}

// GlobalARN names a resource of this account in all regions: GlobalARN("iam", "role/x").
func (s *Site) GlobalARN(service, resource string) string {
	return s.names().GlobalARN(service, resource)
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
	tags := map[string]string{"environment": s.Stack, environment.TagProject: s.Project, environment.TagStack: s.Stack, "managed-by": "pulumi"}
	if owner := s.Live.Platform.Owner; owner != "" {
		tags["owner"] = owner
	}
	return tags
}
