package parquetfile

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/floe-data/floe/runtime/schema"
)

// columnScan reads one column of one row group in step with its neighbours.
type columnScan struct {
	pages  parquet.Pages // nil: the file lacks the column
	add    func(*vector, parquet.Value)
	page   parquet.Page
	values parquet.ValueReader
	pos    int64 // row that the next value belongs to
	at     int64 // row that is wanted next
	buf    []parquet.Value
}

const readStep = 1024

func (c *columnScan) read(v *vector, n int) error {
	if c.pages == nil {
		for range n {
			v.addNull()
		}
		return nil
	}
	if c.pos != c.at {
		if err := c.seek(); err != nil {
			return err
		}
	}
	if c.buf == nil {
		c.buf = make([]parquet.Value, readStep)
	}
	for n > 0 {
		if c.values == nil {
			if err := c.next(); err != nil {
				return err
			}
		}
		got, err := c.values.ReadValues(c.buf[:min(n, len(c.buf))])
		for _, value := range c.buf[:got] {
			if value.IsNull() {
				v.addNull()
				continue
			}
			c.add(v, value)
		}
		n -= got
		c.pos += int64(got)
		if errors.Is(err, io.EOF) {
			c.drop()
		} else if err != nil {
			return err
		}
	}
	c.at = c.pos
	return nil
}

func (c *columnScan) next() error {
	page, err := c.pages.ReadPage()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	c.page, c.values = page, page.Values()
	return nil
}

func (c *columnScan) drop() {
	parquet.Release(c.page)
	c.page, c.values = nil, nil
}

func (c *columnScan) seek() error {
	c.drop()
	c.pos = c.at
	return c.pages.SeekToRow(c.at)
}

func (c *columnScan) close() error {
	if c.pages == nil {
		return nil
	}
	c.drop()
	return c.pages.Close()
}

// adder gives the function that appends a file's value to a column of type t.
// Narrower numbers that a column was widened from are read too.
func adder(t schema.Type, file parquet.Type) (func(*vector, parquet.Value), error) {
	kind := file.Kind()
	switch t.Stored().Kind {
	case schema.Boolean:
		if kind == parquet.Boolean {
			return func(v *vector, x parquet.Value) { v.addInt(boolInt(x.Boolean())) }, nil
		}
	case schema.Long, schema.Date:
		return intAdder(t, kind)
	case schema.Timestamp, schema.Timestamptz:
		return timeAdder(file)
	case schema.Double:
		switch kind {
		case parquet.Double:
			return func(v *vector, x parquet.Value) { v.addFloat(x.Double()) }, nil
		case parquet.Float:
			return func(v *vector, x parquet.Value) { v.addFloat(float64(x.Float())) }, nil
		}
	case schema.String, schema.Binary:
		if kind == parquet.ByteArray {
			return func(v *vector, x parquet.Value) { v.addBlob(x.ByteArray()) }, nil
		}
	case schema.Decimal:
		return decimalAdder(t, kind)
	}
	return nil, fmt.Errorf("a Parquet %s is not a %s", file, t)
}

func intAdder(t schema.Type, kind parquet.Kind) (func(*vector, parquet.Value), error) {
	switch kind {
	case parquet.Int64:
		return func(v *vector, x parquet.Value) { v.addInt(x.Int64()) }, nil
	case parquet.Int32:
		return func(v *vector, x parquet.Value) { v.addInt(int64(x.Int32())) }, nil
	}
	return nil, fmt.Errorf("a Parquet %s is not a %s", kind, t)
}

func timeAdder(file parquet.Type) (func(*vector, parquet.Value), error) {
	if file.Kind() != parquet.Int64 || !microseconds(file.LogicalType()) {
		return nil, fmt.Errorf("a Parquet %s is not a timestamp in microseconds", file)
	}
	return func(v *vector, x parquet.Value) { v.addInt(x.Int64()) }, nil
}

func microseconds(t *format.LogicalType) bool {
	if t == nil {
		return true // no annotation: Iceberg's unit
	}
	ts, ok := t.Value.(*format.TimestampType)
	if !ok {
		return false
	}
	_, ok = ts.Unit.Value.(*format.MicroSeconds)
	return ok
}

func decimalAdder(t schema.Type, kind parquet.Kind) (func(*vector, parquet.Value), error) {
	wide, width := wideDecimal(t), decimalWidth(t.Precision)
	number := func(v *vector, x int64) {
		if wide {
			v.addBlob(bigEndian(uint64(x>>63), uint64(x), width))
			return
		}
		v.addInt(x)
	}
	switch kind {
	case parquet.Int32:
		return func(v *vector, x parquet.Value) { number(v, int64(x.Int32())) }, nil
	case parquet.Int64:
		return func(v *vector, x parquet.Value) { number(v, x.Int64()) }, nil
	case parquet.FixedLenByteArray, parquet.ByteArray:
		return func(v *vector, x parquet.Value) {
			b := widen(x.ByteArray(), 16)
			if wide {
				v.addBlob(b[len(b)-width:])
				return
			}
			var n int64
			for _, d := range b[len(b)-8:] {
				n = n<<8 | int64(d)
			}
			v.addInt(n)
		}, nil
	}
	return nil, fmt.Errorf("a Parquet %s is not a %s", kind, t)
}
