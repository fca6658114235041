package operations

import (
	"fmt"
	"strings"
	"time"
)

// daysPerMonth is a month of average length.
const daysPerMonth = 365.25 / 12

var months = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}

// Starts is how often a schedule starts something in a month of average length.
// A day that is the last, the nearest weekday or the nth of its kind in a month
// counts once a month; every year is like the next. The expression is one that
// project.CheckSchedule let pass.
func Starts(expression string) (float64, error) {
	inner := strings.TrimSuffix(expression, ")")
	if rate, isRate := strings.CutPrefix(inner, "rate("); isRate {
		gap, ok := rateGap(rate)
		if !ok {
			return 0, fmt.Errorf("schedule: found %s; rate(5 minutes) is right", expression)
		}
		return daysPerMonth * day.Hours() / gap.Hours(), nil
	}
	fields := strings.Fields(strings.TrimPrefix(inner, "cron("))
	if len(fields) != 6 {
		return 0, fmt.Errorf("schedule: found %s; a cron expression has six fields", expression)
	}
	minutes, err := units(fields[0], 0, 59, nil)
	if err != nil {
		return 0, fmt.Errorf("schedule %s: minutes: %w", expression, err)
	}
	hours, err := units(fields[1], 0, 23, nil)
	if err != nil {
		return 0, fmt.Errorf("schedule %s: hours: %w", expression, err)
	}
	in, err := units(fields[3], 1, 12, months)
	if err != nil {
		return 0, fmt.Errorf("schedule %s: months: %w", expression, err)
	}
	return float64(len(minutes)*len(hours)) * daysIn(fields[2], fields[4], in), nil
}

// daysIn is how many days a month a schedule comes on, on the average of four years.
func daysIn(ofMonth, ofWeek string, in []int) float64 {
	on, err := days(ofMonth, ofWeek)
	if err != nil { // L, 15W, 6#3
		return float64(len(strings.Split(ofMonth+","+ofWeek, ","))-1) * float64(len(in)) / 12
	}
	wanted := map[time.Month]bool{}
	for _, m := range in {
		wanted[time.Month(m)] = true
	}
	count := 0
	for d := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2031; d = d.AddDate(0, 0, 1) {
		if wanted[d.Month()] && on(d) {
			count++
		}
	}
	return float64(count) / 48
}
