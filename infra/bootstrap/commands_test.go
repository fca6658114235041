package bootstrap

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/floe-data/floe/infra/internal/rights"
)

// command is what a script runs that a workflow runs with a role.
type command struct {
	script string // of scripts/; one that others read in counts for them
	act    string // the word that the script is given; "" whatever it is given
	begins string // the words that the command begins with
	calls  []call // what it asks AWS by itself; none
}

// call is what a command does by itself. In on, STACK stands for the stack.
type call struct {
	on      string
	actions []string
}

// Where Pulumi keeps a stack (pulumi/pkg, backend/diy).
const (
	stateBucket = "arn:aws:s3:::floe-state-123456789012-eu-central-1"
	stateFile   = stateBucket + "/.pulumi/stacks/floe/STACK.*"
)

var (
	asks  = call{"*", []string{"sts:GetCallerIdentity"}} // whose credentials these are
	lists = call{stateBucket, []string{"s3:ListBucket"}}
	opens = []call{lists, {stateBucket + "/.pulumi/meta.yaml", []string{"s3:GetObject"}}, {stateFile, []string{"s3:GetObject"}}, {stateKey, []string{"kms:Decrypt"}}}
	// writes are also those of a stack that is new.
	writes = append(slices.Clone(opens), call{stateKey, []string{"kms:Encrypt", "kms:GenerateDataKey"}}, inState(stateFile),
		inState(stateBucket+"/.pulumi/history/floe/STACK/*"), inState(stateBucket+"/.pulumi/backups/floe/STACK/*"), inState(stateBucket+"/.pulumi/locks/organization/floe/STACK/*"))
)

func inState(files string) call {
	return call{files, []string{"s3:GetObject", "s3:PutObject", "s3:DeleteObject"}}
}

// commands are all that scripts run with a role of a workflow. What the program
// that Pulumi starts asks, and the provider, the cloud tests record.
var commands = []command{
	{"pulumi.sh", "", "bootstrap backend", []call{asks, lists}},
	{"pulumi.sh", "", "pulumi version", nil},
	{"pulumi.sh", "", "pulumi stack select", opens},
	{"preview.sh", "", "pulumi preview", opens},
	{"drift.sh", "", "pulumi preview", opens},
	{"deploy.sh", "", "pulumi up", writes},
	{"deploy.sh", "", "bin/floe secret list", []call{asks, {"*", []string{"secretsmanager:ListSecrets"}}}},
	{"images.sh", "", "pulumi stack output images", opens},
	{"images.sh", "same", "go run ./cmd/images", nil},
	{"sbom.sh", "", "go run ./cmd/images", nil},
	{"notes.sh", "", "bin/floe plan", nil},
	{"parts.sh", "", "bin/floe access", nil},
	{"parts.sh", "", "go run ./cmd/report", nil},
	{"pr.sh", "closed", "bootstrap changes", []call{asks, lists}},
	{"pr.sh", "make", "sh scripts/deploy.sh", nil},
	{"pr.sh", "remove", "pulumi stack export", opens},
	{"pr.sh", "remove", "bootstrap guard", nil},
	{"pr.sh", "remove", "pulumi destroy", writes},
	{"pr.sh", "remove", "bootstrap remains", nil},
	{"pr.sh", "remove", "bootstrap residue", []call{asks, {"*", []string{"tag:GetResources", "ecs:DescribeTaskDefinition"}},
		{"arn:aws:kms:eu-central-1:123456789012:key/*", []string{"kms:DescribeKey"}}, {"arn:aws:ecs:eu-central-1:123456789012:cluster/floe-STACK", []string{"ecs:DescribeClusters"}}}},
	{"pr.sh", "remove", "pulumi stack rm", writes},
}

// scripted are what scripts call by themselves where a workflow runs them with a role.
func scripted(t *testing.T, stack, role string) []rights.Request {
	t.Helper()
	var all []rights.Request
	for _, r := range ran(t, role) {
		for _, c := range commands {
			if !r.runs(c) {
				continue
			}
			for _, one := range c.calls {
				for _, action := range one.actions {
					all = append(all, rights.Request{Action: action, Resource: strings.ReplaceAll(one.on, "STACK", stack)})
				}
			}
		}
	}
	return all
}

// run is a script with the word that it is given.
type run struct{ script, act string }

func (r run) runs(c command) bool { return c.script == r.script && (c.act == "" || c.act == r.act) }

// ran are the scripts that a role runs, with those that they run and read in.
func ran(t *testing.T, role string) []run {
	t.Helper()
	var all []run
	for _, target := range targets(t, role) {
		recipe := regexp.MustCompile(`(?m)^` + target + `:.*\n(?:\t.*\n)*?\t@?sh scripts/([a-z]+\.sh)(?: ([a-z]+))?$`).FindStringSubmatch(read(t, "../../Makefile"))
		if recipe == nil {
			t.Fatalf("make %s runs no script; what it does with a role of AWS is to be seen in scripts/", target)
		}
		all = append(all, with(t, run{recipe[1], recipe[2]})...)
	}
	return all
}

// with is a script, and those that it runs and reads in.
func with(t *testing.T, r run) []run {
	t.Helper()
	all := []run{r}
	for _, c := range commands {
		if other, ok := strings.CutPrefix(c.begins, "sh scripts/"); ok && r.runs(c) {
			all = append(all, with(t, run{script: other})...)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^\s*\. scripts/([a-z]+\.sh)$`).FindAllStringSubmatch(read(t, "../../scripts/"+r.script), -1) {
		all = append(all, with(t, run{script: m[1]})...)
	}
	return all
}

// targets are what jobs make with a role: one that may read in an environment
// <stack>-preview, else the one that may write.
func targets(t *testing.T, role string) []string {
	t.Helper()
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, path := range files {
		var workflow struct {
			Jobs map[string]struct {
				Environment string
				Steps       []struct {
					Run  string
					With map[string]any
				}
			}
		}
		if err := yaml.Unmarshal([]byte(read(t, path)), &workflow); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, job := range workflow.Jobs {
			if job.Environment == "" || strings.HasSuffix(job.Environment, "-preview") != (role == rolePreview) {
				continue
			}
			for _, step := range job.Steps {
				for _, m := range regexp.MustCompile(`\bmake (?:-[-a-z]+ )*([a-z][a-z-]*)`).FindAllStringSubmatch(step.Run, -1) {
					all = append(all, m[1])
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

var (
	// unsaid is what a shell does not run: texts without commands in them, and comments.
	unsaid = regexp.MustCompile(`(?m)"(?:[^"\n$]|\$[^("\n])*"|'[^'\n]*'|(^|\s)#.*$`)
	said   = regexp.MustCompile(`(?:^|[\s(])((?:bootstrap|pulumi|bin/floe)(?: [a-z]+)+|go run \./cmd/[a-z]+|sh scripts/[a-z]+\.sh|aws [a-z]+)`)
)

// TestCommands holds that the table has each command of the scripts that a
// workflow runs with a role, and no other.
func TestCommands(t *testing.T) {
	all := append(ran(t, rolePreview), ran(t, roleApply)...)
	for _, c := range commands {
		if !slices.ContainsFunc(all, func(r run) bool { return r.runs(c) }) {
			t.Errorf("no workflow runs %s of scripts/%s %s with a role: take it out of the table", c.begins, c.script, c.act)
		}
	}
	found := map[string]bool{} // script, and what it runs
	for _, r := range all {
		for _, m := range said.FindAllStringSubmatch(unsaid.ReplaceAllString(read(t, "../../scripts/"+r.script), ""), -1) {
			found[r.script+" "+m[1]] = true
		}
	}
	for _, c := range commands {
		if !found[c.script+" "+c.begins] {
			t.Errorf("scripts/%s does not run %s, which the table holds", c.script, c.begins)
		}
	}
	for one := range found {
		if !slices.ContainsFunc(commands, func(c command) bool { return one == c.script+" "+c.begins }) {
			t.Errorf("scripts/%s: the table does not say what this asks AWS", one)
		}
	}
}
