package operations

import (
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/project"
)

const hour = time.Hour

func TestGap(t *testing.T) {
	for expression, want := range map[string]time.Duration{
		"rate(1 minute)": time.Minute, "rate(6 hours)": 6 * hour, "rate(3 days)": 72 * hour, "rate(1 day)": day,
		"cron(0 5 * * ? *)": day, "cron(0 5,17 * * ? *)": 12 * hour, "cron(0 5,6 * * ? *)": 23 * hour, "cron(*/15 * * * ? *)": 15 * time.Minute,
		"cron(0/20 8-18/2 * * ? *)": 13*hour + 20*time.Minute, "cron(30 6 ? * MON-FRI *)": 72 * hour, "cron(30 6 ? * 2,4 *)": 5 * day, "cron(0 0 ? * MON *)": 7 * day,
		"cron(0 0 1 * ? *)": 31 * day, "cron(0 0 */2 * ? *)": 2 * day, "cron(0 12 1/10 * ? *)": 10 * day, "cron(0 0 29 * ? *)": 59 * day,
	} {
		if err := project.CheckSchedule(expression); err != nil {
			t.Errorf("%s: %v", expression, err)
		}
		if got, ok := Gap(expression); !ok || got != want {
			t.Errorf("%s: got %s, %v, want %s", expression, got, ok, want)
		}
	}
	for _, expression := range []string{
		"cron(0 5 L * ? *)", "cron(0 5 15W * ? *)", "cron(0 5 ? * 6#3 *)", "cron(0 5 ? * 2L *)", "cron(0 5 * JAN ? *)", "cron(0 5 * * ? 2027)",
		"cron(0 25 * * ? *)", "cron(5-1 5 * * ? *)", "cron(*/0 5 * * ? *)", "every hour", "",
	} {
		if got, ok := Gap(expression); ok {
			t.Errorf("%q: got %s, want unknown", expression, got)
		}
	}
}

func TestLookBack(t *testing.T) {
	for _, tc := range []struct {
		schedule string
		takes    time.Duration
		period   time.Duration
		want     time.Duration // 0: no alarm
	}{
		{"rate(1 hour)", 30 * time.Minute, 5 * time.Minute, 2*hour + 15*time.Minute},
		{"rate(6 hours)", 5 * hour, 5 * time.Minute, 11*hour + 15*time.Minute},
		{"cron(0 5 * * ? *)", 4 * hour, hour, 29 * hour},
		{"rate(6 days)", 100 * hour, hour, 7 * day},
		{"cron(0 0 ? * MON *)", hour, 0, 0},
		{"cron(0 5 L * ? *)", hour, 0, 0},
		{"", hour, 0, 0},
	} {
		period, periods, ok := lookBack(Workflow{Schedule: tc.schedule, Takes: tc.takes})
		all := time.Duration(periods) * period
		if ok != (tc.want > 0) || period != tc.period || all != tc.want {
			t.Errorf("%s: %s of %s, %v; want %s of %s", tc.schedule, all, period, ok, tc.want, tc.period)
		}
		if all > 7*day || period < hour && all > day {
			t.Errorf("%s: CloudWatch does not look back %s in periods of %s", tc.schedule, all, period)
		}
	}
}

func FuzzGap(f *testing.F) {
	f.Add("cron(0 5 * * ? *)")
	f.Add("cron(0/20 8-18/2 ? * MON-FRI *)")
	f.Add("rate(6 hours)")
	f.Add("cron(0 0 31 * ? *)")
	f.Fuzz(func(t *testing.T, text string) {
		if project.CheckSchedule(text) != nil {
			return
		}
		period, periods, ok := lookBack(Workflow{Schedule: text, Takes: hour})
		if all := time.Duration(periods) * period; ok && (all <= 0 || all > 7*day || period < hour && all > day) {
			t.Errorf("%s: %s of %s", text, all, period)
		}
	})
}
