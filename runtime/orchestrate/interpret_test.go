package orchestrate

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
)

// execution interprets a definition as Step Functions' documents say, with
// tasks that answer in the test and a clock of its own. Branches of a Parallel
// go on in a random order, state by state, so that a branch may be stopped
// anywhere when another fails; a redrive goes on where each of them stood.
type execution struct {
	t       *testing.T
	random  *rand.Rand
	now     time.Time
	context map[string]any
	top     *frame
	passed  []string // states entered, in order
	steps   int
	// work answers a task; the name is the state's.
	work func(name, resource string, parameters any) (any, *asError)
}

// frame is a machine, or a branch, under way.
type frame struct {
	definition map[string]any
	at         string
	data       any
	entered    string
	begun      bool        // the task was given its work
	tries      map[int]int // per retrier
	branches   []*frame
	done       bool
}

type asError struct{ Name, Cause string }

func newExecution(t *testing.T, definition []byte, seed int64, work func(string, string, any) (any, *asError)) *execution {
	t.Helper()
	var d map[string]any
	if err := json.Unmarshal(definition, &d); err != nil {
		t.Fatal(err)
	}
	x := &execution{t: t, random: rand.New(rand.NewSource(seed)), now: time.Date(2026, 1, 1, 5, 0, 0, 0, time.UTC), work: work}
	x.context = map[string]any{"Execution": map[string]any{"Id": "arn:aws:states:eu-central-1:123456789012:execution:floe-dev-daily:r1", "Name": "r1", "Input": map[string]any{}}}
	x.top = &frame{definition: d, at: d["StartAt"].(string), data: map[string]any{"trigger": "schedule"}}
	return x
}

// run goes on until the execution succeeds (nil) or fails.
func (x *execution) run() *asError {
	x.t.Helper()
	for !x.top.done {
		if x.steps++; x.steps > 100_000 {
			x.t.Fatalf("the execution does not end; last states %v", x.passed[len(x.passed)-20:])
		}
		x.now = x.now.Add(time.Second)
		if err := x.advance(x.top); err != nil {
			return err
		}
	}
	return nil
}

// redrive goes on from the states that failed or were stopped; their retries
// count anew.
func (x *execution) redrive() *asError {
	x.now = x.now.Add(time.Hour)
	x.context["Execution"].(map[string]any)["RedriveTime"] = x.now.Format(time.RFC3339Nano)
	x.top.reset()
	return x.run()
}

func (f *frame) reset() {
	f.begun, f.tries = false, nil
	for _, b := range f.branches {
		if !b.done {
			b.reset()
		}
	}
}

func (f *frame) state() map[string]any {
	s, ok := f.definition["States"].(map[string]any)[f.at].(map[string]any)
	if !ok {
		panic("no state " + f.at)
	}
	return s
}

// advance does one thing: a state that takes no time, the begin or the end of
// a task, or one thing in one branch.
func (x *execution) advance(f *frame) *asError {
	s := f.state()
	if f.entered == "" {
		f.entered = x.now.Format(time.RFC3339Nano)
		x.passed = append(x.passed, f.at)
	}
	x.context["State"] = map[string]any{"EnteredTime": f.entered, "Name": f.at}
	switch s["Type"] {
	case "Pass":
		in, err := x.input(s, f.data)
		if err != nil {
			return err
		}
		return x.leave(f, s, in)
	case "Wait":
		seconds, err := x.find(s["SecondsPath"].(string), f.data)
		if err != nil {
			return err
		}
		x.now = x.now.Add(time.Duration(seconds.(float64)) * time.Second)
		f.move(s["Next"].(string), f.data)
	case "Choice":
		return x.choose(f, s)
	case "Succeed":
		f.done = true
	case "Task":
		return x.task(f, s)
	case "Parallel":
		return x.parallel(f, s)
	default:
		x.t.Fatalf("state %s is a %v", f.at, s["Type"])
	}
	return nil
}

func (f *frame) move(next string, data any) {
	f.at, f.data, f.entered, f.begun, f.tries, f.branches = next, data, "", false, nil, nil
}

func (x *execution) choose(f *frame, s map[string]any) *asError {
	for _, c := range s["Choices"].([]any) {
		c := c.(map[string]any)
		if x.holds(c, f.data) {
			f.move(c["Next"].(string), f.data)
			return nil
		}
	}
	next, ok := s["Default"].(string)
	if !ok {
		return &asError{"States.NoChoiceMatched", f.at}
	}
	f.move(next, f.data)
	return nil
}

func (x *execution) task(f *frame, s map[string]any) *asError {
	in, err := x.input(s, f.data)
	if err == nil && !f.begun {
		f.begun = true
		return nil
	}
	var out any
	if err == nil {
		out, err = x.work(f.at, s["Resource"].(string), in)
	}
	if n := len(text(out)); err == nil && n > maxPayload { // of the raw result, before anything is selected
		err = &asError{"States.DataLimitExceeded", fmt.Sprint(n)}
	}
	if err == nil && s["ResultSelector"] != nil {
		out, err = x.template(s["ResultSelector"], out)
	}
	if err == nil {
		return x.leave(f, s, out)
	}
	return x.failed(f, s, err)
}

func (x *execution) failed(f *frame, s map[string]any, err *asError) *asError {
	for i, r := range list(s["Retry"]) {
		if !matches(r["ErrorEquals"], err.Name) {
			continue
		}
		if f.tries == nil {
			f.tries = map[int]int{}
		}
		if f.tries[i]++; f.tries[i] <= int(r["MaxAttempts"].(float64)) {
			f.begun = false
			return nil
		}
		break
	}
	for _, c := range list(s["Catch"]) {
		if matches(c["ErrorEquals"], err.Name) {
			out := x.put(f.data, c["ResultPath"].(string), map[string]any{"Error": err.Name, "Cause": err.Cause})
			f.move(c["Next"].(string), out)
			return nil
		}
	}
	return err
}

func (x *execution) parallel(f *frame, s map[string]any) *asError {
	if f.branches == nil {
		for _, b := range s["Branches"].([]any) {
			d := b.(map[string]any)
			f.branches = append(f.branches, &frame{definition: d, at: d["StartAt"].(string), data: f.data})
		}
	}
	var open []*frame
	for _, b := range f.branches {
		if !b.done {
			open = append(open, b)
		}
	}
	if len(open) == 0 {
		return x.leave(f, s, []any{})
	}
	if err := x.advance(open[x.random.Intn(len(open))]); err != nil {
		return x.failed(f, s, err)
	}
	return nil
}

// input is what a state works on.
func (x *execution) input(s map[string]any, data any) (any, *asError) {
	if p, ok := s["InputPath"].(string); ok {
		var err *asError
		if data, err = x.find(p, data); err != nil {
			return nil, err
		}
	}
	if s["Parameters"] == nil {
		return data, nil
	}
	return x.template(s["Parameters"], data)
}

// leave goes to the next state with the result at its place.
func (x *execution) leave(f *frame, s map[string]any, result any) *asError {
	out := result
	if at, there := s["ResultPath"]; there {
		out = f.data
		if at != nil {
			out = x.put(f.data, at.(string), result)
		}
	}
	if n := len(text(out)); n > maxPayload {
		return &asError{"States.DataLimitExceeded", fmt.Sprint(n)}
	}
	f.move(s["Next"].(string), out)
	return nil
}

func (x *execution) put(data any, at string, value any) any {
	keys := strings.Split(strings.TrimPrefix(at, "$."), ".")
	var into map[string]any
	if err := json.Unmarshal([]byte(text(data)), &into); err != nil {
		x.t.Fatalf("put into %s: %v", text(data), err)
	}
	here := into
	for _, k := range keys[:len(keys)-1] {
		here = here[k].(map[string]any)
	}
	here[keys[len(keys)-1]] = value
	return into
}

// template fills a payload template in.
func (x *execution) template(t, data any) (any, *asError) {
	switch t := t.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, v := range t {
			var err *asError
			if name, dynamic := strings.CutSuffix(k, ".$"); dynamic {
				out[name], err = x.expression(v.(string), data)
			} else {
				out[k], err = x.template(v, data)
			}
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		out := make([]any, len(t))
		for i, v := range t {
			var err *asError
			if out[i], err = x.template(v, data); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return t, nil
}

func (x *execution) find(p string, data any) (any, *asError) {
	from := data
	if rest, ok := strings.CutPrefix(p, "$$"); ok {
		p, from = "$"+rest, x.context
	}
	for _, k := range strings.Split(p, ".")[1:] {
		m, ok := from.(map[string]any)
		if from, ok = m[k], ok && m[k] != nil; !ok {
			return nil, &asError{"States.ParameterPathFailure", p}
		}
	}
	return from, nil
}

func (x *execution) holds(c map[string]any, data any) bool {
	for op, all := range map[string]bool{"And": true, "Or": false} {
		if c[op] == nil {
			continue
		}
		for _, part := range list(c[op]) {
			if x.holds(part, data) != all {
				return !all
			}
		}
		return all
	}
	v, err := x.find(c["Variable"].(string), data)
	if c["IsPresent"] != nil {
		return err == nil
	}
	if err != nil {
		x.t.Fatalf("a choice reads %s, which is not there", c["Variable"])
	}
	for op, want := range c {
		switch op {
		case "BooleanEquals":
			return v == want
		case "StringEquals":
			return v == want
		case "StringMatches":
			ok, err := path.Match(want.(string), strings.ReplaceAll(v.(string), "/", ""))
			return ok && err == nil
		case "NumericGreaterThanEquals":
			return v.(float64) >= want.(float64)
		case "TimestampGreaterThanPath":
			other, err := x.find(want.(string), data)
			return err == nil && moment(x.t, v).After(moment(x.t, other))
		}
	}
	x.t.Fatalf("no comparison in %v", c)
	return false
}

func moment(t *testing.T, v any) time.Time {
	at, err := time.Parse(time.RFC3339Nano, v.(string))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func list(v any) []map[string]any {
	var out []map[string]any
	all, _ := v.([]any)
	for _, e := range all {
		out = append(out, e.(map[string]any))
	}
	return out
}

func matches(equals any, name string) bool {
	all := equals.([]any)
	return slices.Contains(all, any(name)) || slices.Contains(all, any("States.ALL")) && name != "States.DataLimitExceeded" && name != "States.Runtime"
}

func text(v any) string {
	out, err := plainJSON(v)
	if err != nil {
		panic(err)
	}
	return string(out)
}
