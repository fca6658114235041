package jinja

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// numberFilters are jinja2's filters on numbers.
func numberFilters() map[string]Filter {
	return map[string]Filter{
		"int":            intFilter,
		"float":          floatFilter,
		"abs":            absFilter,
		"round":          roundFilter,
		"filesizeformat": fileSize,
	}
}

func intFilter(_ *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("int", Opt("default", int64(0)), Opt("base", int64(10)))
	if err != nil {
		return nil, err
	}
	switch x := in.(type) {
	case *Undefined:
		return nil, x.err()
	case string:
		base, _ := intOf(v[1])
		if i, ok := parseInt(x, int(base)); ok {
			return i, nil
		}
		if f, ok := parseFloat(x); ok {
			in = f
		}
	}
	if i, ok := Truncated(in); ok {
		return i, nil
	}
	return v[0], nil
}

func floatFilter(_ *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("float", Opt("default", 0.0))
	if err != nil {
		return nil, err
	}
	switch x := in.(type) {
	case *Undefined:
		return nil, x.err()
	case string:
		if f, ok := parseFloat(x); ok {
			return f, nil
		}
	default:
		if f, ok := floatOf(in); ok {
			return f, nil
		}
	}
	return v[0], nil
}

func absFilter(_ *State, in Value, a Args) (Value, error) {
	if f, ok := in.(float64); ok {
		return math.Abs(f), nil
	}
	b, ok := bigOf(in)
	if !ok {
		return nil, Errorf("TypeError", "bad operand type for abs(): '%s'", TypeName(in))
	}
	return normal(new(big.Int).Abs(b)), nil
}

func roundFilter(_ *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("round", Opt("precision", int64(0)), Opt("method", "common"))
	if err != nil {
		return nil, err
	}
	precision, ok := intOf(v[0])
	if !ok || !isNumber(in) {
		return nil, Errorf("TypeError", "type %s doesn't define __round__ method", TypeName(in))
	}
	precision = min(max(precision, -400), 400)
	switch m := Str(v[1]); m {
	case "common":
		return roundTo(in, int(precision))
	case "ceil", "floor":
		return roundAway(in, precision, m)
	default:
		return nil, Errorf("FilterArgumentError", "method must be common, ceil or floor")
	}
}

// roundTo is Python's round(v, precision): half to even on the exact value.
func roundTo(v Value, precision int) (Value, error) {
	f, isFloat := v.(float64)
	if isFloat && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return f, nil
	}
	if isFloat && precision >= 0 {
		r, err := strconv.ParseFloat(strconv.FormatFloat(f, 'f', precision, 64), 64)
		return r, err
	}
	if precision >= 0 {
		b, _ := bigOf(v)
		return normal(b), nil
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-precision)), nil)
	r := roundHalfEven(new(big.Rat).Quo(exact(v), new(big.Rat).SetInt(unit)))
	r.Mul(r, unit)
	if isFloat {
		x, _ := new(big.Float).SetInt(r).Float64()
		return math.Copysign(x, f), nil
	}
	return normal(r), nil
}

func roundHalfEven(q *big.Rat) *big.Int {
	floor, rest := new(big.Int).DivMod(q.Num(), q.Denom(), new(big.Int))
	c := rest.Lsh(rest, 1).Cmp(q.Denom())
	if c > 0 || c == 0 && floor.Bit(0) == 1 {
		floor.Add(floor, big.NewInt(1))
	}
	return floor
}

// roundAway is func(value * 10**precision) / 10**precision, as jinja2 has it.
func roundAway(v Value, precision int64, method string) (Value, error) {
	unit, err := arithmetic("**", int64(10), precision)
	if err != nil {
		return nil, err
	}
	scaled, err := arithmetic("*", v, unit)
	if err != nil {
		return nil, err
	}
	if f, ok := scaled.(float64); ok {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, Errorf("OverflowError", "cannot convert float infinity to integer")
		}
		if method == "ceil" {
			scaled, _ = Truncated(math.Ceil(f))
		} else {
			scaled, _ = Truncated(math.Floor(f))
		}
	}
	return arithmetic("/", scaled, unit)
}

func fileSize(_ *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("filesizeformat", Opt("binary", false))
	if err != nil {
		return nil, err
	}
	n, ok := floatOf(in)
	if s, isText := in.(string); isText {
		n, ok = parseFloat(s)
	}
	if !ok {
		return nil, Errorf("TypeError", "float() argument must be a string or a real number, not '%s'", TypeName(in))
	}
	base, suffixes := 1000.0, []string{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	if Truth(v[0]) {
		base, suffixes = 1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}
	}
	switch {
	case n == 1:
		return "1 Byte", nil
	case n < base:
		return fmt.Sprintf("%.0f Bytes", math.Trunc(n)), nil
	}
	unit, last := base, suffixes[0]
	for i, s := range suffixes {
		unit, last = math.Pow(base, float64(i+2)), s
		if n < unit {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", base*n/unit, last), nil
}
