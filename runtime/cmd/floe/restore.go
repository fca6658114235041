package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/live"
)

func (a *app) restoreCommand() *cobra.Command {
	var o lakehouse.RestoreOptions
	c := &cobra.Command{
		Use:   "restore [schema | table…]",
		Short: "Bring tables back from a copy of their files",
		Long: `Bring tables back from a copy of their files: a replica bucket, a copied home.
Iceberg names files by absolute paths, so that a copy alone is no table: every
file that holds paths is written anew at the new place, verified, and then the
catalog is told. Data files are copied, unless they are there already. The copy
is only read, and no table that is there is overwritten.

Without --stack tables come back into the home (--home, which is made) from the
folder --from. With --stack they come back into the stack, which must be
deployed, from s3://bucket/prefix; without --from from where its schemas lie.

Of a copy that is not complete, the newest state that is comes back, and what is
lost is told. Views are not tables: floe run builds them again. --dry-run looks
and changes nothing. Done again, it goes on with what is not there yet.` + "\n" + exitCodes,
		Example: `  floe restore --from /backup/.floe --home .floe
  floe restore --stack prod --from s3://floe-prod-replica-lakehouse --dry-run
  floe restore marts landing_chess.players --stack prod --from s3://floe-prod-replica-lakehouse`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Only = args
			return a.restore(cmd.Context(), o)
		},
	}
	c.Flags().StringVar(&o.From, "from", "", "folder, or s3://bucket/prefix, that holds the copy")
	c.Flags().BoolVar(&o.DryRun, "dry-run", false, "say what would be done")
	return c
}

func (a *app) restore(ctx context.Context, o lakehouse.RestoreOptions) error {
	var rpo time.Duration
	var lake *lakehouse.Lake
	var err error
	if err := lakehouse.CheckCopy(o.From, a.stack == ""); err != nil {
		return err // before the home is made
	}
	if a.stack == "" {
		lake, err = a.restoredHome(ctx, o.DryRun)
	} else {
		var stack *live.Stack
		if lake, stack, err = a.stackLake(ctx); err == nil {
			rpo, err = objective(stack)
		}
	}
	if err != nil {
		return err
	}
	defer lake.Close()
	o.Begin = func(n lakehouse.Name) {
		if a.output != "json" {
			fmt.Fprintf(a.err, "%s …\n", n)
		}
	}
	done, err := lake.Restore(ctx, o)
	if err == nil || len(done) > 0 {
		a.printRestored(done, o.DryRun, rpo)
	}
	if err != nil && fault.Next(err) == "" {
		err = fault.New(fault.Failed, err, "mend the cause and run it again: what came back stays, the rest follows")
	}
	return err
}

// restoredHome opens the home that tables come back into. A dry run does not make it.
func (a *app) restoredHome(ctx context.Context, dry bool) (*lakehouse.Lake, error) {
	if !dry {
		return a.open(ctx)
	}
	home, err := a.homeDir()
	if err != nil {
		return nil, err
	}
	return lakehouse.Open(ctx, lakehouse.Options{Home: home, LockTimeout: a.lockTimeout, ReadOnly: true, Absent: true})
}

// objective is how much of the past the stack may lose; 0 where it does not say.
func objective(s *live.Stack) (time.Duration, error) {
	if s.Platform.Objectives == nil {
		return 0, nil
	}
	rpo, err := time.ParseDuration(s.Platform.Objectives.RPO)
	if err != nil {
		return 0, fault.New(fault.Usage, fmt.Errorf("live/%s/platform.yaml: objectives.rpo: %w", s.Name, err), "write a duration such as 24h")
	}
	return rpo, nil
}

func (a *app) printRestored(done []lakehouse.Restored, dry bool, rpo time.Duration) {
	now := time.Now()
	if a.output == "json" {
		writeJSON(a.out, map[string]any{"dry_run": dry, "tables": done, "rpo_seconds": rpo.Seconds()})
		return
	}
	rows := make([][]string, len(done))
	for i, r := range done {
		rows[i] = []string{r.Table.String(), r.State, "", "", "", "", "", ""}
		if r.State != lakehouse.RestoreView {
			rows[i] = []string{r.Table.String(), r.State, moment(r.At), count(r.Rows), fmt.Sprint(r.Snapshots), fmt.Sprint(r.Files), size(r.Bytes), lossOf(r, now, rpo)}
		}
	}
	drawTable(a.out, []string{"table", "", "as of", "rows", "snapshots", "files copied", "size", "lost"}, rows, []bool{false, false, false, true, true, true, true})
	for _, r := range done {
		for _, m := range r.Lost.Missing {
			fmt.Fprintf(a.out, "%s: %s\n", r.Table, m)
		}
		if r.Doubt != "" {
			fmt.Fprintf(a.out, "%s: %s\n", r.Table, r.Doubt)
		}
	}
	if dry {
		fmt.Fprintln(a.out, "This was a dry run: nothing has changed.")
	}
}

// lossOf says what a table lost: what the copy tells of and does not hold, and
// an age beyond the objective.
func lossOf(r lakehouse.Restored, now time.Time, rpo time.Duration) string {
	var lost []string
	if r.Lost.Snapshots > 0 {
		text := plural(int64(r.Lost.Snapshots), "snapshot")
		if r.Lost.Rows != nil {
			text += ", " + plural(*r.Lost.Rows, "row")
		}
		lost = append(lost, text+" of the last "+r.Lost.Behind.Round(time.Second).String())
	}
	if r.Lost.Older > 0 {
		lost = append(lost, plural(int64(r.Lost.Older), "older snapshot"))
	}
	if age := now.Sub(r.At); rpo > 0 && age > rpo && r.State != lakehouse.RestoreThere && !r.At.IsZero() {
		lost = append(lost, fmt.Sprintf("%s old, beyond the RPO of %s unless nothing was loaded since", age.Round(time.Minute), rpo))
	}
	return strings.Join(lost, "; ")
}
