package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/transform"
)

// projectChange is one difference between two checkouts of a project.
type projectChange struct {
	Area       string   `json:"area"` // contract, source, model, seed, test, macro, workflow
	Name       string   `json:"name"`
	Change     string   `json:"change"` // added, removed, or what has changed
	Column     string   `json:"column,omitempty"`
	Detail     string   `json:"detail,omitempty"`
	Breaking   bool     `json:"breaking"`             // what reads it may fail, or it needs floe apply --allow-breaking
	Refused    string   `json:"refused,omitempty"`    // why it can never be made to a table that has data
	Downstream []string `json:"downstream,omitempty"` // models and seeds that read it, directly or not
}

// projectDiff is what --output json prints.
type projectDiff struct {
	Against  string          `json:"against"`
	Changes  []projectChange `json:"changes"`
	Breaking int             `json:"breaking"`
}

// side is one of the two checkouts.
type side struct {
	*project.Project
	models *transform.Project
}

// planDiff compares the project with another checkout of it. It needs no table:
// what a contract's change would do is asked of a lake that is made as the old
// contracts say.
func (a *app) planDiff(ctx context.Context, old string) error {
	p, err := a.load()
	if err != nil {
		return err
	}
	was, err := loadSide(ctx, old)
	if err != nil {
		return fault.New(fault.Usage, fmt.Errorf("the project to compare with, %s: %w", old, err), "name another checkout's folder: git worktree add ../before main, then floe plan --diff ../before")
	}
	models, err := transform.Load(ctx, transform.LoadOptions{Dir: p.TransformDir})
	if err != nil {
		return err
	}
	now := side{p, models}
	changes, err := diffContracts(ctx, was, now)
	if err != nil {
		return err
	}
	changes = append(changes, diffSources(was, now)...)
	found, err := diffModels(was, now)
	if err != nil {
		return err
	}
	changes = append(append(changes, found...), diffWorkflows(was, now)...)
	a.printDiff(projectDiff{Against: old, Changes: changes})
	return nil
}

func loadSide(ctx context.Context, root string) (side, error) {
	root, err := project.Find(root)
	if err != nil {
		return side{}, err
	}
	p, err := project.Load(root)
	if err != nil {
		return side{}, err
	}
	models, err := transform.Load(ctx, transform.LoadOptions{Dir: p.TransformDir})
	if err != nil {
		return side{}, err
	}
	return side{p, models}, nil
}

func (a *app) printDiff(d projectDiff) {
	for _, c := range d.Changes {
		if c.Breaking || c.Refused != "" {
			d.Breaking++
		}
	}
	if a.output == "json" {
		if d.Changes == nil {
			d.Changes = []projectChange{}
		}
		writeJSON(a.out, d)
		return
	}
	if len(d.Changes) == 0 {
		fmt.Fprintln(a.out, "Contracts, models, sources and workflows are the same.")
		return
	}
	fmt.Fprintf(a.out, "%s, %d of them breaking\n", plural(int64(len(d.Changes)), "change"), d.Breaking)
	rows := make([][]string, len(d.Changes))
	for i, c := range d.Changes {
		verdict := "plain"
		switch {
		case c.Refused != "":
			verdict = "refused: " + c.Refused
		case c.Breaking:
			verdict = "breaking"
		}
		rows[i] = []string{c.Area, c.Name, c.Change, c.Column, c.Detail, verdict, few(c.Downstream)}
	}
	drawTable(a.out, []string{"what", "name", "change", "column", "detail", "", "reaches"}, rows, nil)
}

// few names the first of many.
func few(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// keys are those of both maps, sorted; each is told where it is.
func keys[V any](was, now map[string]V) []string {
	var all []string
	for k := range was {
		all = append(all, k)
	}
	for k := range now {
		if _, both := was[k]; !both {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	return all
}

// setting compares one value of something; nothing where both are the same.
func setting(area, name, column, what string, was, now any) []projectChange {
	before, after := fmt.Sprint(was), fmt.Sprint(now)
	if before == after {
		return nil
	}
	return []projectChange{{Area: area, Name: name, Change: "set-" + what, Column: column, Detail: fmt.Sprintf("from %s to %s", orNone(before), orNone(after))}}
}

func orNone(text string) string {
	switch text {
	case "", "[]", "map[]", "<nil>":
		return "none"
	}
	return text
}
