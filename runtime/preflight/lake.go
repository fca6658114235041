package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"
)

func (a *account) settings(ctx context.Context) (*types.DataLakeSettings, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	out, err := a.lake.GetDataLakeSettings(ctx, &lakeformation.GetDataLakeSettingsInput{})
	if err != nil {
		return nil, err
	}
	if out.DataLakeSettings == nil {
		return &types.DataLakeSettings{}, nil
	}
	return out.DataLakeSettings, nil
}

// administrators finds whether those who deploy may grant in Lake Formation.
func administrators(ctx context.Context, a *account) []Finding {
	const what = "Lake Formation administrator"
	if a.wanted.TableBucket != "" {
		return nil // such tables are IAM's
	}
	settings, err := a.settings(ctx)
	if err != nil {
		return []Finding{unasked(what, "lakeformation:GetDataLakeSettings", err)}
	}
	who := []string{a.caller}
	if a.Stack.Platform.Repository != "" {
		_, apply := a.ciNames()
		who = append(who, a.place.GlobalARN("iam", "role/"+apply))
	}
	var found []Finding
	for _, arn := range who {
		if slices.ContainsFunc(settings.DataLakeAdmins, func(p types.DataLakePrincipal) bool { return same(aws.ToString(p.DataLakePrincipalIdentifier), arn) }) {
			found = append(found, ok(what, "%s is one of %d", arn, len(settings.DataLakeAdmins)))
			continue
		}
		next := a.bootstrap()
		if strings.HasSuffix(arn, ":root") {
			next += " ADMIN=arn:…:role/…, and deploy as that role: an account's root cannot be one"
		}
		found = append(found, bad(what, next, "%s is none: it can make databases and grant nothing of them", arn))
	}
	return found
}

// same says that an administrator is who calls. The session of a role names the
// role without its path.
func same(admin, caller string) bool {
	if admin == caller {
		return true
	}
	head, role, ofRole := strings.Cut(admin, ":role/")
	callerHead, session, assumed := strings.Cut(caller, ":assumed-role/")
	name, _, _ := strings.Cut(session, "/")
	return ofRole && assumed && last(role) == name && number(head) == number(callerHead)
}

// number is the account at the end of an ARN's head.
func number(head string) string { return head[strings.LastIndex(head, ":")+1:] }

// lakeSettings tells what the account decides for all of its databases: the
// stack closes its own either way.
func lakeSettings(ctx context.Context, a *account) []Finding {
	const what = "Lake Formation settings"
	if a.wanted.TableBucket != "" {
		return nil
	}
	settings, err := a.settings(ctx)
	if err != nil {
		return []Finding{unasked(what, "lakeformation:GetDataLakeSettings", err)}
	}
	version := settings.Parameters["CROSS_ACCOUNT_VERSION"]
	if version == "" {
		version = "not set"
	}
	return []Finding{ok(what, "CROSS_ACCOUNT_VERSION %s; by default new databases are %s and new tables are %s; the stack closes its own either way",
		version, open(settings.CreateDatabaseDefaultPermissions), open(settings.CreateTableDefaultPermissions))}
}

func open(defaults []types.PrincipalPermissions) string {
	if len(defaults) == 0 {
		return "closed"
	}
	return "open to IAM"
}

// principals finds those of access.yaml that are not there.
func principals(ctx context.Context, a *account) []Finding {
	const what = "access.yaml"
	var all []string
	for _, g := range a.Stack.Access.Grants {
		all = append(all, g.Principal)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	there, found := 0, []Finding{}
	for _, arn := range all {
		f := a.principal(ctx, arn)
		if f == nil {
			there++
			continue
		}
		found = append(found, *f)
	}
	if there > 0 {
		found = append([]Finding{ok(what, "%d of %d principals are there", there, len(all))}, found...)
	}
	return found
}

// principal is what is wrong with one, nil where it is there.
func (a *account) principal(ctx context.Context, arn string) *Finding {
	const what = "access.yaml"
	ctx, cancel := within(ctx)
	defer cancel()
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[4] != a.place.Account {
		return &Finding{What: what, State: Unchecked, Says: "not checked: " + arn + " is another account's", Next: "ask who runs that account"}
	}
	kind, name, _ := strings.Cut(parts[5], "/")
	name = last(name)
	var err error
	permission := "iam:GetRole"
	if kind == "user" {
		permission = "iam:GetUser"
		_, err = a.iam.GetUser(ctx, &iam.GetUserInput{UserName: &name})
	} else {
		var out *iam.GetRoleOutput
		if out, err = a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name}); err == nil && aws.ToString(out.Role.Arn) != arn {
			f := bad(what, fmt.Sprintf("write %s in live/%s/access.yaml", aws.ToString(out.Role.Arn), a.Stack.Name), "%s is not there; the role of that name has another path", arn)
			return &f
		}
	}
	var f Finding
	switch {
	case err == nil:
		return nil
	case missing(err):
		f = bad(what, fmt.Sprintf("make it, or take it out of live/%s/access.yaml", a.Stack.Name), "%s is not there: Lake Formation refuses to grant it anything", arn)
	default:
		f = unasked(what, permission, err)
	}
	return &f
}
