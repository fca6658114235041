package preflight

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3tables"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/naming"
)

// account is the account that is asked, and what is wanted of it.
type account struct {
	Options
	place  naming.Place
	caller string // the caller's ARN
	wanted naming.Names

	iam     *iam.Client
	s3      *s3.Client
	glue    *glue.Client
	athena  *athena.Client
	lake    *lakeformation.Client
	secrets *secretsmanager.Client
	quotas  *servicequotas.Client
	tables  *s3tables.Client
}

func newAccount(o Options) *account {
	o.Config = o.Config.Copy()
	o.Config.Region = o.Stack.Region
	o.Config.HTTPClient = bounded(o.Config.HTTPClient)
	c := o.Config
	return &account{
		Options: o, place: naming.Place{Project: o.Project.Name, Stack: o.Stack.Name, Region: o.Stack.Region},
		iam: iam.NewFromConfig(c), s3: s3.NewFromConfig(c), glue: glue.NewFromConfig(c), athena: athena.NewFromConfig(c), lake: lakeformation.NewFromConfig(c),
		secrets: secretsmanager.NewFromConfig(c), quotas: servicequotas.NewFromConfig(c), tables: s3tables.NewFromConfig(c),
	}
}

// slots lets few calls through at a time.
type slots struct {
	next aws.HTTPClient
	free chan struct{}
}

func bounded(next aws.HTTPClient) aws.HTTPClient {
	if next == nil {
		next = awshttp.NewBuildableClient().WithTimeout(oneCall)
	}
	return &slots{next: next, free: make(chan struct{}, atOnce)}
}

func (s *slots) Do(r *http.Request) (*http.Response, error) {
	select {
	case s.free <- struct{}{}:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	defer func() { <-s.free }()
	return s.next.Do(r)
}

// ours says whether tags are those that the stack's resources have.
func (a *account) ours(tags map[string]string) bool {
	return tags[environment.TagProject] == a.place.Project && tags[environment.TagStack] == a.place.Stack
}

// arn names a resource of the account and region.
func (a *account) arn(service, resource string) string {
	return "arn:" + a.place.Partition() + ":" + service + ":" + a.place.Region + ":" + a.place.Account + ":" + resource
}

// home is the region that answers for the whole account in its partition.
func (a *account) home() string {
	return map[string]string{"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}[a.place.Partition()]
}

// command is a command of AWS's own tool in the stack's region.
func (a *account) command(text string) string { return "aws " + text + " --region " + a.place.Region }

// bootstrap is the command that prepares the account.
func (a *account) bootstrap() string { return "make bootstrap STACK=" + live.Folder(a.Stack.Name) }

// host is a service's endpoint in the stack's region.
func (a *account) host(service string) string {
	suffix := ".amazonaws.com"
	if a.place.Partition() == "aws-cn" {
		suffix += ".cn"
	}
	return service + "." + a.place.Region + suffix
}

// within bounds one question.
func within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, oneCall)
}

// days is how many days lie between.
func days(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }

// last is the last part of a name that slashes part.
func last(name string) string { return name[strings.LastIndex(name, "/")+1:] }
