package preflight

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/sync/errgroup"

	"github.com/floe-data/floe/runtime/naming"
)

// who asks a region whose the credentials are.
func (a *account) who(ctx context.Context, region string) (*sts.GetCallerIdentityOutput, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	return sts.NewFromConfig(a.Config, func(o *sts.Options) { o.Region = region }).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
}

// identify asks whose the credentials are, and says whether the account is the
// stack's: only then is anything else asked of it.
func (a *account) identify(ctx context.Context) ([]Finding, bool) {
	who, err := a.who(ctx, a.place.Region)
	if err != nil {
		return []Finding{a.nobody(ctx, err)}, false
	}
	number, want := aws.ToString(who.Account), a.Stack.Platform.Account
	a.place.Account, a.caller = number, aws.ToString(who.Arn)
	if want != "" && number != want {
		return []Finding{bad("credentials", fmt.Sprintf("export AWS_PROFILE=… for account %s, or mend account in live/%s/platform.yaml", want, a.Stack.Name),
			"they are of account %s (%s); live/%s/platform.yaml says account %s: nothing else was asked", number, a.caller, a.Stack.Name, want)}, false
	}
	a.wanted = naming.Of(a.Project, a.Stack, a.place)
	found := []Finding{ok("credentials", "%s in account %s", a.caller, number)}
	if want == "" {
		found = append(found, warn("account", fmt.Sprintf("write account: %q in live/%s/platform.yaml, so that nothing is ever done in another one", number, a.Stack.Name),
			"live/%s/platform.yaml names none", a.Stack.Name))
	}
	return append(found, ok("region", "%s answers", a.place.Region)), true
}

// nobody says why a region does not know the credentials.
func (a *account) nobody(ctx context.Context, err error) Finding {
	if finding, told := a.closed(ctx, "region", a.place.Region, err); told {
		return finding
	}
	return bad("credentials", "log in (aws sso login, or export AWS_PROFILE=…), then run it again", "AWS in %s does not take them: %v", a.place.Region, err)
}

// closed finds a region that is none, or one that the account has not switched
// on: that one knows no credentials that are good elsewhere.
func (a *account) closed(ctx context.Context, what, region string, err error) (Finding, bool) {
	where := fmt.Sprintf("choose another region in stacks/Pulumi.%s.yaml", a.Stack.Name)
	if what != "region" {
		where = fmt.Sprintf("choose another replica.region in live/%s/platform.yaml", a.Stack.Name)
	}
	if nameless(err) {
		return bad(what, where, "AWS has no region %s", region), true
	}
	if !slices.Contains([]string{"InvalidClientTokenId", "UnrecognizedClientException", "RegionDisabledException"}, code(err)) || region == a.home() {
		return Finding{}, false
	}
	if _, elsewhere := a.who(ctx, a.home()); elsewhere != nil {
		return Finding{}, false
	}
	return bad(what, "aws account enable-region --region-name "+region+", wait some minutes, and run it again; or "+where,
		"%s is not switched on in this account: it takes none of its credentials", region), true
}

// nameless says that there is no such host.
func nameless(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

func replicaRegion(ctx context.Context, a *account) []Finding {
	if a.Stack.Platform.Replica == nil {
		return nil
	}
	const what = "replica's region"
	region := a.Stack.Platform.Replica.Region
	_, err := a.who(ctx, region)
	if err == nil {
		return []Finding{ok(what, "%s answers", region)}
	}
	if finding, told := a.closed(ctx, what, region, err); told {
		return []Finding{finding}
	}
	return []Finding{unasked(what, "sts:GetCallerIdentity", err)}
}

// services are those that every stack uses, by their endpoints.
var services = []string{"api.ecr", "athena", "ec2", "ecs", "events", "glue", "kms", "lambda", "logs", "monitoring", "scheduler", "secretsmanager", "sns", "sqs", "states"}

// hosts are the endpoints that the stack needs in its region.
func (a *account) hosts() []string {
	all := slices.Clone(services)
	for _, more := range []struct {
		wanted  bool
		service string
	}{
		{a.wanted.TableBucket == "", "lakeformation"}, {a.wanted.TableBucket != "", "s3tables"},
		{a.Stack.Platform.Audit == "trail", "cloudtrail"}, {a.Stack.Platform.Backup != nil, "backup"},
	} {
		if more.wanted {
			all = append(all, more.service)
		}
	}
	slices.Sort(all)
	return all
}

// endpoints looks the services' names up in the region: one that a region lacks
// has no name there. It asks DNS, and no service.
func endpoints(ctx context.Context, a *account) []Finding {
	const what = "services"
	found := []Finding{}
	if f := arm(a); f != nil {
		found = append(found, *f)
	}
	if a.Config.BaseEndpoint != nil {
		return append(found, Finding{What: what, State: Unchecked, Says: "not checked: AWS_ENDPOINT_URL sends all calls to " + *a.Config.BaseEndpoint})
	}
	hosts := a.hosts()
	errs := make([]error, len(hosts))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, host := range hosts {
		g.Go(func() error {
			ctx, cancel := within(ctx)
			defer cancel()
			errs[i] = a.Resolve(ctx, a.host(host))
			return nil
		})
	}
	_ = g.Wait() // errors are kept by host
	var lacks []string
	for i, err := range errs {
		switch {
		case nameless(err):
			lacks = append(lacks, hosts[i])
		case err != nil:
			return append(found, Finding{What: what, State: Unchecked, Says: fmt.Sprintf("not checked: look up %s: %v", hosts[i], err), Next: "run it again"})
		}
	}
	if len(lacks) > 0 {
		return append(found, bad(what, fmt.Sprintf("choose another region in stacks/Pulumi.%s.yaml", a.Stack.Name), "%s has no %s", a.place.Region, strings.Join(lacks, ", ")))
	}
	return append(found, ok(what, "%s has all %d that the stack uses", a.place.Region, len(hosts)))
}

// arm says what nothing tells: the lists of Fargate's regions in the ECS
// developer guide are of Linux and Windows, and not of processors.
func arm(a *account) *Finding {
	if a.Stack.Platform.Architecture != "arm64" || !a.onFargate() {
		return nil
	}
	return &Finding{What: "Fargate on arm64", State: Unchecked, Says: "not checked: no call of AWS tells where it runs",
		Next: fmt.Sprintf("nothing; if a task does not start, write architecture: x86_64 in live/%s/platform.yaml", a.Stack.Name)}
}
