package rest

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/project"
)

// canary is a secret with characters that URLs, JSON and Go escape.
const canary = `canary/c4+n&"a=r\y %7`

// everything reads a resource and writes down all that comes out of it.
func everything(t *testing.T, src *project.Source, ask extract.Read) (string, error) {
	t.Helper()
	var out strings.Builder
	var mu sync.Mutex
	ask.Observe = func(e extract.Event) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(&out, "event %+v\n", e)
	}
	s, err := New(src, Options{Vars: map[string]any{"me": "ada"}, Secret: canary, SecretNext: "floe secret set test --stack dev"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for chunk, err := range s.Read(context.Background(), ask) {
		if err != nil {
			fmt.Fprintf(&out, "error %v\nnext %s\n", err, fault.Next(err))
			return out.String(), err
		}
		fmt.Fprintf(&out, "chunk %v %v %v\n", chunk.Skips, chunk.Batch, chunk.State)
		for _, r := range chunk.Rejects {
			fmt.Fprintf(&out, "reject %s %s\n", r.Reason, r.Row)
		}
	}
	return out.String(), nil
}

// noCanary wants the secret in none of its forms.
func noCanary(t *testing.T, text string) {
	t.Helper()
	for _, form := range []string{canary, url.QueryEscape(canary), url.PathEscape(canary), strings.ReplaceAll(canary, `\`, `\\`), "canary", "c4+n", "c4%2Bn",
		base64.StdEncoding.EncodeToString([]byte("ada:" + canary)), base64.StdEncoding.EncodeToString([]byte(canary))} {
		if strings.Contains(text, form) {
			t.Errorf("the secret (as %q) is in\n%s", form, text)
		}
	}
}

func TestCredentials(t *testing.T) {
	for _, tc := range []struct {
		name string
		auth project.Auth
		sent func(r *http.Request) bool
	}{
		{"bearer", project.Auth{Type: "bearer"}, func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer "+canary }},
		{"api_key", project.Auth{Type: "api_key"}, func(r *http.Request) bool { return r.Header.Get("X-Api-Key") == canary }},
		{"api_key in a header of its own", project.Auth{Type: "api_key", In: "header", Name: "x-mine"}, func(r *http.Request) bool { return r.Header.Get("X-Mine") == canary }},
		{"api_key in the query", project.Auth{Type: "api_key", In: "query", Name: "k"}, func(r *http.Request) bool {
			return r.URL.Query().Get("k") == canary && r.URL.Query().Get("page") != ""
		}},
		{"http_basic", project.Auth{Type: "http_basic", Username: "{vars.me}"}, func(r *http.Request) bool {
			user, password, ok := r.BasicAuth()
			return ok && user == "ada" && password == canary
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if !tc.sent(r) {
					http.Error(w, "who are you?", http.StatusUnauthorized)
					return
				}
				if r.URL.Query().Get("page") == "1" { // the second page's link repeats what was asked, as some APIs do
					writeJSON(w, map[string]any{"data": []any{map[string]any{"id": "1"}}, "next": "/r?page=2&k=" + url.QueryEscape(canary), "echo": r.Header})
					return
				}
				writeJSON(w, map[string]any{"data": []any{map[string]any{"id": "2", "seen": r.URL.String() + fmt.Sprint(r.Header)}}})
			})
			src := s.source(project.Resource{Name: "r", Endpoint: project.Endpoint{Path: "r", DataSelector: "$.data", Params: map[string]string{"page": "1"},
				Paginator: &project.Paginator{Type: "json_link", NextURLPath: "$.next"}}})
			src.Client.Auth = &tc.auth
			out, err := everything(t, src, asking(src, "r", "id", "seen"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out, `"2"`) {
				t.Errorf("no second page:\n%s", out)
			}
			noCanary(t, out)
		})
	}
}

func TestCredentialsStayAtHome(t *testing.T) {
	ways := map[string]func(w http.ResponseWriter, r *http.Request, to string){
		"redirect": func(w http.ResponseWriter, r *http.Request, to string) {
			http.Redirect(w, r, to+"/x", http.StatusFound)
		},
		"redirect with keys": func(w http.ResponseWriter, r *http.Request, to string) {
			http.Redirect(w, r, to+"/x?"+r.URL.RawQuery, http.StatusFound)
		},
		"next page": func(w http.ResponseWriter, r *http.Request, to string) {
			w.Header().Set("Link", "<"+to+"/x?"+r.URL.RawQuery+">; rel=next")
			writeJSON(w, []any{})
		},
	}
	for name, way := range ways {
		for _, auth := range []project.Auth{{Type: "bearer"}, {Type: "api_key"}, {Type: "api_key", In: "query", Name: "k"}, {Type: "http_basic", Username: "ada"}} {
			t.Run(name+" "+auth.Type+auth.In, func(t *testing.T) {
				var back *server
				other := serve(t, func(w http.ResponseWriter, r *http.Request) {
					noCanary(t, r.URL.String()+fmt.Sprint(r.Header))
					if name == "redirect" {
						http.Redirect(w, r, back.URL+"/back", http.StatusFound)
						return
					}
					writeJSON(w, []any{map[string]any{"id": "other"}})
				})
				back = serve(t, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/back" { // whoever sent the request away cannot have it signed again
						noCanary(t, r.URL.String()+fmt.Sprint(r.Header))
						writeJSON(w, []any{map[string]any{"id": "other"}})
						return
					}
					way(w, r, other.URL)
				})
				src := one(back)
				src.Client.Auth = &auth
				src.Client.Paginator = &project.Paginator{Type: "header_link"}
				out, err := everything(t, src, asking(src, "r", "id"))
				if err == nil || !strings.Contains(out, "leaves base_url") || len(other.requests()) > 0 {
					t.Fatalf("want a refusal, got\n%s", out)
				}
				noCanary(t, out)
				src.Client.AllowHosts = []string{strings.TrimPrefix(other.URL, "http://")}
				out, err = everything(t, src, asking(src, "r", "id"))
				if err != nil || !strings.Contains(out, "other") {
					t.Fatalf("%v\n%s", err, out)
				}
				noCanary(t, out)
			})
		}
	}
}

// A host that puts the secret under another name into the other host's URL.
func TestSecretInAnotherHostsURLIsRefused(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { writeJSON(w, []any{}) })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+"/?stolen="+url.QueryEscape(r.Header.Get("X-Api-Key")), http.StatusFound)
	})
	src := one(s)
	src.Client.Auth = &project.Auth{Type: "api_key"}
	src.Client.AllowHosts = []string{strings.TrimPrefix(other.URL, "http://")}
	out, err := everything(t, src, asking(src, "r", "id"))
	if err == nil || !strings.Contains(out, "holds the source's secret") || len(other.requests()) > 0 {
		t.Fatalf("want a refusal, got %v\n%s", other.requests(), out)
	}
	noCanary(t, out)
}

// Hosts repeat in their errors what they were sent.
func TestSecretIsInNoError(t *testing.T) {
	echo := func(r *http.Request) string {
		return strings.Repeat("-", 180) + r.Header.Get("Authorization") + " " + r.URL.Query().Get("k") + " " + r.URL.RawQuery
	}
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"refused", func(w http.ResponseWriter, r *http.Request) { http.Error(w, echo(r), http.StatusUnauthorized) }},
		{"failed", func(w http.ResponseWriter, r *http.Request) { http.Error(w, echo(r), http.StatusInternalServerError) }},
		{"skipped", func(w http.ResponseWriter, r *http.Request) { http.Error(w, echo(r), http.StatusNotFound) }},
		{"no JSON", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "<html>"+echo(r)) }},
		{"broken JSON", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "[{\"id\": %q ] ", echo(r)) }},
		{"nothing selected", func(w http.ResponseWriter, r *http.Request) { writeJSON(w, map[string]any{"error": echo(r)}) }},
		{"a rejected row", func(w http.ResponseWriter, r *http.Request) {
			writeJSON(w, map[string]any{"data": []any{map[string]any{"id": "1", "n": echo(r)}}})
		}},
		{"cut off", func(w http.ResponseWriter, r *http.Request) {
			hijacked, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				hijacked.Close()
			}
		}},
	} {
		for _, auth := range []project.Auth{{Type: "bearer"}, {Type: "api_key", In: "query", Name: "k"}, {Type: "http_basic", Username: "ada"}} {
			t.Run(tc.name+" "+auth.Type, func(t *testing.T) {
				s := serve(t, tc.answer)
				src := s.source(project.Resource{Name: "r", Endpoint: project.Endpoint{Path: "r", DataSelector: "$.data",
					ResponseActions: []project.ResponseAction{{StatusCode: 404, Action: "skip"}}}})
				src.Client.Auth = &auth
				out, _ := everything(t, src, asking(src, "r", "id", "n long"))
				noCanary(t, out)
			})
		}
	}
}

func TestRefusedCredentials(t *testing.T) {
	for status, kind := range map[int]fault.Kind{http.StatusUnauthorized: fault.Usage, http.StatusForbidden: fault.Failed} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
		src := one(s)
		src.Client.Auth = &project.Auth{Type: "bearer"}
		_, err := everything(t, src, asking(src, "r", "id"))
		if err == nil || fault.Code(err) != int(kind) || !strings.Contains(err.Error(), "secret may be wrong") || fault.Next(err) != "floe secret set test --stack dev" {
			t.Errorf("%d: code %d, %v, next %q", status, fault.Code(err), err, fault.Next(err))
		}
		if n := len(s.requests()); n != 1 {
			t.Errorf("%d: asked %d times, want once", status, n)
		}
	}
}

func TestNoSecret(t *testing.T) {
	s := serve(t, func(http.ResponseWriter, *http.Request) {})
	for _, tc := range []struct{ secret, want string }{{"", "there is none"}, {"two\nlines", "line break"}} {
		src := one(s)
		src.Client.Auth = &project.Auth{Type: "bearer"}
		_, err := New(src, Options{Secret: tc.secret, SecretNext: "set it"})
		if err == nil || fault.Code(err) != int(fault.Usage) || fault.Next(err) != "set it" || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "lines") {
			t.Errorf("%q: code %d, %v, next %q", tc.secret, fault.Code(err), err, fault.Next(err))
		}
	}
	if len(s.requests()) > 0 {
		t.Errorf("asked for %v", s.requests())
	}
}

func TestHider(t *testing.T) {
	if h := newHider(credentials{auth: &project.Auth{}, secret: "abc"}); h != nil {
		t.Error("a secret of three letters would garble every message")
	}
	h := newHider(credentials{auth: &project.Auth{}, secret: "hunter22"})
	if got := h.text("k=hunter22&x"); got != "k=***&x" {
		t.Errorf("text %q", got)
	}
	if body := h.body([]byte(`"hunter22"`)); string(body) != `"hunter22"` {
		t.Errorf("a row that holds a common word became %s", body)
	}
	var none *hider
	if none.text("x") != "x" || none.error(nil) != nil || string(none.head(strings.NewReader("x"))) != "x" {
		t.Error("no hider hides something")
	}
}
