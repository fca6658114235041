package naming

import (
	"maps"
	"slices"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// Names are the names of what a stack has, where others may have taken them.
type Names struct {
	Buckets     []BucketAt
	Roles       []string
	Policies    []string // those with a name of their own
	Secrets     []string
	Databases   []string // of Glue
	Workgroups  []string
	TableBucket string // "" without one
}

// BucketAt is a bucket's name and where it lies.
type BucketAt struct{ Name, Region string }

// Of are the names that a stack takes. infra makes what has them, and
// infra/platform's tests hold that these are the ones.
func Of(pipelines *project.Project, s *live.Stack, p Place) Names {
	n := Names{Buckets: buckets(s, p), Roles: roles(pipelines, s, p), Secrets: sourceSecrets(pipelines, p)}
	for _, name := range []string{"transform", "analyst"} {
		n.Workgroups = append(n.Workgroups, p.Name(Workgroup, name))
	}
	if s.Platform.Athena.Spark {
		n.Workgroups = append(n.Workgroups, p.Name(Workgroup, "spark"))
	}
	if inTableBucket(s) {
		n.TableBucket = p.Name(TableBucket, "tables")
		return n
	}
	n.Policies = []string{p.Name(Policy, "reader")}
	schemas := slices.Concat(live.Layers, s.Platform.Schemas)
	for source := range pipelines.Sources {
		schemas = append(schemas, "landing_"+source)
	}
	for _, schema := range schemas {
		n.Databases = append(n.Databases, environment.PhysicalSchema(p.Project, p.Stack, schema))
	}
	slices.Sort(n.Databases)
	n.Databases = slices.Compact(n.Databases)
	return n
}

func inTableBucket(s *live.Stack) bool { return s.Platform.Tables == environment.S3Tables }

func buckets(s *live.Stack, p Place) []BucketAt {
	parts := []string{"landing", "logs", "results"}
	if !inTableBucket(s) {
		parts = append(parts, "lakehouse")
	}
	if s.Platform.Audit == "trail" {
		parts = append(parts, "audit")
	}
	var all []BucketAt
	for _, part := range parts {
		all = append(all, BucketAt{p.Bucket(part), p.Region})
	}
	if s.Platform.Replica != nil {
		there := p
		there.Region = s.Platform.Replica.Region
		for _, part := range []string{"landing-replica", "lakehouse-replica"} {
			all = append(all, BucketAt{there.Bucket(part), there.Region})
		}
	}
	return all
}

func roles(pipelines *project.Project, s *live.Stack, p Place) []string {
	var all []string
	add := func(wanted bool, parts ...string) {
		if wanted {
			all = append(all, p.Name(Role, parts...))
		}
	}
	for source := range pipelines.Sources {
		onFargate := s.Pipelines.Sources[source].Compute == live.Fargate
		add(!onFargate, "ingest-"+source)
		add(onFargate, "task", "ingest-"+source)
		add(onFargate, "execution", "ingest-"+source)
	}
	for _, w := range s.Pipelines.Workflows {
		add(true, "workflow", w.Name)
		add(w.Schedule != live.NoSchedule, "schedule", w.Name)
		add(w.OnUpload != "", "upload", w.Name)
	}
	for _, name := range []string{"evolve", "maintain"} {
		add(true, name)
	}
	for _, name := range []string{"govern", "lake", "task-transform", "execution-transform"} {
		add(!inTableBucket(s), name)
	}
	add(slices.ContainsFunc(s.Pipelines.Workflows, func(w live.Workflow) bool { return w.Compute == live.Lambda }), "transform")
	add(s.Platform.Network.Egress != "existing", "network")
	add(s.Platform.Audit == "trail", "audit")
	add(s.Platform.Replica != nil, "replication")
	add(s.Platform.Backup != nil, "backup")
	add(s.Platform.Athena.Spark, "spark")
	slices.Sort(all)
	return all
}

func sourceSecrets(pipelines *project.Project, p Place) []string {
	var all []string
	for _, source := range slices.Sorted(maps.Keys(pipelines.Sources)) {
		if pipelines.Sources[source].Client.Auth != nil {
			all = append(all, p.Name(Secret, source, "auth"))
		}
	}
	return all
}
