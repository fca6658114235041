package network

import (
	"strings"
	"testing"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/sitetest"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

func TestEndpoints(t *testing.T) {
	workflow := func(s *site.Site, compute string) { s.Live.Pipelines.Workflows[0].Compute = compute }
	source := func(s *site.Site) {
		s.Live.Pipelines.Sources = map[string]live.Source{"shop": {Compute: live.Fargate}}
	}
	for _, tc := range []struct {
		name   string
		change func(*site.Site)
		want   string
	}{
		{"a transformation on Fargate", nil, "athena ecr.api ecr.dkr glue logs"},
		{"nothing in the VPC", func(s *site.Site) { workflow(s, live.Lambda) }, ""},
		{"a stack without workflows", func(s *site.Site) { s.Live.Pipelines.Workflows = nil }, ""},
		{"a workflow that only loads", func(s *site.Site) {
			w := s.Pipelines.Workflows["daily"]
			w.Steps = w.Steps[:2]
		}, ""},
		{"a source on Fargate", func(s *site.Site) { workflow(s, live.Lambda); source(s) }, "ecr.api ecr.dkr glue logs"},
		{"one with a secret", func(s *site.Site) {
			workflow(s, live.Lambda)
			source(s)
			s.Pipelines.Sources["shop"].Client.Auth = &project.Auth{Type: "bearer"}
		}, "ecr.api ecr.dkr glue logs secretsmanager"},
		{"a secret of a source on Lambda", func(s *site.Site) {
			workflow(s, live.Lambda)
			s.Pipelines.Sources["shop"].Client.Auth = &project.Auth{Type: "bearer"}
		}, ""},
		{"both", func(s *site.Site) {
			source(s)
			s.Pipelines.Sources["shop"].Client.Auth = &project.Auth{Type: "bearer"}
		}, "athena ecr.api ecr.dkr glue logs secretsmanager"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.Join(Endpoints(sitetest.Load(t, "prod", tc.change)), " "); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
