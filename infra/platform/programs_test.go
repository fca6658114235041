package platform

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// programs are the roles that each image's program runs as in a stack that has
// its tables in Glue.
var programs = map[string][]string{
	"ingest":    {"evolve", "ingest-games", "ingest-partner", "maintain"},
	"transform": {"govern", "task-transform", "transform"},
}

// actions are those of APIs that have another name in IAM.
var actions = map[string]string{
	"s3:HeadObject": "s3:GetObject", "s3:ListObjectsV2": "s3:ListBucket", "s3:DeleteObjects": "s3:DeleteObject",
	"s3:CreateMultipartUpload": "s3:PutObject", "s3:UploadPart": "s3:PutObject", "s3:CompleteMultipartUpload": "s3:PutObject",
}

// TestPrograms: what a program was seen to call in its own tests, with their
// failures and their odd cases, one of its roles may call.
func TestPrograms(t *testing.T) {
	a := shapes[1].account(t)
	for program, roles := range programs {
		path := "../../runtime/cmd/" + program + "/testdata/calls.txt"
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var may []string
		for _, name := range roles {
			role := a.Roles["floe-prod-"+name]
			if role == nil {
				t.Fatalf("there is no role %s", name)
			}
			for _, d := range role.Own {
				for _, g := range d.Grants() {
					may = append(may, g.Action)
				}
			}
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if len(lines) < 10 {
			t.Errorf("%s lists only %d calls", path, len(lines))
		}
		for _, line := range lines {
			action := strings.Replace(line, " ", ":", 1)
			if other, ok := actions[action]; ok {
				action = other
			}
			if !strings.HasPrefix(action, "s3tables:") && !slices.Contains(may, strings.ToLower(action)) {
				t.Errorf("%s: no role of %s may %s", path, program, action)
			}
		}
	}
}

// TestProgramsInATableBucket: what package demand says of a program that works on
// a table bucket is what the program was seen to call there, and nothing else;
// of files S3 Tables is asked by S3.
func TestProgramsInATableBucket(t *testing.T) {
	text, err := os.ReadFile("../../runtime/cmd/ingest/testdata/calls.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"s3tables:GetTableData", "s3tables:PutTableData"}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if strings.HasPrefix(line, "s3tables ") {
			want = append(want, strings.Replace(line, " ", ":", 1))
		}
	}
	s := shapes[slices.IndexFunc(shapes, func(s shape) bool { return s.name == "tables" })]
	a := s.account(t)
	var got []string
	for _, name := range []string{"evolve", "ingest-games", "task-ingest-partner", "maintain"} {
		for _, r := range needs(t, a, s.stack, name, a.Roles["floe-dev-"+name]) {
			if strings.HasPrefix(r.Action, "s3tables:") {
				got = append(got, r.Action)
			}
			if strings.HasPrefix(r.Action, "glue:") {
				t.Errorf("%s needs %s", name, r)
			}
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("a table bucket's programs need\n  %s\nand call\n  %s", got, want)
	}
}
