package platform

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// place is the region and account part of most ARNs.
const place = `:(eu-central-1|eu-north-1|eu-west-1):(123456789012|012345678901):`

// forms are what ARNs look like, by service; a policy may name many by *.
var forms = map[string]*regexp.Regexp{
	"athena":         regexp.MustCompile(`^athena` + place + `workgroup/[\w-]+$`),
	"backup":         regexp.MustCompile(`^backup` + place + `backup-(vault|plan):[\w-]+$`),
	"cloudtrail":     regexp.MustCompile(`^cloudtrail` + place + `trail/[\w-]+$`),
	"cloudwatch":     regexp.MustCompile(`^cloudwatch` + place + `alarm:[\w-]+$`),
	"budgets":        regexp.MustCompile(`^budgets::(123456789012|012345678901):budget/[\w-]+$`),
	"ce":             regexp.MustCompile(`^ce::(123456789012|012345678901):anomalymonitor/[\w-]+$`),
	"dataprotection": regexp.MustCompile(`^dataprotection::aws:data-identifier/[A-Za-z]+(-[A-Z]{2})?$`),
	"ec2":            regexp.MustCompile(`^ec2` + place + `(vpc|subnet|security-group|vpc-flow-log)/[\w*-]+$`),
	"ecr":            regexp.MustCompile(`^ecr` + place + `repository/[\w/-]+$`),
	"ecs":            regexp.MustCompile(`^ecs` + place + `(cluster/[\w-]+|task/[\w-]+/\*|task-definition/[\w-]+:(\d+|\*)|\*)$`),
	"events":         regexp.MustCompile(`^events` + place + `rule/([\w-]+|\*)$`),
	"glue":           regexp.MustCompile(`^glue` + place + `(catalog|database/[\w*]+|table/\w+/\*)$`),
	"iam":            regexp.MustCompile(`^iam::(123456789012|012345678901):(root|role/[\w/-]+|user/\w+)$`),
	"kms":            regexp.MustCompile(`^kms` + place + `key/[0-9a-f]{32}$`),
	"lambda":         regexp.MustCompile(`^lambda` + place + `function:([\w-]+|\*)$`),
	"logs":           regexp.MustCompile(`^logs` + place + `(\*|log-group:(\*|/aws/[\w/-]+(:\*|:log-stream:[\w*-]+)?))$`),
	"s3":             regexp.MustCompile(`^s3:::[a-z0-9-]+(/[\w/*-]*)?$`),
	"rds":            regexp.MustCompile(`^rds` + place + `(db|cluster|snapshot|cluster-snapshot|auto-backup|cluster-auto-backup|pg|cluster-pg|og|subgrp):[\w:*-]+$`),
	"scheduler":      regexp.MustCompile(`^scheduler` + place + `(schedule/\*|schedule/[\w-]+/[\w-]+|schedule-group/[\w-]+)$|^scheduler:::aws-sdk:sfn:startExecution$`),
	"secretsmanager": regexp.MustCompile(`^secretsmanager` + place + `secret:[\w-]+-(AbCdEf|\?{6})$`),
	"sns":            regexp.MustCompile(`^sns` + place + `[\w-]+$`),
	"sqs":            regexp.MustCompile(`^sqs` + place + `[\w-]+$`),
	// The second is how a state machine names what a step calls.
	"states": regexp.MustCompile(`^states(` + place + `stateMachine:([\w-]+|\*)|:::\w+:\w+(\.sync(:2)?)?)$`),
}

var anARN = regexp.MustCompile(`arn:aws[^"'\s\\,()]*`)

// TestARNs holds that every ARN in what is planned, in policies and in state
// machines too, has its service's form.
func TestARNs(t *testing.T) {
	seen := map[string]int{}
	for _, stack := range []string{"dev", "prod"} {
		for _, r := range resources(t, testProject(t), stack) {
			walk(r.Inputs, func(text string) {
				for _, arn := range anARN.FindAllString(text, -1) {
					rest := strings.TrimPrefix(arn, "arn:aws:")
					service, _, _ := strings.Cut(rest, ":")
					if form, ok := forms[service]; !ok || !form.MatchString(rest) {
						t.Errorf("%s: %s %s: %s is no ARN of %s", stack, r.Type, r.Name, arn, service)
					}
					seen[service]++
				}
			})
		}
	}
	for _, service := range []string{"athena", "ecs", "glue", "iam", "kms", "lambda", "logs", "s3", "sns", "sqs", "states"} {
		if seen[service] == 0 {
			t.Errorf("no ARN of %s is planned", service)
		}
	}
}

// walk visits every text in what JSON can hold.
func walk(value any, visit func(string)) {
	switch v := value.(type) {
	case string:
		visit(v)
	case []any:
		for _, e := range v {
			walk(e, visit)
		}
	case map[string]any:
		for k, e := range v {
			visit(k)
			walk(e, visit)
		}
	case nil, bool, float64:
	default:
		visit(fmt.Sprint(v))
	}
}
