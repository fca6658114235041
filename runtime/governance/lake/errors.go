package lake

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
	"github.com/aws/smithy-go"

	"github.com/floe-data/floe/runtime/fault"
)

// is says whether an error of AWS has a code; not every call knows all of its
// errors by type.
func is(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}

// gone says whether what a call was of is not there.
func gone(err error) bool { return is(err, "EntityNotFoundException") }

func invalid(err error, part string) bool {
	var api smithy.APIError
	return is(err, "InvalidInputException") && errors.As(err, &api) && strings.Contains(strings.ToLower(api.ErrorMessage()), part)
}

// failed names what was not done at a part. Who is denied once may be allowed
// soon: what a deploy grants takes a while until all of AWS knows.
func (p *part) failed(what string, err error) error {
	err = fmt.Errorf("govern: %s %s: %w", what, p.id, err)
	if is(err, "AccessDeniedException") {
		return fault.New(fault.Failed, err, "the function that governs is no grantor there: make bootstrap, then make deploy STACK="+p.Stack)
	}
	return err
}

// tagFailed is failed for a tag that may not be known.
func (p *part) tagFailed(what string, err error) error {
	if gone(err) || invalid(err, "tag") {
		return fault.New(fault.Usage, fmt.Errorf("govern: %s %s: %w", what, p.id, err),
			"Lake Formation knows no such tag or value: write the domain into domains: of live/"+p.Stack+"/platform.yaml, then make deploy STACK="+p.Stack)
	}
	return p.failed(what, err)
}

// grantFailed is failed for a principal that may not be there.
func (p *part) grantFailed(what, principal string, err error) error {
	if gone(err) || invalid(err, "principal") {
		return fault.New(fault.Usage, fmt.Errorf("govern: %s %s: %w", what, p.id, err),
			"make the role or user "+principal+", or take it out of live/"+p.Stack+"/access.yaml")
	}
	return p.failed(what, err)
}

// refused is what a call of tags answers of those that it did not set.
func refused(failures []types.LFTagError) error {
	var all []error
	for _, f := range failures {
		if f.Error == nil {
			continue
		}
		all = append(all, &smithy.GenericAPIError{Code: aws.ToString(f.Error.ErrorCode), Message: aws.ToString(f.Error.ErrorMessage)})
	}
	return errors.Join(all...)
}
