package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/ingest"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/project"
	"github.com/floe-data/floe/runtime/secrets"
)

type ingestFlags struct {
	set         []string
	resources   []string
	fullRefresh bool
	from, to    string
}

func (a *app) ingestCommand() *cobra.Command {
	var f ingestFlags
	c := &cobra.Command{
		Use:   "ingest <source>",
		Short: "Load a source's resources into their landing tables",
		Long: `Load a source of runtime/pipelines/ingest. Only what is new is read: the
cursor of each resource lies in its landing table and moves in the same commit
as the rows. A resource whose table is missing gets it; rows that break the
contract go to <table>__rejected with the reason.` + "\n" + exitCodes,
		Example: `  floe ingest chess
  floe ingest chess --resource players_games --from 2023-01 --to 2023-06
  floe ingest chess --full-refresh --set players=hikaru`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ingestSource(cmd.Context(), args[0], f)
		},
		ValidArgsFunction: a.completeSources,
	}
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a var of the source: key=value, lists by comma")
	c.Flags().StringSliceVar(&f.resources, "resource", nil, "only these resources (default all)")
	c.Flags().BoolVar(&f.fullRefresh, "full-refresh", false, "read everything again, whatever the cursor says")
	c.Flags().StringVar(&f.from, "from", "", "read from this cursor value on, inclusive: 2023-01")
	c.Flags().StringVar(&f.to, "to", "", "read up to this cursor value, inclusive")
	return c
}

func (a *app) ingestSource(ctx context.Context, name string, f ingestFlags) error {
	p, err := a.load()
	if err != nil {
		return err
	}
	src, err := source(p, name)
	if err != nil {
		return err
	}
	set, err := parseSet(f.set)
	if err != nil {
		return err
	}
	vars, err := a.vars(p, src, set)
	if err != nil {
		return err
	}
	lake, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer lake.Close()
	summary, err := ingest.Run(ctx, ingest.Options{Source: src, Lake: lake, Vars: vars, Secret: secrets.Local(src.Name), Resources: f.resources,
		FullRefresh: f.fullRefresh, From: f.from, To: f.to, Observer: a.ingestLines()})
	if a.output == "json" && err == nil {
		writeJSON(a.out, summary)
	} else if err == nil {
		printIngest(a.out, summary)
	}
	return err
}

// ingestAct is the ingest step of a workflow.
func (a *app) ingestAct(lake *lakehouse.Lake, src *project.Source, vars map[string]any, resources []string) orchestrate.Act {
	return func(ctx context.Context, p *orchestrate.Progress) (any, error) {
		tally := newIngestTally()
		summary, err := ingest.Run(ctx, ingest.Options{Source: src, Lake: lake, Vars: vars, Secret: secrets.Local(src.Name), Resources: resources,
			Observer: func(e ingest.Event) { p.Report(tally.add(e)) }})
		return ingestSummary{summary}, err
	}
}

// ingestSummary tells a load in a line.
type ingestSummary struct{ ingest.Summary }

func (s ingestSummary) String() string {
	var parts []string
	for _, r := range s.Resources {
		part := fmt.Sprintf("%s: %s read", r.Name, plural(r.Rows, "row"))
		if r.Rejected > 0 {
			part += fmt.Sprintf(", %s rejected", count(r.Rejected))
		}
		if len(r.Skips) > 0 {
			part += fmt.Sprintf(", %d skipped:", r.Skipped)
		}
		for _, skip := range r.Skips[:min(len(r.Skips), 10)] {
			part += fmt.Sprintf(" %s (%d)", skip.Request, skip.Status)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

// printIngest tells what a load did, resource by resource.
func printIngest(w io.Writer, s ingest.Summary) {
	rows := make([][]string, 0, len(s.Resources))
	for _, r := range s.Resources {
		rows = append(rows, []string{r.Name, count(r.Requests), count(r.Rows), count(r.Inserted), count(r.Updated), count(r.Unchanged), count(r.Rejected), fmt.Sprint(len(r.Skips))})
	}
	drawTable(w, []string{"resource", "requests", "rows", "inserted", "updated", "unchanged", "rejected", "skipped"}, rows,
		[]bool{false, true, true, true, true, true, true, true})
	for _, r := range s.Resources {
		for _, skip := range r.Skips {
			fmt.Fprintf(w, "%s: skipped %s: %s\n", r.Name, skip.Request, skip.Why)
		}
		if r.Rejected > 0 {
			fmt.Fprintf(w, "%s: see the rejected rows with floe sql \"select reason, count(*) from %s__rejected group by 1\"\n", r.Name, r.Table)
		}
	}
}

func (a *app) completeSources(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	p, err := a.load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for name := range p.Sources {
		names = append(names, name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// ingestTally turns a load's events into one line and counters.
type ingestTally struct {
	latest map[string]ingest.Event
	order  []string
}

func newIngestTally() *ingestTally { return &ingestTally{latest: map[string]ingest.Event{}} }

func (t *ingestTally) add(e ingest.Event) (string, map[string]int) {
	if _, seen := t.latest[e.Resource]; !seen {
		t.order = append(t.order, e.Resource)
	}
	t.latest[e.Resource] = e
	counts := map[string]int{}
	for _, name := range t.order {
		r := t.latest[name]
		counts["rows"] += int(r.Rows)
		counts["requests"] += int(r.Requests)
		counts["rejected"] += int(r.Rejected)
		counts["retries"] += int(r.Retries)
	}
	line := fmt.Sprintf("%s: %s, %s, %s", e.Resource, plural(e.Requests, "request"), plural(e.Rows, "row"), size(e.Bytes))
	switch e.Kind {
	case extract.EventRetry:
		line += fmt.Sprintf("; again in %s: %s", e.Wait.Round(time.Millisecond), e.Text)
	case extract.EventSkip:
		line += fmt.Sprintf("; skipped %s", e.Request)
	}
	return line, counts
}

// ingestLines shows a load outside of a workflow: a line at a resource's begin,
// each commit, retry and skip.
func (a *app) ingestLines() func(ingest.Event) {
	if a.output == "json" {
		return nil
	}
	tally := newIngestTally()
	return func(e ingest.Event) {
		line, _ := tally.add(e)
		if e.Kind == extract.EventCommit || e.Kind == extract.EventRetry {
			fmt.Fprintln(a.err, line)
		}
	}
}
