package lakehouse

import (
	"strings"
	"testing"
)

// A checksum does not see order and files, and sees every change of a value.
func TestChecksum(t *testing.T) { eachPlace(t, conformChecksum) }

func conformChecksum(t *testing.T, p lakeAt) {
	l := smallLoads(t, p, 3)
	sum := func(snapshot int64) string {
		t.Helper()
		table, err := l.Table(t.Context(), gamesName)
		if err != nil {
			t.Fatal(err)
		}
		c, err := table.Checksum(t.Context(), snapshot)
		if err != nil {
			t.Fatal(err)
		}
		return c.String()
	}
	all := snapshotsOf(t, l)
	before := sum(0)
	if !strings.HasPrefix(before, "150 rows, ") || sum(all[2].ID) != before || sum(all[1].ID) == before {
		t.Errorf("%s", before)
	}
	maintain(t, l, MaintainOptions{Compact: true})
	load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, gameRows(0, 20)) // the same rows
	if after := sum(0); after != before {
		t.Errorf("%s, was %s", after, before)
	}
	load(t, l, gamesName, LoadOptions{Merge: true}, StateUpdate{}, changed(gameRows(0, 1)))
	if after := sum(0); after == before || !strings.HasPrefix(after, "150 rows, ") {
		t.Errorf("%s, was %s", after, before)
	}
}
