package jinja

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// formatSpec is Python's format specification:
// [[fill]align][sign][#][0][width][grouping][.precision][type].
type formatSpec struct {
	fill      rune
	align     byte // < > ^ =, 0 if not given
	sign      byte // - + space
	alternate bool
	width     int
	grouping  byte // , _ or 0
	precision int  // -1 if not given
	kind      byte // 0 if not given
}

// specReader takes parts off a format specification.
type specReader struct {
	rest string
}

func (r *specReader) take(set string) byte {
	if r.rest == "" || strings.IndexByte(set, r.rest[0]) < 0 {
		return 0
	}
	c := r.rest[0]
	r.rest = r.rest[1:]
	return c
}

func (r *specReader) number() int {
	n := 0
	for r.rest != "" && isDigit(r.rest[0]) {
		n = min(n*10+int(r.rest[0]-'0'), maxStringBytes+1)
		r.rest = r.rest[1:]
	}
	return n
}

func parseSpec(spec string) (formatSpec, error) {
	f := formatSpec{fill: ' ', sign: '-', precision: -1}
	r := &specReader{spec}
	filled := false
	if first, size := utf8.DecodeRuneInString(spec); len(spec) > size && strings.IndexByte("<>^=", spec[size]) >= 0 {
		f.fill, f.align, r.rest, filled = first, spec[size], spec[size+1:], true
	} else {
		f.align = r.take("<>^=")
	}
	if s := r.take("+- "); s != 0 {
		f.sign = s
	}
	f.alternate = r.take("#") != 0
	if r.take("0") != 0 && !filled {
		f.fill = '0'
		if f.align == 0 {
			f.align = '='
		}
	}
	f.width = r.number()
	f.grouping = r.take(",_")
	if r.take(".") != 0 {
		if r.rest == "" || !isDigit(r.rest[0]) {
			return f, Errorf("ValueError", "Format specifier missing precision")
		}
		f.precision = r.number()
	}
	if r.rest != "" {
		f.kind, r.rest = r.rest[0], r.rest[1:]
	}
	if r.rest != "" {
		return f, Errorf("ValueError", "Invalid format specifier")
	}
	return f, nil
}

// formatValue is format(v, spec).
func (s *State) formatValue(v Value, spec string) (string, error) {
	if o, ok := v.(Formatted); ok {
		return o.Format(spec)
	}
	if spec == "" {
		return text(v)
	}
	f, err := parseSpec(spec)
	if err != nil {
		return "", err
	}
	if err := s.grow(f.width + max(f.precision, 0)); err != nil {
		return "", err
	}
	if _, ok := v.(string); ok {
		return f.text(v)
	}
	if isNumber(v) {
		return f.number(v)
	}
	return "", Errorf("TypeError", "unsupported format string passed to %s.__format__", TypeName(v))
}

func (f formatSpec) unknown(v Value) error {
	return Errorf("ValueError", "Unknown format code '%c' for object of type '%s'", f.kind, TypeName(v))
}

func (f formatSpec) text(v Value) (string, error) {
	if f.kind != 0 && f.kind != 's' {
		return "", f.unknown(v)
	}
	t := Str(v)
	if f.precision >= 0 && utf8.RuneCountInString(t) > f.precision {
		t = string([]rune(t)[:f.precision])
	}
	switch f.align {
	case 0:
		f.align = '<'
	case '=':
		return "", Errorf("ValueError", "'=' alignment not allowed in string format specifier")
	}
	return pad(t, f.width, f.align, f.fill), nil
}

func (f formatSpec) number(v Value) (string, error) {
	var digits string
	var negative bool
	var err error
	if isInt(v) && strings.IndexByte("eEfFgG%", f.kind) < 0 || isInt(v) && f.kind == 0 {
		digits, negative, err = f.integer(v)
	} else {
		digits, negative, err = f.float(v)
	}
	if err != nil {
		return "", err
	}
	if f.grouping != 0 {
		digits = f.grouped(digits)
	}
	sign := ""
	if negative {
		sign = "-"
	} else if f.sign != '-' {
		sign = string(f.sign)
	}
	switch f.align {
	case '=':
		return sign + pad(digits, f.width-len(sign), '>', f.fill), nil
	case 0:
		f.align = '>'
	}
	return pad(sign+digits, f.width, f.align, f.fill), nil
}

// integer gives the digits without sign.
func (f formatSpec) integer(v Value) (string, bool, error) {
	b, _ := bigOf(v)
	base, prefix := 10, ""
	switch f.kind {
	case 0, 'd', 'n':
	case 'b':
		base, prefix = 2, "0b"
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0x"
	case 'c':
		return string(rune(b.Int64())), false, nil
	default:
		return "", false, f.unknown(v)
	}
	if f.precision >= 0 {
		return "", false, Errorf("ValueError", "Precision not allowed in integer format specifier")
	}
	digits := new(big.Int).Abs(b).Text(base)
	if f.alternate {
		digits = prefix + digits
	}
	if f.kind == 'X' {
		digits = strings.ToUpper(digits)
	}
	return digits, b.Sign() < 0, nil
}

// float gives the digits without sign.
func (f formatSpec) float(v Value) (string, bool, error) {
	x, _ := floatOf(v)
	negative, a := math.Signbit(x), math.Abs(x)
	if math.IsNaN(a) || math.IsInf(a, 0) {
		return floatText(a), negative, nil
	}
	precision := f.precision
	if precision < 0 {
		precision = 6
	}
	switch f.kind {
	case 'f', 'F':
		return strconv.FormatFloat(a, 'f', precision, 64), negative, nil
	case '%':
		return strconv.FormatFloat(a*100, 'f', precision, 64) + "%", negative, nil
	case 'e', 'E':
		return strconv.FormatFloat(a, f.kind, precision, 64), negative, nil
	case 'g', 'G', 'n':
		return generalFloat(a, max(precision, 1), 0, f.kind == 'G'), negative, nil
	case 0:
		if f.precision < 0 {
			return floatText(a), negative, nil
		}
		return generalFloat(a, max(precision, 1), 1, false), negative, nil
	}
	return "", false, f.unknown(v)
}

// generalFloat is C's %g; point 1 keeps a digit behind the decimal point.
func generalFloat(a float64, precision, point int, upper bool) string {
	e := strconv.FormatFloat(a, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(e, "e")
	n, _ := strconv.Atoi(exponent)
	if n < -4 || n >= precision-point {
		if strings.Contains(mantissa, ".") {
			mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
		}
		e = mantissa + "e" + exponent
	} else {
		e = strconv.FormatFloat(a, 'f', precision-1-n, 64)
		if strings.Contains(e, ".") {
			e = strings.TrimRight(strings.TrimRight(e, "0"), ".")
		}
		if point == 1 && !strings.Contains(e, ".") {
			e += ".0"
		}
	}
	if upper {
		return strings.ToUpper(e)
	}
	return e
}

// grouped puts separators between thousands of the digits before the point.
func (f formatSpec) grouped(digits string) string {
	end := strings.IndexAny(digits, ".e%")
	if end < 0 {
		end = len(digits)
	}
	width := 3
	if strings.IndexByte("bxXo", f.kind) >= 0 && f.kind != 0 {
		width = 4
	}
	var b strings.Builder
	for i, c := range digits[:end] {
		if i > 0 && (end-i)%width == 0 {
			b.WriteByte(f.grouping)
		}
		b.WriteRune(c)
	}
	return fmt.Sprint(b.String(), digits[end:])
}
