package governance

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lakeformation"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/infra/storage"
)

// The data buckets, as parts of their names.
const (
	landing   = "landing"
	lakehouse = "lakehouse"
)

// bucketOf is where the tables of a layer lie.
func bucketOf(layer string) string {
	if layer == landing {
		return landing
	}
	return lakehouse
}

// register hands the data buckets to Lake Formation, which reads and writes
// them for whoever it grants that, as the role lake. Without hybrid access, so
// that IAM alone gives nobody a table.
func (g *Governance) register(ctx *pulumi.Context, args Args) error {
	role, err := grant.NewRole(ctx, g.site, "lake", grant.RoleArgs{
		Parts: []string{"lake"}, Service: "lakeformation", Statements: g.lakeStatements(args.Storage),
		Description: fmt.Sprintf("%s %s: reads and writes tables for whom Lake Formation grants it", g.site.Project, g.site.Stack),
	}, pulumi.Parent(g))
	if err != nil {
		return err
	}
	for name, bucket := range map[string]*storage.Bucket{landing: args.Storage.Landing, lakehouse: args.Storage.Lakehouse} {
		made, err := lakeformation.NewResource(ctx, name, &lakeformation.ResourceArgs{
			Arn: pulumi.String(g.site.BucketARN(bucket.Name, "")), RoleArn: role.Arn, HybridAccessEnabled: pulumi.Bool(false),
		}, pulumi.Parent(g), pulumi.DependsOn(append([]pulumi.Resource{role.Policy}, bucket.Ready...)))
		if err != nil {
			return fmt.Errorf("location %s: %w", bucket.Name, err)
		}
		g.locations[name] = made
		g.Ready = append(g.Ready, made)
	}
	return nil
}

// lakeStatements are what queries do through Lake Formation: Athena reads
// landing tables, which the loads alone write, and reads and writes the models'.
func (g *Governance) lakeStatements(st *storage.Storage) []grant.Statement {
	s := g.site
	return []grant.Statement{
		{Sid: "Buckets", Actions: []string{"s3:GetBucketLocation", "s3:ListBucket"}, Resources: grant.On(s.BucketARN(st.Landing.Name, ""), s.BucketARN(st.Lakehouse.Name, ""))},
		{Sid: "LandingFiles", Actions: []string{"s3:GetObject"}, Resources: grant.On(s.BucketARN(st.Landing.Name, "/"+landing+"_*"))},
		{Sid: "LakehouseFiles", Resources: grant.On(s.BucketARN(st.Lakehouse.Name, "/*")),
			Actions: []string{"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"}},
		tables.Key(s, "LandingKey", st.Landing.Key.Arn, []string{"kms:Decrypt"}, "s3"),
		tables.Key(s, "LakehouseKey", st.Lakehouse.Key.Arn, []string{"kms:Decrypt", "kms:GenerateDataKey"}, "s3"),
	}
}

// check refuses readers whom Lake Formation cannot grant anything here.
func check(s *site.Site) error {
	for i, g := range s.Live.Access.Grants {
		if account := accountOf(g.Principal); account != s.Account {
			return fmt.Errorf("live/%s/access.yaml: grants[%d].principal: found %s of account %s, the stack is in %s; make a role in this account that they assume, and name that", s.Stack, i, g.Principal, account, s.Account)
		}
	}
	return nil
}
