package yamlfile

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

type sheet struct {
	Version int               `yaml:"version" jsonschema:"enum=1"`
	Kind    string            `yaml:"kind,omitempty" jsonschema:"enum=rest,enum=files"`
	Names   []string          `yaml:"names,omitempty" jsonschema:"minItems=1"`
	Rows    []row             `yaml:"rows,omitempty"`
	Words   map[string]string `yaml:"words,omitempty"`
	Any     map[string]any    `yaml:"any,omitempty"`
	Inner   *row              `yaml:"inner,omitempty"`
	Rate    float64           `yaml:"rate,omitempty"`
	Text    string            `yaml:"text,omitempty"`
	Hidden  string            `yaml:"-"`
}

type row struct {
	Name  string   `yaml:"name"`
	Count int      `yaml:"count,omitempty" jsonschema:"minimum=1,maximum=64"`
	On    *bool    `yaml:"on,omitempty"`
	Modes []string `yaml:"modes,omitempty" jsonschema:"enum=fast,enum=slow"`
}

func TestDecode(t *testing.T) {
	on := true
	for _, tc := range []struct {
		name, text string
		want       sheet
	}{
		{"all", "# first\nversion: 1\nkind: rest\nnames: [a, \"b\"]\nrows:\n  - {name: x, count: 3, on: true}\n  - name: y\nwords: {a.b: c}\nany: {n: 5, f: 1.5, s: x, b: true, l: [1, a]}\ninner: {name: z}\nrate: 3\ntext: |\n  one\n  \ttwo\n",
			sheet{Version: 1, Kind: "rest", Names: []string{"a", "b"}, Rows: []row{{Name: "x", Count: 3, On: &on}, {Name: "y"}}, Words: map[string]string{"a.b": "c"},
				Any: map[string]any{"n": int64(5), "f": 1.5, "s": "x", "b": true, "l": []any{int64(1), "a"}}, Inner: &row{Name: "z"}, Rate: 3, Text: "one\n\ttwo\n"}},
		{"an empty list is not nil", "version: 1\nrows: []\n", sheet{Version: 1, Rows: []row{}}},
		{"a byte order mark and CRLF", "\ufeffversion: 1\r\nkind: files\r\n", sheet{Version: 1, Kind: "files"}},
		{"an alias", "version: 1\ninner: &i {name: x}\nrows: [*i, *i]\n", sheet{Version: 1, Inner: &row{Name: "x"}, Rows: []row{{Name: "x"}, {Name: "x"}}}},
		{"times and yes are strings", "version: 1\ntext: 2024-01-01\nwords: {a: yes, b: 1e3}\n", sheet{Version: 1, Text: "2024-01-01", Words: map[string]string{"a": "yes", "b": "1e3"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got sheet
			if err := Decode("f.yaml", []byte(tc.text), &got, Options{}).Err(); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Fatalf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

// The messages are the package's product: each is told in full.
func TestProblems(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"empty", "", "f.yaml:1:1: the file is empty; begin it with version: 1"},
		{"only comments", "# x\n", "f.yaml:1:1: the file is empty; begin it with version: 1"},
		{"a list", "- a\n", "f.yaml:1:1: found a list; a file is a mapping: write version: 1 as the file's first key"},
		{"a word", "hello\n", "f.yaml:1:1: found \"hello\"; a file is a mapping: write version: 1 as the file's first key"},
		{"no version", "kind: rest\n", "f.yaml:1:1: version: missing; write version: 1 as the file's first key"},
		{"version second", "kind: rest\nversion: 1\n", "f.yaml:2:1: version: found after other keys; write version: 1 as the file's first key"},
		{"another version, and nothing else is told", "version: 2\nnew_key: x\n", "f.yaml:1:10: version: found 2; this floe reads version 1"},
		{"version as a string", "version: \"1\"\n", "f.yaml:1:10: version: found \"1\"; write 1"},
		{"unknown keys", "version: 1\nnaems: [a]\nzzz: 1\n",
			"f.yaml:2:1: naems: unknown key; did you mean names?\nf.yaml:3:1: zzz: unknown key; known are version, kind, names, rows, words, any, inner, rate, text"},
		{"a key of elsewhere", "version: 1\nregion: eu\n", "f.yaml:2:1: region: found a key that does not belong here; it is in stacks/"},
		{"twice", "version: 1\nkind: rest\nkind: files\n", "f.yaml:3:1: kind: found twice, first in line 2; keep one"},
		{"nested unknown", "version: 1\nrows:\n  - name: a\n    cuont: 1\n", "f.yaml:4:5: rows[0].cuont: unknown key; did you mean count?"},
		{"missing", "version: 1\nrows:\n  - count: 1\n", "f.yaml:3:5: rows[0].name: missing; write name: with a string"},
		{"types", "version: 1\nnames: a\nrows: {name: a}\nwords: {a: 1, b: [x]}\ninner: [1]\nrate: fast\ntext: 5\n", strings.Join([]string{
			"f.yaml:2:8: names: found \"a\"; write a list: [a]",
			"f.yaml:3:1: rows: found a mapping; write a list",
			"f.yaml:4:12: words.a: found 1; write a string: in quotes, \"1\"",
			"f.yaml:4:15: words.b: found a list; write a string, in quotes if it begins with { or [",
			"f.yaml:5:1: inner: found a list; write a mapping",
			"f.yaml:6:7: rate: found \"fast\"; write a number",
			"f.yaml:7:7: text: found 5; write a string: in quotes, \"5\"",
		}, "\n")},
		{"nothing", "version: 1\nrows:\ninner:\nkind: ~\n", strings.Join([]string{
			"f.yaml:2:1: rows: found nothing; write a list, or leave the key out",
			"f.yaml:3:1: inner: found nothing; write a mapping ({} where it has nothing to say), or leave the key out",
			"f.yaml:4:1: kind: found nothing; write one of rest, files, or leave the key out",
		}, "\n")},
		{"bounds", "version: 1\nkind: rset\nnames: []\nrows:\n  - {name: a, count: 0, modes: [fsat, 1]}\n  - {name: b, count: 012}\n", strings.Join([]string{
			"f.yaml:2:7: kind: found \"rset\"; did you mean rest? It is one of rest, files",
			"f.yaml:3:1: names: found an empty list; write at least 1",
			"f.yaml:5:22: rows[0].count: found 0; write a number from 1 to 64",
			"f.yaml:5:33: rows[0].modes[0]: found \"fsat\"; did you mean fast? It is one of fast, slow",
			"f.yaml:5:39: rows[0].modes[1]: found 1; write one of fast, slow: in quotes, \"1\"",
			"f.yaml:6:22: rows[1].count: found 012; write a number from 1 to 64",
		}, "\n")},
		{"numbers that are none", "version: 1\nrate: .nan\nany: {x: 99999999999999999999}\nrows: [{name: a, count: 1.5}]\n",
			"f.yaml:2:7: rate: found \".nan\"; write a number\nf.yaml:4:25: rows[0].count: found 1.5; write a number from 1 to 64"},
		{"yes is no boolean", "version: 1\nrows: [{name: a, on: yes}]\n", "f.yaml:2:22: rows[0].on: found \"yes\"; write true or false"},
		{"tabs", "version: 1\nrows:\n\t- name: a\n  \t  count: 1\n", "f.yaml:3:1: found a tab in the indentation; write spaces\nf.yaml:4:3: found a tab in the indentation; write spaces"},
		{"broken", "version: 1\nnames: [a\nkind: rest\n",
			"f.yaml:3:1: broken YAML: ',' or ']' must be specified; check the indentation here and in the lines around it, and quote a text that holds \": \" or begins with one of @ ` % * & ! | > [ {"},
		{"two documents", "version: 1\n---\nversion: 1\n", "f.yaml:3:1: found a second document after ---; write one file for each"},
		{"not UTF-8", "version: 1\ntext: \xff\n", "f.yaml:2:7: found bytes that are not UTF-8; save the file as UTF-8"},
		{"control character", "version: 1\ntext: \x00\n", "f.yaml:2:7: found the control character U+0000; remove it"},
		{"nesting", "version: 1\nany: {x: " + strings.Repeat("[", 101) + "\n", "f.yaml:2:109: found more than 100 brackets open; close them"},
		{"merge keys, tags, aliases", "version: 1\ninner: {<<: {a: 1}, name: a}\ntext: !!str 5\nkind: *k\nany: &a {x: *a}\n", strings.Join([]string{
			"f.yaml:2:9: inner.<<: found a merge key; write its keys out",
			"f.yaml:3:7: text: found the tag !!str; write the value without it, in quotes to make a string",
			"f.yaml:4:7: kind: found the alias *k; write the anchor &k before it, outside of it",
			"f.yaml:5:13: any.x: found the alias *a; write the anchor &a before it, outside of it",
		}, "\n")},
		{"a hole in a list", "version: 1\nany: {x: [a, ]}\nnames: [a, ~]\n", "f.yaml:3:12: names[1]: found nothing; write a string, or leave the key out"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got sheet
			err := Decode("f.yaml", []byte(tc.text), &got, Options{Hints: map[string]string{"region": "it is in stacks/"}}).Err()
			if err == nil || err.Error() != tc.want {
				t.Fatalf("got\n%v\nwant\n%s", err, tc.want)
			}
			if fault.Code(err) != int(fault.Usage) || fault.Next(err) == "" {
				t.Errorf("code %d, next %q", fault.Code(err), fault.Next(err))
			}
		})
	}
}

func TestErrorfTellsThePlaceOnce(t *testing.T) {
	var got sheet
	f := Decode("f.yaml", []byte("version: 1\nrows:\n  - name: 5\n  - name: b\n    count: 2\nwords: {\"a.b\": c}\n"), &got, Options{})
	f.Errorf("rows[0].name", "not told: its type is wrong already")
	f.Errorf("rows[1].count", "found 2; write 3")
	f.Errorf("rows[1].modes", "missing")
	f.Errorf(Key("words", "a.b"), "found c")
	f.Errorf("rows", "found two")
	f.Errorf("", "a word about the file")
	want := strings.Join([]string{
		"f.yaml:1:1: a word about the file",
		"f.yaml:2:1: rows: found two",
		"f.yaml:3:11: rows[0].name: found 5; write a string: in quotes, \"5\"",
		"f.yaml:4:5: rows[1].modes: missing",
		"f.yaml:5:12: rows[1].count: found 2; write 3",
		"f.yaml:6:16: words[\"a.b\"]: found c",
	}, "\n")
	if err := f.Err(); err == nil || err.Error() != want {
		t.Fatalf("got\n%v\nwant\n%s", err, want)
	}
	if f.Sound("rows[0].name") || !f.Sound("rows[1].name") || f.Sound("rows[0].name.x") {
		t.Error("soundness")
	}
}

func TestReadNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	var got sheet
	err := Read(dir, "live/dev/x.yaml", &got, Options{}).Err()
	if err == nil || err.Error() != "live/dev/x.yaml: it cannot be read: no such file or directory" {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.yaml"), []byte("a: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var foreign struct {
		A int `yaml:"a"`
	}
	if err := Read(dir, "x.yaml", &foreign, Options{Foreign: true}).Err(); err != nil || foreign.A != 1 {
		t.Fatal(err, foreign)
	}
}

func TestAliasesDoNotBlowUp(t *testing.T) {
	text := "version: 1\nany:\n  a0: &a0 [x]\n"
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		before := string(n[0] - 1)
		text += "  a" + n + ": &a" + n + " [" + strings.Repeat("*a"+before+", ", 10) + "]\n"
	}
	var got sheet
	err := Decode("f.yaml", []byte(text), &got, Options{}).Err()
	if err == nil || !strings.Contains(err.Error(), "write the aliases out") {
		t.Fatal(err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"version: 1\nrows: [{name: a}]\n", "version: 1\nany: &a {x: *a}\n", "a: |\n\tb", "? a\n: b", "{", "- - -", "version: 1\nwords:\n  \"a.b\": [c\n", "&a *a", "!!x y", "a:\n b: c\n  d: e"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 4000 || strings.Contains(string(text), "\r") { // a bare \r breaks a line, too
			return
		}
		var got sheet
		file := Decode("f.yaml", text, &got, Options{})
		var told Problems
		if err := file.Err(); err != nil && !errors.As(err, &told) {
			t.Fatalf("%T", err)
		}
		for _, p := range told {
			if p.Text == "" || p.Line < 0 || p.Line > strings.Count(string(text), "\n")+2 {
				t.Fatalf("%q gives %+v", text, p)
			}
		}
		if len(told) == 0 && got.Version != 1 {
			t.Fatalf("%q was taken with version %d", text, got.Version)
		}
	})
}
