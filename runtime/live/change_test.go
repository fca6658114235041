package live

import (
	"strings"
	"testing"
)

func TestStackOfAChange(t *testing.T) {
	dev, err := load(t, "dev")
	if err != nil {
		t.Fatal(err)
	}
	keep := edit{"live/dev/platform.yaml", "version: 1\n", "version: 1\ndeletion: refused\n"}
	scheduled := edit{"live/dev/pipelines.yaml", "", "version: 1\nworkflows: [{name: daily, schedule: rate(1 hour)}]\n"}
	s, err := load(t, "pr-12", keep, scheduled)
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "pr-12" || s.Region != dev.Region || s.Platform.Account != dev.Platform.Account || s.Platform.Architecture != dev.Platform.Architecture {
		t.Errorf("got %+v, dev is %+v", s, dev)
	}
	if !s.Platform.Deletable() {
		t.Error("the stack of a change could not be destroyed")
	}
	if len(s.Pipelines.Workflows) != 1 || s.Pipelines.Workflows[0].Enabled || s.Pipelines.Workflows[0].Schedule != "rate(1 hour)" {
		t.Errorf("workflows %+v: no schedule may count", s.Pipelines.Workflows)
	}
	if s, err := load(t, "dev", keep, scheduled); err != nil || s.Platform.Deletable() || !s.Pipelines.Workflows[0].Enabled {
		t.Errorf("dev itself: %+v, %v", s, err)
	}
}

func TestStackOfAChangeIsRefused(t *testing.T) {
	for _, tc := range []struct {
		name, stack string
		edits       []edit
		want        string
	}{
		{"dev's file", "pr-12", []edit{{"live/dev/platform.yaml", "version: 1\n", "version: 1\naccount: none\n"}}, "live/dev/platform.yaml"},
		{"dev's region", "pr-12", []edit{{"stacks/Pulumi.dev.yaml", "", "config: {}\n"}}, "stacks/Pulumi.dev.yaml"},
		{"a folder of its own", "pr-12", []edit{{"live/pr-12/platform.yaml", "", "version: 1\n"}}, "live/pr-12: pr-12 is the stack of pull request 12"},
		{"no number", "pr-", nil, `there is no stack "pr-"`},
		{"not a number", "pr-1x", nil, `there is no stack "pr-1x"`},
		{"another 12", "pr-012", nil, `there is no stack "pr-012"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := load(t, tc.stack, tc.edits...); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestFolder(t *testing.T) {
	for stack, want := range map[string]string{"dev": "dev", "prod": "prod", "pr-1": "dev", "pr-120": "dev", "pr-0": "pr-0", "pr-x": "pr-x", "pr-1-2": "pr-1-2", "xpr-1": "xpr-1"} {
		if got := Folder(stack); got != want {
			t.Errorf("%s has the folder %s, want %s", stack, got, want)
		}
	}
}
