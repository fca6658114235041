package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

// Evolved is what Evolve did to one landing table; no change: it was as its
// contract says.
type Evolved struct {
	Table   string             `json:"table"`
	Changes []lakehouse.Change `json:"changes"`
}

// SpecsOf are the landing tables that a source's contracts promise, by name.
func SpecsOf(src *project.Source) []lakehouse.Spec {
	var specs []lakehouse.Spec
	for _, resource := range slices.Sorted(maps.Keys(src.Contracts)) {
		specs = append(specs, SpecOf(src.Contracts[resource]))
	}
	return specs
}

// Evolve makes every landing table as its contract says. All are compared
// first: where one change breaks what reads the table, or cannot be made,
// nothing is touched, and the error, a fault.Contract, tells all of them. It
// may be called again after any error.
func Evolve(ctx context.Context, lake *lakehouse.Lake, sources map[string]*project.Source) ([]Evolved, error) {
	var specs []lakehouse.Spec
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		specs = append(specs, SpecsOf(sources[name])...)
	}
	var blocked []error
	for _, s := range specs {
		changes, err := lake.Plan(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("compare the contract with table %s: %w", s.Name, err)
		}
		blocked = append(blocked, blocking(changes)...)
	}
	if len(blocked) > 0 {
		return nil, fault.New(fault.Contract, fmt.Errorf("the contracts ask for changes that are not made to tables with data; nothing was changed:\n%w", errors.Join(blocked...)),
			"take the changes back in the contracts, or land the data in a new resource, whose table begins empty; then deploy again")
	}
	done := []Evolved{}
	for _, s := range specs {
		changes, err := lake.Apply(ctx, s, lakehouse.ApplyOptions{})
		if err != nil {
			return done, fmt.Errorf("make table %s as its contract says: %w", s.Name, err)
		}
		if changes == nil {
			changes = []lakehouse.Change{}
		}
		done = append(done, Evolved{Table: s.Name.String(), Changes: changes})
	}
	return done, nil
}

// blocking are the changes that Evolve does not make.
func blocking(changes []lakehouse.Change) []error {
	var out []error
	for _, c := range changes {
		switch {
		case c.Info:
		case c.Refused != "":
			out = append(out, fmt.Errorf("%s: %s", c.Table, describe(c)))
		case c.Breaking:
			out = append(out, fmt.Errorf("%s: %s breaks what reads the table", c.Table, describe(c)))
		}
	}
	return out
}
