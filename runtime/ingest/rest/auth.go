package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

// credentials say to base_url's host, and to no other, who asks. They are put
// into a request right before it is sent, so that no URL that is kept, followed
// or shown holds them.
type credentials struct {
	auth   *project.Auth // nil for none
	user   string
	secret string
	next   string // how to set the secret
}

func newCredentials(src *project.Source, o Options) (credentials, error) {
	c := credentials{auth: src.Client.Auth, secret: o.Secret, next: o.SecretNext}
	if c.auth == nil {
		return credentials{}, nil
	}
	switch c.auth.Type {
	case project.AuthBearer, project.AuthAPIKey, project.AuthHTTPBasic:
	default:
		return c, fmt.Errorf("client.auth.type %q: write bearer, api_key or http_basic", c.auth.Type)
	}
	if c.auth.Type == project.AuthAPIKey && c.auth.In == project.InQuery && c.auth.Name == "" {
		return c, errors.New("client.auth.name: write the name of the parameter that takes the key")
	}
	if c.secret == "" {
		return c, fault.New(fault.Usage, fmt.Errorf("client.auth names a secret (auth type %s), and there is none", c.auth.Type), c.next)
	}
	if strings.ContainsFunc(c.secret, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return c, fault.New(fault.Usage, errors.New("the secret holds a line break or another control character: it was cut or copied wrongly"), c.next)
	}
	user, err := parseTemplate(c.auth.Username)
	if err == nil {
		err = onlyVars("client.auth.username", user)
	}
	if err == nil {
		c.user, err = user.render(values{vars: o.Vars}, nil)
	}
	if err == nil && strings.ContainsAny(c.user, ":\r\n") {
		err = errors.New("client.auth.username: a user name of http_basic holds no colon and no line break")
	}
	return c, err
}

// sign puts the credentials into a request to base_url's host.
func (c credentials) sign(req *http.Request) {
	switch {
	case c.auth == nil:
	case c.auth.Type == project.AuthBearer:
		req.Header.Set("Authorization", "Bearer "+c.secret)
	case c.auth.Type == project.AuthHTTPBasic:
		req.SetBasicAuth(c.user, c.secret)
	case c.auth.In == project.InQuery:
		req.URL = withParam(req.URL, c.auth.Name, c.secret)
	default:
		req.Header.Set(c.auth.KeyName(), c.secret)
	}
}

// strip takes the key out of a URL of another host, which base_url's host may
// have put there.
func (c credentials) strip(u *url.URL) *url.URL {
	if c.auth == nil || c.auth.In != project.InQuery || !u.Query().Has(c.auth.Name) {
		return u
	}
	out := *u
	q := out.Query()
	q.Del(c.auth.Name)
	out.RawQuery = q.Encode()
	return &out
}

// refused adds to an answer of 401 or 403 what is likely and how to mend it.
// It is the same each time, so that it is not tried again.
func (c credentials) refused(f *failure) *failure {
	if c.auth == nil || f.status != http.StatusUnauthorized && f.status != http.StatusForbidden {
		return f
	}
	kind, why := fault.Usage, "the source's secret may be wrong or out of date"
	if f.status == http.StatusForbidden {
		kind, why = fault.Failed, "the source's secret may be wrong, or lack a permission" // some hosts say so when asked too often
	}
	f.err = fault.New(kind, fmt.Errorf("%w: %s", f.err, why), c.next)
	return f
}
