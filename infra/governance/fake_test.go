package governance

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/runtime/live"
)

type object = map[string]any

// fake is Lake Formation and Glue, as far as closing asks them: two grants a page.
type fake struct {
	t *testing.T

	grants    []object
	admins    []string
	defaults  map[string][]any // by database
	domains   []string
	deny      string               // the action that is refused
	deleted   string               // an administrator whose role is not there
	dropped   string               // a column that is granted, and not there
	onRevoke  func(f *fake) string // what happens before; an error's code
	saved     map[string]string    // the tag of an expression, by the expression's name
	calls     []string
	described map[string]string // what UpdateDatabase kept, by database
}

func (f *fake) lake(change func(*site.Site)) *Lake {
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	f.t.Cleanup(server.Close)
	l := NewLake(aws.Config{Region: "eu-central-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})}, sitetest.Load(f.t, "dev", change))
	l.pause = 0
	return l
}

func (f *fake) serve(w http.ResponseWriter, r *http.Request) {
	action := strings.TrimPrefix(r.URL.Path, "/")
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		action = strings.TrimPrefix(target, "AWSGlue.")
	}
	var in object
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		f.t.Error(err)
	}
	f.calls = append(f.calls, action)
	w.Header().Set("Content-Type", "application/json")
	out, code := f.answer(action, in)
	if action == f.deny {
		code = "AccessDeniedException"
	}
	if code != "" {
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(http.StatusBadRequest)
		out = object{"__type": code, "Message": f.message(in)}
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		f.t.Error(err)
	}
}

// message is that of a call that is refused.
func (f *fake) message(in object) string {
	if f.ofDropped(in) {
		return "Cannot grant/revoke permission on non-existent column."
	}
	if f.deleted != "" && principal(in) == f.deleted {
		return "Invalid principal, " + f.deleted
	}
	return "No permissions revoked. Grantee has none."
}

func (f *fake) ofDropped(in object) bool {
	resource, _ := in["Resource"].(object)
	of, _ := resource["TableWithColumns"].(object)
	names, _ := of["ColumnNames"].([]any)
	return f.dropped != "" && slices.Contains(names, any(f.dropped))
}

func (f *fake) answer(action string, in object) (object, string) {
	switch action {
	case "GetDataLakeSettings":
		var all []object
		for _, a := range f.admins {
			all = append(all, object{"DataLakePrincipalIdentifier": a})
		}
		return object{"DataLakeSettings": object{"DataLakeAdmins": all}}, ""
	case "ListPermissions":
		start, _ := in["NextToken"].(string)
		at, _ := strconv.Atoi(start)
		end := min(at+2, len(f.grants))
		out := object{"PrincipalResourcePermissions": f.grants[at:end]}
		if end < len(f.grants) {
			out["NextToken"] = strconv.Itoa(end)
		}
		return out, ""
	case "RevokePermissions":
		return f.revoke(in)
	case "GrantPermissions":
		if f.deleted != "" && principal(in) == f.deleted {
			return nil, "InvalidInputException"
		}
		f.grants = append(f.grants, to(principal(in), in["Resource"].(object), "ALTER", "DESCRIBE", "DROP"))
		return object{}, ""
	case "GetLFTag":
		if f.domains == nil {
			return nil, "EntityNotFoundException"
		}
		return object{"TagKey": in["TagKey"], "TagValues": f.domains}, ""
	case "GetLFTagExpression":
		name, _ := in["Name"].(string)
		if f.saved[name] == "" {
			return nil, "EntityNotFoundException"
		}
		return object{"Name": name, "Expression": []object{{"TagKey": f.saved[name], "TagValues": []string{"marts"}}}}, ""
	case "GetDatabases":
		var all []object
		for _, name := range []string{"floe_dev_marts", "floe_dev_staging", "theirs"} {
			all = append(all, object{"Name": name, "Description": "d " + name, "LocationUri": "s3://b/" + name, "CreateTableDefaultPermissions": f.defaults[name]})
		}
		return object{"DatabaseList": all}, ""
	case "UpdateDatabase":
		input, _ := in["DatabaseInput"].(object)
		name, _ := input["Name"].(string)
		f.described[name], _ = input["Description"].(string)
		f.defaults[name], _ = input["CreateTableDefaultPermissions"].([]any)
		return object{}, ""
	}
	f.t.Errorf("asked for %s", action)
	return nil, "ValidationException"
}

func (f *fake) revoke(in object) (object, string) {
	if f.onRevoke != nil {
		if code := f.onRevoke(f); code != "" {
			return nil, code
		}
	}
	if f.ofDropped(in) {
		return nil, "InvalidInputException"
	}
	if f.takeColumn(in) {
		return object{}, ""
	}
	want, _ := json.Marshal([]any{in["Principal"], in["Resource"]})
	for i, g := range f.grants {
		if is, _ := json.Marshal([]any{g["Principal"], g["Resource"]}); string(is) != string(want) {
			continue
		}
		left := slices.DeleteFunc(slices.Clone(g["Permissions"].([]string)), func(may string) bool { return slices.Contains(in["Permissions"].([]any), any(may)) })
		f.grants[i] = to(principal(g), g["Resource"].(object), left...)
		if len(left) == 0 {
			f.grants = slices.Delete(f.grants, i, i+1)
		}
		return object{}, ""
	}
	return nil, "InvalidInputException"
}

// takeColumn takes one of several columns away that a grant has.
func (f *fake) takeColumn(in object) bool {
	of, _ := in["Resource"].(object)["TableWithColumns"].(object)
	names, _ := of["ColumnNames"].([]any)
	for _, g := range f.grants {
		have, _ := g["Resource"].(object)["TableWithColumns"].(object)
		all, _ := have["ColumnNames"].([]string)
		if len(names) == 1 && len(all) > 1 && principal(g) == principal(in) && have["Name"] == of["Name"] {
			have["ColumnNames"] = slices.DeleteFunc(slices.Clone(all), func(c string) bool { return any(c) == names[0] })
			return true
		}
	}
	return false
}

const (
	everybody = "IAM_ALLOWED_PRINCIPALS"
	boss      = "arn:aws:iam::123456789012:role/boss"
	reading   = "arn:aws:iam::123456789012:role/reading"
	hacker    = "arn:aws:iam::123456789012:user/hacker"
)

func to(principal string, resource object, may ...string) object {
	return object{"Principal": object{"DataLakePrincipalIdentifier": principal}, "Resource": resource, "Permissions": may}
}

func principal(grant object) string {
	who, _ := grant["Principal"].(object)["DataLakePrincipalIdentifier"].(string)
	return who
}

func database(name string) object { return object{"Database": object{"Name": name}} }

func table(database, name string) object {
	return object{"Table": object{"DatabaseName": database, "Name": name}}
}

func columns(database, name string, more ...string) object {
	return object{"TableWithColumns": object{"DatabaseName": database, "Name": name, "ColumnNames": append([]string{"a"}, more...)}}
}

func byTags(kind string, terms ...string) object {
	var all []object
	for i := 0; i < len(terms); i += 2 {
		all = append(all, object{"TagKey": "floe-dev-" + terms[i], "TagValues": strings.Split(terms[i+1], ",")})
	}
	return object{"LFTagPolicy": object{"ResourceType": kind, "Expression": all}}
}

// readersOfMarts are one by tags and one by table.
func readersOfMarts(s *site.Site) {
	s.Live.Access.Grants = []live.Grant{
		{Principal: reading, Schemas: []string{"marts"}, Sensitivity: []string{"public", "internal"}},
		{Principal: reading, Tables: []string{"staging.stg_orders"}},
	}
}
