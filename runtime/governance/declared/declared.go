// Package declared joins what the two halves of a project say of its tables:
// the contracts of the landing tables and the meta of models and seeds. It is
// apart from governance, which infra is made of, for it reads the models.
package declared

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/transform"
)

// Tables are those that a stack's project makes, landing tables first. A
// project without models has none.
func Tables(ctx context.Context, p *project.Project, stack string) ([]governance.Table, error) {
	all := governance.Contracts(p)
	if len(p.Models) == 0 {
		return all, nil
	}
	models, err := transform.Load(ctx, transform.LoadOptions{Dir: p.TransformDir, Target: transform.Target{Name: stack, Type: "athena", Database: "awsdatacatalog"}})
	if err != nil {
		return nil, fmt.Errorf("read the models: %w", err)
	}
	folder, err := filepath.Rel(p.Root, p.TransformDir)
	if err != nil {
		return nil, fmt.Errorf("find the models: %w", err)
	}
	byName := map[string]governance.Table{}
	for _, t := range all {
		byName[t.String()] = t
	}
	for _, m := range models.Tables() {
		t := table(m, filepath.ToSlash(folder))
		for _, name := range m.Reads {
			t.Reads = append(t.Reads, strings.ToLower(name))
			t.Inherit(byName[strings.ToLower(name)])
		}
		byName[t.String()] = t
		all = append(all, t)
	}
	return all, nil
}

// table is a model's. All its columns are as sensitive as the model says, but
// for those that say otherwise; Glue knows names in lower case only.
func table(m transform.Table, folder string) governance.Table {
	t := governance.Table{Schema: m.Schema, Name: strings.ToLower(m.Name), Domain: m.Domain, Owner: m.Owner, View: m.View, Model: true,
		Sensitivity: governance.Classified(m.Sensitivity), File: folder + "/" + m.File}
	for _, c := range m.Columns {
		own := t.Sensitivity
		if c.Sensitivity != "" {
			own = governance.Classified(c.Sensitivity)
		}
		name := strings.ToLower(c.Name)
		if !slices.ContainsFunc(t.Columns, func(o governance.Column) bool { return o.Name == name }) {
			t.Columns = append(t.Columns, governance.Column{Name: name, Sensitivity: own, Own: c.Sensitivity != ""})
		}
	}
	return t
}
