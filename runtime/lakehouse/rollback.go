package lakehouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
)

// RollbackOptions say where a table goes back to.
type RollbackOptions struct {
	Snapshot  int64     // to this snapshot; 0: to the one that readers saw At
	At        time.Time // see Snapshot
	KeepState bool      // the cursor stays: what is undone is not loaded again
	DryRun    bool      // say what would be done
}

// Rollback is what a rollback did, or would do.
type Rollback struct {
	Table   Name              `json:"table"`
	From    int64             `json:"from"` // the snapshot that was current, 0 for none
	To      int64             `json:"to"`
	At      time.Time         `json:"at"`      // when To was made
	Undone  int               `json:"undone"`  // snapshots that are no longer part of the table
	Changed bool              `json:"changed"` // false: it was there already
	Before  map[string]string `json:"state_before"`
	After   map[string]string `json:"state_after"`
}

// Rollback makes a former snapshot the table's current one, in one commit: the
// main branch is set to it (Iceberg's set-snapshot-ref), and the cursor goes
// back to where it stood then, so that the next load brings again what moved it.
// History stays until it expires: a rollback can be rolled back. A load
// that is going on meanwhile sees it (StateUpdate.Read) and reads again.
func (l *Lake) Rollback(ctx context.Context, n Name, o RollbackOptions) (Rollback, error) {
	var done Rollback
	if err := l.writable("roll back", n); err != nil {
		return done, err
	}
	if o.DryRun {
		head, err := l.Table(ctx, n)
		if err == nil {
			done, _, err = goBack(head, "", o)
		}
		return done, rollbackError(n, err)
	}
	id := newCommitID()
	_, _, err := l.commit(ctx, n, id, func(_ context.Context, head *Table) (*draft, error) {
		var updates []ice.Update
		var err error
		if done, updates, err = goBack(head, id, o); err != nil || len(updates) == 0 {
			return nil, err
		}
		return &draft{updates: updates}, nil
	})
	return done, rollbackError(n, err)
}

func rollbackError(n Name, err error) error {
	if err != nil {
		return fmt.Errorf("roll back %s: %w", n, err)
	}
	return nil
}

// goBack is the change of a head. The table remembers the rollback's id: one
// whose answer was lost is not done again on top of a later load.
func goBack(head *Table, id string, o RollbackOptions) (Rollback, []ice.Update, error) {
	meta := head.ice.Metadata()
	to, err := head.destination(o)
	if err != nil {
		return Rollback{}, nil, err
	}
	p := head.ice.Properties()
	r := Rollback{Table: head.name, From: head.SnapshotID(), To: to.SnapshotID, At: time.UnixMilli(to.TimestampMs).UTC(), Before: stateOf(p), After: stateOf(p)}
	if r.From == r.To {
		return r, nil, nil
	}
	line := lineage(meta, to.SnapshotID)
	r.Changed, r.Undone = true, undone(meta, r.From, line)
	set, remove, loads := iceberg.Properties{}, []string(nil), loadIDs(p)
	if !o.KeepState {
		state, known := stateAt(line)
		if !known && len(r.Before) > 0 {
			return r, nil, stateUnknown(head.name, to)
		}
		if known {
			r.After = state
		}
		set, remove = swapState(p, r.After)
		loads = loadsAt(p, line)
	}
	set[propLoads] = strings.Join(lastOf(append(slices.Clone(loads), id), keptLoads), " ")
	set[propRolledBack] = id
	updates := []ice.Update{
		ice.NewSetSnapshotRefUpdate(ice.MainBranch, to.SnapshotID, ice.BranchRef, 0, 0, 0),
		ice.NewSetPropertiesUpdate(set),
	}
	if len(remove) > 0 {
		updates = append(updates, ice.NewRemovePropertiesUpdate(remove))
	}
	return r, updates, nil
}

// undone counts the snapshots that current stands on and line does not hold.
func undone(meta ice.Metadata, current int64, line []ice.Snapshot) int {
	held := map[int64]bool{}
	for _, s := range line {
		held[s.SnapshotID] = true
	}
	n := 0
	for _, s := range lineage(meta, current) {
		if !held[s.SnapshotID] {
			n++
		}
	}
	return n
}

// destination is the snapshot that is meant.
func (t *Table) destination(o RollbackOptions) (*ice.Snapshot, error) {
	meta := t.ice.Metadata()
	if o.Snapshot != 0 {
		if s := meta.SnapshotByID(o.Snapshot); s != nil {
			return s, nil
		}
		return nil, t.noSuch(fmt.Sprintf("it has no snapshot %d, or it has expired", o.Snapshot))
	}
	var seen *ice.SnapshotLogEntry
	for e := range meta.SnapshotLogs() {
		if e.TimestampMs <= o.At.UnixMilli() {
			seen = &e
		}
	}
	at := o.At.UTC().Format(time.RFC3339)
	if seen == nil {
		return nil, t.noSuch("its history does not reach back to " + at)
	}
	if s := meta.SnapshotByID(seen.SnapshotID); s != nil {
		return s, nil
	}
	return nil, t.noSuch(fmt.Sprintf("snapshot %d, which it was at %s, has expired", seen.SnapshotID, at))
}

// shown is how many snapshots an error names.
const shown = 5

// noSuch says which snapshots there are.
func (t *Table) noSuch(what string) error {
	kept := t.Snapshots()
	if len(kept) == 0 {
		return fault.New(fault.Usage, fmt.Errorf("%s: it has no snapshots yet", what), "")
	}
	names := make([]string, 0, shown+1)
	for _, s := range slices.Backward(kept) {
		if len(names) == shown {
			names = append(names, fmt.Sprintf("and %d older ones", len(kept)-shown))
			break
		}
		names = append(names, strconv.FormatInt(s.ID, 10)+" of "+s.At.Format(time.RFC3339))
	}
	if len(kept) == 1 {
		what += " (a table model that is built anew on a stack has its last build's only: take back what it reads, and build it again)"
	}
	return fault.New(fault.Usage, fmt.Errorf("%s; it has %s", what, strings.Join(names, ", ")), "floe tables "+t.name.String())
}

func stateUnknown(n Name, to *ice.Snapshot) error {
	return fault.New(fault.Failed, fmt.Errorf("the load that made snapshot %d did not note where the cursor stood (it is of a former floe, or the state is too long): the next load could miss rows or bring some twice; --keep-state leaves the cursor where it is, and what is undone then comes back with a --full-refresh only", to.SnapshotID),
		fmt.Sprintf("floe rollback %s --to %d --keep-state", n, to.SnapshotID))
}

// lastOf is a list's end, without empty words.
func lastOf(words []string, most int) []string {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return words[max(0, len(words)-most):]
}

// StateMoved says whether the cursor goes back, too.
func (r Rollback) StateMoved() bool { return !maps.Equal(r.Before, r.After) }
