package rest

import (
	"fmt"
	"slices"

	"github.com/floe-data/floe/runtime/fault"
)

// group is the items that one parent request listed, with scope request: which
// of them are done, and when that may be said.
type group struct {
	key    string
	done   intervals
	listed []string       // all cursors, sorted
	left   map[string]int // items that are still to come, by cursor
}

// stateKey is the table property (below floe.state.) that holds the cursor
// state of the items with this label.
func stateKey(label string) string {
	if label == "" {
		return "cursor"
	}
	return "cursor." + label
}

// readCursor finds an item's cursor in the parent's record.
func (rd *reading) readCursor(e *endpoint, it *item, record parentRecord) error {
	inc := e.incremental
	text, ok := record.fields[inc.field]
	if !ok {
		return fmt.Errorf("incremental.cursor_path: a record of %s has no field %s", e.parent, inc.field)
	}
	if inc.regex != nil {
		m := inc.regex.FindStringSubmatch(text)
		if m == nil || m[1] == "" {
			return fmt.Errorf("incremental.cursor_regex %q finds nothing in %q, the field %s of a record of %s", inc.regex, text, inc.field, e.parent)
		}
		text = m[1]
	}
	it.cursor = text
	it.values.incremental = map[string]string{cursorValue: text}
	return nil
}

// choose says which of the listed items are asked for, in the order of their
// cursors: those within --from and --to that are not done. The newest listed is
// never done: its content may still grow. Rows that are only added, and have no
// key to tell them by, would then come twice; so there the newest waits until
// it is not the newest any more.
func (rd *reading) choose(e *endpoint, parent *item, listing []*item, withState bool) ([]*item, error) {
	if len(listing) == 0 || !withState {
		return listing, nil
	}
	slices.SortStableFunc(listing, func(a, b *item) int { return compareCursors(a.cursor, b.cursor) })
	g := &group{key: stateKey(parent.label), left: map[string]int{}}
	for _, it := range listing {
		g.listed = append(g.listed, it.cursor)
	}
	g.listed = slices.Compact(g.listed)
	var err error
	if g.done, err = parseIntervals(rd.ask.State[g.key]); err != nil {
		return nil, fault.New(fault.Failed, fmt.Errorf("resource %s, %s: %w", e.resource.Name, g.key, err), "floe ingest <source> --full-refresh")
	}
	var chosen []*item
	for _, it := range listing {
		wanted, err := rd.bounds.contains(it.cursor)
		if err != nil {
			return nil, fault.New(fault.Usage, fmt.Errorf("--from and --to: %w", err), "")
		}
		done := g.done.contains(it.cursor) && !g.newest(it.cursor) && !rd.ask.FullRefresh
		tooNew := rd.ask.Append && !rd.ask.Keyed && g.newest(it.cursor)
		if !wanted || done || tooNew {
			continue
		}
		it.group = g
		g.left[it.cursor]++
		chosen = append(chosen, it)
	}
	return chosen, nil
}

func (g *group) newest(cursor string) bool { return cursor == g.listed[len(g.listed)-1] }

// finish marks an item as complete and gives the state that is true then.
func (g *group) finish(cursor string) map[string]string {
	g.left[cursor]--
	if g.left[cursor] > 0 || g.newest(cursor) || g.done.contains(cursor) {
		return nil
	}
	g.done = g.done.add(cursor, g.listed)
	return map[string]string{g.key: g.done.String()}
}
