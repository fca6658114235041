package network

import (
	"slices"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/runtime/live"
)

// Services that have an interface endpoint.
const (
	registry       = "ecr.api"        // where a task's image is asked for
	images         = "ecr.dkr"        // and pulled from; its layers come from S3
	logs           = "logs"           // what a task writes to its log group
	athena         = "athena"         // what a transformation asks
	catalog        = "glue"           // where tables are found and committed
	tableBucket    = "s3tables"       // that where they lie in a table bucket, which Athena still finds in Glue
	secretsmanager = "secretsmanager" // a source's secret, read as the task starts
)

// Endpoints are the interface endpoints that the stack needs, sorted: each
// costs by the hour and zone, so there is one for nothing that is not called
// from inside the VPC.
//
//   - A Fargate task needs its image (ecr.api, ecr.dkr) and its logs.
//   - It commits to tables, so it needs the catalog; S3 has a gateway endpoint, which is free.
//   - A transformation asks Athena besides; it is Athena that reads the tables, outside of this network.
//   - A source with auth reads its secret.
//
// What is left out, with its reason: kms, because S3 and Secrets Manager call
// it themselves, in the caller's name; sts, because a task gets its role's
// credentials from the agent beside it (169.254.170.2); states, because Step
// Functions watches a task (.sync) and is not called by it; ecs, because
// Fargate's agent has a way of its own. A Lambda is outside of the VPC.
func Endpoints(s *site.Site) []string {
	needed := map[string]bool{}
	need := func(services ...string) {
		for _, service := range services {
			needed[service] = true
		}
	}
	if transforms(s) {
		need(registry, images, logs, catalog, athena)
	}
	for name, source := range s.Pipelines.Sources {
		if s.Live.Pipelines.Sources[name].Compute != live.Fargate {
			continue
		}
		need(registry, images, logs, catalog)
		if source.Client.Auth != nil {
			need(secretsmanager)
		}
	}
	if needed[catalog] && tables.InTableBucket(s) {
		need(tableBucket)
	}
	var services []string
	for service := range needed {
		services = append(services, service)
	}
	slices.Sort(services)
	return services
}

// transforms says whether a workflow of the stack runs models on Fargate.
func transforms(s *site.Site) bool {
	for _, w := range s.Live.Pipelines.Workflows {
		own := s.Pipelines.Workflows[w.Name]
		if own == nil || w.Compute != live.Fargate {
			continue
		}
		for _, step := range own.Steps {
			if step.Transform != nil {
				return true
			}
		}
	}
	return false
}
