package lakehouse

import (
	"maps"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"
)

// Keys of a snapshot's summary. Every snapshot that floe makes of a table with
// a cursor carries the cursor's state: a rollback brings both back together.
const (
	summaryLoad     = "floe.load-id"
	summaryLoadedAt = "floe.loaded-at" // loads only
	summaryState    = "floe.state"     // the state that holds with the snapshot, see noteState
)

// lineage are a snapshot and those that it stands on, as far as they are kept,
// newest first.
func lineage(meta ice.Metadata, id int64) []ice.Snapshot {
	kept := map[int64]ice.Snapshot{}
	for _, s := range meta.Snapshots() {
		kept[s.SnapshotID] = s
	}
	var line []ice.Snapshot
	for s, ok := kept[id]; ok; s, ok = kept[*s.ParentSnapshotID] {
		delete(kept, s.SnapshotID) // a broken file's circle ends
		line = append(line, s)
		if s.ParentSnapshotID == nil {
			break
		}
	}
	return line
}

// noted is a value of a snapshot's summary.
func noted(s ice.Snapshot, key string) (string, bool) {
	if s.Summary == nil {
		return "", false
	}
	v, ok := s.Summary.Properties[key]
	return v, ok
}

// stateOf is the cursor state in a table's properties.
func stateOf(p iceberg.Properties) map[string]string {
	state := map[string]string{}
	for k, v := range p {
		if key, ok := strings.CutPrefix(k, propState); ok {
			state[key] = v
		}
	}
	return state
}

// stateAt is the state that held with the newest snapshot of a lineage; not
// known, where a load did not note it. What is no load has left
// the cursor where it was.
func stateAt(line []ice.Snapshot) (state map[string]string, known bool) {
	for i, s := range line {
		if text, ok := noted(s, summaryState); ok {
			return readState(text)
		}
		if _, load := noted(s, summaryLoadedAt); load || i == len(line)-1 && s.ParentSnapshotID != nil {
			return nil, false
		}
	}
	return map[string]string{}, true
}

// loadsAt are the ids of the loads that a lineage holds: those that the table
// remembers up to the last one of the lineage, then the lineage's later ones.
func loadsAt(p iceberg.Properties, line []ice.Snapshot) []string {
	var held []string
	for _, s := range slices.Backward(line) {
		if _, load := noted(s, summaryLoadedAt); load {
			id, _ := noted(s, summaryLoad)
			held = append(held, id)
		}
	}
	known := loadIDs(p)
	for i, id := range slices.Backward(known) {
		if at := slices.Index(held, id); at >= 0 {
			held = slices.Concat(known[:i+1], held[at+1:])
			break
		}
	}
	return held[max(0, len(held)-keptLoads):]
}

// swapState are the property changes that make a state the table's.
func swapState(p iceberg.Properties, state map[string]string) (set iceberg.Properties, remove []string) {
	now := stateOf(p)
	set = iceberg.Properties{}
	for k, v := range state {
		if is, ok := now[k]; !ok || is != v {
			set[propState+k] = v
		}
	}
	for _, k := range slices.Sorted(maps.Keys(now)) {
		if _, ok := state[k]; !ok {
			remove = append(remove, propState+k)
		}
	}
	return set, remove
}

// heldSnapshots are those that any branch or tag stands on.
func heldSnapshots(meta ice.Metadata) map[int64]bool {
	held := map[int64]bool{}
	for _, ref := range meta.Refs() {
		for _, s := range lineage(meta, ref.SnapshotID) {
			held[s.SnapshotID] = true
		}
	}
	return held
}
