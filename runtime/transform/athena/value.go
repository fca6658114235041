package athena

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/transform"
)

// value reads a value as Athena writes it in results: everything is text.
func (o output) value(s string) (any, error) {
	switch o.engine {
	case "boolean":
		return strconv.ParseBool(s)
	case "tinyint", "smallint", "integer", "int", "bigint":
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n, nil
		}
		if n, ok := new(big.Int).SetString(s, 10); ok {
			return n, nil
		}
		return nil, fmt.Errorf("%q is no whole number", s)
	case "real", "float", "double":
		return float(s)
	case "decimal":
		return transform.Decimal(s), nil
	case "date":
		return time.ParseInLocation(time.DateOnly, s, time.UTC)
	case "timestamp":
		return time.ParseInLocation("2006-01-02 15:04:05.999999999", s, time.UTC)
	case "timestamp with time zone":
		return zoned(s)
	case "varbinary", "binary":
		return hex.DecodeString(strings.Join(strings.Fields(s), ""))
	}
	return s, nil // nested values in Athena's own notation too: it does not say where a text ends
}

func float(s string) (any, error) {
	switch s {
	case "NaN":
		return math.NaN(), nil
	case "Infinity":
		return math.Inf(1), nil
	case "-Infinity":
		return math.Inf(-1), nil
	}
	return strconv.ParseFloat(s, 64)
}

// zoned reads a time with its zone, which is a name or an offset, and gives it in UTC.
func zoned(s string) (any, error) {
	at := strings.LastIndexByte(s, ' ')
	if at < 0 {
		return nil, fmt.Errorf("%q is no time with a zone", s)
	}
	wall, zone := s[:at], s[at+1:]
	if zone == "Z" {
		zone = "UTC"
	}
	if zone != "" && (zone[0] == '+' || zone[0] == '-') {
		t, err := time.Parse("2006-01-02 15:04:05.999999999 -07:00", s)
		return t.UTC(), err
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", s, err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04:05.999999999", wall, place)
	return t.UTC(), err
}
