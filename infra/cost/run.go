package cost

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/floe-data/floe/infra/operations"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/orchestrate"
)

// Run is what a run of a workflow costs.
type Run struct {
	Workflow string  `json:"workflow"`
	Schedule string  `json:"schedule,omitempty"` // "" for one that is started otherwise
	On       bool    `json:"on"`                 // the schedule counts
	PerMonth float64 `json:"per_month"`          // starts by the schedule
	Items    []Item  `json:"items"`
	USD      float64 `json:"usd"` // of one run
}

// AWS's smallest amounts, and what is included.
const (
	fargateSeconds = 60  // the least that a task is charged for (Fargate pricing)
	fargateDiskGiB = 20  // of a task, included
	lambdaDiskMB   = 512 // of a function, included
	athenaMB       = 10  // the least that a query is charged for (Athena pricing)
)

// machinery is what runs are made of.
type machinery struct {
	functions map[string]plan.Resource // by name
	families  map[string]plan.Resource // task definitions, by family
	schedules map[string]plan.Resource // by the name of the state machine
	machines  []plan.Resource
	models    int
	gb        string // the price of a GB that leaves a task's subnet, "" where it is free
}

func gather(resources []plan.Resource, models int) *machinery {
	m := &machinery{functions: map[string]plan.Resource{}, families: map[string]plan.Resource{}, schedules: map[string]plan.Resource{}, models: models}
	for _, r := range resources {
		switch r.Type {
		case "aws:lambda/function:Function":
			m.functions[text(r.Inputs["name"])] = r
		case "aws:ecs/taskDefinition:TaskDefinition":
			m.families[text(r.Inputs["family"])] = r
		case "aws:sfn/stateMachine:StateMachine":
			m.machines = append(m.machines, r)
		case "aws:scheduler/schedule:Schedule":
			var input struct{ StateMachineArn string }
			if json.Unmarshal([]byte(text(object(r.Inputs["target"])["input"])), &input) == nil {
				m.schedules[last(input.StateMachineArn)] = r
			}
		case "aws:ec2/natGateway:NatGateway":
			m.gb = "nat_gb"
		case "aws:ec2/vpcEndpoint:VpcEndpoint":
			if r.Inputs["vpcEndpointType"] == "Interface" && m.gb == "" {
				m.gb = "endpoint_gb"
			}
		}
	}
	return m
}

// run is what a run of a machine costs.
func (y *machinery) run(m *meter, machine plan.Resource) (*Run, error) {
	name := text(machine.Inputs["name"])
	out := &Run{Workflow: strings.TrimPrefix(machine.Name, "workflow-")}
	w, err := readDefinition(text(machine.Inputs["definition"]))
	if err != nil {
		return nil, fmt.Errorf("workflow %s: %w", out.Workflow, err)
	}
	m.add("transitions", machine.Name, "transition", float64(w.transitions))
	m.add("traces", machine.Name, "trace", 1)
	for _, t := range w.tasks {
		if err := y.step(m, t); err != nil {
			return nil, fmt.Errorf("workflow %s: state %s: %w", out.Workflow, t.name, err)
		}
	}
	if s, ok := y.schedules[name]; ok {
		out.Schedule, out.On = text(s.Inputs["scheduleExpression"]), s.Inputs["state"] != "DISABLED"
		m.add("schedule", s.Name, "schedule_start", 1)
		starts, err := operations.Starts(out.Schedule)
		if err != nil {
			return nil, fmt.Errorf("workflow %s: %w", out.Workflow, err)
		}
		if out.On {
			out.PerMonth = starts
		}
	}
	out.Items, err = m.done()
	out.USD = sum(out.Items)
	return out, err
}

// step is what a step costs: the time that it takes, and what it does with it.
func (y *machinery) step(m *meter, t task) error {
	seconds, known := map[string]string{
		orchestrate.ActLoad: "load_seconds", orchestrate.ActTransform: "transform_seconds", orchestrate.ActMaintain: "maintain_seconds", "govern": "govern_seconds",
	}[t.act]
	if !known {
		return fmt.Errorf("its act is %q, of which infra/cost does not know what it takes", t.act)
	}
	takes := m.assume(seconds)
	switch {
	case t.function != "":
		f, ok := y.functions[t.function]
		if !ok {
			return fmt.Errorf("it calls the function %s, which is not planned", t.function)
		}
		function(m, f, takes)
	default:
		d, ok := y.families[t.family]
		if !ok {
			return fmt.Errorf("it runs the task definition %s, which is not planned", t.family)
		}
		if err := fargate(m, d, takes, t.public); err != nil {
			return err
		}
		if y.gb != "" {
			m.add("network", d.Name, y.gb, m.assume("mb_moved_per_task")/1000)
		}
	}
	y.work(m, t)
	return nil
}

func function(m *meter, f plan.Resource, seconds float64) {
	architecture := "x86_64"
	if all := list(f.Inputs["architectures"]); len(all) == 1 {
		architecture = text(all[0])
	}
	memory, _ := f.Inputs["memorySize"].(float64)
	disk, _ := object(f.Inputs["ephemeralStorage"])["size"].(float64)
	m.add("Lambda", f.Name, "lambda_second_"+architecture, memory/1024*seconds)
	m.add("Lambda", f.Name, "lambda_disk", max(disk-lambdaDiskMB, 0)/1024*seconds)
	m.add("Lambda", f.Name, "lambda_request", 1)
	m.add("traces", f.Name, "trace", 1)
}

// fargate is a task's; Fargate's spare capacity is not counted on, since it may
// not be there.
func fargate(m *meter, d plan.Resource, seconds float64, public bool) error {
	cpu, err := strconv.ParseFloat(text(d.Inputs["cpu"]), 64)
	if err != nil {
		return fmt.Errorf("task definition %s: cpu: %w", d.Name, err)
	}
	memory, err := strconv.ParseFloat(text(d.Inputs["memory"]), 64)
	if err != nil {
		return fmt.Errorf("task definition %s: memory: %w", d.Name, err)
	}
	architecture := strings.ToLower(text(object(d.Inputs["runtimePlatform"])["cpuArchitecture"]))
	if architecture == "" {
		architecture = "x86_64"
	}
	disk, _ := object(d.Inputs["ephemeralStorage"])["sizeInGib"].(float64)
	hours := max(seconds, fargateSeconds) / 3600
	m.add("Fargate", d.Name, "fargate_cpu_"+architecture, cpu/1024*hours)
	m.add("Fargate", d.Name, "fargate_gb_"+architecture, memory/1024*hours)
	m.add("Fargate", d.Name, "fargate_disk", max(disk-fargateDiskGiB, 0)*hours)
	if public {
		m.add("Fargate", d.Name, "address_hour", hours)
	}
	return nil
}

// work is what a step makes other services do.
func (y *machinery) work(m *meter, t task) {
	switch t.act {
	case orchestrate.ActTransform:
		queries := float64(y.models) * m.assume("queries_per_model")
		m.add("Athena", t.name, "athena_tb", queries*max(m.assume("mb_per_query"), athenaMB)/1e6)
		m.add("S3 requests", t.name, "s3_write", queries*m.assume("writes_per_query"))
		m.add("S3 requests", t.name, "s3_read", queries*m.assume("reads_per_query"))
	case orchestrate.ActLoad, orchestrate.ActMaintain:
		m.add("S3 requests", t.name, "s3_write", m.assume("writes_per_"+t.act))
		m.add("S3 requests", t.name, "s3_read", m.assume("reads_per_"+t.act))
	}
	m.add("KMS requests", t.name, "kms_request", m.assume("kms_per_step"))
	m.add("logs", t.name, "log_gb", m.assume("mb_logged_per_step")/1000)
}
