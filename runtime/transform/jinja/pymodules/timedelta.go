package pymodules

import (
	"fmt"
	"math"
	"time"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

const (
	usPerDay = 86_400_000_000
	// maxDeltaUs is less than Python's timedelta.max (999999999 days), but more than
	// any two dates are apart.
	maxDeltaUs = 100_000_000 * usPerDay
)

// Timedelta is Python's timedelta, in microseconds.
type Timedelta struct{ us int64 }

func newTimedelta(us float64) (jinja.Value, error) {
	if math.IsNaN(us) || math.Abs(us) > maxDeltaUs {
		return nil, jinja.Errorf("OverflowError", "a timedelta of %g microseconds is out of range", us)
	}
	return &Timedelta{int64(math.RoundToEven(us))}, nil
}

func floorDiv(a, b int64) (q, r int64) {
	q, r = a/b, a%b
	if r != 0 && (r < 0) != (b < 0) {
		q, r = q-1, r+b
	}
	return q, r
}

func (t *Timedelta) days() int64 {
	d, _ := floorDiv(t.us, usPerDay)
	return d
}

func (t *Timedelta) parts() (days, seconds, us int64) {
	days, rest := floorDiv(t.us, usPerDay)
	return days, rest / 1_000_000, rest % 1_000_000
}

// addTo is at + t, or at - t.
func (t *Timedelta) addTo(at time.Time, op string) (time.Time, error) {
	us := t.us
	if op == "-" {
		us = -us
	}
	days, rest := floorDiv(us, usPerDay)
	moved := at.AddDate(0, 0, int(days)).Add(time.Duration(rest) * time.Microsecond)
	return moved, checkYear(moved)
}

// TypeName is Python's.
func (t *Timedelta) TypeName() string { return "datetime.timedelta" }

// String is Python's str: "1 day, 2:03:04".
func (t *Timedelta) String() string {
	days, s, us := t.parts()
	out := fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	if us != 0 {
		out += fmt.Sprintf(".%06d", us)
	}
	switch days {
	case 0:
		return out
	case 1, -1:
		return fmt.Sprintf("%d day, %s", days, out)
	}
	return fmt.Sprintf("%d days, %s", days, out)
}

// Repr is Python's repr.
func (t *Timedelta) Repr() string {
	days, s, us := t.parts()
	out, separator := "", ""
	for _, p := range []struct {
		name  string
		value int64
	}{{"days", days}, {"seconds", s}, {"microseconds", us}} {
		if p.value != 0 {
			out += fmt.Sprintf("%s%s=%d", separator, p.name, p.value)
			separator = ", "
		}
	}
	if out == "" {
		out = "0"
	}
	return "datetime.timedelta(" + out + ")"
}

// Truth is false for zero.
func (t *Timedelta) Truth() bool { return t.us != 0 }

// HashKey is the length.
func (t *Timedelta) HashKey() string { return fmt.Sprintf("timedelta:%d", t.us) }

// CompareTo orders timedeltas.
func (t *Timedelta) CompareTo(other jinja.Value) (int, bool) {
	o, ok := other.(*Timedelta)
	if !ok {
		return 0, false
	}
	switch {
	case t.us < o.us:
		return -1, true
	case t.us > o.us:
		return 1, true
	}
	return 0, true
}

// BinaryOp is arithmetic with timedeltas and numbers.
func (t *Timedelta) BinaryOp(op string, other jinja.Value, reflected bool) (jinja.Value, bool, error) {
	if o, ok := other.(*Timedelta); ok {
		return t.withDelta(op, o)
	}
	n, ok := number(other)
	if !ok || reflected && op != "*" {
		return nil, false, nil
	}
	if op != "*" && n == 0 && (op == "/" || op == "//") {
		return nil, true, jinja.Errorf("ZeroDivisionError", "division by zero")
	}
	var v jinja.Value
	var err error
	switch op {
	case "*":
		v, err = newTimedelta(float64(t.us) * n)
	case "/":
		v, err = newTimedelta(float64(t.us) / n)
	case "//":
		v, err = newTimedelta(math.Floor(float64(t.us) / n))
	default:
		return nil, false, nil
	}
	return v, true, err
}

func (t *Timedelta) withDelta(op string, o *Timedelta) (jinja.Value, bool, error) {
	switch op {
	case "+":
		v, err := newTimedelta(float64(t.us + o.us))
		return v, true, err
	case "-":
		v, err := newTimedelta(float64(t.us - o.us))
		return v, true, err
	case "/", "//", "%":
		if o.us == 0 {
			return nil, true, jinja.Errorf("ZeroDivisionError", "division by zero")
		}
		q, r := floorDiv(t.us, o.us)
		switch op {
		case "/":
			return float64(t.us) / float64(o.us), true, nil
		case "//":
			return q, true, nil
		}
		return &Timedelta{r}, true, nil
	}
	return nil, false, nil
}

// number is an int or float argument.
func number(v jinja.Value) (float64, bool) {
	switch x := v.(type) {
	case int64:
		return float64(x), true
	case float64:
		return x, true
	}
	return 0, false
}

// Attr gives days, seconds, microseconds and total_seconds().
func (t *Timedelta) Attr(name string) (jinja.Value, bool) {
	days, seconds, us := t.parts()
	switch name {
	case "days":
		return days, true
	case "seconds":
		return seconds, true
	case "microseconds":
		return us, true
	case "total_seconds":
		return getter(name, func() (jinja.Value, error) { return float64(t.us) / 1e6, nil }), true
	}
	return nil, false
}

// timedeltaClass is timedelta(days=0, seconds=0, ...).
func timedeltaClass() jinja.Value {
	units := []struct {
		name string
		us   float64
	}{
		{"days", usPerDay}, {"seconds", 1e6}, {"microseconds", 1}, {"milliseconds", 1e3},
		{"minutes", 60e6}, {"hours", 3600e6}, {"weeks", 7 * usPerDay},
	}
	var params []jinja.Param
	for _, u := range units {
		params = append(params, jinja.Opt(u.name, int64(0)))
	}
	return class("datetime.timedelta", method("timedelta", params, func(a []jinja.Value) (jinja.Value, error) {
		total := 0.0
		for i, v := range a {
			n, ok := number(v)
			if !ok {
				return nil, jinja.Errorf("TypeError", "unsupported type for timedelta %s component: %s", units[i].name, jinja.TypeName(v))
			}
			total += n * units[i].us
		}
		return newTimedelta(total)
	}), nil)
}
