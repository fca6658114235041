package pymodules

import (
	"fmt"
	"time"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// Date is Python's date.
type Date struct{ at time.Time }

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// TypeName is Python's.
func (d *Date) TypeName() string { return "datetime.date" }

// String is the ISO form.
func (d *Date) String() string { return d.at.Format("2006-01-02") }

// Repr is Python's repr.
func (d *Date) Repr() string {
	return fmt.Sprintf("datetime.date(%d, %d, %d)", d.at.Year(), d.at.Month(), d.at.Day())
}

// HashKey is the day.
func (d *Date) HashKey() string { return "date:" + d.String() }

// CompareTo orders dates.
func (d *Date) CompareTo(other jinja.Value) (int, bool) {
	o, ok := other.(*Date)
	if !ok {
		return 0, false
	}
	return d.at.Compare(o.at), true
}

// BinaryOp is date +- timedelta and date - date.
func (d *Date) BinaryOp(op string, other jinja.Value, reflected bool) (jinja.Value, bool, error) {
	switch o := other.(type) {
	case *Timedelta:
		if op != "+" && (op != "-" || reflected) {
			return nil, false, nil
		}
		days := o.days()
		if op == "-" {
			days = (&Timedelta{-o.us}).days()
		}
		t := d.at.AddDate(0, 0, int(days))
		return &Date{t}, true, checkYear(t)
	case *Date:
		if op == "-" && !reflected {
			return &Timedelta{between(o.at, d.at)}, true, nil
		}
	}
	return nil, false, nil
}

// Format is strftime.
func (d *Date) Format(spec string) (string, error) {
	if spec == "" {
		return d.String(), nil
	}
	return strftime(d.at, false, spec)
}

// Attr gives fields and methods.
func (d *Date) Attr(name string) (jinja.Value, bool) {
	if v, ok := dateAttr(name, d.at); ok {
		return v, true
	}
	switch name {
	case "strftime":
		return strftimeMethod(d.at, false), true
	case "isoformat":
		return getter(name, func() (jinja.Value, error) { return d.String(), nil }), true
	case "replace":
		return method(name, fieldParams(d.at, "year", "month", "day"), func(a []jinja.Value) (jinja.Value, error) {
			t, err := timeOf(a)
			return &Date{t}, err
		}), true
	}
	return nil, false
}

// dateAttr are the attributes that date and datetime share.
func dateAttr(name string, t time.Time) (jinja.Value, bool) {
	switch name {
	case "year":
		return int64(t.Year()), true
	case "month":
		return int64(t.Month()), true
	case "day":
		return int64(t.Day()), true
	case "weekday":
		return getter(name, func() (jinja.Value, error) { return int64(t.Weekday()+6) % 7, nil }), true
	case "isoweekday":
		return getter(name, func() (jinja.Value, error) { return int64(t.Weekday()+6)%7 + 1, nil }), true
	case "isocalendar":
		return getter(name, func() (jinja.Value, error) {
			year, week := t.ISOWeek()
			return jinja.Tuple{int64(year), int64(week), int64(t.Weekday()+6)%7 + 1}, nil
		}), true
	case "toordinal":
		return getter(name, func() (jinja.Value, error) {
			return between(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), midnight(t))/86_400_000_000 + 1, nil
		}), true
	}
	return nil, false
}

// fieldParams are parameters whose defaults are t's fields.
func fieldParams(t time.Time, names ...string) []jinja.Param {
	fields := map[string]jinja.Value{
		"year": int64(t.Year()), "month": int64(t.Month()), "day": int64(t.Day()), "hour": int64(t.Hour()),
		"minute": int64(t.Minute()), "second": int64(t.Second()), "microsecond": int64(t.Nanosecond() / 1000), "tzinfo": unset{},
	}
	out := make([]jinja.Param, len(names))
	for i, n := range names {
		out[i] = jinja.Opt(n, fields[n])
	}
	return out
}

// timeOf makes a time of year, month, day and what follows, each within Python's range.
func timeOf(fields []jinja.Value) (time.Time, error) {
	n := [7]int{1, 1, 1}
	limits := [7]struct {
		name     string
		min, max int64
	}{
		{"year", 1, 9999},
		{"month", 1, 12},
		{"day", 1, 31},
		{"hour", 0, 23},
		{"minute", 0, 59},
		{"second", 0, 59},
		{"microsecond", 0, 999999},
	}
	for i, f := range fields {
		v, err := intArg(f)
		if err != nil {
			return time.Time{}, err
		}
		if l := limits[i]; v < l.min || v > l.max {
			return time.Time{}, jinja.Errorf("ValueError", "%s must be in %d..%d", l.name, l.min, l.max)
		}
		n[i] = int(v)
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], n[6]*1000, time.UTC)
	if t.Day() != n[2] {
		return t, jinja.Errorf("ValueError", "day is out of range for month")
	}
	return t, nil
}

// Time is Python's time: a time of day.
type Time struct{ at time.Time }

// TypeName is Python's.
func (t *Time) TypeName() string { return "datetime.time" }

// String is the ISO form.
func (t *Time) String() string { return clockText(t.at) }

// Repr is Python's repr.
func (t *Time) Repr() string {
	h, m, s := t.at.Clock()
	out := fmt.Sprintf("datetime.time(%d, %d", h, m)
	us := t.at.Nanosecond() / 1000
	if s != 0 || us != 0 {
		out += fmt.Sprintf(", %d", s)
	}
	if us != 0 {
		out += fmt.Sprintf(", %d", us)
	}
	return out + ")"
}

// HashKey is the time of day.
func (t *Time) HashKey() string { return "time:" + t.String() }

// CompareTo orders times of day.
func (t *Time) CompareTo(other jinja.Value) (int, bool) {
	o, ok := other.(*Time)
	if !ok {
		return 0, false
	}
	day := func(x time.Time) time.Duration { return x.Sub(midnight(x)) }
	return int(min(max(day(t.at)-day(o.at), -1), 1)), true
}

// Format is strftime.
func (t *Time) Format(spec string) (string, error) {
	if spec == "" {
		return t.String(), nil
	}
	return strftime(t.at, false, spec)
}

// Attr gives fields and methods.
func (t *Time) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "hour":
		return int64(t.at.Hour()), true
	case "minute":
		return int64(t.at.Minute()), true
	case "second":
		return int64(t.at.Second()), true
	case "microsecond":
		return int64(t.at.Nanosecond() / 1000), true
	case "strftime":
		return strftimeMethod(t.at, false), true
	case "isoformat":
		return getter(name, func() (jinja.Value, error) { return t.String(), nil }), true
	}
	return nil, false
}
