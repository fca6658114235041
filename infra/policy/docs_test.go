package policy_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/policy"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// row is one of the tables of docs/security.md.
type row struct{ what, ids, how string }

// rows reads the tables.
func rows(t *testing.T) map[int]row {
	t.Helper()
	text, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]row{}
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(cells[1]))
		if err != nil {
			continue
		}
		if len(cells) != 6 {
			t.Errorf("row %d has %d cells", n, len(cells)-2)
			continue
		}
		if _, twice := found[n]; twice {
			t.Errorf("row %d is there twice", n)
		}
		found[n] = row{strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3]), strings.TrimSpace(cells[4])}
	}
	return found
}

// TestDocumented holds docs/security.md to what is there: each row once, rules
// as they are in the code, tests that exist, and no waiver unsaid.
func TestDocumented(t *testing.T) {
	found := rows(t)
	rules := map[int]*policy.Rule{}
	for _, r := range policy.Rules() {
		rules[r.Row] = r
	}
	existing := append(tests(t, "../.."), targets(t, "../..")...)
	for n := 1; n <= 122; n++ {
		of, ok := found[n]
		if !ok {
			t.Errorf("row %d is missing", n)
			continue
		}
		delete(found, n)
		if problem := wrongRow(of, rules[n], existing); problem != "" {
			t.Errorf("row %d: %s", n, problem)
		}
	}
	for n := range found {
		t.Errorf("there is no row %d", n)
	}
}

// wrongRow says what is wrong with a row, "" if nothing.
func wrongRow(of row, rule *policy.Rule, existing []string) string {
	tested := false
	for _, m := range named.FindAllStringSubmatch(of.how, -1) {
		if !slices.Contains(existing, m[1]) {
			return "there is no " + m[1]
		}
		tested = tested || !strings.HasPrefix(m[1], "make ")
	}
	held := strings.HasPrefix(of.how, "`infra/policy`")
	switch {
	case of.what == "" || of.how == "":
		return "it says nothing"
	case held != (rule != nil):
		return "infra/policy: " + of.how
	case rule == nil:
		if !tested && !strings.HasPrefix(of.how, "not applicable: ") && !strings.HasPrefix(of.how, "not held: ") {
			return "neither held by a test, nor told why not: " + of.how
		}
		return ""
	case of.what != rule.Title:
		return "it says " + of.what + ", and the rule " + rule.Title
	case of.ids != strings.Join(rule.IDs, ", ") && (of.ids != "–" || len(rule.IDs) > 0):
		return "ids are " + of.ids + ", and the rule's " + strings.Join(rule.IDs, ", ")
	case (rule.Severity == policy.Prod) != strings.HasPrefix(of.how, "`infra/policy`, in prod"):
		return "severity is " + string(rule.Severity) + ": " + of.how
	}
	return ""
}

// named are tests and targets as the rows name them: infra/storage.TestDeletion,
// make drill. What only looks like one is not there.
var named = regexp.MustCompile("`([^`]*\\bTest[^`]*|make [^`]*)`")

var target = regexp.MustCompile(`(?m)^([a-z-]+):`)

// targets are those of make, as rows name them.
func targets(t *testing.T, root string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range target.FindAllStringSubmatch(string(text), -1) {
		all = append(all, "make "+m[1])
	}
	return all
}

var declared = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// tests are all of the tree, as rows name them.
func tests(t *testing.T, root string) []string {
	t.Helper()
	var all []string
	for _, module := range []string{"infra", "runtime"} {
		err := filepath.WalkDir(filepath.Join(root, module), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(file, "_test.go") {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			folder, err := filepath.Rel(root, filepath.Dir(file))
			if err != nil {
				return err
			}
			for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
				all = append(all, filepath.ToSlash(folder)+"."+m[1])
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestWrongRowsAreFound holds that TestDocumented can fail.
func TestWrongRowsAreFound(t *testing.T) {
	rule := &policy.Rule{Title: "a", IDs: []string{"S3.1"}, Severity: policy.Must}
	good := row{"a", "S3.1", "`infra/policy`; `infra/x.TestY`"}
	existing := []string{"infra/x.TestY", "make drill"}
	if problem := wrongRow(good, rule, existing); problem != "" {
		t.Error(problem)
	}
	for name, of := range map[string]row{
		"a test that is not there": {"a", "S3.1", "`infra/policy`; `infra/x.TestZ`"}, "no rule": {"a", "S3.1", "`infra/x.TestY`"}, "other words": {"b", "S3.1", good.how},
		"a test of nowhere": {"a", "S3.1", "`infra/policy`; `TestY`"}, "a target that is not there": {"a", "S3.1", "`infra/policy`; `make nothing`"},
		"other ids": {"a", "S3.2", good.how}, "another severity": {"a", "S3.1", "`infra/policy`, in prod; `infra/x.TestY`"}, "nothing": {"a", "S3.1", ""},
	} {
		if wrongRow(of, rule, existing) == "" {
			t.Errorf("%s is not found", name)
		}
	}
	for how, right := range map[string]bool{good.how: false, "some day": false, "`make drill`": false, "`floe maintain`": false, "not yet": false, "not applicable: x": true, "not held: x": true, "`make drill`; `infra/x.TestY`": true} {
		if problem := wrongRow(row{"a", "–", how}, nil, existing); (problem == "") != right {
			t.Errorf("a row without a rule, %s: %q", how, problem)
		}
	}
	for how, want := range map[string][]string{"`infra/policy`": nil, "`infra/policy`; waived in dev: x": {"dev"}, "`infra/policy`, in prod; waived in dev and prod: x": {"dev", "prod"}} {
		if got := waivedIn(how); !slices.Equal(got, want) {
			t.Errorf("%s: waived in %v, want %v", how, got, want)
		}
	}
}

// waivedIn are the stacks that a row says waive it: "waived in dev and prod: …".
func waivedIn(how string) []string {
	_, after, _ := strings.Cut(how, "waived in ")
	stacks, _, told := strings.Cut(after, ":")
	if !told {
		return nil
	}
	return strings.Split(stacks, " and ")
}

// TestWaiversAreTold holds that what the shipped stacks waive is in the table,
// and that what the table says is waived.
func TestWaiversAreTold(t *testing.T) {
	found, waived := rows(t), map[int][]string{}
	root := "../.."
	names, err := live.Names(root)
	if err != nil || len(names) == 0 {
		t.Fatalf("no stacks: %v", err)
	}
	p, err := project.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		s, err := live.Load(p, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range s.Waivers.Waivers {
			n, _ := strconv.Atoi(w.Rule)
			if !slices.Contains(waived[n], name) {
				waived[n] = append(waived[n], name)
			}
		}
	}
	for n, of := range found {
		if told := waivedIn(of.how); !slices.Equal(told, waived[n]) {
			t.Errorf("row %d says that %v waive it, live/ that %v do: %s", n, told, waived[n], of.how)
		}
	}
}
