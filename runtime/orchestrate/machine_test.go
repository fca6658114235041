package orchestrate

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	topic    = "arn:aws:sns:eu-central-1:123456789012:floe-dev-alarms"
	function = "arn:aws:lambda:eu-central-1:123456789012:function:floe-dev-"
)

func ingest(name string, after ...string) project.Step {
	return project.Step{Name: name, After: after, Ingest: &project.IngestStep{Source: "chess"}}
}

func onFargate(spot bool) Runs {
	return Runs{Fargate: &Fargate{
		Cluster:        "arn:aws:ecs:eu-central-1:123456789012:cluster/floe-dev",
		TaskDefinition: "arn:aws:ecs:eu-central-1:123456789012:task-definition/floe-dev-transform:7",
		Container:      "transform", Subnets: []string{"subnet-0a", "subnet-0b"}, SecurityGroup: "sg-0c", PublicAddress: spot, Spot: spot,
	}}
}

func onLambda(name string) Runs { return Runs{Function: function + name} }

func options(steps map[string]Runs) MachineOptions {
	return MachineOptions{Project: "floe", Stack: "dev", Region: "eu-central-1", Topic: topic, Steps: steps}
}

// chess is the workflow that the repository ships.
var chess = &project.Workflow{Name: "chess", File: "runtime/pipelines/orchestrate/chess.yaml", Steps: []project.Step{
	{Name: "ingest", Timeout: "2h", Retries: 1, Ingest: &project.IngestStep{Source: "chess"}},
	{Name: "transform", Timeout: "1h", Transform: &project.TransformStep{Command: "build"}},
	{Name: "maintain", Timeout: "1h", Maintain: &project.MaintainStep{KeepSnapshots: "168h", OrphansAfter: "96h"}},
}}

// wide has parts that run at the same time, one in another, names that need
// care, and a function that waits for Athena.
var wide = &project.Workflow{Name: "wide", Steps: []project.Step{
	{Name: "load", Ingest: &project.IngestStep{Source: "shop", Resources: []string{"customers", "orders"}}, Timeout: "5m", Retries: 2},
	{Name: "reports", After: []string{}, Ingest: &project.IngestStep{Source: "shop", Resources: []string{"reports"}}},
	{Name: "stage", After: []string{"load", "reports"}, Transform: &project.TransformStep{Select: []string{"tag:it's", "+a b{}"}}},
	{Name: "east", After: []string{"stage"}, Transform: &project.TransformStep{Command: "run", Select: []string{"east"}}},
	{Name: "west", After: []string{"stage"}, Transform: &project.TransformStep{Command: "test", Exclude: []string{"<east>"}}, Retries: 3},
	{Name: "tidy", After: []string{"east", "west"}, Maintain: &project.MaintainStep{Schemas: []string{"marts"}}},
}}

type golden struct {
	name     string
	workflow *project.Workflow
	options  MachineOptions
}

var goldens = []golden{
	{"chess", chess, options(map[string]Runs{"ingest": onLambda("ingest-chess"), "transform": onFargate(true), "maintain": onLambda("maintain")})},
	{"chess_lambda", chess, options(map[string]Runs{"ingest": onLambda("ingest-chess"), "transform": onLambda("transform"), "maintain": onLambda("maintain")})},
	{"chess_fargate", chess, options(map[string]Runs{"ingest": onFargate(false), "transform": onFargate(false), "maintain": onFargate(true)})},
	{"wide", wide, options(map[string]Runs{"load": onLambda("ingest-shop"), "reports": onFargate(true), "stage": onLambda("transform"),
		"east": onFargate(true), "west": onFargate(false), "tidy": onLambda("maintain")})},
	{"governed", chess, governed(options(map[string]Runs{"ingest": onLambda("ingest-chess"), "transform": onFargate(true), "maintain": onLambda("maintain")}))},
}

// governed has the step that ends a workflow; a grant's text is none of a template's.
func governed(o MachineOptions) MachineOptions {
	o.Govern = &Govern{Function: function + "govern", Spec: json.RawMessage(`{"grants":[{"principal":"arn:aws:iam::123456789012:role/analyst","tables":["marts.fct_games"],` +
		`"rows":"rules = '$.chess' and opening_slug <> 'a{}'","sensitivity":["public"]}],"roles":["arn:aws:iam::123456789012:role/floe-dev-transform"]}`)}
	return o
}

func TestGolden(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			got := definition(t, g)
			name := filepath.Join("testdata", g.name+".asl.json")
			if *update {
				if err := os.WriteFile(name, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs (-update writes it):\n%s", name, got)
			}
			walk(t, got)
		})
	}
}

func definition(t *testing.T, g golden) []byte {
	t.Helper()
	text, err := StateMachine(g.workflow, g.options)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// walk checks what every definition must hold.
func walk(t *testing.T, text []byte) {
	t.Helper()
	if len(text) > maxDefinition {
		t.Errorf("%d characters", len(text))
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	if m["TimeoutSeconds"] == nil {
		t.Error("the machine has no TimeoutSeconds")
	}
	for _, problem := range wrongs(m, map[string]bool{}) {
		t.Error(problem)
	}
}

func wrongs(m map[string]any, seen map[string]bool) (all []string) {
	bad := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	states := m["States"].(map[string]any)
	reached := map[string]bool{}
	var reach func(name string)
	reach = func(name string) {
		s, ok := states[name].(map[string]any)
		if !ok {
			bad("%q is no state", name)
		}
		if !ok || reached[name] {
			return
		}
		reached[name] = true
		for _, next := range nexts(s) {
			reach(next)
		}
	}
	reach(m["StartAt"].(string))
	for name, v := range states {
		s := v.(map[string]any)
		if seen[name] || name == "" || len(name) > maxStateName {
			bad("%q is no name of a state, or there twice", name)
		}
		seen[name] = true
		if !reached[name] {
			bad("%s is never reached", name)
		}
		if s["Type"] == "Task" {
			for _, problem := range taskWrongs(s) {
				bad("%s: %s", name, problem)
			}
		}
		for _, b := range list(s["Branches"]) {
			all = append(all, wrongs(b, seen)...)
		}
	}
	return all
}

func nexts(s map[string]any) (all []string) {
	for _, with := range append(append([]map[string]any{s}, list(s["Choices"])...), list(s["Catch"])...) {
		if next, ok := with["Next"].(string); ok {
			all = append(all, next)
		}
	}
	if d, ok := s["Default"].(string); ok {
		all = append(all, d)
	}
	if all == nil && s["Type"] != "Succeed" {
		all = []string{"nothing after a " + s["Type"].(string)}
	}
	return all
}

// throttled are the errors by which a service says that it is asked too much.
var throttled = map[string]string{
	":lambda:invoke": "Lambda.TooManyRequestsException", ":ecs:runTask.sync": "ECS.ThrottlingException", ":sns:publish": "States.ALL",
}

func taskWrongs(s map[string]any) (all []string) {
	if s["TimeoutSeconds"] == nil {
		all = append(all, "no TimeoutSeconds")
	}
	if c := list(s["Catch"]); len(c) == 0 || !matches(c[len(c)-1]["ErrorEquals"], "any") {
		all = append(all, "no Catch of States.ALL")
	}
	found := false
	for _, r := range list(s["Retry"]) {
		if r["BackoffRate"] != 2.0 || r["MaxDelaySeconds"] == nil || r["JitterStrategy"] != "FULL" {
			all = append(all, "a Retry without BackoffRate, MaxDelaySeconds or JitterStrategy FULL")
		}
		for resource, name := range throttled {
			found = found || strings.HasSuffix(s["Resource"].(string), resource) && slices.Contains(r["ErrorEquals"].([]any), any(name))
		}
	}
	if !found {
		all = append(all, fmt.Sprintf("no Retry of %s where it is throttled", s["Resource"]))
	}
	return all
}

func TestWalkFinds(t *testing.T) {
	text := string(definition(t, goldens[0]))
	for _, edit := range [][2]string{
		{`"TimeoutSeconds": 960`, `"HeartbeatSeconds": 960`}, {`"JitterStrategy": "FULL"`, `"JitterStrategy": "NONE"`},
		{`"Next": "ingest resume"`, `"Next": "ingest resumed"`}, {`"Lambda.TooManyRequestsException"`, `"Lambda.Other"`},
		{`"Default": "ingest notify"`, `"Default": "ingest resume"`}, {`"workflow done": {`, `"` + strings.Repeat("x", 81) + `": {`},
	} {
		if !strings.Contains(text, edit[0]) {
			t.Fatalf("%s is not there", edit[0])
		}
		var m map[string]any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(text, edit[0], edit[1])), &m); err != nil {
			t.Fatal(err)
		}
		if len(wrongs(m, map[string]bool{})) == 0 {
			t.Errorf("%s goes unnoticed", edit[1])
		}
	}
}

// TestKeepsSnapshots: a stack's retention holds where a step says nothing, or less.
func TestKeepsSnapshots(t *testing.T) {
	for _, tc := range []struct{ step, stack, want string }{
		{"", "", ""}, {"168h", "", "168h"}, {"", "720h", "720h"}, {"168h", "720h", "720h"}, {"1000h", "720h", "1000h"}, {"720h0m0s", "720h", "720h0m0s"},
	} {
		w := &project.Workflow{Name: "w", Steps: []project.Step{{Name: "tidy", Maintain: &project.MaintainStep{KeepSnapshots: tc.step}}}}
		for runs, o := range map[string]MachineOptions{"lambda": options(map[string]Runs{"tidy": onLambda("maintain")}), "fargate": options(map[string]Runs{"tidy": onFargate(true)})} {
			o.KeepSnapshots = tc.stack
			x, f := start(t, golden{"", w, o}, finished)
			if err := x.run(); err != nil || len(f.called) != 1 || f.called[0].KeepSnapshots != tc.want {
				t.Errorf("%s, step %q, stack %q: %v, %+v", runs, tc.step, tc.stack, err, f.called)
			}
		}
	}
}

// TestNoTriesNoStates: a step that is not tried again has no states for it.
func TestNoTriesNoStates(t *testing.T) {
	for retries, want := range map[int]bool{0: false, 1: true} {
		w := &project.Workflow{Name: "w", Steps: []project.Step{{Name: "a", Retries: retries, Ingest: &project.IngestStep{Source: "chess"}}}}
		text := string(definition(t, golden{"", w, options(map[string]Runs{"a": onFargate(true)})}))
		for _, name := range []string{`"a count": {`, `"a pause": {`, `"a ended": {`} {
			if strings.Contains(text, name) != want {
				t.Errorf("retries %d: %s is there: %v", retries, name, !want)
			}
		}
	}
}

func TestStateMachineRefuses(t *testing.T) {
	names := make([]string, 4000)
	for i := range names {
		names[i] = fmt.Sprintf("model_%020d", i)
	}
	one := func(s project.Step) *project.Workflow { return &project.Workflow{Name: "w", Steps: []project.Step{s}} }
	many := project.Step{Name: "a", Transform: &project.TransformStep{Select: names}}
	for _, tc := range []struct {
		name string
		w    *project.Workflow
		o    MachineOptions
		want string
	}{
		{"circle", &project.Workflow{Name: "w", Steps: []project.Step{ingest("a", "b"), ingest("b", "a")}}, options(nil), "wait for each other"},
		{"topic", one(ingest("a")), MachineOptions{Topic: "alarms", Steps: map[string]Runs{"a": onLambda("x")}}, `topic is "alarms"`},
		{"nothing runs it", one(ingest("a")), options(nil), "step a: found a function"},
		{"both run it", one(ingest("a")), options(map[string]Runs{"a": {Function: "x", Fargate: &Fargate{}}}), "exactly one of them"},
		{"half a task", one(ingest("a")), options(map[string]Runs{"a": {Fargate: &Fargate{Cluster: "c"}}}), "without cluster"},
		{"too many", one(ingest("a")), options(map[string]Runs{"a": onLambda("x"), "b": onLambda("y")}), "runs 2 steps"},
		{"timeout", one(project.Step{Name: "a", Timeout: "soon", Ingest: &project.IngestStep{}}), options(map[string]Runs{"a": onLambda("x")}), `step a: timeout: found "soon"`},
		{"retention", one(project.Step{Name: "a", Maintain: &project.MaintainStep{KeepSnapshots: "168h"}}),
			MachineOptions{Topic: topic, KeepSnapshots: "a month", Steps: map[string]Runs{"a": onLambda("x")}}, `step a: how long to keep snapshots: found "a month"`},
		{"half a govern", one(ingest("a")), MachineOptions{Topic: topic, Govern: &Govern{Function: "x"}, Steps: map[string]Runs{"a": onLambda("x")}}, "0 bytes of a specification"},
		{"long grants", one(project.Step{Name: "a", Transform: &project.TransformStep{}}), MachineOptions{Topic: topic, Steps: map[string]Runs{"a": onLambda("x")},
			Govern: &Govern{Function: "x", Spec: json.RawMessage(`"` + strings.Repeat("x", 66_000) + `"`)}}, "or grants"},
		{"no act", one(project.Step{Name: "a"}), options(map[string]Runs{"a": onLambda("x")}), "step a does nothing"},
		{"long task", one(many), options(map[string]Runs{"a": onFargate(true)}), "ECS takes 7680"},
		{"long payload", one(many), options(map[string]Runs{"a": onLambda("x")}), "at most 65536"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := StateMachine(tc.w, tc.o)
			if err == nil || !strings.Contains(err.Error(), tc.want) || fault.Code(err) != int(fault.Usage) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}
