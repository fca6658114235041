package cost

import (
	"encoding/json"
	"fmt"
	"strings"
)

// definition is a state machine's text, as much of it as costs something
// (Amazon States Language).
type definition struct {
	StartAt string
	States  map[string]state
}

type state struct {
	Type       string
	Resource   string
	Next       string
	Default    string
	Choices    []struct{ Next string }
	Branches   []definition
	Parameters json.RawMessage
	// Of a Map: what it does with each item.
	ItemProcessor, Iterator *definition
}

// task is a step that a run does: what runs it, and which of floe's acts.
type task struct {
	name     string
	act      string
	function string // name of a Lambda function
	family   string // or of a task definition
	public   bool   // the task has a public address
}

// walk is what a run goes through if nothing fails: every state that is reached
// without an error, once.
type walk struct {
	transitions int
	tasks       []task
}

func readDefinition(text string) (*walk, error) {
	var d definition
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return nil, fmt.Errorf("read the definition: %w", err)
	}
	w := &walk{}
	return w, w.through(d)
}

func (w *walk) through(d definition) error {
	seen, open := map[string]bool{}, []string{d.StartAt}
	acts := map[string]string{} // by the state that does what the one before it wrote down
	for len(open) > 0 {
		name := open[0]
		open = open[1:]
		if name == "" || seen[name] {
			continue
		}
		s, ok := d.States[name]
		if !ok {
			return fmt.Errorf("state %s is named, and is not there", name)
		}
		seen[name] = true
		w.transitions++
		if err := w.visit(name, s, acts); err != nil {
			return err
		}
		open = append(open, s.Next, s.Default)
		for _, c := range s.Choices {
			open = append(open, c.Next)
		}
	}
	return nil
}

func (w *walk) visit(name string, s state, acts map[string]string) error {
	inner := s.Branches
	for _, d := range []*definition{s.ItemProcessor, s.Iterator} {
		if d != nil {
			inner = append(inner, *d)
		}
	}
	for _, d := range inner {
		if err := w.through(d); err != nil {
			return fmt.Errorf("state %s: %w", name, err)
		}
	}
	if len(s.Parameters) == 0 {
		return nil
	}
	var p parameters
	if err := json.Unmarshal(s.Parameters, &p); err != nil {
		return fmt.Errorf("state %s: read its parameters: %w", name, err)
	}
	switch {
	case p.Task.Act != "":
		acts[s.Next] = p.Task.Act
	case strings.Contains(s.Resource, ":lambda:invoke"):
		w.tasks = append(w.tasks, task{name: name, act: p.Payload.Act, function: last(p.FunctionName)})
	case strings.Contains(s.Resource, ":ecs:runTask"):
		w.tasks = append(w.tasks, task{name: name, act: acts[name], family: p.TaskDefinition, public: p.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIP == "ENABLED"})
	}
	return nil
}

// parameters are those of the calls that floe's workflows make.
type parameters struct {
	FunctionName         string
	Payload              struct{ Act string }
	TaskDefinition       string
	NetworkConfiguration struct {
		AwsvpcConfiguration struct {
			AssignPublicIP string `json:"AssignPublicIp"`
		}
	}
	// Task is what a task's own state is told by the one before it.
	Task struct{ Act string } `json:"task"`
}

// last is the name at an ARN's end.
func last(arn string) string {
	return arn[strings.LastIndex(arn, ":")+1:]
}
