package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/schema"
)

// Change is one difference between a table and its Spec.
type Change struct {
	Table    Name   `json:"table"`
	Kind     string `json:"kind"` // see the Change* constants
	Column   string `json:"column,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Breaking bool   `json:"breaking"`          // needs ApplyOptions.AllowBreaking
	Info     bool   `json:"info"`              // nothing will be done: a column that evolution added and the Spec does not name
	Refused  string `json:"refused,omitempty"` // why it can never be done and what to do instead; "" if it can
}

// The kinds of a Change.
const (
	ChangeCreate        = "create"
	ChangeRenameColumn  = "rename-column"
	ChangeType          = "change-type"
	ChangeMakeOptional  = "make-optional"
	ChangeMakeRequired  = "make-required"
	ChangeAddColumn     = "add-column"
	ChangeDropColumn    = "drop-column"
	ChangeEvolvedColumn = "evolved-column"
	ChangeKey           = "set-key"
	ChangePartition     = "set-partition"
	ChangeSort          = "set-sort"
	ChangeDoc           = "set-doc" // of a column, or of the table if Column is empty
	ChangeProperties    = "set-properties"
)

// Plan lists what Apply would do, in a fixed order; it changes nothing.
func (l *Lake) Plan(ctx context.Context, s Spec) ([]Change, error) {
	s, err := s.normal()
	if err != nil {
		return nil, err
	}
	head, err := l.Table(ctx, s.Name)
	if errors.Is(err, ErrNotFound) {
		e, err := l.catalog.find(ctx, s.Name)
		if err != nil || e.kind != "" {
			return nil, errors.Join(err, exists(s.Name, e))
		}
		return []Change{{Table: s.Name, Kind: ChangeCreate, Detail: fmt.Sprintf("%d columns", len(s.Schema.Columns))}}, nil
	}
	if err != nil {
		return nil, err
	}
	return diff(head, s).changes, nil
}

// plan is the difference between a table and a Spec.
type plan struct {
	changes []Change
	columns schema.Schema // the table's, as they will be
	evolved []int         // field ids of columns that evolution added and the Spec does not name
}

func (p *plan) add(c Change) { p.changes = append(p.changes, c) }

// planner compares column by column.
type planner struct {
	plan
	head *Table
	spec Spec
	next int // the last field id that is taken
	bond map[string]string
}

// diff compares a table with a normal Spec. Columns keep the table's order; new
// ones come last.
func diff(head *Table, s Spec) plan {
	p := planner{head: head, spec: s, next: head.ice.Metadata().LastColumnID(), bond: bonds(head.Spec())}
	taken := map[string]bool{} // the table's columns that the Spec names
	added := schema.Schema{}
	kept := map[string]schema.Column{}
	for _, c := range s.Schema.Columns {
		name := c.Name
		old, ok := head.schema.Column(name)
		if !ok {
			name = s.Renames[c.Name]
			old, ok = head.schema.Column(name)
			if _, both := s.Schema.Column(name); both {
				ok = false
			}
		}
		if !ok {
			added.Columns = append(added.Columns, p.added(c))
			continue
		}
		taken[old.Name] = true
		kept[old.Name] = p.matched(old, c)
	}
	p.rest(taken, kept)
	for _, c := range head.schema.Columns {
		if next, ok := kept[c.Name]; ok {
			p.columns.Columns = append(p.columns.Columns, next)
		}
	}
	p.columns.Columns = append(p.columns.Columns, added.Columns...)
	p.layout()
	slices.SortStableFunc(p.changes, func(a, b Change) int { return changeOrder[a.Kind] - changeOrder[b.Kind] })
	return p.plan
}

var changeOrder = map[string]int{
	ChangeRenameColumn: 1, ChangeType: 2, ChangeMakeOptional: 3, ChangeMakeRequired: 4, ChangeAddColumn: 5, ChangeDropColumn: 6,
	ChangeEvolvedColumn: 7, ChangeKey: 8, ChangePartition: 9, ChangeSort: 10, ChangeDoc: 11, ChangeProperties: 12,
}

// bonds are the columns that a table's layout hangs on, and by what.
func bonds(s Spec) map[string]string {
	out := map[string]string{}
	for _, f := range s.Sort {
		out[f.Column] = "the table is sorted by it"
	}
	for _, f := range s.Partition {
		out[f.Column] = "the table is partitioned by it"
	}
	for _, k := range s.Key {
		out[k] = "it is part of the table's key"
	}
	return out
}

// bound is why a column must stay as it is, "" if it need not.
func (p *planner) bound(column string) string {
	why, ok := p.bond[column]
	if !ok {
		return ""
	}
	return why + ": make a new table, or take it out of the layout first"
}

func (p *planner) added(c schema.Column) schema.Column {
	change := Change{Table: p.spec.Name, Kind: ChangeAddColumn, Column: c.Name, Detail: c.Type.String()}
	if c.Required {
		change.Detail += ", required"
		change.Refused = "the rows that are there have no value for it: make it optional (a key column is required)"
	}
	for _, other := range p.head.schema.Columns {
		if other.Name != c.Name && strings.EqualFold(other.Name, c.Name) {
			change.Refused = fmt.Sprintf("the table has %q, and engines do not tell names apart by case: name it so, or say was_named", other.Name)
		}
	}
	p.add(change)
	p.next++
	c.ID = p.next
	return c
}

// matched compares a column of the table with the Spec's and gives it as it will be.
func (p *planner) matched(old, c schema.Column) schema.Column {
	next := c
	next.ID = old.ID
	change := func(kind, detail, refused string) {
		p.add(Change{Table: p.spec.Name, Kind: kind, Column: c.Name, Detail: detail, Refused: refused})
	}
	if old.Name != c.Name {
		change(ChangeRenameColumn, "was "+old.Name, p.bound(old.Name))
	}
	if old.Type != c.Type {
		change(ChangeType, fmt.Sprintf("from %s to %s", old.Type, c.Type),
			fmt.Sprintf("a column keeps its type, since files that are there would be read wrongly: add a new column of type %s and leave this one", c.Type))
	}
	switch {
	case old.Required && !c.Required:
		change(ChangeMakeOptional, "", p.bound(old.Name))
	case !old.Required && c.Required:
		change(ChangeMakeRequired, "", "rows that are there may have no value for it: leave it optional, or make a new table")
	}
	if old.Doc != c.Doc {
		change(ChangeDoc, c.Doc, "")
	}
	return next
}

// rest are the table's columns that the Spec does not name: floe's own stay,
// those that evolution added stay too, the others go.
func (p *planner) rest(taken map[string]bool, kept map[string]schema.Column) {
	evolved := evolvedIDs(p.head.ice.Properties())
	for _, c := range p.head.schema.Columns {
		if taken[c.Name] {
			continue
		}
		change := Change{Table: p.spec.Name, Kind: ChangeDropColumn, Column: c.Name, Detail: c.Type.String()}
		switch {
		case strings.HasPrefix(c.Name, ownColumns):
			kept[c.Name] = c
			continue
		case slices.Contains(evolved, c.ID):
			kept[c.Name] = c
			p.evolved = append(p.evolved, c.ID)
			change.Kind, change.Info = ChangeEvolvedColumn, true
			change.Detail += ", added by a load; the contract does not name it"
		case p.bound(c.Name) != "":
			change.Refused = p.bound(c.Name)
		default:
			change.Breaking = true
		}
		p.add(change)
	}
}

// layout compares key, partition spec, sort order, doc and properties.
func (p *planner) layout() {
	now, s := p.head.Spec(), p.spec
	set := func(kind, detail string, breaking bool) {
		p.add(Change{Table: s.Name, Kind: kind, Detail: detail, Breaking: breaking})
	}
	if !slices.Equal(slices.Sorted(slices.Values(now.Key)), slices.Sorted(slices.Values(s.Key))) {
		set(ChangeKey, fmt.Sprintf("from %v to %v", now.Key, s.Key), true)
	}
	if !slices.Equal(now.Partition, s.Partition) {
		set(ChangePartition, fmt.Sprintf("from %v to %v, for new files", now.Partition, s.Partition), true)
	}
	if !slices.Equal(now.Sort, s.Sort) {
		set(ChangeSort, fmt.Sprintf("from %v to %v, for new files", sortWords(now.Sort), sortWords(s.Sort)), false)
	}
	if now.Doc != s.Doc {
		set(ChangeDoc, s.Doc, false)
	}
	var props []string
	for _, k := range slices.Sorted(maps.Keys(s.Properties)) {
		if p.head.Property(k) != s.Properties[k] {
			props = append(props, k+"="+s.Properties[k])
		}
	}
	if len(props) > 0 {
		set(ChangeProperties, strings.Join(props, ", "), false)
	}
}

func sortWords(fields []schema.SortField) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Column
		if f.Descending {
			out[i] += " desc"
		}
	}
	return out
}
