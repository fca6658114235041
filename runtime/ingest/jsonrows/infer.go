package jsonrows

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/schema"
)

// carries says whether the value at b[i] holds anything: null does not, nor
// does an object of nulls. The text was scanned before, so errors cannot come.
func carries(b []byte, i int) bool {
	if i >= len(b) || b[i] == 'n' {
		return false
	}
	if b[i] != '{' {
		return true
	}
	some := false
	_, err := Object(b, i, func(_ []byte, v int) (int, error) {
		some = some || carries(b, v)
		return Skip(b, v)
	})
	return some && err == nil
}

// inference collects the fields that a plan does not know.
type inference struct {
	plan  *Plan
	order []string
	found map[string]*guess
}

// guess is what a field's values looked like so far.
type guess struct {
	path []string
	kind schema.Kind
}

// Infer gives the columns that the plan would need for the records that each
// walks (it calls its argument with every record's document and offset), in
// the order of their first appearance. A field that is a whole number here and
// a fraction there is a double; other mixtures are strings. Objects are
// flattened, at most maxFlatten levels deep; arrays and what lies deeper are
// kept as JSON text. Times stay strings: a contract says what a time is.
func (p *Plan) Infer(each func(record func(doc []byte, pos int) (int, error)) error, consts []Const) ([]extract.Column, error) {
	in := inference{plan: p, found: map[string]*guess{}}
	err := each(func(doc []byte, pos int) (int, error) {
		for _, c := range consts {
			if _, err := in.member(0, nil, []byte(c.Name), c.JSON, 0); err != nil {
				return 0, err
			}
		}
		if pos < len(doc) && doc[pos] == '{' {
			return in.object(doc, pos, 0, nil)
		}
		return in.member(0, nil, []byte("value"), doc, pos)
	})
	if err != nil {
		return nil, err
	}
	return in.columns()
}

// lacks says whether a record has fields that the plan does not know. It is
// asked of rejected rows, whose decoding stopped half-way: which columns a page
// adds must not hang on where.
func (p *Plan) lacks(doc []byte, pos int, consts []Const) bool {
	added, err := p.Infer(func(record func([]byte, int) (int, error)) error {
		_, err := record(doc, pos)
		return err
	}, consts)
	return err != nil || len(added) > 0
}

func (in *inference) columns() ([]extract.Column, error) {
	var added []extract.Column
	for _, key := range in.order {
		g := in.found[key]
		// JSON text is stored as a string, and an evolved string takes any value
		// as text: so this run and a later one, which sees the table's type only,
		// read a record alike.
		c := schema.Column{Name: in.plan.name(g.path, added), Type: schema.Type{Kind: g.kind}.Stored(), Doc: evolvedDoc + JoinPath(g.path)}
		added = append(added, extract.Column{Column: c, Path: g.path, Evolved: true})
	}
	if n := len(in.plan.columns) + len(added); n > maxColumns {
		return nil, fmt.Errorf("the records have so many new fields (%s, …) that the table would get %d columns, more than %d: a map with ids for names? "+
			"Declare the field that holds it as a json column, or set on_break.new_columns to discard", JoinPath(added[0].Path), n, maxColumns)
	}
	return added, nil
}

func (in *inference) object(b []byte, i, n int, path []string) (int, error) {
	return Object(b, i, func(name []byte, v int) (int, error) { return in.member(n, path, name, b, v) })
}

// member looks at one field of the object at node n, or of an unknown one (n < 0).
func (in *inference) member(n int, path []string, name, b []byte, i int) (int, error) {
	plain, err := Unquote(name)
	if err != nil {
		plain = string(name)
	}
	to := -1
	if n >= 0 {
		to = in.plan.child(n, plain)
	}
	return in.value(b, i, to, append(slices.Clip(path), plain))
}

func (in *inference) value(b []byte, i, n int, path []string) (int, error) {
	end, err := Skip(b, i)
	if err != nil || !carries(b, i) {
		return end, err
	}
	if n >= 0 && b[i] == '{' && in.plan.objectAt(n) == descend || n < 0 && b[i] == '{' && len(path) < maxFlatten {
		return in.object(b, i, n, path)
	}
	if n < 0 || in.plan.nodes[n].column < 0 {
		in.add(path, kindOf(b[i:end]))
	}
	return end, nil
}

func (in *inference) add(path []string, kind schema.Kind) {
	key := JoinPath(path)
	g, ok := in.found[key]
	switch {
	case !ok:
		in.found[key] = &guess{path: path, kind: kind}
		in.order = append(in.order, key)
	case g.kind == kind:
	case g.kind == schema.Long && kind == schema.Double || g.kind == schema.Double && kind == schema.Long:
		g.kind = schema.Double
	case g.kind == schema.JSON || kind == schema.JSON:
		g.kind = schema.JSON
	default:
		g.kind = schema.String
	}
}

// kindOf guesses a column's kind from one value.
func kindOf(s []byte) schema.Kind {
	switch s[0] {
	case '"':
		return schema.String
	case '{', '[':
		return schema.JSON
	case 't', 'f':
		return schema.Boolean
	}
	if bytes.ContainsAny(s, ".eE") {
		return schema.Double
	}
	if _, err := parseLong(s); err != nil {
		return schema.String // an integer that no number type holds exactly
	}
	return schema.Long
}
