package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/maintenance"
	"github.com/floe-data/floe/runtime/orchestrate"
	"github.com/floe-data/floe/runtime/project"
)

func (a *app) maintainCommand() *cobra.Command {
	var o lakehouse.MaintainOptions
	var only []string
	c := &cobra.Command{
		Use:   "maintain [table…]",
		Short: "Remove old rows, expire snapshots, compact small files, remove orphans",
		Long: `Keep tables small and quick: remove the rows that are older than their contract
keeps them (retention: 730d), expire old snapshots, rewrite small files and
files with deleted rows, and remove files that no snapshot knows. Without names
all tables are kept. --dry-run says what would be done and changes nothing.` + "\n" + exitCodes,
		Example: `  floe maintain --dry-run
  floe maintain landing_chess.players_games --only compact
  floe maintain --keep 24h`,
		ValidArgsFunction: a.completeRelations,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := chooseActs(&o, only); err != nil {
				return err
			}
			kept, err := a.rowsKept(only)
			if err != nil {
				return err
			}
			lake, err := a.openExisting(cmd.Context())
			if err != nil {
				return err
			}
			defer lake.Close()
			names, err := maintained(cmd.Context(), lake, args)
			if err != nil {
				return err
			}
			done, err := maintenance.Run(cmd.Context(), lake, names, maintenance.Options{Act: o, Kept: kept})
			if err == nil || len(done.Tables) > 0 {
				a.printMaintained(done.Tables, o.DryRun)
			}
			return err
		},
	}
	c.Flags().DurationVar(&o.KeepFor, "keep", maintenance.DefaultKeep, "keep snapshots younger than this")
	c.Flags().IntVar(&o.KeepLast, "keep-last", 1, "keep at least so many snapshots")
	c.Flags().DurationVar(&o.OrphansAfter, "orphans-after", maintenance.DefaultOrphans, "remove unknown files older than this")
	c.Flags().StringSliceVar(&only, "only", nil, "only these acts: retention, expire, compact, orphans (default all)")
	c.Flags().BoolVar(&o.DryRun, "dry-run", false, "say what would be done")
	return c
}

func chooseActs(o *lakehouse.MaintainOptions, only []string) error {
	if len(only) == 0 {
		o.Expire, o.Compact, o.Orphans = true, true, true
	}
	for _, act := range only {
		switch act {
		case "expire":
			o.Expire = true
		case "compact":
			o.Compact = true
		case "orphans":
			o.Orphans = true
		case actRetention:
		default:
			return fault.New(fault.Usage, fmt.Errorf("--only %q: write retention, expire, compact or orphans", act), "")
		}
	}
	return nil
}

const actRetention = "retention"

// rowsKept is how long the project's contracts keep rows. A home may be
// maintained from anywhere: without a project rows are kept for ever.
func (a *app) rowsKept(only []string) (map[lakehouse.Name]time.Duration, error) {
	if len(only) > 0 && !slices.Contains(only, actRetention) {
		return nil, nil
	}
	if _, err := a.rootDir(); err != nil && a.projectDir == "" && len(only) == 0 {
		return nil, nil //nolint:nilerr // there is no project here
	}
	p, err := a.load()
	if err != nil {
		return nil, err
	}
	return ingest.RowsKept(p), nil
}

// maintained lists the tables named, or all.
func maintained(ctx context.Context, lake *lakehouse.Lake, args []string) ([]lakehouse.Name, error) {
	var names []lakehouse.Name
	for _, arg := range args {
		n, err := lakehouse.ParseName(arg)
		if err != nil {
			return nil, fault.New(fault.Usage, err, "floe tables")
		}
		isTable, _, err := lake.Exists(ctx, n)
		if err == nil && !isTable {
			err = fault.New(fault.Usage, fmt.Errorf("there is no table %s in %s", n, lake.Home()), "floe tables")
		}
		if err != nil {
			return nil, err
		}
		names = append(names, n)
	}
	if len(args) > 0 {
		return names, nil
	}
	return maintenance.TablesOf(ctx, lake, nil)
}

// maintainSummary tells a maintenance in a line.
type maintainSummary []maintenance.Table

func (s maintainSummary) String() string {
	var expired, compacted, orphans int
	var freed, rows int64
	for _, t := range s {
		rows += t.RowsRemoved
		expired += t.SnapshotsExpired
		compacted += t.FilesCompacted
		orphans += t.OrphansRemoved
		freed += t.BytesFreed
	}
	return fmt.Sprintf("%s: %s removed, %s expired, %s compacted, %s removed, %s freed", plural(int64(len(s)), "table"),
		plural(rows, "old row"), plural(int64(expired), "snapshot"), plural(int64(compacted), "file"), plural(int64(orphans), "orphan"), size(freed))
}

func (a *app) printMaintained(done maintainSummary, dry bool) {
	if a.output == "json" {
		writeJSON(a.out, map[string]any{"dry_run": dry, "tables": done})
		return
	}
	rows := make([][]string, len(done))
	for i, t := range done {
		rows[i] = []string{t.Table, count(t.RowsRemoved), fmt.Sprint(t.SnapshotsExpired), fmt.Sprint(t.FilesCompacted), fmt.Sprint(t.FilesWritten), fmt.Sprint(t.OrphansRemoved), size(t.BytesFreed)}
	}
	drawTable(a.out, []string{"table", "rows removed", "snapshots expired", "files compacted", "into", "orphans removed", "freed"}, rows, []bool{false, true, true, true, true, true, true})
	if dry {
		fmt.Fprintln(a.out, "This was a dry run: nothing has changed.")
	}
}

// maintainAct is the maintenance step of a workflow.
func (a *app) maintainAct(p *project.Project, lake *lakehouse.Lake, s *project.MaintainStep) orchestrate.Act {
	return func(ctx context.Context, told *orchestrate.Progress) (any, error) {
		o, err := maintenance.ActOf(s.KeepSnapshots, s.OrphansAfter)
		if err != nil {
			return nil, err
		}
		names, err := maintenance.TablesOf(ctx, lake, s.Schemas)
		if err != nil {
			return nil, err
		}
		done, err := maintenance.Run(ctx, lake, names, maintenance.Options{Act: o, Kept: ingest.RowsKept(p),
			Begin: func(n lakehouse.Name) { told.Report(n.String(), nil) }})
		return maintainSummary(done.Tables), err
	}
}
