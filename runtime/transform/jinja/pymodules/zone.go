package pymodules

import (
	"fmt"
	"time"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// Zone is a tzinfo: of pytz, or a fixed offset of datetime.timezone.
type Zone struct {
	name     string
	location *time.Location
	pytz     bool
}

var utc = &Zone{name: "UTC", location: time.UTC}

// attach gives a wall clock time this zone; a nil zone leaves it naive.
func (z *Zone) attach(wall time.Time) *Datetime {
	if z == nil {
		return &Datetime{at: wall}
	}
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), z.location)
	return &Datetime{at: t, zone: z}
}

func zoneArg(v jinja.Value) (*Zone, error) {
	switch x := v.(type) {
	case nil:
		return nil, nil
	case *Zone:
		return x, nil
	}
	return nil, jinja.Errorf("TypeError", "tzinfo argument must be None or of a tzinfo subclass, not type '%s'", jinja.TypeName(v))
}

// TypeName is Python's.
func (z *Zone) TypeName() string {
	if z.pytz {
		return "pytz.tzfile"
	}
	return "datetime.timezone"
}

// String is the zone's name.
func (z *Zone) String() string { return z.name }

// Repr is Python's, roughly.
func (z *Zone) Repr() string {
	if z.pytz {
		return "<DstTzInfo '" + z.name + "'>"
	}
	return "datetime.timezone.utc"
}

// HashKey is the name.
func (z *Zone) HashKey() string { return "zone:" + z.name }

// Attr gives pytz's zone, localize and normalize.
func (z *Zone) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "zone":
		return z.name, true
	case "localize":
		return method(name, []jinja.Param{jinja.Req("dt"), jinja.Opt("is_dst", false)}, z.localize), true
	case "normalize":
		return method(name, []jinja.Param{jinja.Req("dt")}, func(a []jinja.Value) (jinja.Value, error) {
			d, ok := a[0].(*Datetime)
			if !ok || d.zone == nil {
				return nil, jinja.Errorf("ValueError", "Naive time - no tzinfo set")
			}
			return &Datetime{d.at.In(z.location), z}, nil
		}), true
	}
	return nil, false
}

func (z *Zone) localize(a []jinja.Value) (jinja.Value, error) {
	d, ok := a[0].(*Datetime)
	if !ok || d.zone != nil {
		return nil, jinja.Errorf("ValueError", "Not naive datetime (tzinfo is already set)")
	}
	return z.attach(d.at), nil
}

// timezoneClass is datetime.timezone(offset), with timezone.utc.
func timezoneClass() jinja.Value {
	params := []jinja.Param{jinja.Req("offset"), jinja.Opt("name", nil)}
	return class("datetime.timezone", method("timezone", params, func(a []jinja.Value) (jinja.Value, error) {
		d, ok := a[0].(*Timedelta)
		if !ok || d.us <= -usPerDay || d.us >= usPerDay {
			return nil, jinja.Errorf("ValueError", "offset must be a timedelta strictly between -24h and 24h")
		}
		seconds := int(d.us / 1e6)
		name := time.Unix(0, 0).In(time.FixedZone("", seconds)).Format("UTC-07:00")
		if a[1] != nil {
			name = jinja.Str(a[1])
		}
		return &Zone{name: name, location: time.FixedZone(name, seconds)}, nil
	}), map[string]jinja.Value{"utc": utc})
}

// Pytz is the module pytz.
func Pytz() jinja.Value {
	u := &Zone{name: "UTC", location: time.UTC, pytz: true}
	return module("pytz", map[string]jinja.Value{
		"utc": u,
		"UTC": u,
		"timezone": method("timezone", []jinja.Param{jinja.Req("zone")}, func(a []jinja.Value) (jinja.Value, error) {
			name, err := textArg("timezone", a[0])
			if err != nil {
				return nil, err
			}
			location, err := time.LoadLocation(name)
			if err != nil || name == "" || name == "Local" {
				return nil, jinja.Errorf("UnknownTimeZoneError", "%s; use a name of the tz database, like 'Europe/Berlin'", jinja.Repr(name))
			}
			return &Zone{name: name, location: location, pytz: true}, nil
		}),
		"FixedOffset": method("FixedOffset", []jinja.Param{jinja.Req("minutes")}, func(a []jinja.Value) (jinja.Value, error) {
			minutes, err := intArg(a[0])
			if err != nil {
				return nil, err
			}
			if minutes <= -1440 || minutes >= 1440 {
				return nil, jinja.Errorf("ValueError", "absolute offset is too large: %d", minutes)
			}
			name := fmt.Sprintf("pytz.FixedOffset(%d)", minutes)
			return &Zone{name: name, location: time.FixedZone(name, int(minutes)*60), pytz: true}, nil
		}),
	})
}
