package athena

import (
	"context"
	"strings"

	"github.com/floe-data/floe/runtime/transform"
)

// stageSeed builds a table from typed literals. Those that do not fit into one
// statement are inserted into what was made aside; each INSERT is a commit of
// that table, and Publish still is one.
func (e *Engine) stageSeed(ctx context.Context, b transform.Build) (*staged, error) {
	parts, err := split(b.SQL, maxStatement-seedRoom)
	if err != nil {
		return nil, err
	}
	m, err := e.begin(ctx, b, parts[0])
	if err != nil {
		return nil, err
	}
	query, err := asStored(m.outputs, parts[0])
	if err != nil {
		return nil, err
	}
	rows, err := e.create(ctx, m, query)
	if err != nil {
		return nil, err
	}
	for _, part := range parts[1:] {
		n, err := e.insert(ctx, m, part)
		if err != nil {
			return nil, e.dropped(ctx, m.staged, err)
		}
		rows += n
	}
	return e.finish(ctx, m, rows)
}

// insert adds one part's rows to a seed that is made aside.
func (e *Engine) insert(ctx context.Context, m *making, part string) (int64, error) {
	query, err := asStored(m.outputs, part)
	if err != nil {
		return 0, err
	}
	x, err := e.once(ctx, "INSERT INTO "+e.physical(m.staged.name)+"\n"+query)
	if err != nil {
		return 0, err
	}
	return e.updated(ctx, x)
}

// seedRoom is what a seed's statement needs beside its literals: the casts of
// hundreds of columns.
const seedRoom = 64 << 10

// split cuts a select of literals, select … from (values (…), (…)) as seed (…),
// into selects of at most size bytes. One that fits, or has another form, is
// left as it is.
func split(sql string, size int) ([]string, error) {
	if len(sql) <= size {
		return []string{sql}, nil
	}
	tokens := scan(sql)
	open := -1
	for i := 0; i+2 < len(tokens); i++ {
		if tokens[i].is("(") && tokens[i+1].is("values") {
			open = i + 2
			break
		}
	}
	if open < 0 {
		return nil, tooLong(sql)
	}
	rows, end := literals(tokens, open)
	if len(rows) == 0 {
		return nil, tooLong(sql)
	}
	head, tail := sql[:rows[0].start], sql[end:]
	var parts []string
	var b strings.Builder
	for _, r := range rows {
		row := sql[r.start:r.end]
		if len(head)+len(row)+len(tail) > size {
			return nil, tooLong(row)
		}
		if b.Len() > 0 && len(head)+b.Len()+2+len(row)+len(tail) > size {
			parts = append(parts, head+b.String()+tail)
			b.Reset()
		}
		if b.Len() > 0 {
			b.WriteString(",\n")
		}
		b.WriteString(row)
	}
	return append(parts, head+b.String()+tail), nil
}

// literals finds the rows of a VALUES from token i on, and where the last ends.
func literals(tokens []token, i int) (rows []edit, end int) {
	depth := 0
	for ; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t.is("("):
			if depth == 0 {
				rows = append(rows, edit{start: t.start})
			}
			depth++
		case t.is(")"):
			depth--
			if depth < 0 {
				return rows, end
			}
			if depth == 0 {
				end = t.end
				rows[len(rows)-1].end = end
			}
		}
	}
	return nil, 0
}
