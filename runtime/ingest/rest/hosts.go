package rest

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

// hosts says which URLs may be asked for: those of base_url's own scheme, host
// and port, and those of allow_hosts. Plain http goes to loopback only.
type hosts struct {
	base    *url.URL
	allowed map[string]bool // host:port
}

func newHosts(base string, allow []string) (hosts, error) {
	if err := project.CheckBaseURL(base); err != nil {
		return hosts{}, fmt.Errorf("client.base_url: %w", err)
	}
	u, err := url.Parse(base)
	if err != nil {
		return hosts{}, fmt.Errorf("client.base_url: %w", err)
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	h := hosts{base: u, allowed: map[string]bool{}}
	for _, a := range allow {
		if strings.ContainsAny(a, "/@*? ") || a == "" {
			return hosts{}, fmt.Errorf("allow_hosts %q: write a host, or host:port, and no wildcard", a)
		}
		host, port, err := net.SplitHostPort(a)
		if err != nil {
			host, port = strings.Trim(a, "[]"), "443"
		}
		h.allowed[net.JoinHostPort(strings.ToLower(host), port)] = true
	}
	return h, nil
}

// own says whether u is of base_url's scheme, host and port.
func (h hosts) own(u *url.URL) bool {
	return u.Scheme == h.base.Scheme && hostPort(u) == hostPort(h.base)
}

// check refuses a URL that the source may not ask for. what says where it came from.
func (h hosts) check(u *url.URL, what string) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%s %s: not an http URL", what, display(u))
	case u.User != nil:
		return fmt.Errorf("%s %s holds a user name: refused", what, display(u))
	case h.own(u):
		return nil
	case !h.allowed[hostPort(u)]:
		return fault.New(fault.Failed, fmt.Errorf("%s %s leaves base_url %s: refused", what, display(u), h.base),
			fmt.Sprintf("if %s is to be trusted, add it to client.allow_hosts in source.yaml; or build the path from the record's fields instead of following its URL", u.Host))
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return fmt.Errorf("%s %s is plain http to a host that is not this machine: refused", what, display(u))
	}
	return nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

var secretParam = regexp.MustCompile(`(?i)(key|token|secret|passw|auth|signature|sig$|credential)`)

// display writes a URL for messages, without what may be a secret.
func display(u *url.URL) string {
	shown := *u
	shown.User = nil
	if u.RawQuery != "" {
		q := u.Query()
		for name := range q {
			if secretParam.MatchString(name) {
				q[name] = []string{"***"}
			}
		}
		shown.RawQuery = strings.ReplaceAll(q.Encode(), "%2A%2A%2A", "***")
	}
	return shown.String()
}
