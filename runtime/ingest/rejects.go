package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/schema"
)

// The columns of a table of rejected rows, besides those of every load.
const (
	rejectID     = "_floe_reject_id" // hash of the resource and the record: a replay adds nothing
	rejectColumn = "column"
	rejectReason = "reason"
	rejectRow    = "row" // the record as JSON text, its first maxRejectRow bytes
)

const (
	maxRejectRow   = 1 << 20
	maxRejectBatch = 4 << 20 // bytes that wait for Write
)

// RejectedOf is the name of the table that takes a landing table's rejected rows.
func RejectedOf(n lakehouse.Name) lakehouse.Name {
	return lakehouse.Name{Schema: n.Schema, Table: n.Table + "__rejected"}
}

func rejectSpec(landing lakehouse.Name) lakehouse.Spec {
	text := schema.Type{Kind: schema.String}
	return lakehouse.Spec{
		Name: RejectedOf(landing), Key: []string{rejectID},
		Doc: "Records that break the contract of " + landing.String() + ", with the reason.",
		Schema: schema.Schema{Columns: append([]schema.Column{
			{Name: rejectID, Type: text, Required: true, Doc: "hash of the resource and the record"},
			{Name: rejectReason, Type: text, Doc: "what was found and what was wanted"},
			{Name: rejectColumn, Type: text, Doc: "the column that the record does not fit, if it is one"},
			{Name: rejectRow, Type: text, Doc: "the record as JSON text, cut off at 1 MB"},
		}, lakehouse.LoadColumns()...)},
	}
}

// rejects is the load of the rejected rows that belong to one load of the table.
type rejects struct {
	lake     *lakehouse.Lake
	landing  lakehouse.Name
	source   string
	resource string
	load     *lakehouse.Load
	waiting  []extract.Reject
	bytes    int
	rows     int64
}

// add takes rejected rows; the table is made when the first of all comes.
func (r *rejects) add(ctx context.Context, rows []extract.Reject) error {
	for _, row := range rows {
		r.waiting = append(r.waiting, row)
		r.bytes += len(row.Row)
		r.rows++
		if r.bytes >= maxRejectBatch {
			if err := r.write(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *rejects) write(ctx context.Context) error {
	if len(r.waiting) == 0 {
		return nil
	}
	if r.load == nil {
		spec := rejectSpec(r.landing)
		if _, err := prepare(ctx, r.lake, spec); err != nil {
			return err
		}
		load, err := r.lake.NewLoad(ctx, spec.Name, lakehouse.LoadOptions{Merge: true, Key: spec.Key, Source: r.source})
		if err != nil {
			return fmt.Errorf("begin a load of %s: %w", spec.Name, err)
		}
		r.load = load
	}
	batch := r.batch()
	defer batch.Release()
	if err := r.load.Write(ctx, batch); err != nil {
		return fmt.Errorf("write to %s: %w", RejectedOf(r.landing), err)
	}
	r.waiting, r.bytes = nil, 0
	return nil
}

func (r *rejects) batch() arrow.RecordBatch {
	fields := []arrow.Field{}
	for _, name := range []string{rejectID, rejectReason, rejectColumn, rejectRow} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true})
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema(fields, nil))
	defer b.Release()
	texts := make([]*array.StringBuilder, len(fields))
	for i := range texts {
		texts[i] = b.Field(i).(*array.StringBuilder)
	}
	for _, row := range r.waiting {
		hash := sha256.New()
		hash.Write([]byte(r.source + "." + r.resource + "\x00"))
		hash.Write(row.Row)
		texts[0].Append(hex.EncodeToString(hash.Sum(nil)[:16]))
		texts[1].Append(row.Reason)
		if row.Column == "" {
			texts[2].AppendNull()
		} else {
			texts[2].Append(row.Column)
		}
		texts[3].Append(capped(row.Row))
	}
	return b.NewRecordBatch()
}

// capped is a record's text, cut at a character's edge.
func capped(row []byte) string {
	if len(row) <= maxRejectRow {
		return string(row)
	}
	end := maxRejectRow
	for end > 0 && !utf8.RuneStart(row[end]) {
		end--
	}
	return string(row[:end])
}

// commit makes the rejected rows visible; the load that leaves them out comes after it.
func (r *rejects) commit(ctx context.Context) error {
	if err := r.write(ctx); err != nil || r.load == nil {
		return err
	}
	if _, err := r.load.Commit(ctx, lakehouse.StateUpdate{}); err != nil {
		return fmt.Errorf("commit to %s: %w", RejectedOf(r.landing), err)
	}
	r.load, r.rows = nil, 0
	return nil
}

// abort forgets what was not committed.
func (r *rejects) abort() error {
	r.waiting, r.bytes, r.rows = nil, 0, 0
	if r.load == nil {
		return nil
	}
	load := r.load
	r.load = nil
	return load.Abort()
}
