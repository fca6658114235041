package jsonrows

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/floe-data/floe/runtime/schema"
)

// scalar appends the value at b[i], not null, to column c.
func (d *Decoder) scalar(b []byte, i, c int) (int, error) {
	switch b[i] {
	case '"':
		end, err := skipString(b, i)
		if err != nil {
			return 0, err
		}
		return end, d.fromString(b, i, end, c)
	case '{', '[':
		end, err := Skip(b, i)
		if err != nil {
			return 0, err
		}
		return end, d.fromNested(b, i, end, c)
	case 't', 'f':
		end, err := Skip(b, i)
		if err != nil {
			return 0, err
		}
		return end, d.fromBool(b, i, end, c)
	}
	end, err := skipNumber(b, i)
	if err != nil {
		return 0, err
	}
	return end, d.fromNumber(b, i, end, c)
}

func (d *Decoder) fromString(b []byte, i, end, c int) error {
	column, spec := &d.columns[c], &d.plan.columns[c]
	s := b[i+1 : end-1]
	switch spec.Type.Kind {
	case schema.JSON:
		return d.raw(b, i, end, c)
	case schema.String:
		var err error
		if column.data, err = unescape(column.data, s); err != nil {
			return bad(i, err.Error())
		}
		column.text()
		return nil
	case schema.Boolean, schema.Long, schema.Double:
		return d.mismatch(c, b, i)
	}
	if bytes.IndexByte(s, '\\') >= 0 {
		var err error
		if d.scratch, err = unescape(d.scratch[:0], s); err != nil {
			return bad(i, err.Error())
		}
		s = d.scratch
	}
	return d.fromText(s, b, i, c)
}

// fromText appends what a string's text says: a time, a date, a decimal, bytes.
func (d *Decoder) fromText(s, b []byte, i, c int) error {
	column, spec := &d.columns[c], &d.plan.columns[c]
	switch spec.Type.Kind {
	case schema.Timestamp, schema.Timestamptz:
		if isEpoch(spec.Format) {
			return d.mismatch(c, b, i)
		}
		v, err := parseTime(string(s), spec.Type.Kind, spec.Format)
		if err != nil {
			return d.misfit(c, b, i, err)
		}
		column.long(v)
	case schema.Date:
		v, err := parseDate(string(s))
		if err != nil {
			return d.misfit(c, b, i, err)
		}
		column.date(v)
	case schema.Decimal:
		if !isNumber(s) {
			return d.mismatch(c, b, i)
		}
		v, err := parseDecimal(s, spec.Type)
		if err != nil {
			return d.misfit(c, b, i, err)
		}
		column.decimal(v)
	case schema.Binary:
		data, err := parseBinary(column.data, s)
		if err != nil {
			return d.misfit(c, b, i, err)
		}
		column.data = data
		column.text()
	}
	return nil
}

func isEpoch(format string) bool { return format == formatSeconds || format == formatMillis }

func (d *Decoder) fromNumber(b []byte, i, end, c int) error {
	column, spec := &d.columns[c], &d.plan.columns[c]
	s := b[i:end]
	switch spec.Type.Kind {
	case schema.String, schema.JSON:
		return d.raw(b, i, end, c)
	case schema.Long:
		v, err := parseLong(s)
		if err != nil {
			return d.misfit(c, b, i, err)
		}
		column.long(v)
	case schema.Double:
		v, err := parseDouble(s)
		if err != nil {
			return d.misfit(c, b, i, err)
		}
		column.double(v)
	case schema.Decimal:
		v, err := parseDecimal(s, spec.Type)
		if err != nil {
			return d.misfit(c, b, i, err)
		}
		column.decimal(v)
	case schema.Date, schema.Timestamp, schema.Timestamptz:
		if !isEpoch(spec.Format) {
			return d.mismatch(c, b, i)
		}
		v, err := parseEpoch(s, spec.Format)
		if err != nil {
			return d.misfit(c, b, i, err)
		}
		if spec.Type.Kind == schema.Date {
			column.date(days(v))
		} else {
			column.long(v)
		}
	default:
		return d.mismatch(c, b, i)
	}
	return nil
}

func (d *Decoder) fromBool(b []byte, i, end, c int) error {
	switch d.plan.columns[c].Type.Kind {
	case schema.Boolean:
		d.columns[c].truth(b[i] == 't')
		return nil
	case schema.String, schema.JSON:
		return d.raw(b, i, end, c)
	}
	return d.mismatch(c, b, i)
}

func (d *Decoder) fromNested(b []byte, i, end, c int) error {
	spec := &d.plan.columns[c]
	if spec.Type.Kind == schema.JSON || spec.Evolved && spec.Type.Kind == schema.String {
		return d.raw(b, i, end, c)
	}
	return d.mismatch(c, b, i)
}

// raw appends the value's JSON text as it is.
func (d *Decoder) raw(b []byte, i, end, c int) error {
	column := &d.columns[c]
	column.data = append(column.data, bytes.ToValidUTF8(b[i:end], []byte("\uFFFD"))...)
	column.text()
	return nil
}

// mismatch rejects the row: the value's JSON type does not fit the column.
func (d *Decoder) mismatch(c int, b []byte, i int) error { return d.misfit(c, b, i, errKind) }

// misfit rejects the row: the value does not fit the column.
func (d *Decoder) misfit(c int, b []byte, i int, cause error) error {
	spec := d.plan.columns[c]
	reason := fmt.Sprintf("found %s, wanted %s", found(b, i), wanted(spec.Type, spec.Format))
	if !errors.Is(cause, errKind) && !errors.Is(cause, errText) {
		reason = fmt.Sprintf("found %s (%s), wanted %s", found(b, i), cause, wanted(spec.Type, spec.Format))
	}
	return d.fail(spec.Name, reason)
}

// wanted tells a column's type and how its values are written.
func wanted(t schema.Type, format string) string {
	if format == "" {
		switch t.Kind {
		case schema.Timestamptz:
			return "timestamptz (RFC 3339 text with a zone; for numbers declare format: epoch_seconds or epoch_millis)"
		case schema.Timestamp:
			return "timestamp (text without a zone; for numbers declare format: epoch_seconds or epoch_millis)"
		case schema.Date:
			return "date (YYYY-MM-DD)"
		case schema.Binary:
			return "binary (base64 text)"
		}
		return t.String()
	}
	return t.String() + " as " + format
}

// found tells a value's JSON type and the beginning of its text.
func found(b []byte, i int) string {
	kind := "number"
	switch b[i] {
	case '"':
		kind = "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		kind = "boolean"
	case 'n':
		return "null"
	}
	end, err := Skip(b, i)
	if err != nil {
		return kind
	}
	text := bytes.ToValidUTF8(b[i:min(end, i+60)], nil)
	if end > i+60 {
		return kind + " " + string(text) + "…"
	}
	return kind + " " + string(text)
}
