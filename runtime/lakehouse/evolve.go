package lakehouse

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	ice "github.com/apache/iceberg-go/table"

	"github.com/floe-data/floe/runtime/schema"
)

// AddColumns adds optional columns to the table, in a commit of its own, so
// that later batches may carry them. Those that the table has already are
// skipped if their type is the same. The table remembers which columns came
// this way: Plan does not drop them.
func (ld *Load) AddColumns(ctx context.Context, cols []schema.Column) error {
	if ld.Done() {
		return nil
	}
	t, _, err := ld.lake.commit(ctx, ld.table.name, "", func(_ context.Context, head *Table) (*draft, error) {
		return addColumns(head, cols)
	})
	if err != nil {
		return fmt.Errorf("add columns to %s: %w", ld.table.name, err)
	}
	if slices.Equal(t.schema.Columns, ld.table.schema.Columns) {
		return nil
	}
	files, err := ld.out.close(ctx) // they keep the schema that they were written with
	if err != nil {
		return fmt.Errorf("load %s: %w", t.name, err)
	}
	bytes := ld.out.bytes
	if err := ld.use(t); err != nil {
		return fmt.Errorf("load %s: %w", t.name, err)
	}
	ld.out.written, ld.out.bytes = files, bytes
	return nil
}

func addColumns(head *Table, cols []schema.Column) (*draft, error) {
	wanted := schema.Schema{Columns: slices.Clone(head.schema.Columns)}
	evolved := evolvedIDs(head.ice.Properties())
	next := head.ice.Metadata().LastColumnID()
	for _, c := range cols {
		c.Type = c.Type.Stored()
		if has, ok := wanted.Column(c.Name); ok {
			if has.Type != c.Type {
				return nil, fmt.Errorf("column %q is %s in the table, not %s", c.Name, has.Type, c.Type)
			}
			continue
		}
		if i := slices.IndexFunc(wanted.Columns, func(o schema.Column) bool { return strings.EqualFold(o.Name, c.Name) }); i >= 0 {
			return nil, fmt.Errorf("column %q: the table has %q, and engines do not tell names apart by case", c.Name, wanted.Columns[i].Name)
		}
		next++
		wanted.Columns = append(wanted.Columns, schema.Column{ID: next, Name: c.Name, Type: c.Type, Doc: c.Doc})
		evolved = append(evolved, next)
	}
	if len(wanted.Columns) == len(head.schema.Columns) {
		return nil, nil
	}
	fields, err := iceSchema(wanted, head.Spec().Key)
	if err != nil {
		return nil, err
	}
	return &draft{updates: []ice.Update{
		ice.NewAddSchemaUpdate(fields), ice.NewSetCurrentSchemaUpdate(-1),
		ice.NewSetPropertiesUpdate(iceberg.Properties{propEvolved: joinIDs(evolved)}),
	}}, nil
}

func evolvedIDs(p iceberg.Properties) []int {
	var ids []int
	for _, f := range strings.Split(p[propEvolved], ",") {
		if id, err := strconv.Atoi(f); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func joinIDs(ids []int) string {
	text := make([]string, len(ids))
	for i, id := range ids {
		text[i] = strconv.Itoa(id)
	}
	return strings.Join(text, ",")
}

// SetState changes the cursor state of a table without rows.
func (l *Lake) SetState(ctx context.Context, n Name, s StateUpdate) error {
	id := newCommitID()
	_, _, err := l.commit(ctx, n, id, func(_ context.Context, head *Table) (*draft, error) {
		set, remove, err := stateUpdates(head.ice.Properties(), s)
		if err != nil || len(set)+len(remove) == 0 {
			return nil, err
		}
		set[propLoads] = remember(head.ice.Properties(), id)
		d := &draft{updates: []ice.Update{ice.NewSetPropertiesUpdate(set)}}
		if len(remove) > 0 {
			d.updates = append(d.updates, ice.NewRemovePropertiesUpdate(remove))
		}
		return d, nil
	})
	if err != nil {
		return fmt.Errorf("change the state of %s: %w", n, err)
	}
	return nil
}
