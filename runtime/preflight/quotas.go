package preflight

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/floe-data/floe/runtime/live"
)

// quota is one limit of an account, as Service Quotas knows it. The codes are
// those that `aws service-quotas list-service-quotas --service-code …` tells,
// and that AWS's consoles and documentation show beside the names.
type quota struct {
	service, code, name string
}

var (
	concurrency = quota{"lambda", "L-B99A9384", "Concurrent executions"}
	onDemand    = quota{"fargate", "L-3032A538", "Fargate On-Demand vCPU resource count"}
	spot        = quota{"fargate", "L-36FBB829", "Fargate Spot vCPU resource count"}
	networks    = quota{"vpc", "L-F678F1CE", "VPCs per Region"}
	interfaces  = quota{"vpc", "L-29B6F2EB", "Interface VPC endpoints per VPC"}
	addresses   = quota{"ec2", "L-0263D0A3", "EC2-VPC Elastic IPs"}
	queries     = quota{"athena", "L-FC5F6546", "Active DML queries"}
	allBuckets  = quota{"s3", "L-DC2B2D3D", "General purpose buckets"} // of the account: the home region knows it
)

const askQuota = "servicequotas:GetServiceQuota"

// limit is how much a region allows. A quota that was never raised may have no
// value of its own.
func (a *account) limit(ctx context.Context, q quota, region string) (float64, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	there := func(o *servicequotas.Options) { o.Region = region }
	out, err := a.quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code}, there)
	if err == nil && out.Quota != nil && out.Quota.Value != nil {
		return *out.Quota.Value, nil
	}
	if err != nil && !missing(err) {
		return 0, err
	}
	usual, err := a.quotas.GetAWSDefaultServiceQuota(ctx, &servicequotas.GetAWSDefaultServiceQuotaInput{ServiceCode: &q.service, QuotaCode: &q.code}, there)
	if err != nil {
		return 0, err
	}
	if usual.Quota == nil || usual.Quota.Value == nil {
		return 0, fmt.Errorf("Service Quotas knows no value of %s", q.name) //nolint:staticcheck // a name
	}
	return *usual.Quota.Value, nil
}

// more is how to ask for more of a quota.
func (a *account) more(q quota, region string, want float64) string {
	return fmt.Sprintf("aws service-quotas request-service-quota-increase --region %s --service-code %s --quota-code %s --desired-value %g", region, q.service, q.code, want)
}

// need is how much of a quota is in use, and how much the stack takes.
type need struct {
	quota
	used      float64
	must      float64 // without which it cannot be deployed or run
	should    float64 // with which nothing waits
	takes     string  // what the stack takes it for
	otherwise string  // what to do instead of asking for more
	region    string
}

// enough holds a quota against what is needed.
func (a *account) enough(ctx context.Context, n need) Finding {
	what := "quota " + n.name
	limit, err := a.limit(ctx, n.quota, n.region)
	if err != nil {
		return unasked(what, askQuota, err)
	}
	next := a.more(n.quota, n.region, n.used+max(n.must, n.should))
	if n.otherwise != "" {
		next += "; or " + n.otherwise
	}
	used := ""
	if n.used > 0 {
		used = fmt.Sprintf(", %g in use", n.used)
	}
	switch {
	case limit-n.used < n.must:
		return bad(what, next, "%g allowed%s; %s", limit, used, n.takes)
	case limit-n.used < n.should:
		return warn(what, next, "%g allowed%s; %s", limit, used, n.takes)
	}
	return ok(what, "%g allowed%s; %s", limit, used, n.takes)
}

// unreserved is how many executions AWS keeps for functions that reserve none
// (Lambda developer guide, "Configuring reserved concurrency").
const unreserved = 100

func lambdaQuota(ctx context.Context, a *account) []Finding {
	reserved, functions := 0, 2 // evolve and maintain
	if a.wanted.TableBucket == "" {
		functions++ // govern
	}
	if slices.ContainsFunc(a.Stack.Pipelines.Workflows, func(w live.Workflow) bool { return w.Compute == live.Lambda }) {
		functions++ // transform
	}
	for source := range a.Project.Sources {
		of := a.Stack.Pipelines.Sources[source]
		if of.Compute != live.Fargate {
			functions++
			reserved += of.ReservedConcurrency
		}
	}
	n := need{quota: concurrency, region: a.place.Region, must: 1, should: float64(functions), takes: fmt.Sprintf("the stack's %d functions may run at once, and those that get none wait", functions)}
	if reserved > 0 {
		n.must = float64(reserved + unreserved)
		n.takes = fmt.Sprintf("sources reserve %d, and AWS keeps %d for functions that reserve none", reserved, unreserved)
		n.otherwise = fmt.Sprintf("take reserved_concurrency out of live/%s/pipelines.yaml", a.Stack.Name)
	}
	return []Finding{a.enough(ctx, n)}
}

// tasks is how many Fargate tasks may run at once: one for each source and
// workflow that has one.
func (a *account) tasks() int {
	count := 0
	for source := range a.Project.Sources {
		if a.Stack.Pipelines.Sources[source].Compute == live.Fargate {
			count++
		}
	}
	for _, w := range a.Stack.Pipelines.Workflows {
		own := a.Project.Workflows[w.Name]
		if own != nil && w.Compute == live.Fargate && slices.ContainsFunc(own.Steps, transforms) {
			count++
		}
	}
	return count
}

func (a *account) onFargate() bool { return a.tasks() > 0 }

func fargateQuota(ctx context.Context, a *account) []Finding {
	if !a.onFargate() {
		return nil
	}
	one := float64(a.Stack.Platform.Sizes.Task.CPU) / 1024
	var found []Finding
	for _, q := range []quota{spot, onDemand} {
		found = append(found, a.enough(ctx, need{quota: q, region: a.place.Region, must: one, should: one * float64(a.tasks()),
			takes:     fmt.Sprintf("a task takes %g, and %d may run at once", one, a.tasks()),
			otherwise: fmt.Sprintf("a smaller sizes.task.cpu in live/%s/platform.yaml", a.Stack.Name)}))
	}
	return found
}

// atOnceInAthena is how many models a transformation builds at a time.
const atOnceInAthena = 5

func athenaQuota(ctx context.Context, a *account) []Finding {
	return []Finding{a.enough(ctx, need{quota: queries, region: a.place.Region, must: 1, should: atOnceInAthena,
		takes: fmt.Sprintf("a transformation asks %d at once, and waits where Athena is busy", atOnceInAthena)})}
}

func bucketQuota(ctx context.Context, a *account) []Finding {
	own, err := a.ownBuckets(ctx)
	if err != nil {
		return []Finding{unasked("quota "+allBuckets.name, "s3:ListAllMyBuckets", err)}
	}
	missing := 0
	for _, b := range a.wanted.Buckets {
		if !slices.Contains(own, b.Name) {
			missing++
		}
	}
	return []Finding{a.enough(ctx, need{quota: allBuckets, region: a.home(), used: float64(len(own)), must: float64(missing), takes: fmt.Sprintf("the stack makes %d more", missing)})}
}

// roleQuota asks IAM, which tells its quotas itself (GetAccountSummary).
func roleQuota(ctx context.Context, a *account) []Finding {
	const what = "quota Roles per account"
	ctx, cancel := within(ctx)
	defer cancel()
	out, err := a.iam.GetAccountSummary(ctx, &iam.GetAccountSummaryInput{})
	if err != nil {
		return []Finding{unasked(what, "iam:GetAccountSummary", err)}
	}
	used, limit, takes := out.SummaryMap["Roles"], out.SummaryMap["RolesQuota"], len(a.wanted.Roles)
	if limit == 0 {
		return []Finding{unasked(what, "iam:GetAccountSummary", fmt.Errorf("the answer has no RolesQuota"))}
	}
	text := fmt.Sprintf("%d allowed, %d in use; the stack has %d", limit, used, takes)
	if int(limit-used) < takes {
		return []Finding{warn(what, a.more(quota{"iam", "L-FE177D64", ""}, a.home(), float64(int(used)+takes)), "%s", text)}
	}
	return []Finding{ok(what, "%s", text)}
}
