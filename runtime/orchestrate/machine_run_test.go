package orchestrate

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/project"
)

// fleet answers tasks as a test says and keeps what they were asked.
type fleet struct {
	t      *testing.T
	called []Task
	states []string
	told   []string
	// does answers the nth call of a step, from 1.
	does  func(t Task, nth int, state string) (Outcome, *asError)
	times map[string]int
}

func (f *fleet) work(name, resource string, parameters any) (any, *asError) {
	p := parameters.(map[string]any)
	if strings.HasSuffix(resource, ":sns:publish") {
		f.told = append(f.told, p["Message"].(string))
		return map[string]any{"MessageId": "m"}, nil
	}
	var task Task
	var err error
	if strings.HasSuffix(resource, ":lambda:invoke") {
		err = json.Unmarshal([]byte(text(p["Payload"])), &task)
	} else {
		task, err = commandOf(p)
	}
	if err != nil || task.Run != "r1" || task.Began.IsZero() || task.Timeout == "" {
		f.t.Fatalf("%s: %v in %s", name, err, text(p))
	}
	if f.times == nil {
		f.times = map[string]int{}
	}
	f.times[task.Step]++
	f.called, f.states = append(f.called, task), append(f.states, name)
	out, failure := f.does(task, f.times[task.Step], name)
	if failure != nil {
		return nil, failure
	}
	var result any
	if err := json.Unmarshal([]byte(text(out)), &result); err != nil {
		f.t.Fatal(err)
	}
	return map[string]any{"Payload": result, "StatusCode": 200.0, "ExecutedVersion": "$LATEST", // and some 2 KB of headers
		"SdkHttpMetadata": map[string]any{"AllHttpHeaders": strings.Repeat("h", 2048)}}, nil
}

func finished(Task, int, string) (Outcome, *asError) {
	return Outcome{Finished: true, Done: []string{}}, nil
}

// exit is how a Fargate task's program ended, as ECS tells.
func exit(code int) *asError {
	return &asError{"States.TaskFailed", fmt.Sprintf(`{"Containers":[{"ContainerArn":"a/b","ExitCode":%d,"Image":"i"}],"StopCode":"EssentialContainerExited"}`, code)}
}

var spotInterruption = &asError{"States.TaskFailed", `{"Containers":[{"ContainerArn":"a/b","ExitCode":143}],"StopCode":"SpotInterruption"}`}

func start(t *testing.T, g golden, does func(Task, int, string) (Outcome, *asError)) (*execution, *fleet) {
	t.Helper()
	f := &fleet{t: t, does: does}
	return newExecution(t, definition(t, g), 1, f.work), f
}

func TestRunsInOrder(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			x, f := start(t, g, finished)
			if err := x.run(); err != nil {
				t.Fatal(err)
			}
			var steps []string
			for _, c := range f.called {
				steps = append(steps, c.Step)
			}
			if g.options.Govern != nil {
				last := f.called[len(f.called)-1]
				var got, want any
				if err := errors.Join(json.Unmarshal(last.Govern, &got), json.Unmarshal(g.options.Govern.Spec, &want)); err != nil || last.Act != ActGovern || !reflect.DeepEqual(got, want) {
					t.Errorf("the last call is %+v", last)
				}
				steps = steps[:len(steps)-1]
			}
			order(t, g.workflow, steps)
			if len(steps) != len(g.workflow.Steps) || len(f.told) != 0 {
				t.Errorf("ran %v, told %v", steps, f.told)
			}
		})
	}
}

// order checks that each step comes after all that it waits for.
func order(t *testing.T, w *project.Workflow, steps []string) {
	t.Helper()
	g, err := NewGraph(w)
	if err != nil {
		t.Fatal(err)
	}
	for step, after := range g.After {
		for _, a := range after {
			if first, last := slices.Index(steps, step), lastOf(steps, a); first < last || last < 0 {
				t.Fatalf("%s ran before %s was done: %v", step, a, steps)
			}
		}
	}
}

func lastOf(all []string, one string) int {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i] == one {
			return i
		}
	}
	return -1
}

func TestCallsAgainUntilFinished(t *testing.T) {
	x, f := start(t, goldens[1], func(t Task, nth int, _ string) (Outcome, *asError) {
		if t.Step != "transform" || nth == 4 {
			return Outcome{Finished: true, Done: t.Done}, nil
		}
		return Outcome{Done: append(t.Done, fmt.Sprint("model", nth))}, nil
	})
	if err := x.run(); err != nil {
		t.Fatal(err)
	}
	var done [][]string
	var began []time.Time
	for _, c := range f.called {
		if c.Step == "transform" {
			done, began = append(done, c.Done), append(began, c.Began)
		}
	}
	if fmt.Sprint(done) != "[[] [model1] [model1 model2] [model1 model2 model3]]" {
		t.Errorf("done %v", done)
	}
	if !began[3].Equal(began[0]) || !began[0].After(f.called[0].Began) {
		t.Errorf("the step began at %v, the one before at %v", began, f.called[0].Began)
	}
}

func TestRetriesWhatMayGoWell(t *testing.T) {
	for _, tc := range []struct {
		step string
		err  *asError
		want int
	}{
		{"load", &asError{ErrorFailed, ""}, 3}, {"load", &asError{ErrorInterrupted, ""}, 3}, {"load", &asError{"Sandbox.Timedout", ""}, 3},
		{"load", &asError{ErrorUsage, ""}, 1}, {"load", &asError{ErrorContract, ""}, 1}, {"load", &asError{ErrorTimeout, ""}, 1},
		{"load", &asError{"Lambda.TooManyRequestsException", ""}, 9}, {"stage", &asError{"Lambda.KMSAccessDeniedException", ""}, 9},
		{"load", &asError{"Lambda.KMSDisabledException", ""}, 9}, {"load", &asError{"Lambda.KMSInvalidStateException", ""}, 9}, {"load", &asError{"Lambda.KMSNotFoundException", ""}, 9},
		{"load", &asError{"Lambda.ResourceNotReadyException", ""}, 9}, {"load", &asError{"Lambda.ResourceConflictException", ""}, 9}, {"stage", &asError{ErrorFailed, ""}, 1},
		{"west", exit(1), 4}, {"west", exit(4), 4}, {"west", exit(137), 4}, {"west", exit(2), 1}, {"west", exit(3), 1}, {"west", exit(5), 1},
		{"west", &asError{"ECS.ThrottlingException", "slow down"}, 4 * 7}, {"west", &asError{Name: "States.Timeout"}, 1},
		{"east", exit(1), 1}, {"east", exit(3), 1}, {"east", exit(5), 1}, {"east", spotInterruption, 2}, {"east", &asError{Name: "States.Timeout"}, 1},
	} {
		t.Run(tc.step+tc.err.Name+tc.err.Cause, func(t *testing.T) {
			x, f := start(t, goldens[3], func(task Task, _ int, _ string) (Outcome, *asError) {
				if task.Step == tc.step {
					return Outcome{}, tc.err
				}
				return Outcome{Finished: true, Done: []string{}}, nil
			})
			if err := x.run(); err == nil || err.Name != "States.NoChoiceMatched" || err.Cause != tc.step+" resume" {
				t.Fatalf("ended with %v", err)
			}
			if f.times[tc.step] != tc.want || len(f.told) != 1 {
				t.Fatalf("%d calls, want %d; told %v", f.times[tc.step], tc.want, f.told)
			}
			for _, part := range []string{"Workflow wide of floe dev failed at step " + tc.step, "run: r1\n", tc.err.Name,
				"redrive-execution --region eu-central-1 --execution-arn arn:aws:states:eu-central-1:123456789012:execution:floe-dev-daily:r1\n"} {
				if !strings.Contains(f.told[0], part) {
					t.Errorf("%q is not in %s", part, f.told[0])
				}
			}
		})
	}
}

func TestSpotFirstThenOnDemand(t *testing.T) {
	for name, err := range map[string]*asError{"interrupted": spotInterruption, "no place": {"States.TaskFailed", `{"Containers":[{"ContainerArn":"a"}],"StopCode":"TaskFailedToStart"}`}, "no JSON": {"X", "{"}} {
		t.Run(name, func(t *testing.T) {
			x, f := start(t, goldens[0], func(_ Task, _ int, state string) (Outcome, *asError) {
				if state == "transform" {
					return Outcome{}, err
				}
				return Outcome{Finished: true, Done: []string{}}, nil
			})
			if err := x.run(); err != nil || fmt.Sprint(f.states) != "[ingest transform transform on demand maintain]" {
				t.Errorf("%v: %v", err, f.states)
			}
		})
	}
}

func TestRedriveGoesOn(t *testing.T) {
	broken := map[string]bool{"stage": true, "west": true}
	doneBefore := []string{"a", "b"}
	x, f := start(t, goldens[3], func(task Task, nth int, _ string) (Outcome, *asError) {
		switch {
		case task.Step == "stage" && nth == 1:
			return Outcome{Done: doneBefore}, nil
		case task.Step == "stage" && broken["stage"]:
			return Outcome{}, &asError{ErrorContract, "a test failed"}
		case task.Step == "west" && broken["west"]:
			return Outcome{}, exit(3)
		}
		return Outcome{Finished: true, Done: []string{}}, nil
	})
	if err := x.run(); err == nil || err.Cause != "stage resume" {
		t.Fatal(err)
	}
	if err := x.redrive(); err == nil || err.Cause != "stage resume" || len(f.told) != 2 {
		t.Fatalf("a redrive without a mend: %v, told %d times", err, len(f.told))
	}
	broken["stage"] = false
	if err := x.redrive(); err == nil || err.Cause != "west resume" || len(f.told) != 3 {
		t.Fatalf("%v, told %d times", err, len(f.told))
	}
	broken["west"] = false
	if err := x.redrive(); err != nil {
		t.Fatal(err)
	}
	var stage []Task
	for _, c := range f.called {
		if c.Step == "stage" {
			stage = append(stage, c)
		}
	}
	if len(stage) != 4 || !slices.Equal(stage[3].Done, doneBefore) || !stage[3].Began.After(stage[1].Began.Add(time.Hour)) {
		t.Errorf("stage was called with %+v", stage)
	}
	if f.times["load"] != 1 || f.times["reports"] != 1 || f.times["tidy"] != 1 {
		t.Errorf("what was done was done again: %v", f.times)
	}
}

// TestStoppedStepHasItsTimeAgain: a step that another's failure stopped runs
// again after the redrive, with its old begin; where its time is over, it
// begins anew, and nobody is told.
func TestStoppedStepHasItsTimeAgain(t *testing.T) {
	w := &project.Workflow{Name: "w", Steps: []project.Step{ingest("a"), {Name: "b", After: []string{}, Ingest: &project.IngestStep{Source: "chess"}}}}
	var x *execution
	x, f := start(t, golden{"", w, options(map[string]Runs{"a": onLambda("a"), "b": onLambda("b")})}, func(task Task, nth int, _ string) (Outcome, *asError) {
		switch {
		case task.Step == "a" && nth == 1:
			return Outcome{}, &asError{ErrorContract, ""}
		case x.now.After(task.Began.Add(time.Hour)):
			return Outcome{}, &asError{ErrorTimeout, ""}
		case task.Step == "b" && x.context["Execution"].(map[string]any)["RedriveTime"] == nil:
			return Outcome{Done: []string{"half"}}, nil
		}
		return Outcome{Finished: true, Done: []string{}}, nil
	})
	if err := x.run(); err == nil || err.Cause != "a resume" {
		t.Fatal(err)
	}
	if err := x.redrive(); err != nil || len(f.told) != 1 || !slices.Contains(x.passed, "b again") {
		t.Errorf("%v, told %v, passed %v", err, f.told, x.passed)
	}
	if last := f.called[len(f.called)-1]; f.times["b"] < 2 || last.Step == "b" && !slices.Equal(last.Done, []string{"half"}) {
		t.Errorf("called %+v", f.called)
	}
}

// TestNobodyCanBeTold: a topic that refuses does not keep the execution from
// failing where it can be redriven.
func TestNobodyCanBeTold(t *testing.T) {
	x, f := start(t, goldens[0], func(task Task, nth int, _ string) (Outcome, *asError) {
		if nth == 1 && task.Step == "transform" {
			return Outcome{}, exit(2)
		}
		return Outcome{Finished: true, Done: []string{}}, nil
	})
	refused := 0
	x.work = func(name, resource string, p any) (any, *asError) {
		if strings.HasSuffix(resource, ":sns:publish") {
			refused++
			return nil, &asError{"SNS.AuthorizationErrorException", "no"}
		}
		return f.work(name, resource, p)
	}
	if err := x.run(); err == nil || err.Cause != "transform resume" || refused != 6 {
		t.Fatalf("%v after %d", err, refused)
	}
	if err := x.redrive(); err != nil {
		t.Fatal(err)
	}
}

// TestAnswerTooLarge: no state can catch an answer of more than 256 KB, though
// nothing of it but finished and done is selected.
func TestAnswerTooLarge(t *testing.T) {
	for size, want := range map[int]string{128 << 10: "", maxPayload: "States.DataLimitExceeded"} {
		x, _ := start(t, goldens[1], func(Task, int, string) (Outcome, *asError) {
			return Outcome{Finished: true, Done: []string{}, Summary: strings.Repeat("x", size)}, nil
		})
		if err := x.run(); (err == nil) != (want == "") || err != nil && err.Name != want {
			t.Errorf("%d bytes: %v, want %q", size, err, want)
		}
	}
}

// TestGoverns: what transforms is governed in the end, as often as it takes;
// what does not is not, nor is what failed.
func TestGoverns(t *testing.T) {
	x, f := start(t, goldens[4], func(task Task, nth int, _ string) (Outcome, *asError) {
		switch {
		case task.Step != governStep:
			return Outcome{Finished: true, Done: []string{}}, nil
		case nth == 1:
			return Outcome{}, &asError{ErrorFailed, "throttled"}
		case nth == 2:
			return Outcome{Done: []string{"marts.fct_games"}}, nil
		case nth == 3:
			return Outcome{}, &asError{ErrorUsage, "the role does not exist"}
		}
		return Outcome{Finished: true, Done: task.Done}, nil
	})
	if err := x.run(); err == nil || err.Cause != "workflow govern resume" || len(f.told) != 1 || !strings.Contains(f.told[0], "failed at step workflow govern") {
		t.Fatalf("%v, told %v", err, f.told)
	}
	if err := x.redrive(); err != nil {
		t.Fatal(err)
	}
	if last := f.called[len(f.called)-1]; f.times[governStep] != 4 || !slices.Equal(last.Done, []string{"marts.fct_games"}) || f.times["transform"] != 1 {
		t.Errorf("called %v, in the end %+v", f.times, last)
	}
	only := &project.Workflow{Name: "w", Steps: []project.Step{ingest("a")}}
	if text := string(definition(t, golden{"", only, governed(options(map[string]Runs{"a": onLambda("a")}))})); strings.Contains(text, "govern") {
		t.Error(text)
	}
	x, f = start(t, goldens[4], func(task Task, _ int, _ string) (Outcome, *asError) {
		if task.Step == "transform" {
			return Outcome{}, exit(3)
		}
		return Outcome{Finished: true, Done: []string{}}, nil
	})
	if err := x.run(); err == nil || f.times[governStep] != 0 {
		t.Errorf("%v, called %v", err, f.times)
	}
}

// TestMostThatFits: as many names as the comment on StateMachine says fit.
func TestMostThatFits(t *testing.T) {
	done := make([]string, 3400)
	for i := range done {
		done[i] = fmt.Sprintf("m%062d", i)
	}
	x, f := start(t, goldens[1], func(task Task, nth int, _ string) (Outcome, *asError) {
		switch {
		case task.Step != "transform":
			return Outcome{Finished: true, Done: []string{}}, nil
		case nth == 1:
			return Outcome{Done: done}, nil
		case nth == 2:
			return Outcome{}, &asError{ErrorFailed, strings.Repeat("x", 32_000)}
		}
		return Outcome{Finished: true, Done: task.Done}, nil
	})
	if err := x.run(); err == nil || err.Cause != "transform resume" {
		t.Fatal(err)
	}
	if err := x.redrive(); err != nil || len(f.called[len(f.called)-2].Done) != len(done) {
		t.Fatal(err)
	}
}
