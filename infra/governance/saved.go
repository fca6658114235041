package governance

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
)

// savedBy is the name of the expression of tags that a grant is by, or of: an
// account may keep expressions by name. "" is none.
func savedBy(on *types.Resource) string {
	switch {
	case on == nil:
		return ""
	case on.LFTagPolicy != nil:
		return aws.ToString(on.LFTagPolicy.ExpressionName)
	case on.LFTagExpression != nil:
		return aws.ToString(on.LFTagExpression.Name)
	}
	return ""
}

// resolve finds out whether the expression that a grant names has a tag of ours.
// floe saves none: such a grant is somebody else's, and what it opens changes
// with the expression.
func (l *Lake) resolve(ctx context.Context, r rule, p types.PrincipalResourcePermissions) error {
	name := savedBy(p.Resource)
	if _, known := r.saved[name]; known || name == "" {
		return nil
	}
	found, err := l.lake.GetLFTagExpression(ctx, &lakeformation.GetLFTagExpressionInput{CatalogId: &l.site.Account, Name: &name})
	if missing := new(types.EntityNotFoundException); errors.As(err, &missing) {
		r.saved[name] = false // removed meanwhile: it opens nothing
		return nil
	}
	if err != nil {
		return l.failed("read the saved expression "+name+", by which Lake Formation grants", err)
	}
	r.saved[name] = slices.ContainsFunc(found.Expression, func(t types.LFTag) bool { return r.keys[aws.ToString(t.TagKey)] })
	return nil
}
