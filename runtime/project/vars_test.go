package project

import (
	"reflect"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

func TestResolveVars(t *testing.T) {
	p, err := Load("testdata/good")
	if err != nil {
		t.Fatal(err)
	}
	s := p.Sources["shop"]
	for _, tc := range []struct {
		name      string
		set       map[string]string
		overrides map[string]any
		want      map[string]any // of what differs from source.yaml
		err       string
	}{
		{"nothing", nil, nil, nil, ""},
		{"set", map[string]string{"shops": "a, b", "page": "7", "share": "0.25", "deep": "false"}, nil,
			map[string]any{"shops": []string{"a", "b"}, "page": int64(7), "share": 0.25, "deep": false}, ""},
		{"the stack's", nil, map[string]any{"shops": []any{"a"}, "page": int64(7), "share": int64(2), "deep": false},
			map[string]any{"shops": []string{"a"}, "page": int64(7), "share": 2.0, "deep": false}, ""},
		{"set wins", map[string]string{"page": "8"}, map[string]any{"page": int64(7)}, map[string]any{"page": int64(8)}, ""},
		{"a number may become a broken one", map[string]string{"page": "1.5", "share": "2"}, nil, map[string]any{"page": 1.5, "share": 2.0}, ""},
		{"a server of this machine", map[string]string{"base_url": "http://127.0.0.1:9000/pub"}, nil, map[string]any{"base_url": "http://127.0.0.1:9000/pub"}, ""},
		{"a text of digits stays a text", map[string]string{"base_url": "https://1.example"}, nil, map[string]any{"base_url": "https://1.example"}, ""},
		{"an unknown key", map[string]string{"shosp": "a"}, nil, nil, "--set shosp=a for source shop: source shop has no var of that name; did you mean shops?"},
		{"a key like none", map[string]string{"qqq": "a"}, nil, nil, "--set qqq=a for source shop: source shop has no var of that name; there are base_url, deep, page, share, shops"},
		{"a hole in a list", map[string]string{"shops": "a,,b"}, nil, nil, "write a,b without an empty place"},
		{"an empty list", map[string]string{"shops": ""}, nil, nil, "write a,b without an empty place"},
		{"no number", map[string]string{"page": "many"}, nil, nil, "--set page=many for source shop: write a number"},
		{"not a finite number", map[string]string{"page": "inf"}, nil, nil, "write a number"},
		{"no boolean", map[string]string{"deep": "ja"}, nil, nil, "write true or false"},
		{"plain http", map[string]string{"base_url": "http://example.org"}, nil, nil, "base_url of source shop: found \"http://example.org\"; write https: plain http goes to this machine only (127.0.0.1, localhost)"},
		{"the stack's type", nil, map[string]any{"shops": "a"}, nil, "var shops of source shop in live/<stack>/pipelines.yaml: found a string; write a list of strings, as in " + sourceFile},
		{"the stack's unknown key", nil, map[string]any{"pages": int64(1)}, nil, "did you mean page?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := s.ResolveVars(tc.set, tc.overrides)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) || fault.Code(err) != int(fault.Usage) {
					t.Fatalf("got %v, code %d, want %s", err, fault.Code(err), tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for name, have := range s.Vars {
				want, changed := tc.want[name]
				if !changed {
					want = have
				}
				if !reflect.DeepEqual(got[name], want) {
					t.Errorf("%s: got %#v, want %#v", name, got[name], want)
				}
			}
			if len(got) != len(s.Vars) {
				t.Errorf("got %v", got)
			}
		})
	}
	if !reflect.DeepEqual(s.Vars["shops"], []string{"north", "south"}) {
		t.Errorf("the source's own vars have changed: %v", s.Vars)
	}
}

func TestSizesAndTimes(t *testing.T) {
	for text, want := range map[string]int64{"1B": 1, "500KB": 500_000, "64 MiB": 64 << 20, "1GB": 1e9, "": 0, "0B": 0, "2GB": 0, "1TB": 0, "-1B": 0, "999999999999GB": 0, "12": 0} {
		if got, err := ParseSize(text); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0s", "-1s", "1d", "5"} {
		if _, err := ParseDuration(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestSchedules(t *testing.T) {
	for text, ok := range map[string]bool{
		"cron(0 5 * * ? *)": true, "cron(0/15 8-17 ? * MON-FRI 2026)": true, "cron(0 0 L * ? *)": true,
		"rate(1 hour)": true, "rate(15 minutes)": true, "rate(0 days)": false, "rate(1 days)": false, "rate(5 hour)": false,
		"": false, "cron()": false, "every day": false, "cron(0 5 * * * *)": false,
	} {
		if err := CheckSchedule(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzForms(f *testing.F) {
	for _, seed := range []string{"{vars.x}/{{y}}", "{resources.a.b.c}", "{", "}}", "64MiB", "cron(0 5 * * ? *)", "http://[::1]:80/x", "https://a@b?c#d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		refs, err := Placeholders(text)
		for _, p := range refs {
			if again, err := Placeholders(p.String()); err != nil || len(again) != 1 || again[0] != p {
				t.Fatalf("%q gives %v, which gives %v, %v", text, p, again, err)
			}
		}
		if err != nil && len(refs) > 0 {
			t.Fatalf("%q gives both %v and %v", text, refs, err)
		}
		if n, err := ParseSize(text); err == nil && (n < 1 || n > maxSize) {
			t.Fatalf("%q gives %d", text, n)
		}
		_ = CheckBaseURL(text)
		_ = CheckSchedule(text)
	})
}
