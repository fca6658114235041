package lakehouse

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/fault"
)

// standardProperties are set on every table that floe makes.
var standardProperties = map[string]string{
	ice.PropertyFormatVersion:                    "2",
	"write.format.default":                       "parquet",
	"write.parquet.compression-codec":            "zstd",
	ice.WriteTargetFileSizeBytesKey:              strconv.Itoa(targetFile), // for other writers, too
	"write.delete.mode":                          "merge-on-read",          // copy-on-write of other writers loses rows (null filters, earlier deletes)
	"write.update.mode":                          "merge-on-read",
	"write.merge.mode":                           "merge-on-read",
	ice.MetadataDeleteAfterCommitEnabledKey:      "true",
	ice.MetadataPreviousVersionsMaxKey:           "20",
	ice.ManifestMergeEnabledKey:                  "true",
	"history.expire.max-snapshot-age-ms":         "604800000", // 7 days, as floe maintain keeps
	"write.metadata.metrics.default":             "truncate(16)",
	"write.object-storage.enabled":               "false",
	"write.parquet.bloom-filter-enabled.default": "false",
}

// properties are a new table's: the standard ones, the Spec's, its doc.
func (s Spec) properties() iceberg.Properties {
	p := iceberg.Properties{}
	maps.Copy(p, standardProperties)
	maps.Copy(p, s.Properties)
	if s.Doc != "" {
		p[propComment] = s.Doc
	}
	return p
}

// keptLoads is how many load ids the table itself remembers.
const keptLoads = 20

func loadIDs(p iceberg.Properties) []string { return strings.Fields(p[propLoads]) }

// remember adds a load id to those that a table remembers.
func remember(p iceberg.Properties, id string) string {
	ids := append(loadIDs(p), id)
	return strings.Join(ids[max(0, len(ids)-keptLoads):], " ")
}

// committed says whether a commit with this id is part of the table: in the
// table's own memory, or in the summary of a snapshot that it stands on. What a
// rollback has undone is not: it may be done again.
func committed(t *ice.Table, id string) (snapshot int64, ok bool) {
	if id == "" {
		return 0, false
	}
	for _, s := range lineage(t.Metadata(), snapshotID(t)) {
		if was, _ := noted(s, summaryLoad); was == id {
			return s.SnapshotID, true
		}
	}
	if slices.Contains(loadIDs(t.Properties()), id) {
		return snapshotID(t), true
	}
	return 0, false
}

// rolledBack is ErrRolledBack if a table went back since read; with nil nobody
// went by it.
func rolledBack(p iceberg.Properties, read *Table) error {
	if read == nil || read.ice.Properties()[propRolledBack] == p[propRolledBack] {
		return nil
	}
	return fault.New(fault.Failed, ErrRolledBack, "run again")
}

// Follows is ErrRolledBack if the table went back since it was read: what was
// chosen by what it held then leaves a gap now.
func (t *Table) Follows(read *Table) error { return rolledBack(t.ice.Properties(), read) }

// stateUpdates are the property changes of a StateUpdate; ErrStateMoved if the
// state is not what the caller read.
func stateUpdates(p iceberg.Properties, s StateUpdate) (set iceberg.Properties, remove []string, err error) {
	if err := rolledBack(p, s.Read); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrStateMoved, err)
	}
	for k, want := range s.Expect {
		if p[propState+k] != want {
			return nil, nil, stateMoved(k, p[propState+k], want)
		}
	}
	set = iceberg.Properties{}
	for k, v := range s.Set {
		if p[propState+k] != v {
			set[propState+k] = v
		}
	}
	for _, k := range s.Delete {
		if _, ok := p[propState+k]; ok {
			remove = append(remove, propState+k)
		}
	}
	slices.Sort(remove)
	return set, remove, nil
}
