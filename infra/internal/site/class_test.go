package site

import (
	"testing"

	"github.com/floe-data/floe/runtime/project"
)

func TestDataClass(t *testing.T) {
	contract := func(table string, columns ...string) *project.Contract {
		c := &project.Contract{Tags: map[string]string{}}
		if table != "" {
			c.Tags[project.TagSensitivity] = table
		}
		for _, s := range columns {
			c.Columns = append(c.Columns, project.ContractColumn{Tags: map[string]string{project.TagSensitivity: s}})
		}
		return c
	}
	s := &Site{Pipelines: &project.Project{Sources: map[string]*project.Source{
		"shop":  {Contracts: map[string]*project.Contract{"a": contract("public"), "b": contract("internal", "confidential")}},
		"games": {Contracts: map[string]*project.Contract{"a": contract("public", "personal")}},
		"none":  {Contracts: map[string]*project.Contract{"a": contract("")}},
	}}}
	for source, want := range map[string]string{"shop": "confidential", "games": "personal", "none": "unclassified", "": "personal"} {
		if got := s.DataClass(source); got != want {
			t.Errorf("%q: %s, want %s", source, got, want)
		}
	}
}
