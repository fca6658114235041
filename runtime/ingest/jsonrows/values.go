package jsonrows

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math"
	"math/big"
	"strconv"
	"time"

	"github.com/floe-data/floe/runtime/schema"
)

// What is wrong with a value whose JSON type fits its column.
var (
	errRange    = errors.New("out of range")
	errFraction = errors.New("a number with a fraction")
	errText     = errors.New("text of another form")
	errKind     = errors.New("another JSON type")
)

// parseLong reads a JSON number as an int64: 7, 7.0 and 7e0, but not 7.5.
func parseLong(s []byte) (int64, error) {
	if v, ok := shortInt(s); ok {
		return v, nil
	}
	return scaled(s, 0)
}

// shortInt reads what most numbers are: an integer of at most 18 digits.
func shortInt(s []byte) (int64, bool) {
	i, negative := 0, false
	if len(s) > 0 && s[0] == '-' {
		i, negative = 1, true
	}
	if len(s)-i < 1 || len(s)-i > 18 {
		return 0, false
	}
	var v int64
	for ; i < len(s); i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		v = v*10 + int64(c)
	}
	if negative {
		v = -v
	}
	return v, true
}

// maxExponent and maxDigits bound what a number may ask of big arithmetic.
const (
	maxExponent = 100
	maxDigits   = 400
)

// scaled reads a JSON number times 10^scale exactly; what is left of a
// fraction is an error.
func scaled(s []byte, scale int) (int64, error) {
	mantissa, exponent := s, 0
	if e := bytes.IndexAny(s, "eE"); e >= 0 {
		n, err := strconv.Atoi(string(s[e+1:]))
		if err != nil {
			return 0, errRange
		}
		mantissa, exponent = s[:e], n
	}
	whole, fraction, _ := bytes.Cut(mantissa, []byte("."))
	fraction = bytes.TrimRight(fraction, "0")
	text := string(whole) + string(fraction)
	if len(text) > maxDigits {
		return 0, errRange
	}
	v, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return 0, errText
	}
	if v.Sign() == 0 {
		return 0, nil
	}
	shift := exponent + scale - len(fraction)
	if shift > maxExponent {
		return 0, errRange
	}
	if shift < -maxExponent-len(text) {
		return 0, errFraction
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		v.Mul(v, power)
	} else if _, rest := v.QuoRem(v, power, new(big.Int)); rest.Sign() != 0 {
		return 0, errFraction
	}
	if !v.IsInt64() {
		return 0, errRange
	}
	return v.Int64(), nil
}

// parseDecimal reads the unscaled value of a decimal(p,s).
func parseDecimal(s []byte, t schema.Type) (int64, error) {
	v, err := scaled(s, t.Scale)
	if err != nil {
		return 0, err
	}
	limit := int64(math.Pow10(t.Precision))
	if v >= limit || v <= -limit {
		return 0, errRange
	}
	return v, nil
}

// isNumber says whether a string's text is a JSON number, as decimals often come.
func isNumber(s []byte) bool {
	end, err := skipNumber(s, 0)
	return err == nil && end == len(s)
}

func parseDouble(s []byte) (float64, error) {
	v, err := strconv.ParseFloat(string(s), 64)
	if err != nil {
		return 0, errRange
	}
	return v, nil
}

// The times that every reader takes: 0001-01-01 to 9999-12-31.
var (
	firstMicros = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	lastMicros  = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC).UnixMicro()
)

// parseEpoch reads a number of seconds or milliseconds since 1970 as microseconds.
// What lies below a microsecond is cut off.
func parseEpoch(s []byte, format string) (int64, error) {
	scale, unit := 6, int64(1_000_000)
	if format == formatMillis {
		scale, unit = 3, 1000
	}
	v, ok := shortInt(s)
	if ok && v <= math.MaxInt64/unit && v >= math.MinInt64/unit {
		v *= unit
	} else {
		var err error
		if v, err = scaled(s, scale); errors.Is(err, errFraction) {
			f, ferr := strconv.ParseFloat(string(s), 64)
			v, err = int64(math.Floor(f*float64(unit))), ferr
		}
		if err != nil {
			return 0, errRange
		}
	}
	if v < firstMicros || v > lastMicros {
		return 0, errRange
	}
	return v, nil
}

// The formats of a contract's times.
const (
	formatSeconds = "epoch_seconds"
	formatMillis  = "epoch_millis"
	formatDate    = "date"
)

// The forms of a time's text, the usual one first.
var (
	zonedForms = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999Z0700"}
	plainForms = []string{"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"}
)

// parseTime reads a time's text as microseconds.
func parseTime(s string, kind schema.Kind, format string) (int64, error) {
	forms := plainForms
	if kind == schema.Timestamptz {
		forms = zonedForms
	}
	if format == formatDate {
		forms = []string{time.DateOnly}
	}
	for _, form := range forms {
		if t, err := time.Parse(form, s); err == nil {
			if v := t.UnixMicro(); v >= firstMicros && v <= lastMicros {
				return v, nil
			}
			return 0, errRange
		}
	}
	return 0, errText
}

const microsPerDay = 24 * 60 * 60 * 1_000_000

// parseDate reads days since 1970.
func parseDate(s string) (int32, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, errText
	}
	return days(t.UnixMicro()), nil
}

// days is the day that a time lies in.
func days(micros int64) int32 {
	d := micros / microsPerDay
	if micros%microsPerDay < 0 {
		d--
	}
	return int32(d)
}

// parseBinary appends what base64 text (standard or URL alphabet, padded or not) stands for.
func parseBinary(dst, s []byte) ([]byte, error) {
	s = bytes.TrimRight(s, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if out, err := encoding.AppendDecode(dst, s); err == nil {
			return out, nil
		}
	}
	return dst, errText
}
