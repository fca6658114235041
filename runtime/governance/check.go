package governance

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/yamlfile"
)

// Check finds what live.Load cannot know: grants of tables that are elsewhere,
// or whose rows cannot be told apart, and domains of models that the stack has
// no tag for.
func Check(s *live.Stack, tables []Table, domains []string) error {
	var problems yamlfile.Problems
	byName := map[string]Table{}
	for _, t := range tables {
		byName[t.String()] = t
	}
	file := path.Join("live", s.Name, "access.yaml")
	for i, g := range s.Access.Grants {
		for j, name := range g.Tables {
			t, ok := byName[name]
			switch {
			case !ok:
				problems = append(problems, yamlfile.Problem{File: file, Key: yamlfile.Key("grants", i, "tables", j), Text: fmt.Sprintf("found %s, which nothing makes; %s", name, elsewhere(name, tables))})
			case t.View && (g.Rows != "" || len(g.Columns) > 0):
				problems = append(problems, yamlfile.Problem{File: file, Key: yamlfile.Key("grants", i, "tables", j),
					Text: fmt.Sprintf("found rows or columns of %s, a view, which Lake Formation grants as a whole only; write materialized: table in %s", name, t.File)})
			}
		}
	}
	for _, t := range tables {
		if t.Domain != "" && !slices.Contains(domains, t.Domain) {
			problems = append(problems, yamlfile.Problem{File: t.File, Key: "meta.domain",
				Text: fmt.Sprintf("found %s, which stack %s has no tag for; write domains: [%s] into live/%s/platform.yaml, or one of %s", t.Domain, s.Name, t.Domain, s.Name, strings.Join(domains, ", "))})
		}
	}
	return problems.Err()
}

// elsewhere says where a table of that name is.
func elsewhere(name string, tables []Table) string {
	_, bare, _ := strings.Cut(name, ".")
	for _, t := range tables {
		if t.Name == bare {
			return "did you mean " + t.String() + "?"
		}
	}
	return "floe transform ls tells what the models make"
}
