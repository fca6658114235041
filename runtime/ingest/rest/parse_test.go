package rest

import (
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/jsonrows"
	"github.com/floe-data/floe/runtime/project"
)

func TestTemplate(t *testing.T) {
	v := values{vars: map[string]any{"a": "A", "n": int64(7), "b": true, "f": 0.5, "l": []string{"x"}}, each: map[string]string{"p": "P"},
		parents: map[string]map[string]string{"r": {"x.y": "XY"}}, incremental: map[string]string{cursorValue: "2023/05"}}
	for text, want := range map[string]string{
		"": "", "plain": "plain", "{vars.a}-{vars.n}-{vars.b}-{vars.f}": "A-7-true-0.5", "{each.p}{resources.r.x.y}": "PXY", "{{{vars.a}}}": "{A}",
		"g/{incremental.cursor}": "g/2023/05", "{ vars.a }": "A",
	} {
		tpl, err := parseTemplate(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := tpl.render(v, nil); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"{": "{{", "}": "}}", "{vars}": "vars", "{what.x}": "what", "{resources.r}": "field", "{incremental.x}": "start_value", "{vars.a b}": "vars", "{}": "{",
	} {
		if _, err := parseTemplate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", text, err, want)
		}
	}
	for text, want := range map[string]string{"{vars.none}": "no var none", "{vars.l}": "list", "{each.q}": "for_each", "{resources.r.z}": "no field z", "{incremental.start_value}": "no value"} {
		tpl, err := parseTemplate(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tpl.render(v, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", text, err, want)
		}
	}
}

func TestEscapePath(t *testing.T) {
	for value, want := range map[string]string{"2023/05": "2023/05", "a b?c#d": "a%20b%3Fc%23d", "50%": "50%25", "ü": "%C3%BC"} {
		if got, err := escapePath(value); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", value, got, err, want)
		}
	}
	for _, value := range []string{"..", "a/../b", ".", "", "a//b", "/a"} {
		if got, err := escapePath(value); err == nil {
			t.Errorf("%q became %q", value, got)
		}
	}
}

// Values arrive at the server as they are, wherever they are put.
func TestValuesInRequests(t *testing.T) {
	s := serve(t, nil)
	s.Config.Handler = nil
	const odd = "a b/ü&x=1?#%"
	src := s.source(project.Resource{Name: "r", ForEach: map[string]string{"v": "{vars.v}"}, Endpoint: project.Endpoint{Path: "p/{each.v}/end", Params: map[string]string{"q": "{each.v}"}}})
	rest, err := New(src, Options{Vars: map[string]any{"v": odd}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := rest.build(rest.endpoints["r"], values{each: map[string]string{"v": odd}})
	if err != nil {
		t.Fatal(err)
	}
	if req.url.Path != "/p/"+odd+"/end" || req.url.Query().Get("q") != odd {
		t.Errorf("%s is path %q and query %q", req.url, req.url.Path, req.url.Query())
	}
	src.Client.Headers = map[string]string{"X": "{vars.v}"}
	rest, err = New(src, Options{Vars: map[string]any{"v": "a\r\nEvil: 1"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rest.build(rest.endpoints["r"], values{vars: rest.vars, each: map[string]string{"v": "x"}}); err == nil || !strings.Contains(err.Error(), "line break") {
		t.Errorf("a line break in a header: %v", err)
	}
}

func TestLinkTarget(t *testing.T) {
	for header, want := range map[string]string{
		`<https://x/?p=2>; rel="next", <https://x/?p=9>; rel="last"`: "https://x/?p=2",
		`<a>; rel=last,<b>;rel=next`:                                 "b",
		`<a,b>; rel="prev next"; title="x, y; rel=no"`:               "a,b",
		`<a>; title="\"<b>; rel=next"; REL="NEXT"`:                   "a",
		`<a>; rel=prev; rel=next`:                                    "",
		`<a>`:                                                        "",
		`a; rel=next`:                                                "",
		`<a; rel=next`:                                               "",
		``:                                                           "",
	} {
		if got := linkTarget([]string{header}, "next"); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if got := linkTarget([]string{`<a>; rel=first`, `<b>; rel=next`}, "next"); got != "b" {
		t.Errorf("two headers: %q", got)
	}
}

// What is wrong in a source is told all at once, as the user's.
func TestNewTellsWhatIsWrong(t *testing.T) {
	src := &project.Source{Name: "s", File: "source.yaml", Client: project.Client{BaseURL: "http://example.com", Timeout: "soon"},
		Resources: []project.Resource{
			{Name: "a", Endpoint: project.Endpoint{Path: "{each.x}"}},
			{Name: "b", Endpoint: project.Endpoint{Path: "{resources.none.id}"}},
			{Name: "c", Endpoint: project.Endpoint{Path: "c", DataSelector: "$.[", Paginator: &project.Paginator{Type: "magic"}}},
			{Name: "d", Endpoint: project.Endpoint{Path: "{resources.d.id}"}},
			{Name: "e", Endpoint: project.Endpoint{Path: "e", Incremental: &project.Incremental{Scope: "request", CursorPath: "x"}}},
			{Name: "f", Endpoint: project.Endpoint{Path: "f/{incremental.cursor}", Incremental: &project.Incremental{CursorPath: "x"}}},
			{Name: "g", Endpoint: project.Endpoint{Path: "g", ResponseActions: []project.ResponseAction{{StatusCode: 200, Action: "skip"}}}},
			{Name: "h", ForEach: map[string]string{"x": "y"}, Endpoint: project.Endpoint{Path: "h"}},
		}}
	_, err := New(src, Options{})
	if fault.Code(err) != int(fault.Usage) {
		t.Fatalf("code %d of %v", fault.Code(err), err)
	}
	for _, want := range []string{"base_url", "client.timeout", "resource a: placeholder {each.x}", `resource b: parent "none"`, "resource c: JSONPath", `paginator "magic"`,
		"d is among its own parents", "resource e: incremental scope request", "resource f: placeholder {incremental.cursor}", "resource g: response_actions", "resource h: for_each.x"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell %q:\n%v", want, err)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"a/{vars.x}/{{b}}", "{resources.a.b.c}", "{incremental.cursor}", "}{", "{{{each.x}}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tpl, err := parseTemplate(text)
		found, otherErr := project.Placeholders(text)
		if (err == nil) != (otherErr == nil) || err == nil && !slices.Equal(found, tpl.refs()) {
			t.Fatalf("here %v %v, in project %v %v", tpl.refs(), err, found, otherErr)
		}
		if err != nil {
			return
		}
		// Written again, it is the same template.
		var b strings.Builder
		for _, p := range tpl.parts {
			if p.ref.Scope != "" {
				b.WriteString(p.ref.String())
				continue
			}
			b.WriteString(strings.NewReplacer("{", "{{", "}", "}}").Replace(p.literal))
		}
		again, err := parseTemplate(b.String())
		if err != nil || !slices.Equal(again.parts, tpl.parts) {
			t.Fatalf("%q is %v, written %q it is %v (%v)", text, tpl.parts, b.String(), again.parts, err)
		}
	})
}

func FuzzLink(f *testing.F) {
	for _, seed := range []string{`<https://x/?p=2>; rel="next", <b>; rel=last`, `<a,b>; rel="prev next"; title="x\"y"`, `<`, `<a>;;;rel==next,`, `,,<a> ; rel = next`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if target := linkTarget([]string{header}, "next"); !strings.Contains(header, target) {
			t.Fatalf("the target %q is not in %q", target, header)
		}
		want := "https://example.com/?page=2"
		if got := linkTarget([]string{`<` + want + `>; rel="next", ` + header}, "next"); got != want {
			t.Fatalf("what follows a link changed it to %q", got)
		}
	})
}

func FuzzSelector(f *testing.F) {
	for _, seed := range []string{"$.games[*]", "games", "$", "a.b[0]['c d']", "$..x", "$[?@.a>1]", "a[*].b"} {
		f.Add(seed, `{"games":[{"a":1}],"a":{"b":[{"c d":2}]}}`)
	}
	f.Fuzz(func(t *testing.T, path, doc string) {
		s, err := parseSelector(path)
		if err != nil {
			return
		}
		_ = s.each([]byte(doc), func(doc []byte, pos int) (int, error) { return skip(doc, pos) })
		_, _ = s.first([]byte(doc))
	})
}

func skip(doc []byte, pos int) (int, error) { return jsonrows.Skip(doc, pos) }
