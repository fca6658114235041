package cost

import (
	"math"
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/plan"
)

// chess is a workflow as floe writes it: a function, a task, and what comes of
// errors, which is not counted.
const chess = `{"StartAt": "load", "States": {
  "load": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "arn:aws:lambda:r:1:function:ingest", "Payload": {"act": "load"}},
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "failed"}], "Next": "more"},
  "more": {"Type": "Choice", "Choices": [{"Variable": "$.finished", "BooleanEquals": true, "Next": "both"}], "Default": "load"},
  "both": {"Type": "Parallel", "Next": "done", "Branches": [
    {"StartAt": "begin", "States": {
      "begin": {"Type": "Pass", "Parameters": {"task": {"act": "transform"}}, "Next": "build"},
      "build": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync", "End": true,
        "Parameters": {"TaskDefinition": "transform", "NetworkConfiguration": {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED"}}}}}},
    {"StartAt": "rest", "States": {"rest": {"Type": "Succeed"}}}]},
  "failed": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn": "t"}, "Next": "done"},
  "done": {"Type": "Succeed"}}}`

func workflow(definition, schedule, state string) []plan.Resource {
	return []plan.Resource{
		planned("aws:sfn/stateMachine:StateMachine", "workflow-chess", map[string]any{"name": "floe-dev-chess", "definition": definition}),
		planned("aws:lambda/function:Function", "ingest-chess", map[string]any{
			"name": "ingest", "architectures": []any{"arm64"}, "memorySize": 2048.0, "ephemeralStorage": map[string]any{"size": 1536.0}}),
		planned("aws:ecs/taskDefinition:TaskDefinition", "transform", map[string]any{"family": "transform", "cpu": "512", "memory": "2048",
			"runtimePlatform": map[string]any{"cpuArchitecture": "ARM64"}, "ephemeralStorage": map[string]any{"sizeInGib": 21.0}}),
		planned("aws:scheduler/schedule:Schedule", "schedule-chess", map[string]any{"scheduleExpression": schedule, "state": state,
			"target": map[string]any{"input": `{"StateMachineArn":"arn:aws:states:r:1:stateMachine:floe-dev-chess"}`}}),
	}
}

func TestRun(t *testing.T) {
	e := estimated(t, workflow(chess, "cron(0 5 * * ? *)", "ENABLED")...)
	if len(e.Runs) != 1 {
		t.Fatalf("%+v", e.Runs)
	}
	got := map[string]float64{}
	for _, i := range e.Runs[0].Items {
		got[i.Price] = i.Quantity
	}
	for price, want := range map[string]float64{
		"transition":          7, // load, more, both, begin, build, rest, done
		"lambda_second_arm64": 2 * 60, "lambda_disk": 60, "lambda_request": 1,
		"fargate_cpu_arm64": 0.5 * 180 / 3600, "fargate_gb_arm64": 2 * 180.0 / 3600, "fargate_disk": 180.0 / 3600, "address_hour": 180.0 / 3600,
		"athena_tb": 10 * 5 * 10 / 1e6, "s3_write": 60 + 50*3, "s3_read": 200 + 50*10, "trace": 2, "schedule_start": 1, "kms_request": 60, "log_gb": 0.0004,
	} {
		if math.Abs(got[price]-want) > 1e-12 {
			t.Errorf("%s: %g, want %g", price, got[price], want)
		}
		delete(got, price)
	}
	if len(got) > 0 {
		t.Errorf("and %v", got)
	}
	if r := e.Runs[0]; math.Abs(r.PerMonth-30.4375) > 1e-9 || math.Abs(e.MonthUSD-e.IdleUSD-r.USD*r.PerMonth) > 1e-12 {
		t.Errorf("%g runs of %g in %g", r.PerMonth, r.USD, e.MonthUSD)
	}
}

func TestAScheduleThatIsOffRunsNothing(t *testing.T) {
	e := estimated(t, workflow(chess, "rate(1 hour)", "DISABLED")...)
	if r := e.Runs[0]; r.PerMonth != 0 || r.On || r.USD == 0 || e.RunsUSD != 0 || !strings.Contains(strings.Join(e.Notes, "\n"), "rate(1 hour) is off") {
		t.Errorf("%+v %v", r, e.Notes)
	}
	e = estimated(t, workflow(chess, "", "")[:3]...)
	if r := e.Runs[0]; r.PerMonth != 0 || !strings.Contains(strings.Join(e.Notes, "\n"), "workflow chess has no schedule") {
		t.Errorf("%+v %v", r, e.Notes)
	}
}

// TestLeastAmounts: a task costs a minute at least, and a query 10 MB.
func TestLeastAmounts(t *testing.T) {
	b, err := Prices("transform_seconds=1", "mb_per_query=1")
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(workflow(chess, "rate(1 day)", "ENABLED"), Args{Stack: "dev", Region: home, Models: 10, Book: b})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range e.Runs[0].Items {
		if i.Price == "fargate_cpu_arm64" && math.Abs(i.Quantity-0.5/60) > 1e-12 || i.Price == "athena_tb" && math.Abs(i.Quantity-0.0005) > 1e-12 {
			t.Errorf("%s: %g", i.Price, i.Quantity)
		}
	}
}

// TestWhatATaskMoves goes through NAT or endpoints, where there are any.
func TestWhatATaskMoves(t *testing.T) {
	for price, r := range map[string]plan.Resource{
		"nat_gb":      planned("aws:ec2/natGateway:NatGateway", "n", nil),
		"endpoint_gb": planned("aws:ec2/vpcEndpoint:VpcEndpoint", "e", map[string]any{"vpcEndpointType": "Interface", "subnetIds": []any{"a"}}),
	} {
		found := false
		for _, i := range estimated(t, append(workflow(chess, "rate(1 day)", "ENABLED"), r)...).Runs[0].Items {
			found = found || i.Price == price && i.Quantity == 0.2
		}
		if !found {
			t.Errorf("no %s", price)
		}
	}
}

func TestDefinitionsThatAreNotUnderstood(t *testing.T) {
	for definition, want := range map[string]string{
		`{`: "read the definition",
		`{"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "b"}}}`:                 "state b is named, and is not there",
		strings.Replace(chess, `"act": "load"`, `"act": "dream"`, 1):                       `its act is "dream"`,
		strings.Replace(chess, `"act": "transform"`, `"act": ""`, 1):                       `its act is ""`,
		strings.Replace(chess, `function:ingest`, `function:other`, 1):                     "which is not planned",
		strings.Replace(chess, `"TaskDefinition": "transform"`, `"TaskDefinition": ""`, 1): "which is not planned",
	} {
		if _, err := New(workflow(definition, "rate(1 day)", "ENABLED"), Args{Stack: "dev", Region: home}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "workflow chess") {
			t.Errorf("%s: %v", want, err)
		}
	}
}
