package policy

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s", path, got, want)
	}
}

func TestApply(t *testing.T) {
	now := time.Date(2027, 6, 30, 12, 0, 0, 0, time.UTC)
	rule := func(row int) *Rule {
		for _, r := range Rules() {
			if r.Row == row {
				return r
			}
		}
		t.Fatalf("there is no rule %d", row)
		return nil
	}
	findings := []Finding{
		{Rule: rule(62), Resource: "aws:ecs/taskDefinition:TaskDefinition transform", Property: "p"},
		{Rule: rule(62), Resource: "aws:ecs/taskDefinition:TaskDefinition other", Property: "p"},
	}
	for _, tc := range []struct {
		name    string
		waivers []live.Waiver
		want    []string // resources and properties that are left
	}{
		{"none", nil, []string{findings[0].Resource + " p", findings[1].Resource + " p"}},
		{"all of a rule", []live.Waiver{{Rule: "62", Until: "2027-06-30"}}, nil},
		{"one", []live.Waiver{{Rule: "62", Resource: "*transform", Until: "2027-06-30"}}, []string{findings[1].Resource + " p"}},
		{"by type", []live.Waiver{{Rule: "62", Resource: "aws:ecs/*", Until: "2027-06-30"}}, nil},
		{"by both", []live.Waiver{{Rule: "62", Resource: "aws:ecs/taskDefinition:TaskDefinition other", Until: "2027-06-30"}}, []string{findings[0].Resource + " p"}},
		{"over", []live.Waiver{{Rule: "62", Until: "2027-06-29"}},
			[]string{findings[0].Resource + " p", findings[1].Resource + " p", "live/dev/waivers.yaml waivers[0].until"}},
		{"another rule", []live.Waiver{{Rule: "62", Until: "2028-01-01"}, {Rule: "63", Until: "2028-01-01"}}, []string{"live/dev/waivers.yaml waivers[1]"}},
		{"another resource", []live.Waiver{{Rule: "62", Until: "2028-01-01"}, {Rule: "62", Resource: "aws:s3/*", Until: "2028-01-01"}}, []string{"live/dev/waivers.yaml waivers[1]"}},
		{"no rule", []live.Waiver{{Rule: "62", Until: "2028-01-01"}, {Rule: "999", Until: "2028-01-01"}}, []string{"live/dev/waivers.yaml waivers[1].rule"}},
		{"two that overlap", []live.Waiver{{Rule: "62", Until: "2027-06-29"}, {Rule: "62", Resource: "aws:ecs/*", Until: "2028-01-01"}}, []string{"live/dev/waivers.yaml waivers[0].until"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, f := range Apply("dev", findings, tc.waivers, now) {
				got = append(got, f.Resource+" "+f.Property)
			}
			if strings.Join(got, "\n") != strings.Join(tc.want, "\n") {
				t.Errorf("left\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

// TestMessages holds what a person reads of findings and of waivers.
func TestMessages(t *testing.T) {
	s := &live.Stack{Name: "prod", Region: "eu-central-1", Platform: live.Platform{Deletion: "refused", Architecture: "arm64"}}
	bucket := map[string]any{"bucket": "lake", "forceDestroy": true, "tags": map[string]any{"floe:layer": "lakehouse"}}
	findings, err := Check(s, []plan.Resource{
		{Type: "aws:s3/bucketV2:BucketV2", Name: "lake", URN: "1", ID: "lake", ARN: "arn:aws:s3:::lake", Inputs: bucket, Retain: true},
		{Type: "aws:sqs/queue:Queue", Name: "q", URN: "2", ID: "q", Inputs: map[string]any{"name": "q", "kmsMasterKeyId": "k"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	left := Apply("prod", findings, []live.Waiver{
		{Rule: "58", Until: "2027-01-01"}, {Rule: "58", Until: "2026-12-31"}, {Rule: "61", Until: "2028-01-01"}, {Rule: "84", Resource: "*x", Until: "2028-01-01"}, {Rule: "101", Until: "2028-01-01"},
	}, now)
	golden(t, "messages.golden", Error("prod", left).Error()+"\n")
	if err := Error("prod", nil); err != nil {
		t.Error(err)
	}
}

// TestDocumentsThatAreNone holds that what cannot be read is told, not passed.
func TestDocumentsThatAreNone(t *testing.T) {
	for property, text := range map[string]string{"policy": `{"Statement": [`, "assumeRolePolicy": `{"Statement": 1}`, "definition": "{", "containerDefinitions": "{}"} {
		_, err := Check(&live.Stack{Name: "dev"}, []plan.Resource{{Type: "aws:x/y:Y", Name: "z", Inputs: map[string]any{property: text}}})
		if err == nil || !strings.Contains(err.Error(), "aws:x/y:Y z: "+property) {
			t.Errorf("%s: %v", property, err)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, tc := range []struct {
		pattern, text string
		want          bool
	}{
		{"*", "", true}, {"*", "a b", true}, {"", "", true}, {"", "a", false}, {"a", "A", true}, {"a", "ab", false}, {"a*", "ab", true}, {"a*", "ba", false},
		{"*b", "ab", true}, {"*b", "ba", false}, {"a*c", "abc", true}, {"a*c", "ac", true}, {"a*c", "a", false}, {"ab*ba", "aba", false}, {"*b*", "abc", true},
		{"a*b*c", "a1b2c", true}, {"a*b*c", "a1c2b", false}, {"aws:ecs/*", "aws:ecs/cluster:Cluster tasks", true}, {"s3:*", "s3:GetObject", true},
		{"?", "", false}, {"?", "a", true}, {"a?c", "abc", true}, {"a?c", "ac", false}, {"*?", "", false}, {"*?b", "aab", true}, {"s3:*Object", "s3:*", false}, {"*", "s3:*", true},
	} {
		if got := matches(tc.pattern, tc.text); got != tc.want {
			t.Errorf("%q of %q: %v", tc.pattern, tc.text, got)
		}
	}
}

// FuzzMatches holds that * is anything, wherever it stands.
func FuzzMatches(f *testing.F) {
	f.Add("a", "b", "c")
	f.Fuzz(func(t *testing.T, head, middle, tail string) {
		head, tail = strings.ReplaceAll(head, "*", ""), strings.ReplaceAll(tail, "*", "")
		if !matches(head+"*"+tail, head+middle+tail) {
			t.Errorf("%q is not of %q", head+middle+tail, head+"*"+tail)
		}
	})
}

// FuzzDocument holds that no document stops the program.
func FuzzDocument(f *testing.F) {
	f.Add(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["*"],"Condition":{"StringEquals":{"a":"b"}}}]}`)
	f.Add(`{"Statement":[{"Principal":{"AWS":["x"]}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = Check(&live.Stack{Name: "prod"}, []plan.Resource{{Type: "aws:iam/rolePolicy:RolePolicy", Name: "z", Inputs: map[string]any{"policy": text}}})
	})
}
