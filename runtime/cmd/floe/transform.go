package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/transform"
	"github.com/floe-data/floe/runtime/transform/duckdb"
)

type transformFlags struct {
	selected    []string
	excluded    []string
	fullRefresh bool
	failFast    bool
	limit       int
}

func (a *app) transformCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "transform",
		Short: "Build, test and look at the models",
		Long: `Work on the project in the dbt format in runtime/pipelines/transform. A model is
built aside, its tests run on it, and it is published in one commit; when a test
fails its old content stays and what is built on it is skipped.

--select and --exclude take names, +name and name+, tag:x, path:models/marts,
source:chess.players+, config.materialized:view and *; spaces join, commas
intersect.` + "\n" + exitCodes,
		Example: "  floe transform build\n  floe transform build --select +fct_games tag:marts\n  floe transform show --select openings",
	}
	for _, sub := range []struct{ name, short string }{
		{"build", "Seeds, models and tests in order"},
		{"run", "Only the models"},
		{"test", "Only the tests"},
		{"compile", "Write the SQL that would run to <home>/target"},
	} {
		c.AddCommand(a.transformRunCommand(transform.Command(sub.name), sub.short))
	}
	c.AddCommand(a.transformListCommand(), a.transformShowCommand())
	return c
}

func (f *transformFlags) selection(c *cobra.Command) {
	c.Flags().StringArrayVarP(&f.selected, "select", "s", nil, "which nodes (default all)")
	c.Flags().StringArrayVar(&f.excluded, "exclude", nil, "which nodes not")
}

func (a *app) transformRunCommand(command transform.Command, short string) *cobra.Command {
	var f transformFlags
	c := &cobra.Command{
		Use:     string(command),
		Short:   short,
		Example: fmt.Sprintf("  floe transform %s\n  floe transform %s --select +fct_games --exclude tag:slow", command, command),
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runModels(cmd.Context(), command, f, args)
		},
	}
	f.selection(c)
	if command != "test" && command != "compile" {
		c.Flags().BoolVar(&f.fullRefresh, "full-refresh", false, "build incremental models anew")
	}
	c.Flags().BoolVar(&f.failFast, "fail-fast", false, "start nothing more after the first failure")
	return c
}

func (a *app) runModels(ctx context.Context, command transform.Command, f transformFlags, args []string) error {
	p, err := a.load()
	if err != nil {
		return err
	}
	lake, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer lake.Close()
	options := transform.Options{Command: command, Select: append(f.selected, args...), Exclude: f.excluded, FullRefresh: f.fullRefresh, FailFast: f.failFast}
	if a.output == "text" {
		options.Observer = func(e transform.Event) { a.printNode(e) }
	}
	results, err := runTransform(ctx, p, lake, options)
	if a.output == "json" && len(results.Nodes) > 0 {
		writeJSON(a.out, nodeLines(results))
	} else if len(results.Nodes) > 0 {
		fmt.Fprintln(a.out, transformSummaryOf(results))
		if command == transform.CommandCompile {
			fmt.Fprintln(a.out, "the SQL lies in", targetDir(lake))
		}
	}
	return err
}

// runTransform runs on an engine of its own.
func runTransform(ctx context.Context, p *project.Project, lake *lakehouse.Lake, o transform.Options) (transform.Results, error) {
	engine, err := duckdb.Open(ctx, lake, duckdb.Options{})
	if err != nil {
		return transform.Results{}, err
	}
	defer engine.Close()
	o.Dir, o.Engine, o.TargetDir = p.TransformDir, engine, targetDir(lake)
	return transform.Run(ctx, o)
}

func targetDir(lake *lakehouse.Lake) string { return filepath.Join(lake.Home(), "target") }

// printNode tells one node's end.
func (a *app) printNode(e transform.Event) {
	switch e.Kind {
	case transform.EventWarning, transform.EventLog:
		fmt.Fprintln(a.err, e.Message)
	case transform.EventEnd:
		r := e.Result
		line := fmt.Sprintf("%3d/%d %-7s %s %s", e.Index, e.Total, r.Status, r.Kind, r.Name)
		if r.Message != "" && r.Status != transform.StatusSuccess && r.Status != transform.StatusPass {
			line += ": " + r.Message
		} else if r.Rows > 0 {
			line += ", " + plural(r.Rows, "row")
		}
		fmt.Fprintf(a.err, "%s (%.1fs)\n", line, r.Ended.Sub(r.Started).Seconds())
	}
}

type nodeLine struct {
	ID       string  `json:"id"`
	Kind     string  `json:"kind"`
	Relation string  `json:"relation,omitempty"`
	Status   string  `json:"status"`
	Rows     int64   `json:"rows"`
	Failures int64   `json:"failures"`
	Seconds  float64 `json:"seconds"`
	Message  string  `json:"message,omitempty"`
	Compiled string  `json:"compiled,omitempty"`
}

func nodeLines(results transform.Results) []nodeLine {
	lines := make([]nodeLine, len(results.Nodes))
	for i, r := range results.Nodes {
		lines[i] = nodeLine{ID: r.UniqueID, Kind: string(r.Kind), Relation: r.Relation, Status: string(r.Status), Rows: r.Rows, Failures: r.Failures,
			Seconds: r.Ended.Sub(r.Started).Seconds(), Message: r.Message, Compiled: r.Compiled}
	}
	return lines
}

// transformSummary tells a run of models in a line.
type transformSummary struct {
	Built   int        `json:"built"`
	Passed  int        `json:"passed"`
	Warned  int        `json:"warned"`
	Failed  int        `json:"failed"`
	Skipped int        `json:"skipped"`
	Nodes   []nodeLine `json:"nodes"`
}

func transformSummaryOf(r transform.Results) transformSummary {
	return transformSummary{Built: r.Count(transform.StatusSuccess), Passed: r.Count(transform.StatusPass), Warned: r.Count(transform.StatusWarn),
		Failed: r.Count(transform.StatusFail) + r.Count(transform.StatusError), Skipped: r.Count(transform.StatusSkipped), Nodes: nodeLines(r)}
}

func (s transformSummary) String() string {
	parts := []string{fmt.Sprintf("%d built", s.Built), plural(int64(s.Passed), "test") + " passed"}
	for _, p := range []struct {
		n    int
		word string
	}{{s.Warned, "warned"}, {s.Failed, "failed"}, {s.Skipped, "skipped"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	return strings.Join(parts, ", ")
}

// transformAct is the transform step of a workflow. What it has published is
// marked, so that a resumed run leaves it out.
func (a *app) transformAct(p *project.Project, lake *lakehouse.Lake, s *project.TransformStep) orchestrate.Act {
	return func(ctx context.Context, progress *orchestrate.Progress) (any, error) {
		done := map[string]bool{}
		for _, id := range progress.Done {
			done[id] = true
		}
		var unmarked error
		results, err := runTransform(ctx, p, lake, transform.Options{Command: transform.Command(s.Command), Select: s.Select, Exclude: s.Exclude, Done: done,
			Observer: func(e transform.Event) {
				switch e.Kind {
				case transform.EventStart:
					progress.Report(fmt.Sprintf("%d/%d %s %s", e.Index, e.Total, e.Node.Kind, e.Node.Name), map[string]int{"node": e.Index, "nodes": e.Total})
				case transform.EventEnd:
					if (transform.Results{Nodes: []transform.Result{*e.Result}}).Done()[e.Result.UniqueID] {
						if err := progress.Mark(e.Result.UniqueID); err != nil && unmarked == nil {
							unmarked = err
						}
					}
				}
			}})
		if err == nil {
			err = unmarked
		}
		return transformSummaryOf(results), err
	}
}

func (a *app) transformListCommand() *cobra.Command {
	var f transformFlags
	c := &cobra.Command{
		Use:     "ls",
		Short:   "List what a selection holds",
		Example: "  floe transform ls --select +fct_games",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			models, err := a.loadModels(cmd.Context())
			if err != nil {
				return err
			}
			nodes, warnings, err := models.List(append(f.selected, args...), f.excluded)
			if err != nil {
				return err
			}
			for _, w := range warnings {
				fmt.Fprintln(a.err, "warning:", w)
			}
			type line struct {
				ID       string `json:"id"`
				Kind     string `json:"kind"`
				Relation string `json:"relation,omitempty"`
			}
			lines := make([]line, len(nodes))
			rows := make([][]string, len(nodes))
			for i, n := range nodes {
				lines[i] = line{ID: n.UniqueID, Kind: string(n.Kind)}
				if n.Kind != "test" {
					lines[i].Relation = n.Relation.String()
				}
				rows[i] = []string{lines[i].Kind, n.Name, lines[i].Relation, n.Path}
			}
			if a.output == "json" {
				writeJSON(a.out, lines)
				return nil
			}
			drawTable(a.out, []string{"kind", "name", "relation", "file"}, rows, nil)
			return nil
		},
	}
	f.selection(c)
	return c
}

func (a *app) loadModels(ctx context.Context) (*transform.Project, error) {
	p, err := a.load()
	if err != nil {
		return nil, err
	}
	return transform.Load(ctx, transform.LoadOptions{Dir: p.TransformDir})
}

func (a *app) transformShowCommand() *cobra.Command {
	var f transformFlags
	c := &cobra.Command{
		Use:     "show",
		Short:   "Compile one model and show its first rows; nothing is built",
		Example: "  floe transform show --select openings --limit 10",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			models, err := a.loadModels(cmd.Context())
			if err != nil {
				return err
			}
			chosen := append(f.selected, args...)
			if len(chosen) == 0 {
				return fault.New(fault.Usage, fmt.Errorf("which model? Name it with --select"), "floe transform ls")
			}
			lake, err := a.openExisting(cmd.Context())
			if err != nil {
				return err
			}
			defer lake.Close()
			engine, err := duckdb.Open(cmd.Context(), lake, duckdb.Options{})
			if err != nil {
				return err
			}
			defer engine.Close()
			rows, _, err := models.Show(cmd.Context(), transform.ShowOptions{Engine: engine, Select: chosen, Limit: f.limit})
			if err != nil {
				return err
			}
			defer rows.Close()
			if a.output == "json" {
				return writeRows(a.out, rows, 0)
			}
			return (&asker{app: a, engine: engine}).draw(rows)
		},
	}
	c.Flags().StringArrayVarP(&f.selected, "select", "s", nil, "the model")
	c.Flags().IntVar(&f.limit, "limit", 5, "rows")
	return c
}
