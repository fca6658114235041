package preflight

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/floe-data/floe/runtime/environment"
)

// notOurs is of what is there without the stack's tags.
const notOurs = "is there, and not this stack's: it has not the tags " + environment.TagProject + " and " + environment.TagStack + " of the stack"

// another is how to get out of the way of what cannot be removed.
const another = ", or give the project another name in Pulumi.yaml"

// tagged is the holder of what has tags.
func (a *account) tagged(tags map[string]string, next string) holder {
	return holder{ours: a.ours(tags), who: notOurs, next: next + another}
}

func tagsOf(tags []iamtypes.Tag) map[string]string {
	all := map[string]string{}
	for _, t := range tags {
		all[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return all
}

func roleNames(ctx context.Context, a *account) []Finding {
	return kind{what: "roles", permission: "iam:GetRole", names: a.wanted.Roles, look: func(ctx context.Context, name string) (holder, error) {
		out, err := a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			return holder{free: missing(err)}, unless(missing(err), err)
		}
		return a.tagged(tagsOf(out.Role.Tags), "remove it if nobody needs it: aws iam delete-role --role-name "+name), nil
	}}.taken(ctx)
}

func policyNames(ctx context.Context, a *account) []Finding {
	return kind{what: "policies", permission: "iam:GetPolicy", names: a.wanted.Policies, look: func(ctx context.Context, name string) (holder, error) {
		arn := a.place.GlobalARN("iam", "policy/"+name)
		out, err := a.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
		if err != nil {
			return holder{free: missing(err)}, unless(missing(err), err)
		}
		return a.tagged(tagsOf(out.Policy.Tags), "remove it if nobody needs it: aws iam delete-policy --policy-arn "+arn), nil
	}}.taken(ctx)
}

func secretNames(ctx context.Context, a *account) []Finding {
	return kind{what: "secrets' names", permission: "secretsmanager:DescribeSecret", names: a.wanted.Secrets, look: func(ctx context.Context, name string) (holder, error) {
		out, err := a.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &name})
		if err != nil {
			return holder{free: missing(err)}, unless(missing(err), err)
		}
		if out.DeletedDate != nil {
			return holder{who: "was deleted, and can be brought back still: its name is not free until then", next: a.command("secretsmanager restore-secret --secret-id "+name) +
				", then " + a.command("secretsmanager delete-secret --force-delete-without-recovery --secret-id "+name) + ": its value is gone then"}, nil
		}
		tags := map[string]string{}
		for _, t := range out.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		return a.tagged(tags, "see who needs it: "+a.command("secretsmanager describe-secret --secret-id "+name)), nil
	}}.taken(ctx)
}

func databaseNames(ctx context.Context, a *account) []Finding {
	return kind{what: "databases", permission: "glue:GetDatabase (and DESCRIBE in Lake Formation)", names: a.wanted.Databases, look: func(ctx context.Context, name string) (holder, error) {
		out, err := a.glue.GetDatabase(ctx, &glue.GetDatabaseInput{Name: &name})
		if err != nil {
			return holder{free: missing(err)}, unless(missing(err), err)
		}
		of := out.Database.Parameters
		return holder{
			ours: of[environment.ParameterProject] == a.place.Project && of[environment.ParameterStack] == a.place.Stack,
			who:  "is there, and not this stack's: it has not the parameters " + environment.ParameterProject + " and " + environment.ParameterStack + " of the stack",
			next: "drop it if nobody needs it: " + a.command("glue delete-database --name "+name) + another,
		}, nil
	}}.taken(ctx)
}

func workgroupNames(ctx context.Context, a *account) []Finding {
	return kind{what: "workgroups", permission: "athena:ListTagsForResource", names: a.wanted.Workgroups, look: func(ctx context.Context, name string) (holder, error) {
		arn := a.arn("athena", "workgroup/"+name)
		out, err := a.athena.ListTagsForResource(ctx, &athena.ListTagsForResourceInput{ResourceARN: &arn})
		if err != nil {
			none := missing(err) || noWorkgroup(err)
			return holder{free: none}, unless(none, err)
		}
		tags := map[string]string{}
		for _, t := range out.Tags {
			tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
		}
		return a.tagged(tags, "delete it if nobody needs it: "+a.command("athena delete-work-group --work-group "+name)), nil
	}}.taken(ctx)
}

// noWorkgroup says that Athena knows no such workgroup, which it calls an
// invalid request, too: only its words tell.
func noWorkgroup(err error) bool {
	var invalid *athenatypes.InvalidRequestException
	if !errors.As(err, &invalid) {
		return false
	}
	says := strings.ToLower(invalid.ErrorMessage())
	return strings.Contains(says, "not found") || strings.Contains(says, "not exist")
}

func tableBucketName(ctx context.Context, a *account) []Finding {
	if a.wanted.TableBucket == "" {
		return nil
	}
	return kind{what: "table bucket", permission: "s3tables:GetTableBucket and s3tables:ListTagsForResource", names: []string{a.wanted.TableBucket}, look: func(ctx context.Context, _ string) (holder, error) {
		arn := a.place.TableBucketARN()
		if _, err := a.tables.GetTableBucket(ctx, &s3tables.GetTableBucketInput{TableBucketARN: &arn}); err != nil {
			return holder{free: missing(err)}, unless(missing(err), err)
		}
		out, err := a.tables.ListTagsForResource(ctx, &s3tables.ListTagsForResourceInput{ResourceArn: &arn})
		if err != nil {
			return holder{}, err
		}
		return a.tagged(out.Tags, "delete it if nobody needs it: "+a.command("s3tables delete-table-bucket --table-bucket-arn "+arn)), nil
	}}.taken(ctx)
}

// unless gives err where it is no answer.
func unless(answered bool, err error) error {
	if answered {
		return nil
	}
	return err
}
