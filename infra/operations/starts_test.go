package operations

import (
	"math"
	"testing"
)

func TestStarts(t *testing.T) {
	for expression, want := range map[string]float64{
		"rate(1 day)":                30.4375,
		"rate(12 hours)":             60.875,
		"rate(5 minutes)":            8766,
		"cron(0 5 * * ? *)":          30.4375,
		"cron(0/15 6-8 * * ? *)":     365.25,
		"cron(0 3 ? * MON-FRI *)":    1043.0 / 48, // of four years
		"cron(0 3 1,15 * ? *)":       2,
		"cron(0 3 31 * ? *)":         7.0 / 12,
		"cron(0 3 L * ? *)":          1,
		"cron(0 3 ? * 6#3 *)":        1,
		"cron(0 3 15W JAN,JUL ? *)":  2.0 / 12,
		"cron(0 3 1 3/3 ? *)":        4.0 / 12,
		"cron(30 8,20 * DEC ? 2027)": 2 * 31.0 / 12,
	} {
		got, err := Starts(expression)
		if err != nil || math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %g times a month, want %g (%v)", expression, got, want, err)
		}
	}
	for _, wrong := range []string{"rate(1 week)", "cron(0 5 * *)", "cron(99 5 * * ? *)", "cron(0 5 * HELLO ? *)", "cron(0 25 * * ? *)"} {
		if n, err := Starts(wrong); err == nil {
			t.Errorf("%s: %g", wrong, n)
		}
	}
}
