package remains

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Thing stays behind.
type Thing struct {
	What  string // KMS key 1234abcd (landing)
	Until string // until 2026-12-21, or for how long
	Cost  string // what it costs meanwhile
	Note  string // how to bring it back, or to be rid of it
}

// Services' own windows where a resource says none: the API's defaults.
const (
	keyDays    = 30
	secretDays = 30
)

// After lists what stays behind when a stack of that state is destroyed now.
func (s *State) After(now time.Time) []Thing {
	var things []Thing
	for _, r := range s.Resources {
		if t, stays := r.after(now); stays {
			things = append(things, t)
		}
	}
	things = append(things, s.serviceLogs()...)
	return append(things,
		Thing{"CloudWatch metrics and alarm history of the stack", "15 months (alarm history 2 weeks)", "nothing", "AWS ages them out"},
		Thing{"the state's history in the state bucket", "until make unbootstrap", "$0.023 per GB-month; the state's key $1 a month", "pulumi stack rm forgets this stack's"})
}

// after says what deleting one resource leaves.
func (r Resource) after(now time.Time) (Thing, bool) {
	in := func(days int) string { return "until " + now.AddDate(0, 0, days).Format(time.DateOnly) }
	switch {
	case r.RetainOnDelete && r.ID != "":
		return Thing{fmt.Sprintf("%s %s (%s)", r.Type, r.ID, r.Name()), "until somebody deletes it", "as before", "the stack leaves it on purpose"}, true
	case r.Type == "aws:kms/key:Key":
		return Thing{fmt.Sprintf("KMS key %s (%s), pending deletion", r.ID, r.Name()), in(r.number("deletionWindowInDays", keyDays)), "nothing",
			"bring it back: aws kms cancel-key-deletion --key-id " + r.ID}, true
	case r.Type == "aws:secretsmanager/secret:Secret":
		days := r.number("recoveryWindowInDays", secretDays)
		if days == 0 {
			return Thing{}, false
		}
		return Thing{fmt.Sprintf("secret %s, scheduled for deletion", r.text("name")), in(days), "nothing",
			"its name is taken meanwhile; bring it back: aws secretsmanager restore-secret --secret-id " + r.text("name")}, true
	case r.Type == "aws:ecs/taskDefinition:TaskDefinition":
		return Thing{fmt.Sprintf("task definition %s:%d and its earlier revisions, INACTIVE", r.text("family"), r.number("revision", 1)), "until somebody deletes it", "nothing",
			fmt.Sprintf("aws ecs delete-task-definitions --task-definitions %s:%d", r.text("family"), r.number("revision", 1))}, true
	case r.Type == "aws:ecs/cluster:Cluster":
		return Thing{fmt.Sprintf("ECS cluster %s, INACTIVE", r.text("name")), "until AWS forgets it", "nothing", "its name can be used again at once"}, true
	}
	return Thing{}, false
}

// serviceLogs are log groups that AWS services make by themselves and that are
// no resource of the stack.
func (s *State) serviceLogs() []Thing {
	var ours []string
	for _, r := range s.Resources {
		if r.Type == "aws:cloudwatch/logGroup:LogGroup" {
			ours = append(ours, r.text("name"))
		}
	}
	var things []Thing
	for _, r := range s.Resources {
		group := r.serviceLog()
		if group == "" || slices.Contains(ours, group) {
			continue
		}
		things = append(things, Thing{"log group " + group + ", if the service made it", "until somebody deletes it", "$0.03 per GB-month",
			"aws logs delete-log-group --log-group-name " + group})
	}
	return things
}

// serviceLog is the log group that a service makes for a resource, "" if none.
func (r Resource) serviceLog() string {
	switch r.Type {
	case "aws:lambda/function:Function":
		return "/aws/lambda/" + r.text("name")
	case "aws:ecs/cluster:Cluster":
		settings, _ := r.Outputs["settings"].([]any)
		for _, s := range settings {
			if m, ok := s.(map[string]any); ok && m["name"] == "containerInsights" && m["value"] != "disabled" {
				return "/aws/ecs/containerinsights/" + r.text("name") + "/performance"
			}
		}
	}
	return ""
}

// Write tells of the things, one paragraph each.
func Write(w io.Writer, stack string, things []Thing) {
	fmt.Fprintf(w, "Stack %s is destroyed. What stays behind by design:\n", stack)
	for _, t := range things {
		fmt.Fprintf(w, "  %s\n    stays %s; costs %s\n", t.What, t.Until, t.Cost)
		if t.Note != "" {
			fmt.Fprintf(w, "    %s\n", strings.TrimSpace(t.Note))
		}
	}
}
