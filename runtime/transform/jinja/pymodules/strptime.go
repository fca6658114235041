package pymodules

import (
	"strconv"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// fromISO reads the ISO 8601 forms that Python's fromisoformat does.
func fromISO(v jinja.Value) (*Datetime, error) {
	text, err := textArg("fromisoformat", v)
	if err != nil {
		return nil, err
	}
	for _, day := range []string{"2006-01-02", "20060102"} {
		for _, clock := range []string{"", "T15:04:05.999999999", "T15:04", "T150405", "T15"} {
			if t, err := time.Parse(day+clock, strings.Replace(text, " ", "T", 1)); err == nil {
				return naive(t), nil
			}
			t, err := time.Parse(day+clock+"Z07:00", strings.Replace(text, " ", "T", 1))
			if err != nil || clock == "" {
				continue
			}
			return &Datetime{t.Truncate(time.Microsecond), fixedZone(t)}, nil
		}
	}
	return nil, jinja.Errorf("ValueError", "Invalid isoformat string: %s; write 2026-01-31 or 2026-01-31T12:00:00", jinja.Repr(text))
}

func fixedZone(t time.Time) *Zone {
	_, offset := t.Zone()
	if offset == 0 {
		return utc
	}
	name := t.Format("UTC-07:00")
	return &Zone{name: name, location: time.FixedZone(name, offset)}
}

// parsedTime collects what strptime reads.
type parsedTime struct {
	rest                                       string
	year, month, day, hour, minute, second, us int
	yearDay                                    int // 0 if not given
	pm, twelve                                 bool
	zone                                       *Zone
}

// strptime reads text by format; what does not fit is a ValueError.
func strptime(textValue, formatValue jinja.Value) (*Datetime, error) {
	text, err := textArg("strptime", textValue)
	if err != nil {
		return nil, err
	}
	format, err := textArg("strptime", formatValue)
	if err != nil {
		return nil, err
	}
	p := &parsedTime{rest: text, year: 1900, month: 1, day: 1}
	for i := 0; i < len(format); i++ {
		ok := false
		switch {
		case format[i] == '%' && i+1 < len(format):
			i++
			ok = p.directive(format[i])
		case format[i] == ' ':
			p.rest, ok = strings.TrimLeft(p.rest, " \t\n"), true
		default:
			p.rest, ok = strings.CutPrefix(p.rest, format[i:i+1])
		}
		if !ok {
			return nil, jinja.Errorf("ValueError", "time data %s does not match format %s", jinja.Repr(text), jinja.Repr(format))
		}
	}
	if p.rest != "" {
		return nil, jinja.Errorf("ValueError", "unconverted data remains: %s", p.rest)
	}
	return p.datetime()
}

// digits takes up to n digits.
func (p *parsedTime) digits(n int, into *int) bool {
	end := 0
	for end < n && end < len(p.rest) && p.rest[end] >= '0' && p.rest[end] <= '9' {
		end++
	}
	v, err := strconv.Atoi(p.rest[:end])
	if err != nil {
		return false
	}
	*into, p.rest = v, p.rest[end:]
	return true
}

// name takes a month's or a day's name, long or short, and gives its number from 1.
func (p *parsedTime) name(n int, name func(i int) string) int {
	for _, short := range []bool{false, true} {
		for i := 1; i <= n; i++ {
			s := name(i)
			if short {
				s = s[:3]
			}
			if len(p.rest) >= len(s) && strings.EqualFold(p.rest[:len(s)], s) {
				p.rest = p.rest[len(s):]
				return i
			}
		}
	}
	return 0
}

func (p *parsedTime) directive(c byte) bool {
	switch c {
	case 'Y':
		return p.digits(4, &p.year)
	case 'm':
		return p.digits(2, &p.month)
	case 'd':
		return p.digits(2, &p.day)
	case 'H':
		return p.digits(2, &p.hour)
	case 'I':
		p.twelve = true
		return p.digits(2, &p.hour)
	case 'M':
		return p.digits(2, &p.minute)
	case 'S':
		return p.digits(2, &p.second)
	case 'j':
		return p.digits(3, &p.yearDay)
	case 'f':
		before := len(p.rest)
		ok := p.digits(6, &p.us)
		for n := before - len(p.rest); n < 6; n++ {
			p.us *= 10
		}
		return ok
	case '%':
		var ok bool
		p.rest, ok = strings.CutPrefix(p.rest, "%")
		return ok
	}
	return p.nameDirective(c)
}

func (p *parsedTime) nameDirective(c byte) bool {
	switch c {
	case 'y':
		ok := p.digits(2, &p.year)
		if p.year += 1900; p.year < 1969 {
			p.year += 100
		}
		return ok
	case 'b', 'B', 'h':
		p.month = p.name(12, func(i int) string { return time.Month(i).String() })
		return p.month > 0
	case 'a', 'A':
		return p.name(7, func(i int) string { return time.Weekday(i - 1).String() }) > 0
	case 'p':
		if len(p.rest) < 2 || !strings.EqualFold(p.rest[1:2], "m") || !strings.ContainsAny(p.rest[:1], "aApP") {
			return false
		}
		p.pm = p.rest[0]|0x20 == 'p'
		p.rest = p.rest[2:]
		return true
	case 'z':
		return p.offset()
	case 'Z':
		for _, name := range []string{"UTC", "GMT"} {
			if rest, ok := strings.CutPrefix(p.rest, name); ok {
				p.rest = rest
				return true
			}
		}
	}
	return false
}

// offset takes Z, +HHMM or +HH:MM.
func (p *parsedTime) offset() bool {
	if rest, ok := strings.CutPrefix(p.rest, "Z"); ok {
		p.rest, p.zone = rest, utc
		return true
	}
	for _, layout := range []string{"-07:00", "-0700"} {
		if len(p.rest) < len(layout) {
			continue
		}
		if t, err := time.Parse(layout, p.rest[:len(layout)]); err == nil {
			p.rest, p.zone = p.rest[len(layout):], fixedZone(t)
			return true
		}
	}
	return false
}

func (p *parsedTime) datetime() (*Datetime, error) {
	if p.twelve {
		if p.hour < 1 || p.hour > 12 {
			return nil, jinja.Errorf("ValueError", "hour %d does not exist on a clock of twelve", p.hour)
		}
		p.hour %= 12
		if p.pm {
			p.hour += 12
		}
	}
	fields := []jinja.Value{}
	for _, f := range []int{p.year, p.month, p.day, p.hour, p.minute, p.second, p.us} {
		fields = append(fields, int64(f))
	}
	t, err := timeOf(fields)
	if err != nil {
		return nil, err
	}
	if p.yearDay > 0 {
		t = t.AddDate(0, 0, p.yearDay-t.YearDay())
	}
	return p.zone.attach(t), nil
}
