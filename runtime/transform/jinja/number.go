package jinja

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxBits bounds an int; Python has no bound, a template has no use for more.
const maxBits = 1 << 17

// normal gives int64 where the value fits.
func normal(b *big.Int) Value {
	if b.IsInt64() {
		return b.Int64()
	}
	return b
}

// isInt tells whether v is an int or a bool.
func isInt(v Value) bool {
	_, big := v.(*big.Int)
	_, small := intOf(v)
	return big || small
}

// floatOf is v as a float if it is a number (bool included).
func floatOf(v Value) (float64, bool) {
	switch x := v.(type) {
	case float64:
		return x, true
	case *big.Int:
		f, _ := new(big.Float).SetInt(x).Float64()
		return f, true
	}
	i, ok := intOf(v)
	return float64(i), ok
}

func isNumber(v Value) bool {
	_, ok := floatOf(v)
	return ok
}

// compareNumbers orders two numbers exactly, also int with float; NaN is ordered with nothing.
func compareNumbers(a, b Value) (c int, ordered bool) {
	x, xSmall := intOf(a)
	y, ySmall := intOf(b)
	if xSmall && ySmall {
		return cmpInt(x, y), true
	}
	if fa, ok := a.(float64); ok && (math.IsNaN(fa) || math.IsInf(fa, 0)) {
		return compareFloats(a, b)
	}
	if fb, ok := b.(float64); ok && (math.IsNaN(fb) || math.IsInf(fb, 0)) {
		return compareFloats(a, b)
	}
	return exact(a).Cmp(exact(b)), true
}

func compareFloats(a, b Value) (int, bool) {
	x, _ := floatOf(a)
	y, _ := floatOf(b)
	switch {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, x == y
}

func cmpInt(x, y int64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// exact is a finite number without rounding.
func exact(v Value) *big.Rat {
	if f, ok := v.(float64); ok {
		return new(big.Rat).SetFloat64(f)
	}
	b, _ := bigOf(v)
	return new(big.Rat).SetInt(b)
}

// arithmetic computes a op b for two numbers.
func arithmetic(op string, a, b Value) (Value, error) {
	if isInt(a) && isInt(b) && op != "/" {
		return intArithmetic(op, a, b)
	}
	x, _ := floatOf(a)
	y, _ := floatOf(b)
	if math.IsInf(x, 0) && isInt(a) || math.IsInf(y, 0) && isInt(b) {
		return nil, Errorf("OverflowError", "int too large to convert to float")
	}
	switch op {
	case "+":
		return x + y, nil
	case "-":
		return x - y, nil
	case "*":
		return x * y, nil
	case "**":
		return floatPower(x, y)
	}
	if y == 0 {
		return nil, Errorf("ZeroDivisionError", "%s", zeroMessage(op, isInt(a) && isInt(b)))
	}
	switch op {
	case "/":
		return x / y, nil
	case "//":
		return math.Floor(x / y), nil
	}
	m := math.Mod(x, y)
	if m != 0 && (m < 0) != (y < 0) {
		m += y
	}
	return m, nil
}

func zeroMessage(op string, ints bool) string {
	switch {
	case op == "/" && ints:
		return "division by zero"
	case op == "/":
		return "float division by zero"
	case op == "//" && ints:
		return "integer division or modulo by zero"
	case op == "//":
		return "float floor division by zero"
	case ints:
		return "integer modulo by zero"
	}
	return "float modulo"
}

func floatPower(x, y float64) (Value, error) {
	if x == 0 && y < 0 {
		return nil, Errorf("ZeroDivisionError", "0.0 cannot be raised to a negative power")
	}
	r := math.Pow(x, y)
	if math.IsInf(r, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
		return nil, Errorf("OverflowError", "(34, 'Numerical result out of range')")
	}
	return r, nil
}

// intArithmetic tries int64 first and goes over to big.Int on overflow.
func intArithmetic(op string, a, b Value) (Value, error) {
	if x, ok := intOf(a); ok {
		if y, ok := intOf(b); ok {
			if v, ok := smallArithmetic(op, x, y); ok {
				return v, nil
			}
		}
	}
	x, _ := bigOf(a)
	y, _ := bigOf(b)
	if op == "**" {
		return intPower(x, y)
	}
	if x.BitLen()+y.BitLen() > maxBits {
		return nil, Errorf("OverflowError", "an int of more than %d bits", maxBits)
	}
	r := new(big.Int)
	switch op {
	case "+":
		return normal(r.Add(x, y)), nil
	case "-":
		return normal(r.Sub(x, y)), nil
	case "*":
		return normal(r.Mul(x, y)), nil
	}
	if y.Sign() == 0 {
		return nil, Errorf("ZeroDivisionError", "%s", zeroMessage(op, true))
	}
	q, m := new(big.Int).QuoRem(x, y, r)
	if m.Sign() != 0 && (m.Sign() < 0) != (y.Sign() < 0) {
		q.Sub(q, big.NewInt(1))
		m.Add(m, y)
	}
	if op == "//" {
		return normal(q), nil
	}
	return normal(m), nil
}

// smallArithmetic is false when the result, or the way to it, may not fit int64.
func smallArithmetic(op string, x, y int64) (Value, bool) {
	switch op {
	case "+":
		r := x + y
		return r, (r > x) == (y > 0)
	case "-":
		r := x - y
		return r, (r < x) == (y > 0)
	case "*":
		const half = 1 << 31
		return x * y, -half < x && x < half && -half < y && y < half
	case "//", "%":
		if y == 0 || y == -1 {
			return nil, false
		}
		q, m := x/y, x%y
		if m != 0 && (m < 0) != (y < 0) {
			q, m = q-1, m+y
		}
		if op == "//" {
			return q, true
		}
		return m, true
	}
	return nil, false
}

func intPower(x, y *big.Int) (Value, error) {
	if y.Sign() < 0 {
		fx, _ := floatOf(normal(x))
		fy, _ := floatOf(normal(y))
		return floatPower(fx, fy)
	}
	if x.IsInt64() && (x.Int64() >= -1 && x.Int64() <= 1) {
		if x.Int64() == -1 && y.Bit(0) == 1 || x.Int64() != -1 && y.Sign() > 0 {
			return x.Int64(), nil
		}
		return int64(1), nil
	}
	if !y.IsInt64() || y.Int64() > maxBits || int64(x.BitLen())*y.Int64() > maxBits {
		return nil, Errorf("OverflowError", "an int of more than %d bits", maxBits)
	}
	return normal(new(big.Int).Exp(x, y, nil)), nil
}

// negate is -v, or v for a plus sign.
func negate(v Value, minus bool) (Value, error) {
	sign := "+"
	if minus {
		sign = "-"
	}
	switch x := v.(type) {
	case float64:
		if minus {
			return -x, nil
		}
		return x, nil
	case *Undefined:
		return nil, x.err()
	case Operand:
		if r, ok, err := x.BinaryOp("*", int64(-1), false); ok && minus {
			return r, err
		}
	}
	b, ok := bigOf(v)
	if !ok {
		return nil, Errorf("TypeError", "bad operand type for unary %s: '%s'", sign, TypeName(v))
	}
	if minus {
		b = new(big.Int).Neg(b)
	}
	return normal(b), nil
}

// floatText is Python's repr of a float.
func floatText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if a := math.Abs(f); a != 0 && (a >= 1e16 || a < 1e-4) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// parseInt is Python's int(text, base): spaces around, underscores between digits.
func parseInt(text string, base int) (Value, bool) {
	s := strings.TrimFunc(text, isSpace)
	neg := strings.HasPrefix(s, "-")
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") || len(digits) > maxBits/4 {
		return nil, false
	}
	digits = stripBasePrefix(strings.ReplaceAll(digits, "_", ""), &base)
	if digits == "" || digits[0] == '+' || digits[0] == '-' || base < 2 || base > 36 {
		return nil, false
	}
	b, ok := new(big.Int).SetString(digits, base)
	if !ok {
		return nil, false
	}
	if neg {
		b.Neg(b)
	}
	return normal(b), true
}

// stripBasePrefix takes 0x, 0o, 0b off where base allows it; base 0 is read from it.
func stripBasePrefix(digits string, base *int) string {
	if len(digits) > 2 && digits[0] == '0' {
		if b, ok := map[byte]int{'x': 16, 'X': 16, 'o': 8, 'O': 8, 'b': 2, 'B': 2}[digits[1]]; ok && (*base == b || *base == 0) {
			*base = b
			return digits[2:]
		}
	}
	if *base == 0 {
		*base = 10
	}
	return digits
}

// parseFloat is Python's float(text).
func parseFloat(text string) (float64, bool) {
	s := strings.ToLower(strings.TrimFunc(text, isSpace))
	if strings.HasPrefix(strings.TrimLeft(s, "+-"), "0x") || strings.Contains(s, "p") {
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}
