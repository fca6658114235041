package rights

import (
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	statement := func(text string) string { return `{"Version":"2012-10-17","Statement":` + text + `}` }
	for text, want := range map[string]string{
		``:     "EOF",
		`{} x`: "more follows",
		`{"Version":"2008-10-17","Statement":[]}`:                                                                                      "its version is",
		`{"Version":"2012-10-17"}`:                                                                                                     "no statement",
		`{"Version":"2012-10-17","Statment":[]}`:                                                                                       "unknown field",
		statement(`{"Effect":"Alow","Action":"s3:GetObject","Resource":"*"}`):                                                          "Allow or Deny",
		statement(`{"Effect":"Allow","Acton":"s3:GetObject","Resource":"*"}`):                                                          "unknown field",
		statement(`{"Effect":"Allow","Resource":"*"}`):                                                                                 "one of Action and NotAction",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","NotAction":"s3:GetObject","Resource":"*"}`):                              "one of Action and NotAction",
		statement(`{"Effect":"Allow","Action":"s3:GetObject"}`):                                                                        "no resource",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","NotResource":"*"}`):                                       "exclude each other",
		statement(`{"Effect":"Allow","Action":"GetObject","Resource":"*"}`):                                                            "no action",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"lake/*"}`):                                                    "no ARN",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::lake/${aws:username}"}`):                         "variable",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","NotPrincipal":"*"}`):                                      "NotPrincipal",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Principal":"me"}`):                                        `"*" or an object`,
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Principal":{"CanonicalUser":"x"}}`):                       "CanonicalUser",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`): "condition IpAddress is not known",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"NullIfExists":{"k":"true"}}}`):               "not known",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"ForSome:StringLike":{"k":"a"}}}`):            "ForSome is not known",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"k":[]}}}`):                   "no values",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"k":{}}}}`):                   "a condition's value",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"k":"${aws:username}"}}}`):    "variable",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"Bool":{"k":"no"}}}`):                         "neither true nor false",
		statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"NumericLessThan":{"k":"x"}}}`):               "no number",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		a, b             string
		covers, overlaps bool
	}{
		{"*", "", true, true},
		{"", "", true, true},
		{"", "a", false, false},
		{"a*c", "abbc", true, true},
		{"a*c", "abbd", false, false},
		{"a?c", "abc", true, true},
		{"a?c", "ac", false, false},
		{"a*", "a*", true, true},
		{"a*", "*", false, true},
		{"*", "a*b", true, true},
		{"a?", "a*", false, true},
		{"a*b*c", "aXbYc", true, true},
		{"a*b*c", "aXcYb", false, false},
		{"a*", "b*", false, false},
		{"*a", "b*", false, true},
		{"a??", "ab?", true, true},
		{"ab", "?b", false, true},
	} {
		if got := covers(c.a, c.b); got != c.covers {
			t.Errorf("%q covers %q: %v", c.a, c.b, got)
		}
		if got := overlaps(c.a, c.b); got != c.overlaps {
			t.Errorf("%q overlaps %q: %v", c.a, c.b, got)
		}
		if got := overlaps(c.b, c.a); got != c.overlaps {
			t.Errorf("%q overlaps %q: %v", c.b, c.a, got)
		}
	}
}

// FuzzPatterns compares with another way to the answer, for texts without
// patterns of their own, and holds that what covers overlaps.
func FuzzPatterns(f *testing.F) {
	for _, seed := range [][2]string{{"a*b?c", "axxbyc"}, {"*", ""}, {"**?", "a"}, {"a*a*a", "aaaa"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, other string) {
		if strings.Count(pattern, "*") > 6 || len(other) > 40 {
			return // the other way takes too long
		}
		yes := covers(pattern, other)
		if yes && !overlaps(pattern, other) {
			t.Errorf("%q covers %q and does not overlap it", pattern, other)
		}
		if overlaps(pattern, other) != overlaps(other, pattern) {
			t.Errorf("%q and %q overlap one way", pattern, other)
		}
		if !strings.ContainsAny(other, "*?") {
			if want := slowly(pattern, other); yes != want || overlaps(pattern, other) != want {
				t.Errorf("%q takes %q: %v, want %v", pattern, other, yes, want)
			}
		}
	})
}

// slowly says whether a pattern takes a text, by trying everything.
func slowly(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return slowly(pattern[1:], text) || text != "" && slowly(pattern, text[1:])
	case text == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == text[0]) && slowly(pattern[1:], text[1:])
}

// FuzzParse: whatever is read can be decided on.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{readAll, noLanding, toRole, toAccount, noHTTP, allButIAM, allButLake,
		`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"ForAllValues:StringLike":{"k":["a*",1,true]}}}`} {
		f.Add(`{"Version":"2012-10-17","Statement":[` + seed + `]}`)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Parse(text)
		if err != nil {
			return
		}
		for _, c := range []Context{nil, {"k": {"a"}}} {
			r := Request{Principal: role, Action: "s3:GetObject", Resource: object, Context: c}
			if _, err := (Policies{Identity: []*Document{d}, Resource: d}).Decide(r); err != nil && !strings.Contains(err.Error(), "no number") {
				t.Errorf("%s: %v", text, err)
			}
			for _, g := range d.Grants() {
				if _, err := g.Used(r); err != nil && !strings.Contains(err.Error(), "no number") {
					t.Errorf("%s: %v", text, err)
				}
			}
		}
	})
}
