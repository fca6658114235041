package platform

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/images"
)

// outputs are what `pulumi stack output` tells: where things are, and what is
// left to do by hand.
func (c *composer) outputs() error {
	s := c.site
	out := pulumi.Map{
		"stack":   pulumi.String(s.Stack),
		"region":  pulumi.String(s.Region),
		"account": pulumi.String(s.Account),
		"egress":  pulumi.String(s.Live.Platform.Network.Egress),
		"buckets": pulumi.StringMap{
			"landing": pulumi.String(c.storage.Landing.Name), "lakehouse": pulumi.String(c.storage.Lakehouse.Name),
			"results": pulumi.String(c.storage.Results.Name), "logs": pulumi.String(c.storage.Logs.Name),
		},
		"workgroup": pulumi.String(c.transformation.Analyst.Name), // for people's queries
		"topic":     pulumi.String(c.operations.TopicARN),
	}
	if c.reader != nil {
		// The IAM policy to attach to the roles and users that live/<stack>/access.yaml names.
		out["readerPolicy"] = c.reader.Arn
	}
	digests := pulumi.StringMap{} // prod is deployed only what dev has
	for program, built := range c.built {
		digests[program] = pulumi.String(built.Digest)
	}
	out["images"] = digests
	// What to pull, or to verify: the repository's URL and the digest.
	out["imageAddresses"] = pulumi.StringMap{images.Ingest: c.repositories.Ingest.URI, images.Transform: c.repositories.Transform.URI}
	functions, databases, secrets, workflows := pulumi.StringMap{}, pulumi.StringMap{}, pulumi.StringMap{}, pulumi.StringMap{}
	for source, r := range c.ingestion.Sources {
		if r.FunctionName != "" {
			functions[source] = pulumi.String(r.FunctionName)
		}
	}
	for schema, d := range c.catalog.Databases {
		databases[schema] = d.Name
	}
	for schema, n := range c.catalog.Namespaces {
		databases[schema] = n.Namespace
	}
	for _, source := range slices.Sorted(maps.Keys(c.ingestion.Secrets)) {
		secrets[source] = pulumi.String("floe secret set " + source + " --stack " + s.Stack)
	}
	for name, machine := range c.orchestration.Machines {
		workflows[name] = machine.Arn
	}
	out["functions"], out["databases"], out["workflows"] = functions, databases, workflows
	out["secrets"] = secrets // source -> the command that sets it; floe secret list tells which are empty
	maps.Copy(out, c.safety.outputs(s))
	for name, value := range out {
		c.ctx.Export(name, value)
	}
	return nil
}
