package pymodules

import (
	"fmt"
	"time"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// Datetime is Python's datetime: naive without a zone, aware with one.
type Datetime struct {
	at   time.Time // of a naive one: its fields, in UTC
	zone *Zone     // nil if naive
}

// NewDatetime makes an aware datetime in UTC, as dbt's run_started_at.
func NewDatetime(t time.Time) *Datetime {
	return &Datetime{at: t.UTC().Truncate(time.Microsecond), zone: utc}
}

// Time is the moment; a naive datetime counts as UTC.
func (d *Datetime) Time() time.Time { return d.at }

// checkYear is Python's range of years.
func checkYear(t time.Time) error {
	if t.Year() < 1 || t.Year() > 9999 {
		return jinja.Errorf("OverflowError", "date value out of range: year %d", t.Year())
	}
	return nil
}

func naive(t time.Time) *Datetime {
	return &Datetime{at: time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)}
}

// TypeName is Python's.
func (d *Datetime) TypeName() string { return "datetime.datetime" }

// String is Python's str.
func (d *Datetime) String() string { return d.iso(" ") }

// Repr is Python's repr.
func (d *Datetime) Repr() string {
	h, m, s := d.at.Clock()
	out := fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d", d.at.Year(), d.at.Month(), d.at.Day(), h, m)
	us := d.at.Nanosecond() / 1000
	if s != 0 || us != 0 {
		out += fmt.Sprintf(", %d", s)
	}
	if us != 0 {
		out += fmt.Sprintf(", %d", us)
	}
	if d.zone != nil {
		out += ", tzinfo=" + d.zone.Repr()
	}
	return out + ")"
}

func (d *Datetime) iso(separator string) string {
	s := d.at.Format("2006-01-02") + separator + clockText(d.at)
	if d.zone != nil {
		s += d.at.Format("-07:00")
	}
	return s
}

func clockText(t time.Time) string {
	s := t.Format("15:04:05")
	if us := t.Nanosecond() / 1000; us != 0 {
		s += fmt.Sprintf(".%06d", us)
	}
	return s
}

// HashKey is the moment.
func (d *Datetime) HashKey() string {
	return fmt.Sprintf("datetime:%d:%t", d.at.UnixMicro(), d.zone != nil)
}

// CompareTo orders two datetimes of the same kind.
func (d *Datetime) CompareTo(other jinja.Value) (int, bool) {
	o, ok := other.(*Datetime)
	if !ok || (o.zone == nil) != (d.zone == nil) {
		return 0, false
	}
	return d.at.Compare(o.at), true
}

// BinaryOp is datetime +- timedelta and datetime - datetime.
func (d *Datetime) BinaryOp(op string, other jinja.Value, reflected bool) (jinja.Value, bool, error) {
	switch o := other.(type) {
	case *Timedelta:
		if op != "+" && (op != "-" || reflected) {
			return nil, false, nil
		}
		moved, err := o.addTo(wall(d.at), op)
		if err != nil {
			return nil, true, err
		}
		return d.zone.attach(moved), true, nil
	case *Datetime:
		if op != "-" || reflected {
			return nil, false, nil
		}
		if (o.zone == nil) != (d.zone == nil) {
			return nil, true, jinja.Errorf("TypeError", "can't subtract offset-naive and offset-aware datetimes")
		}
		return &Timedelta{between(o.at, d.at)}, true, nil
	}
	return nil, false, nil
}

// between is the microseconds from a to b, which may be more than a time.Duration holds.
func between(a, b time.Time) int64 { return b.UnixMicro() - a.UnixMicro() }

// wall is the moment's fields as if in UTC: Python computes with those.
func wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// Format is format(d, spec): strftime.
func (d *Datetime) Format(spec string) (string, error) {
	if spec == "" {
		return d.String(), nil
	}
	return strftime(d.at, d.zone != nil, spec)
}

// Attr gives fields and methods.
func (d *Datetime) Attr(name string) (jinja.Value, bool) {
	if v, ok := dateAttr(name, d.at); ok {
		return v, true
	}
	switch name {
	case "hour":
		return int64(d.at.Hour()), true
	case "minute":
		return int64(d.at.Minute()), true
	case "second":
		return int64(d.at.Second()), true
	case "microsecond":
		return int64(d.at.Nanosecond() / 1000), true
	case "tzinfo":
		if d.zone == nil {
			return nil, true
		}
		return d.zone, true
	}
	f, ok := d.methods()[name]
	return f, ok
}

func (d *Datetime) methods() map[string]jinja.Func {
	return map[string]jinja.Func{
		"strftime":  strftimeMethod(d.at, d.zone != nil),
		"isoformat": method("isoformat", []jinja.Param{jinja.Opt("sep", "T"), jinja.Opt("timespec", "auto")}, d.isoformat),
		"date":      getter("date", func() (jinja.Value, error) { return &Date{midnight(d.at)}, nil }),
		"time":      getter("time", func() (jinja.Value, error) { return &Time{wall(d.at)}, nil }),
		"timestamp": getter("timestamp", func() (jinja.Value, error) { return float64(d.at.UnixMicro()) / 1e6, nil }),
		"utcoffset": getter("utcoffset", d.utcOffset),
		"tzname":    getter("tzname", d.zoneName),
		"astimezone": method("astimezone", []jinja.Param{jinja.Opt("tz", nil)}, func(a []jinja.Value) (jinja.Value, error) {
			z, err := zoneArg(a[0])
			if z == nil {
				z = utc
			}
			return &Datetime{d.at.In(z.location), z}, err
		}),
		"replace": method("replace", fieldParams(d.at, "year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"), d.replace),
	}
}

// unset tells a tzinfo that is not given from None.
type unset struct{}

func (d *Datetime) replace(a []jinja.Value) (jinja.Value, error) {
	t, err := timeOf(a[:7])
	if err != nil {
		return nil, err
	}
	zone := d.zone
	if _, keep := a[7].(unset); !keep {
		if zone, err = zoneArg(a[7]); err != nil {
			return nil, err
		}
	}
	return zone.attach(t), nil
}

func (d *Datetime) utcOffset() (jinja.Value, error) {
	if d.zone == nil {
		return nil, nil
	}
	_, seconds := d.at.Zone()
	return &Timedelta{int64(seconds) * 1e6}, nil
}

func (d *Datetime) zoneName() (jinja.Value, error) {
	if d.zone == nil {
		return nil, nil
	}
	name, _ := d.at.Zone()
	return name, nil
}

func (d *Datetime) isoformat(a []jinja.Value) (jinja.Value, error) {
	layouts := map[string]string{
		"auto": "", "hours": "15", "minutes": "15:04", "seconds": "15:04:05",
		"milliseconds": "15:04:05.000", "microseconds": "15:04:05.000000",
	}
	spec, sep := jinja.Str(a[1]), jinja.Str(a[0])
	layout, ok := layouts[spec]
	switch {
	case !ok:
		return nil, jinja.Errorf("ValueError", "Unknown timespec value")
	case layout == "":
		return d.iso(sep), nil
	}
	s := d.at.Format("2006-01-02") + sep + d.at.Format(layout)
	if d.zone != nil {
		s += d.at.Format("-07:00")
	}
	return s, nil
}
