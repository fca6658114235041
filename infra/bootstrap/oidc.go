package bootstrap

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// GitHub Actions proves with its tokens who it is; AWS takes them for roles
// that trust this provider (one per account and issuer).
const (
	issuer   = "token.actions.githubusercontent.com"
	audience = "sts.amazonaws.com"
	// audienceTag remembers that bootstrap added the audience to a provider
	// that was there before.
	audienceTag = markTag + ":github-audience"
)

// thumbprints are of the authorities that have signed GitHub's certificate. AWS
// checks that certificate against its own list of authorities and does not look
// at these, but older partitions want one.
var thumbprints = []string{"6938fd4d98bab03faadb97b34396831e3780aea1", "1c58a3a8518e8759bf075b76b750d4f2df264fcd"}

func (a *Account) providerARN() *string {
	return aws.String(a.site().GlobalARN("iam", "oidc-provider/"+issuer))
}

// makeProvider makes GitHub's OIDC provider, or adopts the one that is there.
func (a *Account) makeProvider(ctx context.Context) error {
	const what = "GitHub's OIDC provider " + issuer
	found, err := a.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: a.providerARN()})
	if missing := new(types.NoSuchEntityException); errors.As(err, &missing) {
		return a.act(made, what, func() error {
			_, err := a.iam.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{
				Url: aws.String("https://" + issuer), ClientIDList: []string{audience}, ThumbprintList: thumbprints,
				Tags: []types.Tag{{Key: aws.String(markTag), Value: aws.String(a.Project)}},
			})
			return err
		})
	}
	if err != nil {
		return a.failed("look for "+what, err)
	}
	if slices.Contains(found.ClientIDList, audience) {
		a.say(there, "%s", what)
		return nil
	}
	return a.act(changed, what+": it now takes the audience "+audience, func() error {
		_, err := a.iam.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{
			OpenIDConnectProviderArn: a.providerARN(), ClientID: aws.String(audience)})
		if err != nil {
			return err
		}
		return a.remember(ctx, audienceTag, audience)
	})
}

// removeProvider removes the provider that bootstrap made, or the audience that
// it added to somebody else's.
func (a *Account) removeProvider(ctx context.Context) error {
	const what = "GitHub's OIDC provider " + issuer
	found, err := a.iam.GetOpenIDConnectProvider(ctx, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: a.providerARN()})
	if missing := new(types.NoSuchEntityException); errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return a.failed("look for "+what, err)
	}
	ours := slices.ContainsFunc(found.Tags, func(t types.Tag) bool { return aws.ToString(t.Key) == markTag && aws.ToString(t.Value) == a.Project })
	switch {
	case ours:
		return a.act(removed, what, func() error {
			_, err := a.iam.DeleteOpenIDConnectProvider(ctx, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: a.providerARN()})
			return err
		})
	case a.remembered(audienceTag) != "":
		return a.act(removed, "audience "+audience+" of "+what, func() error {
			_, err := a.iam.RemoveClientIDFromOpenIDConnectProvider(ctx, &iam.RemoveClientIDFromOpenIDConnectProviderInput{
				OpenIDConnectProviderArn: a.providerARN(), ClientID: aws.String(audience)})
			if err != nil {
				return err
			}
			return a.forget(ctx, audienceTag)
		})
	}
	a.say(kept, "%s: it was here before", what)
	return nil
}
