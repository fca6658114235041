package jsonrows

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestSafeName(t *testing.T) {
	for path, want := range map[string]string{
		"@id": "id", "playerId": "player_id", "HTTPServer": "http_server", "white.@id": "white__id", "a-b c": "a_b_c",
		"1st": "_1st", "URL": "url", "_private": "_private", "a__b": "a_b", "_floe_source": "floe_source", "x.Y.Z": "x__y__z", "id2Name": "id2_name",
	} {
		if got := SafeName(SplitPath(path)); got != want {
			t.Errorf("SafeName(%s) = %s, want %s", path, got, want)
		}
	}
	if a, b := SafeName([]string{"日本"}), SafeName([]string{"中国"}); a == b || !strings.HasPrefix(a, "field_") {
		t.Errorf("names without ASCII letters: %s and %s, want two different field_…", a, b)
	}
	if got := SafeName([]string{strings.Repeat("a", 500)}); len(got) > maxName {
		t.Errorf("a name of %d bytes, want at most %d", len(got), maxName)
	}
}

func FuzzSafeName(f *testing.F) {
	f.Add("white.@id")
	f.Add(`a\.b.c`)
	f.Add("_floe_")
	form := regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	f.Fuzz(func(t *testing.T, text string) {
		path := SplitPath(text)
		if again := SplitPath(JoinPath(path)); !slices.Equal(again, path) {
			t.Fatalf("%q is read as %q, written and read again as %q", text, path, again)
		}
		name := SafeName(path)
		if !form.MatchString(name) || len(name) > maxName || strings.HasPrefix(name, "_floe_") {
			t.Fatalf("SafeName(%q) = %q", path, name)
		}
	})
}
