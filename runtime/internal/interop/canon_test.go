//go:build interop

package interop

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// A value is one cell as floe sql says it: its canonical text, the same that
// testdata/canon.py makes of a reader's value, and what it is ordered by.
type value struct {
	null  bool
	canon string
	whole *big.Int // boolean, long, date in days, times in microseconds, decimal without its point
	float float64
	text  string // string, binary
}

// parse reads a cell of floe sql --output json by its column's type.
func parse(kind string, cell any) (value, error) {
	if cell == nil {
		return value{null: true, canon: "~"}, nil
	}
	text := fmt.Sprint(cell)
	switch base, _, _ := strings.Cut(kind, "("); base {
	case "boolean":
		v := value{canon: text, whole: new(big.Int)}
		if text == "true" {
			v.whole.SetInt64(1)
		}
		return v, nil
	case "long", "int":
		return wholeValue(text, 0)
	case "double", "float":
		f, err := strconv.ParseFloat(text, 64)
		if math.IsNaN(f) {
			return value{canon: "nan", float: f}, err
		}
		return value{canon: fmt.Sprintf("%016x", math.Float64bits(f)), float: f}, err
	case "decimal":
		scale, err := strconv.Atoi(strings.TrimSuffix(kind[strings.Index(kind, ",")+1:], ")"))
		if err != nil {
			return value{}, fmt.Errorf("type %s: %w", kind, err)
		}
		return wholeValue(text, scale)
	case "date":
		t, err := time.Parse(time.DateOnly, strings.TrimSuffix(text, "T00:00:00Z"))
		return numberValue(big.NewInt(t.Unix() / 86400)), err
	case "timestamp", "timestamptz":
		t, err := time.Parse(time.RFC3339Nano, text)
		return numberValue(big.NewInt(t.UnixMicro())), err
	case "string":
		return value{canon: "s" + text, text: text}, nil
	case "binary":
		b, err := base64.StdEncoding.DecodeString(text)
		return value{canon: "b" + hex.EncodeToString(b), text: string(b)}, err
	}
	return value{}, fmt.Errorf("type %s is not known here", kind)
}

func numberValue(n *big.Int) value { return value{canon: n.String(), whole: n} }

// wholeValue reads a decimal number as the whole number of its last digits.
func wholeValue(text string, scale int) (value, error) {
	before, after, _ := strings.Cut(text, ".")
	if len(after) > scale {
		return value{}, fmt.Errorf("%s has more than %d decimals", text, scale)
	}
	n, ok := new(big.Int).SetString(before+after+strings.Repeat("0", scale-len(after)), 10)
	if !ok {
		return value{}, fmt.Errorf("%s is no number", text)
	}
	return numberValue(n), nil
}

// compare orders two values of one column that are not null.
func (a value) compare(b value) int {
	switch {
	case a.whole != nil:
		return a.whole.Cmp(b.whole)
	case a.text != "" || b.text != "":
		return bytes.Compare([]byte(a.text), []byte(b.text))
	}
	return cmp.Compare(a.float, b.float)
}

// literal writes a value for the filters that readers are asked: neutral text
// that each puts into its own language.
func (v value) literal(kind string) string {
	switch base, rest, _ := strings.Cut(kind, "("); base {
	case "boolean":
		return v.canon
	case "date":
		return time.Unix(v.whole.Int64()*86400, 0).UTC().Format(time.DateOnly)
	case "timestamp", "timestamptz":
		return time.UnixMicro(v.whole.Int64()).UTC().Format("2006-01-02T15:04:05.000000")
	case "double", "float":
		return strconv.FormatFloat(v.float, 'e', -1, 64)
	case "decimal":
		_, after, _ := strings.Cut(strings.TrimSuffix(rest, ")"), ",")
		scale, _ := strconv.Atoi(after)
		return new(big.Rat).SetFrac(v.whole, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)).FloatString(scale)
	case "binary":
		return hex.EncodeToString([]byte(v.text))
	case "string":
		return v.text
	}
	return v.canon
}

// duck writes a literal in DuckDB's SQL.
func duck(kind, literal string) string {
	quoted := "'" + strings.ReplaceAll(literal, "'", "''") + "'"
	switch base, _, _ := strings.Cut(kind, "("); base {
	case "long":
		return "CAST(" + quoted + " AS BIGINT)"
	case "int":
		return "CAST(" + quoted + " AS INTEGER)"
	case "double":
		return "CAST(" + quoted + " AS DOUBLE)"
	case "decimal":
		return "CAST(" + quoted + " AS " + kind + ")"
	case "date":
		return "DATE " + quoted
	case "timestamp":
		return "TIMESTAMP " + quoted
	case "timestamptz":
		return "TIMESTAMPTZ '" + literal + "+00:00'"
	case "binary":
		return "unhex(" + quoted + ")"
	case "boolean":
		return literal
	}
	return quoted
}

// hash is the first 64 bits of a text's MD5.
func hash(s string) uint64 {
	sum := md5.Sum([]byte(s))
	return binary.BigEndian.Uint64(sum[:8])
}

// checksum is the order-free sum of the values' hashes.
func checksum(values []value) string {
	var sum uint64
	for _, v := range values {
		sum += hash(v.canon)
	}
	return fmt.Sprintf("%016x", sum)
}

// rowsChecksum is the same of whole rows.
func rowsChecksum(columns [][]value) string {
	var sum uint64
	if len(columns) == 0 {
		return fmt.Sprintf("%016x", sum)
	}
	for i := range columns[0] {
		row := make([]string, len(columns))
		for c := range columns {
			row[c] = columns[c][i].canon
		}
		sum += hash(strings.Join(row, "|"))
	}
	return fmt.Sprintf("%016x", sum)
}

// cellText is a cell as parse takes it: numbers as they were written.
func cellText(cell any) any {
	if n, ok := cell.(json.Number); ok {
		return n.String()
	}
	return cell
}
