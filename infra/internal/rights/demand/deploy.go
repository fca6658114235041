package demand

import (
	"slices"
	"strings"

	"github.com/floe-data/floe/infra/internal/rights"
)

// Deploy are what deploying needs beside the calls that were recorded: what the
// emulated account has no API for, and what services do in the deployer's name.
func Deploy(account, region, project, stack string) []rights.Request {
	place := strings.NewReplacer("REGION", region, "ACCOUNT", account, "NAME", project+"-"+stack+"-*", "LOW", strings.ReplaceAll(project+"_"+stack, "-", "_")+"_*")
	var all []rights.Request
	for _, d := range deploys {
		for _, r := range on(place.Replace(d.on), d.actions...) {
			if d.passed != "" {
				r.Context = rights.Context{"iam:passedtoservice": {d.passed}}
			}
			for _, service := range d.through {
				r.Context = with(r.Context, rights.Context{"kms:viaservice": {place.Replace(service)}})
				all = append(all, r)
			}
			if len(d.through) == 0 {
				all = append(all, r)
			}
		}
	}
	return all
}

// deploys are those of every stack, with all options.
var deploys = []struct {
	why, on string
	actions []string
	through []string // kms:ViaService, each
	passed  string   // iam:PassedToService
}{
	{why: "images are pushed (Amazon ECR, \"IAM permissions for pushing an image\")", on: "arn:aws:ecr:REGION:ACCOUNT:repository/NAME", actions: []string{
		"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"}},
	{why: "EC2 delivers flow logs in the caller's name (Amazon VPC, \"Publish flow logs to Amazon S3\")", on: "*", actions: []string{"logs:CreateLogDelivery", "logs:DeleteLogDelivery"}},
	{why: "an interface endpoint with private names (Amazon VPC, \"Control access with endpoint policies\")", on: "*", actions: []string{"route53:AssociateVPCWithHostedZone"}},
	{why: "a function's environment, a secret, a workflow and a schedule are encrypted as they are made", on: "arn:aws:kms:REGION:ACCOUNT:key/*",
		actions: []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}},
	{why: "Lambda and ECR keep a grant for as long as they use a key", on: "arn:aws:kms:REGION:ACCOUNT:key/*", actions: []string{"kms:CreateGrant", "kms:RetireGrant"},
		through: []string{"ecr.REGION.amazonaws.com", "lambda.REGION.amazonaws.com"}},
	{why: "S3 is passed the role that copies (Service Authorization Reference, Amazon S3)", on: "arn:aws:iam::ACCOUNT:role/NAME", actions: []string{"iam:PassRole"}, passed: "s3.amazonaws.com"},
	{why: "a vault is mounted, and keeps a grant of its key (AWS Backup, \"Access control\")", on: "*", actions: []string{"backup-storage:MountCapsule"}},
	{why: "likewise", on: "arn:aws:kms:REGION:ACCOUNT:key/*", actions: []string{"kms:CreateGrant", "kms:RetireGrant"}, through: []string{"backup.REGION.amazonaws.com"}},
	{why: "a database's tables go with it (Service Authorization Reference, AWS Glue)", on: "arn:aws:glue:REGION:ACCOUNT:table/LOW/*", actions: []string{"glue:DeleteDatabase"}},
	{why: "and its functions", on: "arn:aws:glue:REGION:ACCOUNT:userDefinedFunction/LOW/*", actions: []string{"glue:DeleteDatabase"}},
}

// Writes are those of the requests that change something.
func Writes(all []rights.Request) []rights.Request {
	return slices.DeleteFunc(slices.Clone(all), func(r rights.Request) bool {
		_, name, _ := strings.Cut(r.Action, ":")
		for _, verb := range []string{"Describe", "Get", "List", "Validate", "View"} {
			if strings.HasPrefix(name, verb) {
				return true
			}
		}
		return false
	})
}

// Allowed says what of the needs a principal with these policies may not do, and
// what of the policies nothing needs.
func Allowed(policies []*rights.Document, principal string, needs []rights.Request) (refused, unneeded []string, err error) {
	for _, r := range needs {
		r.Principal = principal
		d, err := (rights.Policies{Identity: policies}).Decide(r)
		if err != nil {
			return nil, nil, err
		}
		if !d.Allowed {
			refused = append(refused, r.String()+": "+d.Reason)
		}
	}
	unneeded, err = unused(policies, needs)
	return refused, unneeded, err
}
