package bootstrap

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"

	"github.com/floe-data/floe/runtime/fault"
)

// adminTag begins the tags that remember which administrators were added.
const adminTag = markTag + ":lake-admin:"

// makeAdmin makes a role an administrator of Lake Formation. The settings are
// one document for the whole account and region: what is written replaces all
// of it, so all that was read is written back.
func (a *Account) makeAdmin(ctx context.Context) error {
	admin, err := a.admin(ctx)
	if err != nil {
		return err
	}
	what := "Lake Formation administrator " + admin
	settings, err := a.lakeSettings(ctx)
	if err != nil {
		return err
	}
	if isAdmin(settings, admin) {
		a.say(there, "%s", what)
		return nil
	}
	return a.act(made, fmt.Sprintf("%s (%d others stay)", what, len(settings.DataLakeAdmins)), func() error {
		// Remembered first: a tag without the administrator does no harm, the other way round the administrator would stay for ever.
		if err := a.remember(ctx, tagOf(admin), admin); err != nil {
			return err
		}
		before := slices.Clone(settings.DataLakeAdmins)
		settings.DataLakeAdmins = append(settings.DataLakeAdmins, types.DataLakePrincipal{DataLakePrincipalIdentifier: aws.String(admin)})
		return a.putLakeSettings(ctx, settings, before)
	})
}

// removeAdmins takes away the administrators that bootstrap added.
func (a *Account) removeAdmins(ctx context.Context) error {
	if a.key == nil {
		return nil
	}
	for _, tag := range slices.Sorted(maps.Keys(a.key.Tags)) {
		if !strings.HasPrefix(tag, adminTag) {
			continue
		}
		if err := a.removeAdmin(ctx, tag, a.key.Tags[tag]); err != nil {
			return err
		}
	}
	return nil
}

func (a *Account) removeAdmin(ctx context.Context, tag, admin string) error {
	settings, err := a.lakeSettings(ctx)
	if err != nil {
		return err
	}
	if !isAdmin(settings, admin) {
		if a.DryRun {
			return nil
		}
		return a.forget(ctx, tag) // somebody took it away already
	}
	settings.DataLakeAdmins = slices.DeleteFunc(settings.DataLakeAdmins, func(p types.DataLakePrincipal) bool {
		return aws.ToString(p.DataLakePrincipalIdentifier) == admin
	})
	what := fmt.Sprintf("Lake Formation administrator %s (%d others stay)", admin, len(settings.DataLakeAdmins))
	return a.act(removed, what, func() error {
		if err := a.putLakeSettings(ctx, settings, settings.DataLakeAdmins); err != nil {
			return err
		}
		return a.forget(ctx, tag)
	})
}

func (a *Account) lakeSettings(ctx context.Context) (*types.DataLakeSettings, error) {
	out, err := a.lake.GetDataLakeSettings(ctx, &lakeformation.GetDataLakeSettingsInput{})
	if err != nil {
		return nil, a.failed("read Lake Formation's settings in "+a.Region, err)
	}
	if out.DataLakeSettings == nil {
		return &types.DataLakeSettings{}, nil
	}
	return out.DataLakeSettings, nil
}

// putLakeSettings writes the settings and looks that the administrators who
// were there before still are: AWS has no way to add one only.
func (a *Account) putLakeSettings(ctx context.Context, settings *types.DataLakeSettings, before []types.DataLakePrincipal) error {
	if _, err := a.lake.PutDataLakeSettings(ctx, &lakeformation.PutDataLakeSettingsInput{DataLakeSettings: settings}); err != nil {
		return err
	}
	now, err := a.lakeSettings(ctx)
	if err != nil {
		return err
	}
	for _, p := range before {
		if id := aws.ToString(p.DataLakePrincipalIdentifier); !isAdmin(now, id) {
			return fmt.Errorf("the administrator %s is not there any more: somebody else wrote Lake Formation's settings at the same time; add %[1]s again", id)
		}
	}
	return nil
}

func isAdmin(s *types.DataLakeSettings, arn string) bool {
	return slices.ContainsFunc(s.DataLakeAdmins, func(p types.DataLakePrincipal) bool { return aws.ToString(p.DataLakePrincipalIdentifier) == arn })
}

// tagOf is where an administrator is remembered; an ARN holds characters that a
// tag's key does not.
func tagOf(admin string) string {
	sum := sha256.Sum256([]byte(admin))
	return adminTag + hex.EncodeToString(sum[:])[:8]
}

// admin is the ARN that becomes an administrator: the one that was named, or
// the caller's role or user.
func (a *Account) admin(ctx context.Context) (string, error) {
	const name = "name the role that may administer Lake Formation: make bootstrap STACK=… ADMIN=arn:aws:iam::…:role/…"
	arn := a.Admin
	if arn == "" {
		arn = a.caller
	}
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[4] != a.Account {
		return "", fault.New(fault.Usage, fmt.Errorf("the Lake Formation administrator %q is no ARN of account %s", arn, a.Account), name)
	}
	kind, rest, _ := strings.Cut(parts[5], "/")
	switch {
	case parts[2] == "iam" && (kind == "role" || kind == "user") && rest != "":
		return arn, nil
	case parts[2] == "sts" && kind == "assumed-role":
		role, _, _ := strings.Cut(rest, "/")
		out, err := a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(role)}) // the session's ARN leaves the path out
		if err != nil {
			return "", fault.New(fault.Failed, fmt.Errorf("look up the role of %s: %w", arn, err), name)
		}
		return aws.ToString(out.Role.Arn), nil
	}
	return "", fault.New(fault.Usage, fmt.Errorf("%s cannot be an administrator of Lake Formation: it takes roles and users, not an account's root", arn), name)
}
