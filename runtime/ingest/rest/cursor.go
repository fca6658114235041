package rest

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// compareCursors orders cursor values: numbers by size, times by time, other
// texts by their bytes. Numbers come before texts.
func compareCursors(a, b string) int {
	if a == b {
		return 0
	}
	if digitsOnly(a) && digitsOnly(b) {
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	}
	x, okX := number(a)
	y, okY := number(b)
	switch {
	case okX && okY:
		return x.Cmp(y)
	case okX:
		return -1
	case okY:
		return 1
	}
	if len(a) != len(b) || !strings.HasSuffix(a, "Z") || !strings.HasSuffix(b, "Z") {
		s, errS := time.Parse(time.RFC3339Nano, a)
		t, errT := time.Parse(time.RFC3339Nano, b)
		if errS == nil && errT == nil && !s.Equal(t) {
			return s.Compare(t)
		}
	}
	return cmp.Compare(a, b)
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// number reads a decimal number of a sane length.
func number(s string) (*big.Rat, bool) {
	if s == "" || len(s) > 40 || strings.Trim(s, "0123456789.-+") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// bounds are --from and --to: inclusive, and a part of a value stands for all
// that begin with it, however its parts are separated: 2023 or 2023-05.
type bounds struct {
	from, to string
}

func (b bounds) set() bool { return b.from != "" || b.to != "" }

// check refuses bounds that nothing can lie between.
func (b bounds) check() error {
	if b.from == "" || b.to == "" {
		return nil
	}
	if in, err := (bounds{to: b.to}).contains(b.from); err == nil && !in {
		return fmt.Errorf("--from %s comes after --to %s: nothing lies between them", b.from, b.to)
	}
	return nil
}

// contains says whether a cursor's value lies within the bounds.
func (b bounds) contains(cursor string) (bool, error) {
	if b.from != "" {
		c, err := compareBound(cursor, b.from, false)
		if err != nil || c < 0 {
			return false, err
		}
	}
	if b.to != "" {
		c, err := compareBound(cursor, b.to, true)
		if err != nil || c > 0 {
			return false, err
		}
	}
	return true, nil
}

// compareBound compares a cursor with a bound. Of an upper bound's cursor only
// as much counts as the bound has.
func compareBound(cursor, bound string, upper bool) (int, error) {
	if x, ok := number(cursor); ok {
		return compareNumber(x, cursor, bound, upper)
	}
	if strings.ContainsAny(cursor[:min(1, len(cursor))], digits) && !strings.ContainsAny(bound, digits) {
		return 0, fmt.Errorf("the cursor's values are such as %s: %q is not one, nor the beginning of one", cursor, bound)
	}
	c, b := alphanumeric(cursor), alphanumeric(bound)
	if upper && len(c) > len(b) {
		c = c[:len(b)]
	}
	return cmp.Compare(c, b), nil
}

const digits = "0123456789"

// alphanumeric is s without what separates the parts of dates: 2023/05 and 2023-05 are the same.
func alphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '/' || r == ':' || r == ' ' || r == 'T' || r == '_' {
			return -1
		}
		return r
	}, s)
}

// compareNumber compares a number with a bound that is a number, or, where the
// number is a time in seconds or milliseconds since 1970, with a date.
func compareNumber(x *big.Rat, cursor, bound string, upper bool) (int, error) {
	if y, ok := number(bound); ok {
		return x.Cmp(y), nil
	}
	begin, end, ok := period(bound)
	digits := len(strings.SplitN(strings.TrimLeft(cursor, "-"), ".", 2)[0])
	if !ok || digits < 9 || digits > 13 {
		return 0, fmt.Errorf("the cursor's values are numbers such as %s: %q is not one, nor a date", cursor, bound)
	}
	at := begin.Unix()
	if upper {
		at = end.Unix() - 1
	}
	y := new(big.Rat).SetInt64(at)
	if digits > 11 {
		y.SetInt64(at*1000 + map[bool]int64{true: 999}[upper])
	}
	return x.Cmp(y), nil
}

// period is the time that a date, or the beginning of one, stands for.
func period(s string) (begin, end time.Time, ok bool) {
	s = strings.ReplaceAll(s, "/", "-")
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, t.Add(time.Second), true
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, t.AddDate(0, 0, 1), true
	}
	if t, err := time.Parse("2006-01", s); err == nil {
		return t, t.AddDate(0, 1, 0), true
	}
	return begin, end, false
}

// before is a cursor's value less lag: a duration for times, else a number.
func before(cursor, lag string) (string, error) {
	if lag == "" || cursor == "" {
		return cursor, nil
	}
	if d, err := time.ParseDuration(lag); err == nil && lag != "0" {
		return beforeTime(cursor, d)
	}
	n, ok := number(lag)
	x, okX := number(cursor)
	if !ok || !okX {
		return "", fmt.Errorf("incremental.lag %q does not fit the cursor %q: write a duration for times, a number for numbers", lag, cursor)
	}
	x.Sub(x, n)
	if x.IsInt() {
		return x.Num().String(), nil
	}
	f, _ := x.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64), nil
}

func beforeTime(cursor string, d time.Duration) (string, error) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if t, err := time.Parse(form, cursor); err == nil {
			return t.Add(-d).Format(form), nil
		}
	}
	if n, err := strconv.ParseInt(cursor, 10, 64); err == nil {
		unit := time.Second
		if len(cursor) > 11 {
			unit = time.Millisecond
		}
		return strconv.FormatInt(n-int64(d/unit), 10), nil
	}
	return "", fmt.Errorf("incremental.lag %s: the cursor %q is not a time", d, cursor)
}
