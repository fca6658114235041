package orchestrate

import (
	"fmt"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

// fargate writes a step that a task does. All errors of a task have one name,
// so how its program ended is read from the task's description, in the cause:
//
//	load begin -> load -> (the next step)
//	               |  on spot
//	               failed -> load stopped -> the program's end -> load ended
//	                            `-> interrupted, no place -> load on demand
//	load on demand -> failed -> load ended -> may go well another time, tries
//	                   left -> load count -> load pause -> load on demand
//
// Without tries (retries: 0) load failed stands in the place of load ended.
func (b *builder) fargate(s project.Step, next string) (string, states, error) {
	task, limit, err := b.taskOf(s)
	if err != nil {
		return "", nil, err
	}
	p, size, err := parameters(task)
	if err != nil {
		return "", nil, err
	}
	if room := maxOverrides - 512; size > room { // the run, the times and the container's name come on top
		return "", nil, fmt.Errorf("step %s: found a task of %d bytes; ECS takes %d: name fewer resources or models, or let a function run it", s.Name, size, room)
	}
	p["began.$"] = "$$.State.EnteredTime"
	f := b.options.Steps[s.Name].Fargate
	begin, stopped, ended, lasting := s.Name+" begin", s.Name+" stopped", s.Name+" ended", s.Name
	if s.Retries == 0 {
		ended = s.Name + " failed"
	}
	all := states{{begin, state{Type: "Pass", Parameters: map[string]any{"task": p, "tries": 0}, Next: s.Name}}}
	if f.Spot {
		lasting = s.Name + " on demand"
		all = append(all,
			named{s.Name, b.run(f, limit, true, stopped, next)},
			named{stopped, state{Type: "Choice", Choices: []choice{
				{exited(fault.Failed, fault.Usage, fault.Contract, ExitTimeout), ended},
				{condition{Variable: "$.error.Error", StringEquals: "States.Timeout"}, ended},
			}, Default: lasting}})
	}
	all = append(all, named{lasting, b.run(f, limit, false, ended, next)})
	if s.Retries > 0 {
		all = append(all, again(s, ended, lasting)...)
	}
	return begin, append(all, b.failure(s, "$.task.began", begin)...), nil
}

// run is the state in which the task runs.
func (b *builder) run(f *Fargate, limit time.Duration, spot bool, failed, next string) state {
	public := map[bool]string{true: "ENABLED", false: "DISABLED"}[f.PublicAddress]
	p := map[string]any{
		"Cluster": f.Cluster, "TaskDefinition": f.TaskDefinition, "PropagateTags": "TASK_DEFINITION", "EnableExecuteCommand": false,
		"NetworkConfiguration": map[string]any{"AwsvpcConfiguration": map[string]any{
			"Subnets": f.Subnets, "SecurityGroups": []string{f.SecurityGroup}, "AssignPublicIp": public,
		}},
		"Overrides": map[string]any{"ContainerOverrides": []any{map[string]any{
			"Name": f.Container, "Command.$": "States.Array(States.JsonToString($.task))",
		}}},
	}
	if spot {
		p["CapacityProviderStrategy"] = []any{map[string]any{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}}
	} else {
		p["LaunchType"] = "FARGATE"
	}
	return state{
		Type: "Task", Resource: b.service("ecs:runTask.sync"), Parameters: p, ResultPath: nothing,
		TimeoutSeconds: int64((limit + starting) / time.Second),
		Retry:          []retrier{retry(6, 5, 120, "ECS.AmazonECSException", "ECS.ServerException", "ECS.SdkClientException", "ECS.ThrottlingException")},
		Catch:          caught("$.error", failed), Next: next,
	}
}

// starting is how long a task may take to find its place, fetch its image and end.
const starting = 15 * time.Minute

// again writes whether and when a task that ended badly runs once more: not
// where it was used wrongly, the data broke a contract or its time is over, and
// at most as often as the step says. The pauses grow and are spread at random.
func again(s project.Step, ended, back string) states {
	failed, count, pause := s.Name+" failed", s.Name+" count", s.Name+" pause"
	retries := s.Retries
	return states{
		{ended, state{Type: "Choice", Choices: []choice{
			{exited(fault.Usage, fault.Contract, ExitTimeout), failed},
			{condition{Variable: "$.error.Error", StringEquals: "States.Timeout"}, failed},
			{condition{Variable: "$.tries", NumericGreaterThanEquals: &retries}, failed},
		}, Default: count}},
		{count, state{Type: "Pass", Parameters: map[string]any{
			"task.$": "$.task", "tries.$": "States.MathAdd($.tries, 1)",
			"pause.$": "States.MathRandom(1, States.ArrayGetItem(States.Array(30, 60, 120, 240, 300, 300, 300, 300, 300, 300), $.tries))",
		}, Next: pause}},
		{pause, state{Type: "Wait", SecondsPath: "$.pause", Next: back}},
	}
}

// exited is whether the program ended with one of the codes. The cause is the
// task's description as JSON; it is searched as text, for a text that is no
// whole JSON would fail the execution in a state that no redrive could leave.
func exited(kinds ...fault.Kind) condition {
	var any []condition
	for _, k := range kinds {
		for _, end := range []string{",", "}"} {
			any = append(any, condition{Variable: "$.error.Cause", StringMatches: fmt.Sprintf(`*"ExitCode":%d%s*`, k, end)})
		}
	}
	return condition{And: []condition{{Variable: "$.error.Cause", IsPresent: true}, {Or: any}}}
}
