package bootstrap

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
)

// readerTag begins the tags that remember which read-only administrators of
// Lake Formation were added.
const readerTag = markTag + ":lake-reader:"

// settling is how long Lake Formation may not know a role that is seconds old.
const settling = 30 * time.Second

// makeLakeRoles lets the role that deploys grant, and the role that previews
// see what is granted: Lake Formation tells nobody else.
func (a *Account) makeLakeRoles(ctx context.Context) error {
	if a.Repository == "" {
		return nil
	}
	for _, r := range []struct {
		role, what, tag string
		list            func(*types.DataLakeSettings) *[]types.DataLakePrincipal
	}{
		{roleApply, "Lake Formation administrator ", adminTag, func(s *types.DataLakeSettings) *[]types.DataLakePrincipal { return &s.DataLakeAdmins }},
		{rolePreview, "Lake Formation read-only administrator ", readerTag, func(s *types.DataLakeSettings) *[]types.DataLakePrincipal { return &s.ReadOnlyAdmins }},
	} {
		arn := a.site().GlobalARN("iam", "role/"+a.ciName(r.role))
		settings, err := a.lakeSettings(ctx)
		if err != nil {
			return err
		}
		list := r.list(settings)
		if slices.ContainsFunc(*list, func(p types.DataLakePrincipal) bool { return aws.ToString(p.DataLakePrincipalIdentifier) == arn }) {
			a.say(there, "%s", r.what+arn)
			continue
		}
		err = a.act(made, r.what+arn, func() error {
			if err := a.remember(ctx, r.tag+strings.TrimPrefix(tagOf(arn), adminTag), arn); err != nil {
				return err
			}
			before := slices.Clone(settings.DataLakeAdmins)
			*list = append(*list, types.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String(arn)})
			return a.settle(ctx, settings, before)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// settle writes the settings, again while Lake Formation does not know the role.
func (a *Account) settle(ctx context.Context, settings *types.DataLakeSettings, before []types.DataLakePrincipal) error {
	for end := time.Now().Add(settling); ; {
		err := a.putLakeSettings(ctx, settings, before)
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), "invalid principal") || time.Now().After(end) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Second):
		}
	}
}

// removeReaders takes away the read-only administrators that bootstrap added.
func (a *Account) removeReaders(ctx context.Context) error {
	if a.key == nil {
		return nil
	}
	for tag, arn := range a.key.Tags {
		if !strings.HasPrefix(tag, readerTag) {
			continue
		}
		settings, err := a.lakeSettings(ctx)
		if err != nil {
			return err
		}
		settings.ReadOnlyAdmins = slices.DeleteFunc(settings.ReadOnlyAdmins, func(p types.DataLakePrincipal) bool { return aws.ToString(p.DataLakePrincipalIdentifier) == arn })
		err = a.act(removed, "Lake Formation read-only administrator "+arn, func() error {
			if err := a.putLakeSettings(ctx, settings, settings.DataLakeAdmins); err != nil {
				return err
			}
			return a.forget(ctx, tag)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
