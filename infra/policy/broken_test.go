package policy_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/infra/policy"
	"github.com/floe-data/floe/runtime/live"
)

// world is a stack's plan, to be broken.
type world struct {
	t         *testing.T
	stack     live.Stack
	resources []plan.Resource
	waivers   []live.Waiver
}

// newWorld reads a plan as JSON has it.
func newWorld(t *testing.T, s *live.Stack, resources []plan.Resource) *world {
	t.Helper()
	w := &world{t: t, stack: *s, resources: slices.Clone(resources), waivers: slices.Clone(s.Waivers.Waivers)}
	for i := range w.resources {
		text, err := json.Marshal(w.resources[i].Inputs)
		if err != nil {
			t.Fatal(err)
		}
		w.resources[i].Inputs = nil
		if err := json.Unmarshal(text, &w.resources[i].Inputs); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// copy is another world, so that what is broken in one is whole in the other.
func (w *world) copy(t *testing.T) *world {
	c := &world{t: t, stack: w.stack, resources: slices.Clone(w.resources), waivers: slices.Clone(w.waivers)}
	for i := range c.resources {
		c.resources[i].Inputs, _ = copied(c.resources[i].Inputs).(map[string]any)
	}
	return c
}

func copied(v any) any {
	switch of := v.(type) {
	case map[string]any:
		all := make(map[string]any, len(of))
		for key, value := range of {
			all[key] = copied(value)
		}
		return all
	case []any:
		all := make([]any, len(of))
		for i, value := range of {
			all[i] = copied(value)
		}
		return all
	}
	return v
}

// findings are what is left of the world's.
func (w *world) findings() []policy.Finding {
	w.t.Helper()
	all, err := policy.Check(&w.stack, w.resources)
	if err != nil {
		w.t.Fatal(err)
	}
	return policy.Apply(w.stack.Name, all, w.waivers, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
}

// at finds a resource by the end of its type and by its name: "BucketV2 landing".
func (w *world) at(what string) *plan.Resource {
	w.t.Helper()
	short, name, _ := strings.Cut(what, " ")
	for i, r := range w.resources {
		if strings.HasSuffix(r.Type, ":"+short) && r.Name == name {
			return &w.resources[i]
		}
	}
	w.t.Fatalf("there is no %s", what)
	return nil
}

// drop takes a resource away.
func (w *world) drop(what string) {
	w.t.Helper()
	urn := w.at(what).URN
	w.resources = slices.DeleteFunc(w.resources, func(r plan.Resource) bool { return r.URN == urn })
}

// set gives a property another value; nil takes it away.
func (w *world) set(what, path string, value any) {
	w.t.Helper()
	var of any = w.at(what).Inputs
	keys := strings.Split(path, ".")
	for i, key := range keys {
		last := i == len(keys)-1
		switch at := of.(type) {
		case map[string]any:
			if last && value == nil {
				delete(at, key)
			} else if last {
				at[key] = value
			} else if at[key] == nil {
				at[key] = map[string]any{}
			}
			of = at[key]
		case []any:
			n, err := strconv.Atoi(key)
			if err != nil || n >= len(at) {
				w.t.Fatalf("%s has no %s", what, path)
			}
			if last {
				at[n] = value
			}
			of = at[n]
		default:
			w.t.Fatalf("%s has no %s", what, path)
		}
	}
}

// write replaces what a pattern finds in a property that is a text.
func (w *world) write(what, property, pattern, text string) {
	w.t.Helper()
	r := w.at(what)
	old, _ := r.Inputs[property].(string)
	changed := regexp.MustCompile(pattern).ReplaceAllLiteralString(old, text)
	if changed == old {
		w.t.Fatalf("%s: %s has no %s:\n%s", what, property, pattern, old)
	}
	r.Inputs[property] = changed
}

// add adds a resource: "aws:glue/job:Job", "nightly".
func (w *world) add(token, name string, inputs map[string]any) {
	w.resources = append(w.resources, plan.Resource{Type: token, Name: name, Inputs: inputs, URN: "urn:" + token + name, ID: name, ARN: "arn:aws:test:::" + name})
}

// allow adds a statement to a policy.
func (w *world) allow(what, statement string) {
	w.t.Helper()
	w.write(what, "policy", `"Statement":\[`, `"Statement":[`+statement+`,`)
}

// statement changes one of a policy's, by its Sid.
func (w *world) statement(what, property, sid string, change func(s map[string]any)) {
	w.t.Helper()
	r := w.at(what)
	var document map[string]any
	if err := json.Unmarshal([]byte(r.Inputs[property].(string)), &document); err != nil {
		w.t.Fatal(err)
	}
	for _, v := range document["Statement"].([]any) {
		s, ok := v.(map[string]any)
		if !ok || s["Sid"] != sid {
			continue
		}
		change(s)
		text, err := json.Marshal(document)
		if err != nil {
			w.t.Fatal(err)
		}
		r.Inputs[property] = string(text)
		return
	}
	w.t.Fatalf("%s: %s has no %s", what, property, sid)
}

// unwaived takes the waivers of a rule away.
func (w *world) unwaived(rule string) {
	w.waivers = slices.DeleteFunc(w.waivers, func(v live.Waiver) bool { return v.Rule == rule })
}

// TestEveryRuleSpeaks breaks each rule and holds that it, and no other, speaks.
func TestEveryRuleSpeaks(t *testing.T) {
	root := rich(t)
	worlds := map[string]func(t *testing.T) *world{}
	of := func(world, root, name string) {
		s, resources := planned(t, root, name)
		worlds[world] = newWorld(t, s, resources).copy
		if left := worlds[world](t).findings(); len(left) > 0 {
			t.Fatalf("%s is broken before anything is: %v", world, policy.Error(name, left))
		}
	}
	for _, name := range []string{"dev", "prod", "nat", "tables", "existing"} {
		of(name, root, name)
	}
	of("prod-tables", richTables(t), "prod")
	spoken := map[int]bool{}
	for _, m := range mutations() {
		name := fmt.Sprintf("%d %s", m.row, m.name)
		spoken[m.row] = true
		t.Run(name, func(t *testing.T) {
			stack := m.stack
			if stack == "" {
				stack = "prod"
			}
			w := worlds[stack](t)
			m.breaks(w)
			want := append([]int{m.row}, m.also...)
			slices.Sort(want)
			var got []int
			for _, f := range w.findings() {
				if f.Rule == nil {
					t.Errorf("%s: %s: %s", f.Resource, f.Property, f.Found)
					continue
				}
				if !slices.Contains(got, f.Rule.Row) {
					got = append(got, f.Rule.Row)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("rules %v speak, want %v:\n%v", got, want, policy.Error(stack, w.findings()))
			}
		})
	}
	for _, r := range policy.Rules() {
		if !spoken[r.Row] {
			t.Errorf("nothing breaks rule %d: %s", r.Row, r.Title)
		}
	}
}

// TestRules holds that rows are told apart and that all that a message needs is said.
func TestRules(t *testing.T) {
	last := 0
	for _, r := range policy.Rules() {
		if r.Row <= last || r.Row > 122 {
			t.Errorf("row %d follows %d", r.Row, last)
		}
		last = r.Row
		if r.Title == "" || r.Fix == "" || r.Check == nil || !slices.Contains([]policy.Severity{policy.Must, policy.Prod, policy.Offered}, r.Severity) {
			t.Errorf("row %d: %+v", r.Row, r)
		}
	}
}
