package pymodules

import (
	"math"
	"time"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// Datetimes is the module datetime.
func Datetimes(now func() time.Time) jinja.Value {
	return module("datetime", map[string]jinja.Value{
		"datetime":  datetimeClass(now),
		"date":      dateClass(now),
		"time":      timeClass(),
		"timedelta": timedeltaClass(),
		"timezone":  timezoneClass(),
		"UTC":       utc,
		"MINYEAR":   int64(1),
		"MAXYEAR":   int64(9999),
	})
}

var (
	firstMoment = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	lastMoment  = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
)

// newParams are year, month and day, and what else has a default of 0.
func newParams(others ...string) []jinja.Param {
	out := []jinja.Param{jinja.Req("year"), jinja.Req("month"), jinja.Req("day")}
	for _, o := range others {
		out = append(out, jinja.Opt(o, int64(0)))
	}
	return out
}

func datetimeClass(now func() time.Time) jinja.Value {
	params := append(newParams("hour", "minute", "second", "microsecond"), jinja.Opt("tzinfo", nil))
	current := func(a []jinja.Value) (jinja.Value, error) {
		z, err := zoneArg(a[0])
		if z == nil {
			return naive(now()), err
		}
		return &Datetime{now().In(z.location).Truncate(time.Microsecond), z}, nil
	}
	make := method("datetime", params, func(a []jinja.Value) (jinja.Value, error) {
		t, err := timeOf(a[:7])
		if err != nil {
			return nil, err
		}
		z, err := zoneArg(a[7])
		return z.attach(t), err
	})
	return class("datetime.datetime", make, map[string]jinja.Value{
		"now":    method("now", []jinja.Param{jinja.Opt("tz", nil)}, current),
		"utcnow": getter("utcnow", func() (jinja.Value, error) { return naive(now().UTC()), nil }),
		"today":  getter("today", func() (jinja.Value, error) { return naive(now()), nil }),
		"strptime": method("strptime", []jinja.Param{jinja.Req("date_string"), jinja.Req("format")}, func(a []jinja.Value) (jinja.Value, error) {
			return strptime(a[0], a[1])
		}),
		"fromisoformat": method("fromisoformat", []jinja.Param{jinja.Req("date_string")}, func(a []jinja.Value) (jinja.Value, error) {
			return fromISO(a[0])
		}),
		"fromtimestamp":    method("fromtimestamp", []jinja.Param{jinja.Req("timestamp"), jinja.Opt("tz", nil)}, fromTimestamp),
		"utcfromtimestamp": method("utcfromtimestamp", []jinja.Param{jinja.Req("timestamp")}, func(a []jinja.Value) (jinja.Value, error) { return fromTimestamp(append(a, nil)) }),
		"combine":          method("combine", []jinja.Param{jinja.Req("date"), jinja.Req("time"), jinja.Opt("tzinfo", nil)}, combine),
		"min":              &Datetime{at: firstMoment},
		"max":              &Datetime{at: lastMoment},
	})
}

func fromTimestamp(a []jinja.Value) (jinja.Value, error) {
	n, ok := number(a[0])
	if !ok || math.Abs(n) > 1e12 {
		return nil, jinja.Errorf("ValueError", "timestamp %s is out of range", jinja.Str(a[0]))
	}
	z, err := zoneArg(a[1])
	if err != nil {
		return nil, err
	}
	t := time.UnixMicro(int64(math.RoundToEven(n * 1e6))).UTC()
	if err := checkYear(t); err != nil {
		return nil, err
	}
	if z == nil {
		return naive(t), nil
	}
	return &Datetime{t.In(z.location), z}, nil
}

func combine(a []jinja.Value) (jinja.Value, error) {
	var day time.Time
	switch d := a[0].(type) {
	case *Date:
		day = d.at
	case *Datetime:
		day = d.at
	default:
		return nil, jinja.Errorf("TypeError", "combine() argument 1 must be datetime.date, not %s", jinja.TypeName(a[0]))
	}
	clock, ok := a[1].(*Time)
	if !ok {
		return nil, jinja.Errorf("TypeError", "combine() argument 2 must be datetime.time, not %s", jinja.TypeName(a[1]))
	}
	z, err := zoneArg(a[2])
	return z.attach(midnight(day).Add(clock.at.Sub(midnight(clock.at)))), err
}

func dateClass(now func() time.Time) jinja.Value {
	make := method("date", newParams(), func(a []jinja.Value) (jinja.Value, error) {
		t, err := timeOf(a)
		return &Date{t}, err
	})
	return class("datetime.date", make, map[string]jinja.Value{
		"today": getter("today", func() (jinja.Value, error) { return &Date{midnight(now())}, nil }),
		"fromisoformat": method("fromisoformat", []jinja.Param{jinja.Req("date_string")}, func(a []jinja.Value) (jinja.Value, error) {
			d, err := fromISO(a[0])
			if err != nil {
				return nil, err
			}
			return &Date{midnight(d.at)}, nil
		}),
		"fromtimestamp": method("fromtimestamp", []jinja.Param{jinja.Req("timestamp")}, func(a []jinja.Value) (jinja.Value, error) {
			v, err := fromTimestamp(append(a, nil))
			d, ok := v.(*Datetime)
			if err != nil || !ok {
				return nil, err
			}
			return &Date{midnight(d.at)}, nil
		}),
		"min": &Date{firstMoment},
		"max": &Date{midnight(lastMoment)},
	})
}

func timeClass() jinja.Value {
	params := []jinja.Param{jinja.Opt("hour", int64(0)), jinja.Opt("minute", int64(0)), jinja.Opt("second", int64(0)), jinja.Opt("microsecond", int64(0))}
	make := method("time", params, func(a []jinja.Value) (jinja.Value, error) {
		t, err := timeOf(append([]jinja.Value{int64(1900), int64(1), int64(1)}, a...))
		return &Time{t}, err
	})
	return class("datetime.time", make, map[string]jinja.Value{
		"min": &Time{firstMoment},
		"max": &Time{lastMoment},
	})
}
