package governance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
	"github.com/aws/smithy-go"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/fault"
	declared "github.com/floe-data/floe/runtime/governance"
)

// Lake is what the program itself asks and tells Lake Formation.
type Lake struct {
	site  *site.Site
	lake  *lakeformation.Client
	glue  *glue.Client
	pause time.Duration // before what was written is looked at again
}

// NewLake works with the credentials that the provider has, too.
func NewLake(settings aws.Config, s *site.Site) *Lake {
	patient := func(r aws.Retryer) aws.Retryer {
		return retry.AddWithErrorCodes(r, "ConcurrentModificationException", "OperationTimeoutException")
	}
	return &Lake{
		site: s, pause: time.Second,
		lake: lakeformation.NewFromConfig(settings, func(o *lakeformation.Options) { o.Retryer = patient(o.Retryer) }),
		glue: glue.NewFromConfig(settings, func(o *glue.Options) { o.Retryer = patient(o.Retryer) }),
	}
}

// Domains are the values that the stack's tag domain has; none where there is
// no such tag yet.
func (l *Lake) Domains(ctx context.Context) ([]string, error) {
	key := Key(l.site, declared.TagDomain)
	out, err := l.lake.GetLFTag(ctx, &lakeformation.GetLFTagInput{CatalogId: &l.site.Account, TagKey: &key})
	if missing := new(types.EntityNotFoundException); errors.As(err, &missing) {
		return nil, nil
	}
	if err != nil {
		return nil, l.failed("read the values of tag "+key, err)
	}
	return out.TagValues, nil
}

// failed says who may do it, where that is the reason.
func (l *Lake) failed(act string, err error) error {
	err = fmt.Errorf("%s: %w", act, err)
	if Refused(err) {
		return fault.New(fault.Failed, err, fmt.Sprintf("make who deploys an administrator of Lake Formation: make bootstrap STACK=%s ADMIN=arn:…:role/…", l.site.Stack))
	}
	return err
}

// Refused says whether AWS refused the caller.
func Refused(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "AccessDeniedException"
}
