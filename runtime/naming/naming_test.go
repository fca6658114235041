package naming

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

var dev = Place{Project: "floe", Stack: "dev", Account: "123456789012", Region: "eu-central-1"}

func TestName(t *testing.T) {
	long := strings.Repeat("a-very-long-source-", 9)
	for _, tc := range []struct {
		place Place
		kind  Kind
		parts []string
		want  string
	}{
		{dev, Function, []string{"ingest", "chess"}, "floe-dev-ingest-chess"},
		{dev, Role, []string{"ingest", "my_Source"}, "floe-dev-ingest-my-source"},
		{Place{Project: "My.Floe", Stack: "pr-12"}, Machine, []string{"daily"}, "my-floe-pr-12-daily"},
		{Place{Project: "9lives", Stack: "dev"}, Repository, []string{"x"}, "f9lives-dev-x"},
		{dev, Function, []string{long}, "floe-dev-a-very-long-source-a-very-long-source-a-very-l-95bafcb7"},
		{dev, Schedule, nil, "floe-dev"},
	} {
		if got := tc.place.Name(tc.kind, tc.parts...); got != tc.want {
			t.Errorf("%v: got %s, want %s", tc, got, tc.want)
		}
	}
}

func TestBucket(t *testing.T) {
	if got := dev.Bucket("landing"); got != "floe-dev-landing-123456789012-eu-central-1" {
		t.Error(got)
	}
	long := Place{Project: strings.Repeat("p", 60), Stack: "dev", Account: "123456789012", Region: "ap-southeast-2"}
	a, b := long.Bucket("landing"), long.Bucket("lakehouse")
	if a == b || len(a) > 63 || !strings.HasSuffix(a, "-123456789012-ap-southeast-2") {
		t.Errorf("%s, %s", a, b)
	}
}

func TestARN(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1": "arn:aws:iam::1:role/x", "cn-north-1": "arn:aws-cn:iam::1:role/x", "us-gov-west-1": "arn:aws-us-gov:iam::1:role/x",
	} {
		if got := (Place{Account: "1", Region: region}).GlobalARN("iam", "role/x"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := dev.LogGroup("lambda", "floe-dev"); got != "/aws/lambda/floe-dev" {
		t.Error(got)
	}
}

func TestState(t *testing.T) {
	if got := State("floe", "123456789012", "eu-central-1").Bucket(""); got != "floe-state-123456789012-eu-central-1" {
		t.Error(got)
	}
}

var form = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)

func FuzzName(f *testing.F) {
	f.Add("floe", "dev", "ingest", "chess", "eu-central-1")
	f.Add("", "", "", "", "")
	f.Add("Ä.b", "--", "9", strings.Repeat("x-", 90), "us-gov-west-1")
	f.Fuzz(func(t *testing.T, project, stack, a, b, region string) {
		s := Place{Project: project, Stack: stack, Account: "123456789012", Region: region}
		for _, k := range []Kind{Function, Machine, Policy, Family, Secret} {
			name := s.Name(k, a, b)
			if len(name) > int(k) || !form.MatchString(name) {
				t.Fatalf("%q is no name of at most %d", name, k)
			}
			if s.Name(k, a, b) != name {
				t.Fatal("the same parts give another name")
			}
		}
		if len(region) == 0 || len(region) > 20 || plain(region) == "" {
			return // AWS's longest is 14
		}
		if name := s.Bucket(a); len(name) > 63 || len(name) < 3 || !form.MatchString(name) {
			t.Fatalf("%q is no bucket", name)
		}
	})
}

// What belongs to the account is named alike in every region, so that docs/operate.md
// has a stack that takes the place of another in another region take another name.
func TestNamesOfAnotherRegion(t *testing.T) {
	of := func(stack, region string) Names {
		return Of(&project.Project{}, &live.Stack{Name: stack, Region: region}, Place{Project: "floe", Stack: stack, Account: dev.Account, Region: region})
	}
	is, there, other := of("prod", "eu-central-1"), of("prod", "eu-north-1"), of("prod2", "eu-north-1")
	if len(is.Roles) == 0 || !slices.Equal(is.Roles, there.Roles) || len(is.Policies) == 0 || !slices.Equal(is.Policies, there.Policies) {
		t.Errorf("%v and %v; %v and %v", is.Roles, there.Roles, is.Policies, there.Policies)
	}
	all := func(n Names) []string {
		names := slices.Concat(n.Roles, n.Policies, n.Databases, n.Workgroups)
		for _, b := range n.Buckets {
			names = append(names, b.Name)
		}
		return names
	}
	for _, name := range all(other) {
		if slices.Contains(all(is), name) {
			t.Errorf("%s is a name of both stacks", name)
		}
	}
}
