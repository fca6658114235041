package operations

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Gap is the longest time that a schedule lets pass between two starts, and
// whether it is known: not for a schedule that leaves out whole weeks or that
// depends on the last or nth day of a month, which is longer than an alarm of
// CloudWatch looks back anyway. The expression is one that project.CheckSchedule
// let pass.
func Gap(expression string) (time.Duration, bool) {
	inner, ok := strings.CutSuffix(expression, ")")
	if rate, isRate := strings.CutPrefix(inner, "rate("); ok && isRate {
		return rateGap(rate)
	}
	fields := strings.Fields(strings.TrimPrefix(inner, "cron("))
	if len(fields) != 6 || fields[3] != "*" || fields[5] != "*" {
		return 0, false
	}
	minutes, err := units(fields[0], 0, 59, nil)
	hours, err2 := units(fields[1], 0, 23, nil)
	on, err3 := days(fields[2], fields[4])
	if err != nil || err2 != nil || err3 != nil {
		return 0, false
	}
	return cronGap(minutes, hours, on), true
}

func rateGap(text string) (time.Duration, bool) {
	number, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(number)
	size, ok := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[strings.TrimSuffix(unit, "s")]
	return time.Duration(n) * size, ok && err == nil && n > 0 && n <= 1000
}

// cronGap goes through four years, a leap day among them.
func cronGap(minutes, hours []int, on func(time.Time) bool) time.Duration {
	var longest time.Duration
	var last time.Time
	for day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2031; day = day.AddDate(0, 0, 1) {
		if !on(day) {
			continue
		}
		for _, h := range hours {
			for _, m := range minutes {
				at := day.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute)
				if !last.IsZero() {
					longest = max(longest, at.Sub(last))
				}
				last = at
			}
		}
	}
	return longest
}

// days are those of the day of month or of the day of week, of which one is ?.
func days(ofMonth, ofWeek string) (func(time.Time) bool, error) {
	if ofWeek == "?" {
		all, err := units(ofMonth, 1, 31, nil)
		return func(d time.Time) bool { return slices.Contains(all, d.Day()) }, err
	}
	all, err := units(ofWeek, 1, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"})
	return func(d time.Time) bool { return slices.Contains(all, int(d.Weekday())+1) }, err
}

// units reads one field: *, 5, 1-5, MON-FRI, */15, 0/15, and lists of these.
func units(field string, least, greatest int, names []string) ([]int, error) {
	var all []int
	for _, part := range strings.Split(field, ",") {
		span, step, stepped := strings.Cut(part, "/")
		from, to, ranged := strings.Cut(span, "-")
		low, err := unit(from, least, names)
		high := low
		switch {
		case err != nil:
			return nil, err
		case ranged:
			if high, err = unit(to, greatest, names); err != nil {
				return nil, err
			}
		case span == "*" || stepped:
			high = greatest
		}
		by := 1
		if stepped {
			if by, err = strconv.Atoi(step); err != nil || by < 1 {
				return nil, fmt.Errorf("found %q; a step is a number", part)
			}
		}
		if low < least || high > greatest || low > high {
			return nil, fmt.Errorf("found %q; %d to %d is right", part, least, greatest)
		}
		for n := low; n <= high; n += by {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

func unit(text string, star int, names []string) (int, error) {
	if text == "*" {
		return star, nil
	}
	if i := slices.Index(names, text); i >= 0 {
		return i + 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("found %q; a number is right", text)
	}
	return n, nil
}
