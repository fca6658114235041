package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
)

// Severity says where a rule holds.
type Severity string

// Severities.
const (
	Must    Severity = "must"    // in every stack
	Prod    Severity = "prod"    // in production
	Offered Severity = "offered" // wherever a stack has what it is about
)

// Rule is one row of docs/security.md.
type Rule struct {
	Row   int
	Title string
	// IDs of the same rule elsewhere: S3.8 (Security Hub), CKV_AWS_53 (Checkov),
	// F14 or W31 (cfn-nag). None where nobody else has it.
	IDs      []string
	Severity Severity
	// Fix is what to do about a finding.
	Fix string
	// Check finds what breaks the rule.
	Check func(*Plan) []Finding
}

// Finding is a resource that breaks a rule.
type Finding struct {
	Rule     *Rule
	Resource string // aws:s3/bucketV2:BucketV2 landing
	Property string // versioningConfiguration.status
	Found    string
	Right    string
}

// Rules are all rules by row.
func Rules() []*Rule {
	var all []*Rule
	for _, subject := range [][]Rule{
		storageRules, keyRules, networkRules, imageRules, functionRules, workflowRules, messageRules, taskRules,
		glueRules, athenaRules, secretRules, databaseRules, roleRules, logRules, accountRules, costRules, lakeRules, safetyRules,
	} {
		for i := range subject {
			all = append(all, &subject[i])
		}
	}
	slices.SortFunc(all, func(a, b *Rule) int { return cmp.Compare(a.Row, b.Row) })
	return all
}

// Check runs every rule that holds in the stack over what it would have.
func Check(stack *live.Stack, resources []plan.Resource) ([]Finding, error) {
	p, err := newPlan(stack, resources)
	if err != nil {
		return nil, err
	}
	var all []Finding
	for _, r := range Rules() {
		if r.Severity == Prod && stack.Name != live.Production {
			continue
		}
		for _, f := range r.Check(p) {
			f.Rule = r
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Rule.Row, b.Rule.Row), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Property, b.Property), cmp.Compare(a.Found, b.Found))
	})
	return all, nil
}

// broken is a finding of a rule that Check names.
func broken(r resource, property string, found any, right string, args ...any) Finding {
	return Finding{Resource: r.Type + " " + r.Name, Property: property, Found: shown(found), Right: fmt.Sprintf(right, args...)}
}

// ofPlatform is a finding about what platform.yaml asks for and nothing does.
func (p *Plan) ofPlatform(property, found, right string) Finding {
	return Finding{Resource: "live/" + live.Folder(p.Stack.Name) + "/platform.yaml", Property: property, Found: found, Right: right}
}

// shown is a value as a person reads it.
func shown(v any) string {
	if v == nil || v == "" {
		return "nothing"
	}
	text := fmt.Sprint(v)
	if short := []rune(text); len(short) > longest {
		return string(short[:longest]) + "…"
	}
	return text
}

// longest is how much of a value a message shows.
const longest = 120
