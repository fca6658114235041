package environment

import (
	"regexp"
	"strings"
	"testing"
)

func TestPhysicalSchema(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, tc := range []struct{ project, stack, schema, want string }{
		{"floe", "", "landing_chess", "landing_chess"},
		{"floe", "dev", "landing_chess", "floe_dev_landing_chess"},
		{"My-Floe", "pr-12", "Marts", "my_floe_pr_12_marts"},
	} {
		if got := PhysicalSchema(tc.project, tc.stack, tc.schema); got != tc.want {
			t.Errorf("%v: %s", tc, got)
		}
	}
	if a, b := PhysicalSchema("floe", "dev", long), PhysicalSchema("floe", "dev", long+"y"); a == b || len(a) != 255 {
		t.Errorf("long names: %q and %q", a, b)
	}
}

var glueName = regexp.MustCompile(`^[a-z0-9_]{1,255}$`)

func FuzzPhysicalSchema(f *testing.F) {
	f.Add("floe", "dev", "landing_chess")
	f.Fuzz(func(t *testing.T, project, stack, schema string) {
		got := PhysicalSchema(project, stack, schema)
		if stack == "" && got != schema {
			t.Fatalf("on the laptop %q became %q", schema, got)
		}
		if stack != "" && !glueName.MatchString(got) {
			t.Fatalf("%q is no Glue database", got)
		}
	})
}
