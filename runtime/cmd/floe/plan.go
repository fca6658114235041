package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest"
	"github.com/floe-data/floe/runtime/lakehouse"
)

func (a *app) planCommand() *cobra.Command {
	var old string
	c := &cobra.Command{
		Use:   "plan [source…]",
		Short: "Show what the contracts would change in the landing tables",
		Long: `Compare the contracts of runtime/pipelines/ingest with the landing tables. A
change is plain (a load or floe apply makes it), breaking (floe apply
--allow-breaking makes it), or refused (it can never be made to the table, and
the reason is told).

With --diff no table is asked: another checkout of the project is compared with
this one, its contracts, sources, models, macros and workflows, and each change
is told with what it reaches.

Exit code 3: a change of a table is refused.` + "\n" + exitCodes,
		Example: `  floe plan
  floe plan chess --output json
  floe plan --diff ../before`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if old != "" {
				if len(args) > 0 {
					return fault.New(fault.Usage, fmt.Errorf("--diff compares whole projects; found %q beside it", args[0]), "floe plan --diff "+old)
				}
				return a.planDiff(cmd.Context(), old)
			}
			changes, err := a.planned(cmd.Context(), args)
			if err != nil {
				return err
			}
			a.printChanges(changes, "The tables are as the contracts say.")
			return refused(changes)
		},
		ValidArgsFunction: a.completeSources,
	}
	c.Flags().StringVar(&old, "diff", "", "folder of another checkout to compare the project with")
	return c
}

func (a *app) applyCommand() *cobra.Command {
	var breaking bool
	c := &cobra.Command{
		Use:   "apply [source…]",
		Short: "Make the landing tables as the contracts say",
		Example: `  floe apply
  floe apply chess --allow-breaking`,
		Long: `Make the changes that floe plan shows, one table at a time, each in one commit.
Nothing is done to a table of which one change is refused.` + "\n" + exitCodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.applyContracts(cmd.Context(), args, breaking)
		},
		ValidArgsFunction: a.completeSources,
	}
	c.Flags().BoolVar(&breaking, "allow-breaking", false, "also drop columns and change partitions")
	return c
}

// specs are the landing tables that the sources' contracts promise, in order.
func (a *app) specs(args []string) ([]lakehouse.Spec, error) {
	p, err := a.load()
	if err != nil {
		return nil, err
	}
	names := args
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(p.Sources))
	}
	var specs []lakehouse.Spec
	for _, name := range names {
		src, err := source(p, name)
		if err != nil {
			return nil, err
		}
		specs = append(specs, ingest.SpecsOf(src)...)
	}
	return specs, nil
}

func (a *app) planned(ctx context.Context, args []string) ([]lakehouse.Change, error) {
	specs, err := a.specs(args)
	if err != nil {
		return nil, err
	}
	lake, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	defer lake.Close()
	var changes []lakehouse.Change
	for _, s := range specs {
		found, err := lake.Plan(ctx, s)
		if err != nil {
			return nil, err
		}
		changes = append(changes, found...)
	}
	return explained(changes), nil
}

// explained adds to a dropped column what a load would do about it.
func explained(changes []lakehouse.Change) []lakehouse.Change {
	for i, c := range changes {
		if c.Kind == lakehouse.ChangeDropColumn {
			changes[i].Detail += "; a load adds it again while the source sends it, unless on_break.new_columns is discard"
		}
	}
	return changes
}

func (a *app) applyContracts(ctx context.Context, args []string, breaking bool) error {
	specs, err := a.specs(args)
	if err != nil {
		return err
	}
	lake, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer lake.Close()
	var done []lakehouse.Change
	for _, s := range specs {
		made, err := lake.Apply(ctx, s, lakehouse.ApplyOptions{AllowBreaking: breaking})
		done = append(done, made...)
		if err != nil {
			a.printChanges(done, "Nothing has changed.")
			return err
		}
	}
	a.printChanges(done, "Nothing to change: the tables are as the contracts say.")
	return nil
}

func (a *app) printChanges(changes []lakehouse.Change, none string) {
	if a.output == "json" {
		if changes == nil {
			changes = []lakehouse.Change{}
		}
		writeJSON(a.out, changes)
		return
	}
	if len(changes) == 0 {
		fmt.Fprintln(a.out, none)
		return
	}
	rows := make([][]string, len(changes))
	for i, c := range changes {
		verdict := "plain"
		switch {
		case c.Refused != "":
			verdict = "refused: " + c.Refused
		case c.Breaking:
			verdict = "breaking"
		case c.Info:
			verdict = "kept: nothing to do"
		}
		rows[i] = []string{c.Table.String(), c.Kind, c.Column, c.Detail, verdict}
	}
	drawTable(a.out, []string{"table", "change", "column", "detail", ""}, rows, nil)
}

func refused(changes []lakehouse.Change) error {
	n := 0
	for _, c := range changes {
		if c.Refused != "" {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return fault.New(fault.Contract, fmt.Errorf("%s cannot be made to the tables", plural(int64(n), "change")), "change the contracts as the reasons say")
}
