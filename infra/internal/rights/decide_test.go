package rights

import (
	"strings"
	"testing"
)

const (
	role   = "arn:aws:iam::123456789012:role/floe-dev-ingest"
	object = "arn:aws:s3:::lake/landing/a.parquet"
)

func parse(t *testing.T, statements ...string) *Document {
	t.Helper()
	if len(statements) == 0 {
		return nil
	}
	d, err := Parse(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const (
	readAll    = `{"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::lake/*"}`
	noLanding  = `{"Sid":"NoLanding","Effect":"Deny","Action":"S3:GETOBJECT","Resource":"arn:aws:s3:::lake/landing/*"}`
	toRole     = `{"Sid":"ToRole","Effect":"Allow","Principal":{"AWS":"` + role + `"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::lake/*"}`
	toAccount  = `{"Sid":"ToAccount","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"s3:*","Resource":"*"}`
	toOther    = `{"Sid":"ToOther","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"s3:*","Resource":"*"}`
	toService  = `{"Sid":"ToService","Effect":"Allow","Principal":{"Service":"logs.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::lake/*"}`
	noHTTP     = `{"Sid":"NoHTTP","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	allButIAM  = `{"Sid":"NotIAM","Effect":"Allow","NotAction":"iam:*","Resource":"*"}`
	allButLake = `{"Sid":"NotLake","Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::lake/*"}`
)

func TestDecide(t *testing.T) {
	get := Request{Principal: role, Action: "s3:GetObject", Resource: object}
	all := get
	all.Resource = "arn:aws:s3:::lake/*"
	put := Request{Principal: "logs.amazonaws.com", Action: "s3:PutObject", Resource: object}
	plain := get
	plain.Context = Context{"aws:securetransport": {"false"}}
	for name, c := range map[string]struct {
		identity, boundary, resource []string
		owned                        bool
		request                      Request
		want                         string // "" allowed, else part of the reason
	}{
		"nothing allows":                         {request: get, want: "no statement"},
		"identity allows":                        {identity: []string{readAll}, request: get},
		"actions have no case":                   {identity: []string{strings.Replace(readAll, "s3:Get*", "S3:gETobject", 1)}, request: get},
		"resources have":                         {identity: []string{strings.Replace(readAll, "lake", "Lake", 1)}, request: get, want: "no statement"},
		"a refusal wins":                         {identity: []string{readAll, noLanding}, request: get, want: "NoLanding"},
		"a refusal of some of it":                {identity: []string{readAll, noLanding}, request: all, want: "NoLanding"},
		"some of it is allowed":                  {identity: []string{strings.Replace(readAll, "lake/*", "lake/landing/*", 1)}, request: all, want: "no statement"},
		"the resource allows the role":           {resource: []string{toRole}, request: get},
		"the resource allows its account":        {resource: []string{toAccount}, request: get, want: "no statement"},
		"account and identity":                   {resource: []string{toAccount}, identity: []string{readAll}, owned: true, request: get},
		"another account":                        {resource: []string{toOther}, identity: []string{readAll}, owned: true, request: get, want: "resource's policy"},
		"a key without a word of it":             {identity: []string{readAll}, owned: true, request: get, want: "resource's policy"},
		"the resource refuses":                   {identity: []string{readAll}, resource: []string{noHTTP}, request: plain, want: "NoHTTP"},
		"the refusal's key is missing":           {identity: []string{readAll}, resource: []string{noHTTP}, request: get},
		"a service":                              {resource: []string{toService}, request: put},
		"a service that is not named":            {resource: []string{toAccount}, request: put, want: "no statement"},
		"inside of the boundary":                 {identity: []string{readAll}, boundary: []string{allButIAM}, request: get},
		"outside of the boundary":                {identity: []string{readAll}, boundary: []string{strings.Replace(readAll, "s3:Get*", "s3:List*", 1)}, request: get, want: "boundary"},
		"a boundary alone":                       {boundary: []string{allButIAM}, request: get, want: "no statement"},
		"the boundary limits what resources say": {resource: []string{toRole}, boundary: []string{strings.Replace(readAll, "s3:Get*", "s3:List*", 1)}, request: get, want: "boundary"},
		"NotAction":                              {identity: []string{allButIAM}, request: get},
		"NotAction names it":                     {identity: []string{allButIAM}, request: Request{Principal: role, Action: "iam:PassRole", Resource: role}, want: "no statement"},
		"NotResource":                            {identity: []string{allButIAM, allButLake}, request: get},
		"NotResource does not name it":           {identity: []string{allButIAM, allButLake}, request: Request{Principal: role, Action: "s3:GetObject", Resource: "arn:aws:s3:::other/a"}, want: "NotLake"},
		"NotResource names some of it":           {identity: []string{allButIAM, allButLake}, request: Request{Principal: role, Action: "s3:GetObject", Resource: "arn:aws:s3:::*"}, want: "NotLake"},
	} {
		p := Policies{Boundary: parse(t, c.boundary...), Resource: parse(t, c.resource...), Owned: c.owned}
		if d := parse(t, c.identity...); d != nil {
			p.Identity = []*Document{d}
		}
		got, err := p.Decide(c.request)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got.Allowed != (c.want == "") || !strings.Contains(got.Reason, c.want) {
			t.Errorf("%s: %+v, want %q", name, got, c.want)
		}
	}
}

func TestGrants(t *testing.T) {
	d := parse(t, `{"Sid":"Files","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::lake/a/*","arn:aws:s3:::lake/b/*"]}`,
		`{"Sid":"Key","Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:r:1:key/k","Condition":{"StringEquals":{"kms:ViaService":["s3.r.amazonaws.com","sqs.r.amazonaws.com"]}}}`,
		noLanding)
	requests := []Request{
		{Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/a/*"},
		{Action: "s3:GetObject", Resource: "arn:aws:s3:::lake/b/x"}, // a narrower grant would do
		{Action: "kms:Decrypt", Resource: "arn:aws:kms:r:1:key/k", Context: Context{"kms:viaservice": {"s3.r.amazonaws.com"}}},
	}
	var unused []string
	for _, g := range d.Grants() {
		used := false
		for _, r := range requests {
			ok, err := g.Used(r)
			if err != nil {
				t.Fatal(err)
			}
			used = used || ok
		}
		if !used {
			unused = append(unused, g.String())
		}
	}
	want := "Files s3:getobject arn:aws:s3:::lake/b/*\nFiles s3:putobject arn:aws:s3:::lake/a/*\nFiles s3:putobject arn:aws:s3:::lake/b/*\nKey kms:viaservice=sqs.r.amazonaws.com"
	if got := strings.Join(unused, "\n"); got != want {
		t.Errorf("unused are\n%s\nwant\n%s", got, want)
	}
}
