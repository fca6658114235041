package preflight

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/floe-data/floe/runtime/environment"
)

type tags = map[string]string

// world is an AWS account that answers as far as preflight asks. It knows who
// may not ask what.
type world struct {
	account, arn string
	denied       map[string]bool // iam:GetRole
	off          map[string]bool // regions
	roles        map[string]tags
	trusts       string            // the repository that all roles trust
	paths        map[string]string // of roles, where not /
	users        map[string]bool
	policies     map[string]tags // by ARN
	audiences    []string        // of GitHub's provider; nil without one
	linked       bool            // ECS's role is there
	buckets      map[string]*bucket
	secrets      map[string]*secret
	databases    map[string]tags // parameters
	workgroups   map[string]tags
	tables       map[string]tags    // table buckets
	quotas       map[string]float64 // applied
	defaults     map[string]float64
	rolesUsed    int
	vpcs, ips    []tags
	admins       []string
	open         bool
	config       aws.Config
}

type bucket struct {
	foreign, hidden bool
	tags            tags
}

type secret struct {
	deleted, set bool
	tags         tags
}

// newWorld is an account after bootstrap and before the first deployment.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		account: "012345678901", arn: "arn:aws:sts::012345678901:assumed-role/admin/ann", denied: map[string]bool{}, off: map[string]bool{},
		trusts: "acme/floe", roles: map[string]tags{"analyst": {}, "ops": {}}, paths: map[string]string{"analyst": "teams/"}, users: map[string]bool{"eve": true}, policies: map[string]tags{}, linked: true,
		buckets: map[string]*bucket{"floe-state-012345678901-eu-west-1": {}}, secrets: map[string]*secret{}, databases: map[string]tags{}, workgroups: map[string]tags{}, tables: map[string]tags{},
		quotas:   map[string]float64{"L-B99A9384": 1000, "L-3032A538": 6, "L-36FBB829": 6, "L-FC5F6546": 200, "L-29B6F2EB": 50},
		defaults: map[string]float64{"L-F678F1CE": 5, "L-0263D0A3": 5, "L-DC2B2D3D": 10000},
		vpcs:     []tags{{}}, rolesUsed: 30, admins: []string{"arn:aws:iam::012345678901:role/sso/admin"}, open: true,
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.config = aws.Config{Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	return w
}

func stackTags(stack string) tags {
	return tags{environment.TagProject: "floe", environment.TagStack: stack}
}

// request is one call.
type request struct {
	service, region, action string
	form                    url.Values
	input                   map[string]any
	r                       *http.Request
}

func (q request) text(key string) string { s, _ := q.input[key].(string); return s }

func read(r *http.Request) request {
	scope := strings.Split(r.Header.Get("Authorization"), "/") // …Credential=test/day/region/service/aws4_request, …
	q := request{region: scope[2], service: scope[3], r: r}
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.Header.Get("X-Amz-Target") != "":
		_, q.action, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		_ = json.Unmarshal(body, &q.input)
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		q.form, _ = url.ParseQuery(string(body))
		q.action = q.form.Get("Action")
	case q.service == "s3":
		q.action = s3Action(r)
	case q.service == "s3tables":
		q.action = map[bool]string{true: "ListTagsForResource", false: "GetTableBucket"}[strings.HasPrefix(r.URL.Path, "/tag/")]
	default:
		q.action = strings.TrimPrefix(r.URL.Path, "/")
	}
	return q
}

func s3Action(r *http.Request) string {
	switch {
	case r.URL.Path == "/":
		return "ListAllMyBuckets"
	case r.URL.Query().Has("tagging"):
		return "GetBucketTagging"
	}
	return "ListBucket"
}

func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	q := read(r)
	answer := w.answer(q)
	if code, isCode := answer.(failure); isCode {
		status := map[failure]int{"AccessDenied": 403, "NoSuchEntity": 404, "NotFound": 404, "NoSuchTagSet": 404, "NotFoundException": 404}[code]
		refuse(out, q, string(code), max(status, 400))
		return
	}
	if text, isXML := answer.(string); isXML {
		fmt.Fprint(out, text)
		return
	}
	_ = json.NewEncoder(out).Encode(answer)
}

// failure is AWS's code of an error.
type failure string

func (w *world) answer(q request) any {
	if w.off[q.region] && q.service == "sts" {
		return failure("InvalidClientTokenId")
	}
	if w.denied[q.service+":"+q.action] {
		return failure("AccessDenied")
	}
	switch q.service {
	case "sts":
		return fmt.Sprintf("<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>%s</Arn><Account>%s</Account></GetCallerIdentityResult></GetCallerIdentityResponse>", w.arn, w.account)
	case "iam":
		return w.iam(q)
	case "s3":
		return w.s3(q)
	case "ec2":
		return w.ec2(q)
	case "lakeformation":
		return w.lake()
	}
	return w.json(q)
}

func refuse(out http.ResponseWriter, q request, code string, status int) {
	switch q.service {
	case "ec2":
		out.WriteHeader(status)
		fmt.Fprintf(out, "<Response><Errors><Error><Code>%s</Code><Message>no</Message></Error></Errors></Response>", strings.Replace(code, "AccessDenied", "UnauthorizedOperation", 1))
	case "iam", "sts":
		out.WriteHeader(status)
		fmt.Fprintf(out, "<ErrorResponse><Error><Code>%s</Code><Message>no</Message></Error></ErrorResponse>", code)
	case "s3":
		out.WriteHeader(status)
		if q.r.Method != http.MethodHead {
			fmt.Fprintf(out, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
		}
	default:
		if code == "AccessDenied" {
			code += "Exception"
		}
		out.Header().Set("X-Amzn-Errortype", code)
		out.WriteHeader(status)
		fmt.Fprintf(out, `{"__type":%q,"message":"it is not found","Message":"it is not found"}`, code)
	}
}

func members(t tags) string {
	var b strings.Builder
	for k, v := range t {
		fmt.Fprintf(&b, "<member><Key>%s</Key><Value>%s</Value></member>", k, v)
	}
	return "<Tags>" + b.String() + "</Tags>"
}

func (w *world) iam(q request) any {
	wrap := func(text string) string {
		return fmt.Sprintf("<%[1]sResponse><%[1]sResult>%s</%[1]sResult></%[1]sResponse>", q.action, text)
	}
	switch name := q.form.Get("RoleName"); q.action {
	case "GetRole":
		if t, ok := w.roles[name]; ok {
			trust := url.QueryEscape(`{"StringEquals": {"token:sub": ["repo:` + w.trusts + `:environment:x"]}}`)
			return wrap(fmt.Sprintf("<Role><RoleName>%s</RoleName><Arn>arn:aws:iam::%s:role/%s%s</Arn><AssumeRolePolicyDocument>%s</AssumeRolePolicyDocument>%s</Role>", name, w.account, w.paths[name], name, trust, members(t)))
		}
	case "GetUser":
		if w.users[q.form.Get("UserName")] {
			return wrap("<User><UserName>x</UserName></User>")
		}
	case "GetPolicy":
		if t, ok := w.policies[q.form.Get("PolicyArn")]; ok {
			return wrap("<Policy>" + members(t) + "</Policy>")
		}
	case "GetOpenIDConnectProvider":
		if w.audiences != nil {
			return wrap("<ClientIDList><member>" + strings.Join(w.audiences, "</member><member>") + "</member></ClientIDList>")
		}
	case "ListRoles":
		if w.linked {
			return wrap("<Roles><member><RoleName>AWSServiceRoleForECS</RoleName></member></Roles>")
		}
		return wrap("<Roles/>")
	case "GetAccountSummary":
		return wrap(fmt.Sprintf("<SummaryMap><entry><key>Roles</key><value>%d</value></entry><entry><key>RolesQuota</key><value>1000</value></entry></SummaryMap>", w.rolesUsed))
	}
	return failure("NoSuchEntity")
}

func (w *world) s3(q request) any {
	if q.action == "ListAllMyBuckets" {
		var b strings.Builder
		for name, bucket := range w.buckets {
			if !bucket.foreign {
				fmt.Fprintf(&b, "<Bucket><Name>%s</Name></Bucket>", name)
			}
		}
		return "<ListAllMyBucketsResult><Buckets>" + b.String() + "</Buckets></ListAllMyBucketsResult>"
	}
	b := w.buckets[strings.Trim(q.r.URL.Path, "/")]
	switch {
	case b == nil:
		return failure("NotFound")
	case b.foreign || b.hidden:
		return failure("AccessDenied")
	case q.action == "ListBucket":
		return ""
	case len(b.tags) == 0:
		return failure("NoSuchTagSet")
	}
	return "<Tagging>" + strings.NewReplacer("Tags>", "TagSet>", "member>", "Tag>").Replace(members(b.tags)) + "</Tagging>"
}

func (w *world) ec2(q request) any {
	set, all := "vpcSet", w.vpcs
	if q.action == "DescribeAddresses" {
		set, all = "addressesSet", w.ips
	}
	var b strings.Builder
	for _, t := range all {
		b.WriteString("<item><tagSet>")
		for k, v := range t {
			fmt.Fprintf(&b, "<item><key>%s</key><value>%s</value></item>", k, v)
		}
		b.WriteString("</tagSet></item>")
	}
	return fmt.Sprintf(`<%[1]sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><%[2]s>%[3]s</%[2]s></%[1]sResponse>`, q.action, set, b.String())
}

func (w *world) lake() any {
	var admins []any
	for _, a := range w.admins {
		admins = append(admins, map[string]any{"DataLakePrincipalIdentifier": a})
	}
	settings := map[string]any{"DataLakeAdmins": admins, "Parameters": map[string]string{"CROSS_ACCOUNT_VERSION": "4"}}
	if w.open {
		everybody := []any{map[string]any{"Principal": map[string]any{"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": []string{"ALL"}}}
		settings["CreateDatabaseDefaultPermissions"], settings["CreateTableDefaultPermissions"] = everybody, everybody
	}
	return map[string]any{"DataLakeSettings": settings}
}

func pairs(t tags) []any {
	var all []any
	for k, v := range t {
		all = append(all, map[string]string{"Key": k, "Value": v})
	}
	return all
}

func (w *world) json(q request) any {
	switch q.action {
	case "GetServiceQuota", "GetAWSDefaultServiceQuota":
		from := map[string]map[string]float64{"GetServiceQuota": w.quotas, "GetAWSDefaultServiceQuota": w.defaults}[q.action]
		if v, ok := from[q.text("QuotaCode")]; ok {
			return map[string]any{"Quota": map[string]any{"Value": v}}
		}
		return failure("NoSuchResourceException")
	case "DescribeSecret":
		if s := w.secrets[q.text("SecretId")]; s != nil {
			out := map[string]any{"Name": q.text("SecretId"), "Tags": pairs(s.tags)}
			if s.deleted {
				out["DeletedDate"] = 1.7e9
			}
			return out
		}
	case "ListSecrets":
		all := []any{}
		for name, s := range w.secrets {
			entry := map[string]any{"Name": name, "ARN": name, "Tags": pairs(s.tags)}
			if s.set {
				entry["SecretVersionsToStages"] = map[string]any{"1": []string{"AWSCURRENT"}}
			}
			all = append(all, entry)
		}
		return map[string]any{"SecretList": all}
	case "GetDatabase":
		if p, ok := w.databases[q.text("Name")]; ok {
			return map[string]any{"Database": map[string]any{"Name": q.text("Name"), "Parameters": p}}
		}
		return failure("EntityNotFoundException")
	case "ListTagsForResource":
		if q.service == "s3tables" {
			return map[string]any{"tags": w.tables[last(q.r.URL.Path)]}
		}
		name := last(q.text("ResourceARN"))
		if t, ok := w.workgroups[name]; ok {
			return map[string]any{"Tags": pairs(t)}
		}
		if strings.HasSuffix(name, "transform") { // Athena has two words for it
			return failure("InvalidRequestException")
		}
	case "GetTableBucket":
		if _, ok := w.tables[last(q.r.URL.Path)]; ok {
			return map[string]any{"name": "x"}
		}
		return failure("NotFoundException")
	}
	return failure("ResourceNotFoundException")
}
