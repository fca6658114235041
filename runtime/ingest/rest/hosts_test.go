package rest

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

func TestOtherHosts(t *testing.T) {
	var leaked atomic.Value
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		leaked.Store(r.Header.Clone())
		writeJSON(w, []any{map[string]any{"id": "other"}})
	})
	ways := map[string]func(w http.ResponseWriter, r *http.Request){
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/x", http.StatusFound) },
		"next page": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Link", "<"+other.URL+"/x>; rel=next")
			writeJSON(w, []any{})
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			s := serve(t, way)
			src := one(s)
			src.Client.Paginator = &project.Paginator{Type: "header_link"}
			src.Client.Headers = map[string]string{"Authorization": "Bearer secret", "X-Mine": "1", "Cookie": "a=b", "User-Agent": "floe test"}
			got := read(t, src, nil, asking(src, "r", "id"))
			wantError(t, got, fault.Failed, other.URL+"/x", "leaves base_url "+s.URL, "refused")
			if !strings.Contains(fault.Next(got.err), "allow_hosts") {
				t.Errorf("next: %q", fault.Next(got.err))
			}
			if len(other.requests()) > 0 {
				t.Fatalf("the other host was asked for %v", other.requests())
			}
			src.Client.AllowHosts = []string{strings.TrimPrefix(other.URL, "http://")}
			read(t, src, nil, asking(src, "r", "id")).want(t, "other")
			h := leaked.Load().(http.Header)
			if h.Get("Authorization") != "" || h.Get("X-Mine") != "" || h.Get("Cookie") != "" || h.Get("User-Agent") != "floe test" {
				t.Errorf("the other host got the headers %v", h)
			}
			other.asked = nil
		})
	}
}

func TestParentsURLToAnotherHost(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/list" {
			writeJSON(w, []any{"http://" + r.Host + "/mine", "https://api.chess.com/pub/player/x/games/2023/05"})
			return
		}
		writeJSON(w, []any{map[string]any{"id": r.URL.Path}})
	})
	no := false
	src := s.source(project.Resource{Name: "list", Land: &no, Endpoint: project.Endpoint{Path: "list"}},
		project.Resource{Name: "r", Endpoint: project.Endpoint{Path: "{resources.list.value}"}})
	src.Client.Concurrency = 1
	got := read(t, src, nil, asking(src, "r", "id"))
	if got.err == nil || !strings.Contains(got.err.Error(), "https://api.chess.com/pub/player/x/games/2023/05 leaves base_url "+s.URL) {
		t.Fatalf("got %v", got.err)
	}
}

func TestRedirects(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/r" || r.URL.Query().Get("loop") != "" {
			http.Redirect(w, r, "/moved?"+r.URL.RawQuery, http.StatusPermanentRedirect)
			return
		}
		writeJSON(w, []any{map[string]any{"id": r.Header.Get("X-Mine")}})
	})
	src := one(s)
	src.Client.Headers = map[string]string{"X-Mine": "kept on the own host"}
	read(t, src, nil, asking(src, "r", "id")).want(t, "kept on the own host")
	src.Resources[0].Endpoint.Params = map[string]string{"loop": "1"}
	wantError(t, read(t, src, nil, asking(src, "r", "id")), fault.Failed, "more than 10 redirects")
}

func TestHosts(t *testing.T) {
	for base, want := range map[string]string{
		"http://api.example.com": "https", "ftp://x": "whole URL", "https://u:p@x": "user name", "https://x?a=b": "params", "nothing": "whole URL",
		"http://127.0.0.1:9000/pub": "", "http://localhost": "", "http://[::1]:80": "", "https://api.chess.com/pub/": "",
	} {
		_, err := newHosts(base, nil)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", base, err, want)
		}
	}
	h, err := newHosts("https://api.example.com/v1", []string{"cdn.example.com", "127.0.0.1:9000"})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"https://api.example.com/other": true, "https://API.example.com:443/x": true, "https://cdn.example.com/x": true, "http://127.0.0.1:9000/": true,
		"http://api.example.com/": false, "https://api.example.com:8443/": false, "https://cdn.example.com:8443/": false, "http://cdn.example.com/": false,
		"https://example.com/": false, "https://api.example.com.evil.org/": false, "https://api.example.com@evil.org/": false, "file:///etc/passwd": false,
		"https://u:p@api.example.com/": false, "http://127.0.0.1:9001/": false, "http://169.254.169.254/": false,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.check(u, "the URL"); (got == nil) != want {
			t.Errorf("%s: %v, want allowed %v", text, got, want)
		}
	}
}

func TestDisplayHidesSecrets(t *testing.T) {
	u, err := url.Parse("https://u:p@x/a?api_key=s3cret&page=2")
	if err != nil {
		t.Fatal(err)
	}
	if got := display(u); got != "https://x/a?api_key=***&page=2" {
		t.Error(got)
	}
}
