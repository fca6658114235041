package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/project"
)

func (a *app) runCommand() *cobra.Command {
	var set []string
	var resume bool
	c := &cobra.Command{
		Use:   "run [workflow]",
		Short: "Run a workflow: ingest, transform, maintain",
		Long: `Run a workflow of runtime/pipelines/orchestrate. On a terminal its steps are
shown live; elsewhere one line an event, or one JSON object a line with
--output json. A record of every run is kept in <home>/runs.

A run that failed or was killed is repeated by running it again: what is loaded
is not loaded twice. --resume goes on instead with what was not done, with the
--set of the run that failed.` + "\n" + exitCodes,
		Example: `  floe run chess
  floe run chess --set players=hikaru,erik
  floe run chess --resume`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if resume && len(set) > 0 {
				return fault.New(fault.Usage, fmt.Errorf("--resume goes on with the --set of the run that failed; leave --set out, or run anew without --resume"), "")
			}
			values, err := parseSet(set)
			if err != nil {
				return err
			}
			return a.runWorkflow(cmd.Context(), args, values, resume)
		},
		ValidArgsFunction: a.completeWorkflows,
	}
	c.Flags().StringArrayVar(&set, "set", nil, "override a var of the source: key=value, lists by comma")
	c.Flags().BoolVar(&resume, "resume", false, "go on with the last run that failed")
	return c
}

func (a *app) runWorkflow(ctx context.Context, args []string, set map[string]string, resume bool) error {
	p, err := a.load()
	if err != nil {
		return err
	}
	w, err := workflow(p, args)
	if err != nil {
		return err
	}
	home, err := a.homeDir()
	if err != nil {
		return err
	}
	record, err := a.record(orchestrate.Records{Dir: filepath.Join(home, "runs")}, w, set, resume)
	if err != nil {
		return err
	}
	perSource, err := setForWorkflow(p, w, record.Set)
	if err != nil {
		return err
	}
	for name, values := range perSource { // a wrong value fails before anything is touched
		if _, err := a.vars(p, p.Sources[name], values); err != nil {
			return err
		}
	}
	lake, err := a.open(ctx)
	if err != nil {
		return record.NotBegun(ctx, err, time.Now())
	}
	defer lake.Close()
	view := a.newView(w)
	runner := &orchestrate.Runner{Workflow: w, Record: record, Observe: view.observe, Act: func(s project.Step) (orchestrate.Act, error) {
		debug.FreeOSMemory() // what the step before used is DuckDB's to have now
		return a.act(p, lake, s, perSource)
	}}
	err = runner.Run(ctx)
	view.close()
	return err
}

// record begins the record of a run, or takes up the one to resume.
func (a *app) record(records orchestrate.Records, w *project.Workflow, set map[string]string, resume bool) (*orchestrate.Record, error) {
	if !resume {
		return records.NewRecord(w.Name, set, a.stack, time.Now())
	}
	record, err := records.Unfinished(w.Name)
	if err != nil {
		return nil, err
	}
	a.stack = record.Stack
	return record, nil
}

// act is what a step does.
func (a *app) act(p *project.Project, lake *lakehouse.Lake, s project.Step, set map[string]map[string]string) (orchestrate.Act, error) {
	switch {
	case s.Ingest != nil:
		src, err := source(p, s.Ingest.Source)
		if err != nil {
			return nil, err
		}
		vars, err := a.vars(p, src, set[src.Name])
		if err != nil {
			return nil, err
		}
		return a.ingestAct(lake, src, vars, s.Ingest.Resources), nil
	case s.Transform != nil:
		return a.transformAct(p, lake, s.Transform), nil
	case s.Maintain != nil:
		return a.maintainAct(p, lake, s.Maintain), nil
	}
	return nil, fault.New(fault.Usage, fmt.Errorf("step %s does nothing: write ingest, transform or maintain", s.Name), "")
}

func (a *app) completeWorkflows(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	p, err := a.load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for name := range p.Workflows {
		names = append(names, name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
