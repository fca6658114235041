package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/floe-data/floe/runtime/fault"
)

// Options are those of Make and Remove.
type Options struct {
	// Admin is the ARN of the role or user that becomes a Lake Formation
	// administrator. Default: the caller's.
	Admin string
	// DryRun tells what would be done and does nothing.
	DryRun bool
	// Out gets one line for each act.
	Out io.Writer
}

// Account is the AWS account that a stack is in, seen by its caller.
type Account struct {
	Place
	Options
	caller string // the caller's ARN
	s3     *s3.Client
	kms    *kms.Client
	iam    *iam.Client
	lake   *lakeformation.Client
	block  *s3control.Client
	costs  *costexplorer.Client
	key    *key // nil until it is found or made
	acted  bool // something was made, changed or removed, or would be
}

// Open asks who the caller is and refuses another account than the stack's.
func Open(ctx context.Context, config aws.Config, p Place, o Options) (*Account, error) {
	config.Region = p.Region
	who, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fault.New(fault.Failed, fmt.Errorf("ask AWS in %s whose credentials these are: %w", p.Region, err),
			"log in (aws sso login, or export AWS_PROFILE=…), then run it again")
	}
	account := aws.ToString(who.Account)
	if p.Account != "" && p.Account != account {
		return nil, fault.New(fault.Usage, fmt.Errorf("the credentials are of account %s (%s); live/%s/platform.yaml says account %s: nothing was touched",
			account, aws.ToString(who.Arn), p.Stack, p.Account), "export AWS_PROFILE=… for account "+p.Account+", or mend account in live/"+p.Stack+"/platform.yaml")
	}
	p.Account = account
	if o.Out == nil {
		o.Out = io.Discard
	}
	return &Account{
		Place: p, Options: o, caller: aws.ToString(who.Arn),
		s3: s3.NewFromConfig(config), kms: kms.NewFromConfig(config), iam: iam.NewFromConfig(config),
		lake: lakeformation.NewFromConfig(config), block: newControl(config), costs: costexplorer.NewFromConfig(config),
	}, nil
}

// say tells what became of a thing, in a line of its own.
func (a *Account) say(state, format string, args ...any) {
	fmt.Fprintf(a.Out, "%-13s %s\n", state, fmt.Sprintf(format, args...))
}

// Words for what became of a thing.
const (
	there   = "already there"
	made    = "made"
	changed = "changed"
	removed = "removed"
	kept    = "kept"
)

// act does one thing and tells so, or tells that it would be done.
func (a *Account) act(state, what string, do func() error) error {
	a.acted = true
	verb := map[string]string{made: "make", changed: "change", removed: "remove"}[state]
	if a.DryRun {
		a.say("would "+verb, "%s", what)
		return nil
	}
	if err := do(); err != nil {
		return a.failed(verb+" the "+what, err)
	}
	a.say(state, "%s", what)
	return nil
}

// failed says which act failed on which object, why, and what to do next.
func (a *Account) failed(act string, err error) error {
	next := "run it again: what is done stays, the rest follows"
	switch code := errorCode(err); {
	case strings.Contains(code, "AccessDenied") || code == "UnauthorizedOperation" || code == "Forbidden":
		next = "take credentials of an administrator of account " + a.Account + " (" + a.caller + " is not allowed to), then run it again; docs/deploy.md names the permissions"
	case strings.Contains(code, "Expired"):
		next = "log in again (aws sso login), then run it again"
	case code == "BucketAlreadyExists":
		next = "another account holds that name: give the project another name in Pulumi.yaml, then run it again"
	case code == "OperationAborted":
		next = "a bucket of that name is still being deleted: wait some minutes, then run it again"
	}
	return fault.New(fault.Failed, fmt.Errorf("%s: %w", act, err), next)
}

// errorCode is AWS's own name for what went wrong, "" if AWS said nothing.
func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
