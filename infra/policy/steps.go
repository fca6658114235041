package policy

import (
	"maps"
	"slices"
	"strings"
)

// step is a Task state of a state machine.
type step struct {
	machine resource
	name    string
	state   map[string]any
}

// steps are the Task states of all state machines, those inside of Parallel and
// Map states too.
func (p *Plan) steps() []step {
	var all []step
	for _, m := range p.of(machineType) {
		all = append(all, tasks(m, m.machine)...)
	}
	return all
}

func tasks(m resource, definition map[string]any) []step {
	states, _ := definition["States"].(map[string]any)
	var all []step
	for _, name := range slices.Sorted(maps.Keys(states)) {
		state, _ := states[name].(map[string]any)
		if state["Type"] == "Task" {
			all = append(all, step{m, name, state})
		}
		branches, _ := state["Branches"].([]any)
		for _, inner := range append(branches, state["ItemProcessor"], state["Iterator"]) {
			if definition, ok := inner.(map[string]any); ok {
				all = append(all, tasks(m, definition)...)
			}
		}
	}
	return all
}

// broken is a finding at the step.
func (s step) broken(property string, found any, right string) Finding {
	return broken(s.machine, "definition: "+s.name+": "+property, found, "%s", right)
}

// calls is a parameter of the step.
func (s step) calls(parameter string) string {
	text, _ := at(s.state, "Parameters."+parameter).(string)
	return text
}

// is says whether the step calls an integration: lambda:invoke, ecs:runTask.
func (s step) is(integration string) bool {
	resource, _ := s.state["Resource"].(string)
	return strings.Contains(resource, ":::"+integration)
}
