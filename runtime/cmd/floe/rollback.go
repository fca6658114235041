package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
)

func (a *app) rollbackCommand() *cobra.Command {
	var o lakehouse.RollbackOptions
	var to string
	c := &cobra.Command{
		Use:   "rollback <table>",
		Short: "Take a table back to a snapshot",
		Long: `Make a former snapshot the table's current one, in one commit. Its cursor goes
back to where it stood then, so that the next load brings again what moved it.
What came by --full-refresh, --from or --to did not: load it so again. No file
is touched, and history stays until it expires: a rollback can be rolled back. --to
is a snapshot's id, or a time: then it is the snapshot that readers saw at that
time. Rejected rows are a table of their own, <table>__rejected.

Models follow with the next run, but for incremental ones: they keep what was
undone until floe transform build --full-refresh. On a stack in Glue a table
model that is built anew has the last build's snapshot only, and cannot go back:
take back the landing tables that it reads, and build it again.

With --stack it is the stack's table, else the home's.` + "\n" + exitCodes,
		Example: `  floe tables landing_chess.players_games            which snapshots there are
  floe rollback landing_chess.players_games --to 2026-11-20T06:00:00Z --dry-run
  floe rollback landing_chess.players_games --to 5188219043862315 --stack prod`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeRelations,
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := lakehouse.ParseName(args[0])
			if err != nil {
				return fault.New(fault.Usage, err, "floe tables")
			}
			if o.Snapshot, o.At, err = destination(to, n); err != nil {
				return a.here(err)
			}
			return a.here(a.rollback(cmd.Context(), n, o))
		},
	}
	c.Flags().StringVar(&to, "to", "", "snapshot id, or time such as 2026-11-20T06:00:00Z (required)")
	c.Flags().BoolVar(&o.KeepState, "keep-state", false, "leave the cursor where it is: what is undone is not loaded again")
	c.Flags().BoolVar(&o.DryRun, "dry-run", false, "say what would be done")
	return c
}

// destination reads --to.
func destination(to string, n lakehouse.Name) (snapshot int64, at time.Time, err error) {
	next := "floe tables " + n.String()
	if to == "" {
		return 0, at, fault.New(fault.Usage, errors.New("where to? write --to and a snapshot's id or a time"), next)
	}
	if snapshot, err = strconv.ParseInt(to, 10, 64); err == nil && snapshot > 0 {
		return snapshot, at, nil
	}
	if at, err = time.Parse(time.RFC3339, to); err == nil {
		if !strings.Contains(to, ".") {
			at = at.Add(time.Second - time.Nanosecond) // that whole second: floe tables shows no part of one
		}
		return 0, at, nil
	}
	return 0, at, fault.New(fault.Usage, fmt.Errorf("--to %q is neither a snapshot's id nor a time such as 2026-11-20T06:00:00Z", to), next)
}

func (a *app) rollback(ctx context.Context, n lakehouse.Name, o lakehouse.RollbackOptions) error {
	lake, err := a.lakeOf(ctx)
	if err != nil {
		return err
	}
	defer lake.Close()
	done, err := lake.Rollback(ctx, n, o)
	if errors.Is(err, lakehouse.ErrNotFound) {
		return fault.New(fault.Usage, fmt.Errorf("%w in %s", err, a.place(lake)), "floe tables")
	}
	if err != nil {
		return err
	}
	if a.output == "json" {
		writeJSON(a.out, struct {
			DryRun bool `json:"dry_run"`
			lakehouse.Rollback
		}{o.DryRun, done})
		return nil
	}
	a.printRollback(done, o)
	return nil
}

func (a *app) printRollback(r lakehouse.Rollback, o lakehouse.RollbackOptions) {
	if !r.Changed {
		fmt.Fprintf(a.out, "%s is at snapshot %d of %s already.\n", r.Table, r.To, moment(r.At))
		return
	}
	verb := "is back at"
	if o.DryRun {
		verb = "would go back to"
	}
	fmt.Fprintf(a.out, "%s %s snapshot %d of %s; %s undone.\n", r.Table, verb, r.To, moment(r.At), plural(int64(r.Undone), "snapshot"))
	switch {
	case o.KeepState:
		fmt.Fprintln(a.out, "The cursor stays where it is: the next load does not bring what is undone.")
	case r.StateMoved():
		fmt.Fprintln(a.out, "The cursor goes back, too: the next load brings again what moved it; what came by --full-refresh, --from or --to must be loaded so again.")
	case len(r.Before) > 0:
		fmt.Fprintln(a.out, "The cursor stood there then, too: what came by --full-refresh, --from or --to must be loaded so again.")
	}
	if o.DryRun {
		fmt.Fprintln(a.out, "This was a dry run: nothing has changed.")
		return
	}
	fmt.Fprintf(a.out, "To take this back: floe rollback %s --to %d%s\n", r.Table, r.From, a.stackFlag())
}

// here adds --stack to the command that an error advises.
func (a *app) here(err error) error {
	next := fault.Next(err)
	if a.stack == "" || !strings.HasPrefix(next, "floe ") || strings.Contains(next, "--stack") {
		return err
	}
	return fault.New(fault.Kind(fault.Code(err)), err, next+a.stackFlag())
}

// stackFlag is --stack as it was given, for commands that messages show.
func (a *app) stackFlag() string {
	if a.stack == "" {
		return ""
	}
	return " --stack " + a.stack
}
