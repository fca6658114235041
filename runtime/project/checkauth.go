package project

import (
	"maps"
	"net/textproto"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/yamlfile"
)

// The types of an Auth.
const (
	AuthBearer    = "bearer"
	AuthAPIKey    = "api_key"
	AuthHTTPBasic = "http_basic"
)

// InQuery is an api_key that is a parameter of the URL; else it is a header.
const InQuery = "query"

// DefaultKeyName is the header of an api_key that names none.
const DefaultKeyName = "X-Api-Key"

// KeyName is the name of an api_key's header or parameter.
func (a *Auth) KeyName() string {
	if a.Name == "" {
		return DefaultKeyName
	}
	return a.Name
}

// header is the header that the auth fills, "" if it is none.
func (a *Auth) header() string {
	switch {
	case a.Type == AuthBearer || a.Type == AuthHTTPBasic:
		return "Authorization"
	case a.Type == AuthAPIKey && a.In != InQuery:
		return textproto.CanonicalMIMEHeaderKey(a.KeyName())
	}
	return ""
}

// auth checks client.auth by itself, and that nothing else fills what it fills.
func (c *sourceCheck) auth(a *Auth) {
	c.handWritten()
	if a == nil {
		return
	}
	const key = "client.auth"
	if a.Type == AuthBearer || a.Type == AuthHTTPBasic {
		for _, k := range []struct{ name, found string }{{"in", a.In}, {"name", a.Name}} {
			if k.found != "" {
				c.file.Errorf(key+"."+k.name, "found a key that auth of type %s does not have; remove it, or write type: api_key", a.Type)
			}
		}
	}
	switch a.Type {
	case AuthAPIKey:
		c.keyName(key+".name", a)
		fallthrough
	case AuthBearer:
		if a.Username != "" {
			c.file.Errorf(key+".username", "found a user name, which auth of type %s does not have; remove it, or write type: http_basic", a.Type)
		}
	case AuthHTTPBasic:
		c.username(key+".username", a.Username)
	}
	c.filledTwice(a)
}

// keyName checks the name of an api_key's header or parameter.
func (c *sourceCheck) keyName(key string, a *Auth) {
	name := a.KeyName()
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	switch {
	case a.In == InQuery && a.Name == "":
		c.file.Errorf(key, "missing; write the name of the parameter that takes the key, such as api_key")
	case a.In == InQuery:
		if strings.ContainsAny(name, "&=#?%+ \t\r\n{}") {
			c.file.Errorf(key, "found %q; write the plain name of a parameter, such as api_key", name)
		}
	case !headerName.MatchString(name):
		c.file.Errorf(key, "found %q, a name that no header has; write letters, digits and -", name)
	case slices.Contains([]string{"Host", "Content-Length", "Accept", "Accept-Encoding", "User-Agent", "Connection", "Transfer-Encoding"}, canonical):
		c.file.Errorf(key, "found the header %s, which every request sets itself; write the name that the API's documentation tells", canonical)
	}
}

func (c *sourceCheck) username(key, text string) {
	if text == "" {
		c.file.Errorf(key, "missing; write the user's name, or {vars.name}: the password is the source's secret")
		return
	}
	if strings.ContainsAny(text, ":\r\n") {
		c.file.Errorf(key, "found a colon or a line break; write the user's name alone: the password is the source's secret")
		return
	}
	if refs, ok := c.placeholders(key, text); ok {
		c.onlyVars(key, refs)
	}
}

// namedTexts is a map of headers or params and where it is in the file.
type namedTexts struct {
	key   string
	texts map[string]string
}

// written are all headers (or params) of the source.
func (c *sourceCheck) written(what string) []namedTexts {
	pick := func(key string, e *Endpoint) namedTexts {
		if what == "headers" {
			return namedTexts{yamlfile.Key(key, what), e.Headers}
		}
		return namedTexts{yamlfile.Key(key, what), e.Params}
	}
	var all []namedTexts
	if what == "headers" {
		all = append(all, namedTexts{"client.headers", c.source.Client.Headers})
	}
	if d := c.source.Defaults; d != nil {
		all = append(all, pick("resource_defaults", d))
	}
	for i := range c.source.Resources {
		all = append(all, pick(yamlfile.Key("resources", i, "endpoint"), &c.source.Resources[i].Endpoint))
	}
	return all
}

// filledTwice finds headers and params that the auth fills already.
func (c *sourceCheck) filledTwice(a *Auth) {
	header := a.header()
	for _, m := range c.written("headers") {
		for _, name := range slices.Sorted(maps.Keys(m.texts)) {
			if header != "" && textproto.CanonicalMIMEHeaderKey(name) == header {
				c.file.Errorf(yamlfile.Key(m.key, name), "found the header %s, which client.auth fills; remove one of them", name)
			}
		}
	}
	if a.Type != AuthAPIKey || a.In != InQuery {
		return
	}
	for _, m := range c.written("params") {
		if _, twice := m.texts[a.KeyName()]; twice {
			c.file.Errorf(yamlfile.Key(m.key, a.KeyName()), "found the parameter %s, which client.auth fills; remove one of them", a.KeyName())
		}
	}
}

// Names that are given to secrets and to nothing else.
var (
	secretHeaders = []string{"Authorization", "Proxy-Authorization", "X-Api-Key", "Api-Key", "Apikey", "X-Auth-Token", "X-Access-Token"}
	secretParams  = []string{"api_key", "apikey", "api-key", "access_token", "auth_token", "client_secret", "password"}
)

// handWritten refuses secrets that stand in the file: whoever reads the
// repository has them.
func (c *sourceCheck) handWritten() {
	auth := c.source.Client.Auth
	for _, m := range c.written("headers") {
		for _, name := range slices.Sorted(maps.Keys(m.texts)) {
			canonical := textproto.CanonicalMIMEHeaderKey(name)
			if slices.Contains(secretHeaders, canonical) && (auth == nil || auth.header() != canonical) {
				c.handWrittenAt(yamlfile.Key(m.key, name), "header")
			}
		}
	}
	for _, m := range c.written("params") {
		for _, name := range slices.Sorted(maps.Keys(m.texts)) {
			if slices.Contains(secretParams, strings.ToLower(name)) && (auth == nil || auth.In != InQuery || auth.Name != name) {
				c.handWrittenAt(yamlfile.Key(m.key, name), "parameter")
			}
		}
	}
}

func (c *sourceCheck) handWrittenAt(key, what string) {
	c.file.Errorf(key, "found a %s that carries a secret; write client.auth, and give the secret by %s on the laptop and by floe secret set %s on AWS: what stands here is known to everyone who reads the repository",
		what, environment.LocalSecret(c.source.Name), c.source.Name)
}
