package orchestrate

import (
	"fmt"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/project"
)

// builder writes the states of one workflow.
type builder struct {
	workflow  *project.Workflow
	options   MachineOptions
	partition string // aws, aws-cn, aws-us-gov
}

// block writes a part of the graph; next is the state after it. It gives the
// part's first state.
func (b *builder) block(p block, next string) (start string, all states, err error) {
	switch {
	case p.step != nil && b.options.Steps[p.step.Name].Fargate != nil:
		return b.fargate(*p.step, next)
	case p.step != nil:
		return b.lambda(*p.step, next)
	case p.together != nil:
		return b.parallel(p, next)
	}
	start = next
	for i := len(p.series) - 1; i >= 0; i-- {
		var part states
		if start, part, err = b.block(p.series[i], start); err != nil {
			return "", nil, err
		}
		all = append(part, all...)
	}
	return start, all, nil
}

// parallel writes parts that run at the same time. It catches nothing: a step
// tells of its failure itself, and a redrive goes on inside the branch.
func (b *builder) parallel(p block, next string) (string, states, error) {
	name := fmt.Sprintf("together %d", p.number)
	s := state{Type: "Parallel", ResultPath: nothing, Next: next}
	for i, part := range p.together {
		end := fmt.Sprintf("%s branch %d done", name, i+1)
		start, all, err := b.block(part, end)
		if err != nil {
			return "", nil, err
		}
		s.Branches = append(s.Branches, machine{StartAt: start, States: append(all, named{end, state{Type: "Succeed"}})})
	}
	return name, states{{name, s}}, nil
}

func (b *builder) service(action string) string {
	return "arn:" + b.partition + ":states:::" + action
}

// failure writes what follows on a failed step: it is told, and the execution
// fails where a redrive leads back (see StateMachine). began is the path of
// when the step began, back the state that begins it anew.
func (b *builder) failure(s project.Step, began, back string) states {
	redriven := []choice{{condition{And: []condition{
		{Variable: "$$.Execution.RedriveTime", IsPresent: true},
		{Variable: "$$.Execution.RedriveTime", TimestampGreaterThanPath: began},
	}}, back}}
	failed, notify, resume := s.Name+" failed", s.Name+" notify", s.Name+" resume"
	return states{
		{failed, state{Type: "Choice", Comment: "Begun before a redrive, its time may just have been over: once more", Choices: redriven, Default: notify}},
		{notify, state{
			Type: "Task", Resource: b.service("sns:publish"), Parameters: b.message(s), ResultPath: nothing, TimeoutSeconds: 60,
			Retry: []retrier{retry(5, 2, 60, "States.ALL")}, Catch: caught("$.untold", resume), Next: resume,
		}},
		{resume, state{Type: "Choice", Comment: "No rule matches until a redrive: the execution fails here and goes on from here", Choices: redriven}},
	}
}

// message is what people are told. The error goes as it is, for not every one
// has a cause.
func (b *builder) message(s project.Step) map[string]any {
	o := b.options
	text := fmt.Sprintf("Workflow %s of %s %s failed at step %s.\n\nrun: {}\nerror: {}\n\nMend the cause, then go on where it stopped:\n"+
		"aws stepfunctions redrive-execution --region %s --execution-arn {}\n\ndocs/operate.md says more: A workflow failed.",
		b.workflow.Name, o.Project, o.Stack, s.Name, o.Region)
	return map[string]any{
		"TopicArn":  o.Topic,
		"Subject":   cutTo(100, fmt.Sprintf("%s %s: %s failed at %s", o.Project, o.Stack, b.workflow.Name, s.Name)),
		"Message.$": "States.Format('" + strings.ReplaceAll(text, "'", `\'`) + "', $$.Execution.Name, States.JsonToString($.error), $$.Execution.Id)",
	}
}

func cutTo(limit int, text string) string {
	if len(text) > limit {
		return text[:limit]
	}
	return text
}

// lambda writes a step that a function does, in as many calls as it takes.
func (b *builder) lambda(s project.Step, next string) (string, states, error) {
	task, limit, err := b.taskOf(s)
	if err != nil {
		return "", nil, err
	}
	return b.function(s, b.options.Steps[s.Name].Function, task, limit, next)
}

// function writes a step that calls a function with a task.
func (b *builder) function(s project.Step, function string, task Task, limit time.Duration, next string) (string, states, error) {
	payload, size, err := parameters(task)
	if err != nil {
		return "", nil, err
	}
	if size > maxPayload/4 {
		return "", nil, fmt.Errorf("step %s: found a task of %d bytes; at most %d leave room for what it answers: name fewer resources, models or grants", s.Name, size, maxPayload/4)
	}
	payload["began.$"], payload["done.$"] = "$.began", "$.outcome.done"
	begin, more, again := s.Name+" begin", s.Name+" more", s.Name+" again"
	all := states{
		{begin, state{Type: "Pass", Parameters: map[string]any{
			"began.$": "$$.State.EnteredTime", "outcome": Outcome{Done: []string{}},
		}, Next: s.Name}},
		{s.Name, state{
			Type: "Task", Resource: b.service("lambda:invoke"), TimeoutSeconds: int64(min(limit, longestCall)/time.Second) + 60,
			Parameters:     map[string]any{"FunctionName": function, "Payload": payload},
			ResultSelector: map[string]any{"finished.$": "$.Payload.finished", "done.$": "$.Payload.done"},
			ResultPath:     at("$.outcome"),
			Retry:          lambdaRetries(s.Retries),
			Catch:          caught("$.error", s.Name+" failed"), Next: more,
		}},
		{more, state{Type: "Choice", Choices: []choice{{condition{Variable: "$.outcome.finished", BooleanEquals: true}, next}}, Default: s.Name}},
	}
	all = append(all, b.failure(s, "$.began", again)...)
	all = append(all, named{again, state{
		Type: "Pass", Comment: "Its time begins anew, what is done stays done", InputPath: "$$.State.EnteredTime", ResultPath: at("$.began"), Next: s.Name,
	}})
	return begin, all, nil
}

// longestCall is as long as Lambda lets a function run.
const longestCall = 15 * time.Minute

// lambdaRetries repeat what the program says may go well another time, and a
// function that was killed, as often as the step says; and the service's own
// troubles: throttling (new accounts have 10 functions at a time), a key that is
// not to be had for a while, a function that a deploy has not made ready yet.
func lambdaRetries(retries int) []retrier {
	service := retry(8, 2, 120, "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException",
		"Lambda.KMSAccessDeniedException", "Lambda.KMSDisabledException", "Lambda.KMSInvalidStateException", "Lambda.KMSNotFoundException",
		"Lambda.ResourceNotReadyException", "Lambda.ResourceConflictException")
	if retries == 0 {
		return []retrier{service}
	}
	return []retrier{service, retry(retries, 10, 300, ErrorFailed, ErrorInterrupted, "Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError")}
}
