package jsonrows

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/schema"
)

// ErrNewFields is a record with fields that the plan does not know, where the
// contract lets the table evolve: ask Plan.Infer, and decode again with Plan.With.
var ErrNewFields = errors.New("the record has fields that the table lacks")

// errRejected is a row that breaks the contract; the decoder holds the reason.
var errRejected = errors.New("rejected")

// Const is a value that every row of a request gets besides its record's own.
type Const struct {
	Name string
	JSON []byte
}

// Decoder appends records to columns. It belongs to one goroutine.
type Decoder struct {
	plan    *Plan
	columns []column
	hints   []int // by node: the child that comes next if records keep their order
	row     int
	bytes   int  // of the records in the columns and the rejects
	stale   bool // the columns belong to the last batch, or to nothing
	scratch []byte

	consts []Const
	keep   func(cursor, record []byte) bool
	cursor []byte

	failed    extract.Reject // Column and Reason of the row at hand
	rejects   []extract.Reject
	discarded int64

	size, lastBytes, lastRows int // what the next batch will hold, going by the last one
	lastData                  []int
}

// NewDecoder makes a decoder for a plan.
func NewDecoder(p *Plan) *Decoder {
	d := &Decoder{plan: p, columns: make([]column, len(p.columns)), hints: make([]int, len(p.nodes)), lastData: make([]int, len(p.columns))}
	for i, c := range p.columns {
		d.columns[i].kind = c.Type.Stored().Kind
	}
	return d
}

// Plan is what the decoder was made for.
func (d *Decoder) Plan() *Plan { return d.plan }

// Begin begins with a new document of about size bytes. Every row gets consts;
// keep, if not nil, says of each good row whether it is wanted, by the text of
// its cursor (nil if it has none) and of the record.
func (d *Decoder) Begin(size int, consts []Const, keep func(cursor, record []byte) bool) {
	d.consts, d.keep, d.size = consts, keep, size
	d.rejects, d.discarded = nil, 0
	d.row, d.bytes, d.stale = 0, 0, true
}

// reset makes room for as much as the last batch tells that is to come.
func (d *Decoder) reset() {
	d.row, d.bytes, d.stale = 0, 0, false
	for i := range d.columns {
		rows, data := 0, 0
		if d.lastBytes > 0 {
			share := float64(min(d.size, maxBatchBytes)) / float64(d.lastBytes)
			rows, data = int(share*float64(d.lastRows))+1, int(share*float64(d.lastData[i]))
		}
		d.columns[i].reset(rows, data)
	}
}

// Row appends the record at doc[pos] and gives the offset behind it. A record
// that is no object is one with the field "value". A row that breaks the
// contract becomes a Reject and is no error.
func (d *Decoder) Row(doc []byte, pos int) (int, error) {
	if d.stale {
		d.reset()
	}
	d.cursor = nil
	end, err := d.record(doc, pos)
	if err == nil {
		err = d.complete()
	}
	if errors.Is(err, errRejected) {
		d.cut()
		if end, err = Skip(doc, pos); err != nil {
			return 0, err
		}
		if d.plan.policy == Evolve && d.plan.lacks(doc, pos, d.consts) {
			return 0, ErrNewFields
		}
		d.failed.Row = d.text(doc[pos:end])
		d.rejects = append(d.rejects, d.failed)
		d.bytes += end - pos
		return end, nil
	}
	if err != nil {
		d.cut()
		return 0, err
	}
	if d.keep != nil && !d.keep(d.cursor, doc[pos:end]) {
		d.cut()
		return end, nil
	}
	d.row++
	d.bytes += end - pos
	return end, nil
}

func (d *Decoder) record(doc []byte, pos int) (int, error) {
	for _, c := range d.consts {
		if _, err := d.member(0, []byte(c.Name), c.JSON, 0); err != nil {
			return 0, err
		}
	}
	if pos < len(doc) && doc[pos] == '{' {
		return d.object(doc, pos, 0)
	}
	return d.member(0, []byte("value"), doc, pos)
}

func (d *Decoder) object(b []byte, i, n int) (int, error) {
	return Object(b, i, func(name []byte, v int) (int, error) { return d.member(n, name, b, v) })
}

// member appends the value of one field of the object at node n.
func (d *Decoder) member(n int, name, b []byte, i int) (int, error) {
	to := d.find(n, name)
	if to < 0 && bytes.IndexByte(name, '\\') >= 0 {
		if plain, err := Unquote(name); err == nil {
			to = d.find(n, []byte(plain))
		}
	}
	var end int
	var err error
	if to < 0 {
		end, err = d.unknown(n, name, b, i)
	} else {
		end, err = d.value(b, i, to)
	}
	if to == d.plan.cursor && to >= 0 && err == nil {
		d.cursor = b[i:end]
	}
	return end, err
}

// find gives the node of a field, -1 if there is none.
func (d *Decoder) find(n int, name []byte) int {
	edges := d.plan.nodes[n].children
	if h := d.hints[n]; h < len(edges) && edges[h].name == string(name) {
		d.hints[n] = h + 1
		return edges[h].to
	}
	for i := range edges {
		if edges[i].name == string(name) {
			d.hints[n] = i + 1
			return edges[i].to
		}
	}
	return -1
}

// unknown is a field that no column takes.
func (d *Decoder) unknown(n int, name, b []byte, i int) (int, error) {
	end, err := Skip(b, i)
	if err != nil || !carries(b, i) {
		return end, err
	}
	switch d.plan.policy {
	case Discard:
		d.discarded++
		return end, nil
	case Freeze:
		path := d.plan.nodes[n].path
		if name != nil {
			path = append(append([]string{}, path...), string(name))
		}
		return 0, d.fail("", fmt.Sprintf("found field %s, which the contract does not name (on_break.new_columns: freeze)", JoinPath(path)))
	}
	return 0, ErrNewFields
}

// value appends the value at b[i] to what the node n stands for.
func (d *Decoder) value(b []byte, i, n int) (int, error) {
	if i >= len(b) {
		return 0, ErrTruncated
	}
	c := d.plan.nodes[n].column
	switch {
	case b[i] == 'n':
		return skipWord(b, i, "null")
	case b[i] == '{':
		switch d.plan.objectAt(n) {
		case descend:
			return d.object(b, i, n)
		case mismatch:
			return 0, d.mismatch(c, b, i)
		}
	case c < 0:
		return d.unknown(n, nil, b, i)
	}
	if d.columns[c].n > d.row {
		return Skip(b, i) // filled already: the first one counts
	}
	return d.scalar(b, i, c)
}

// What an object means to a node.
const (
	asText = iota
	descend
	mismatch
)

// maxFlatten is how many levels of unknown objects become columns of their own.
const maxFlatten = 3

func (p *Plan) objectAt(n int) int {
	at := &p.nodes[n]
	switch {
	case at.column < 0:
		return descend
	case p.columns[at.column].Type.Kind == schema.JSON:
		return asText
	case len(at.children) > 0:
		return descend
	case !p.columns[at.column].Evolved:
		return mismatch
	case len(at.path) >= maxFlatten && p.columns[at.column].Type.Kind == schema.String:
		return asText
	}
	return descend
}

// complete fills what the record left out.
func (d *Decoder) complete() error {
	for i := range d.columns {
		if d.columns[i].n > d.row {
			continue
		}
		if d.plan.required[i] {
			found := "nothing or null"
			if d.plan.columns[i].Key {
				return d.fail(d.plan.columns[i].Name, "found "+found+" in a key column")
			}
			return d.fail(d.plan.columns[i].Name, "found "+found+" in a required column")
		}
		d.columns[i].null()
	}
	return nil
}

func (d *Decoder) cut() {
	for i := range d.columns {
		d.columns[i].cut(d.row)
	}
}

func (d *Decoder) fail(column, reason string) error {
	d.failed = extract.Reject{Column: column, Reason: reason}
	return errRejected
}

// text is a rejected record with the values that the request gave it.
func (d *Decoder) text(record []byte) []byte {
	if len(d.consts) == 0 || record[0] != '{' {
		return bytes.ToValidUTF8(bytes.Clone(record), []byte("\uFFFD"))
	}
	out := []byte{'{'}
	for _, c := range d.consts {
		out = fmt.Appendf(out, "%q:%s,", c.Name, c.JSON)
	}
	rest := record[Space(record, 1):]
	if rest[0] == '}' {
		out = out[:len(out)-1]
	}
	return bytes.ToValidUTF8(append(out, rest...), []byte("\uFFFD"))
}

// How much a batch holds at most.
const (
	maxBatchBytes = 16 << 20
	maxBatchRows  = 1 << 17
)

// Full says that the rows and the rejects are enough for a batch.
func (d *Decoder) Full() bool { return d.bytes >= maxBatchBytes || d.row >= maxBatchRows }

// Rows is how many rows wait for a batch.
func (d *Decoder) Rows() int { return d.row }

// Flush makes a batch of the rows, nil if there are none. The caller releases it.
func (d *Decoder) Flush() arrow.RecordBatch {
	if d.row == 0 {
		d.bytes = 0
		return nil
	}
	arrays := make([]arrow.Array, len(d.columns))
	for i := range d.columns {
		d.lastData[i] = len(d.columns[i].data)
		arrays[i] = d.columns[i].array(d.plan.schema.Field(i).Type)
	}
	batch := array.NewRecordBatch(d.plan.schema, arrays, int64(d.row))
	for _, a := range arrays {
		a.Release()
	}
	d.lastBytes, d.lastRows = max(d.bytes, 1), d.row
	d.row, d.bytes, d.stale = 0, 0, true
	return batch
}

// Rejects gives the rows that broke the contract since it was last asked. Ask
// after Flush: together they say how much is Full.
func (d *Decoder) Rejects() []extract.Reject {
	out := d.rejects
	d.rejects = nil
	return out
}

// Discarded counts the values that were dropped since Begin.
func (d *Decoder) Discarded() int64 { return d.discarded }
