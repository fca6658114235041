package objectives

import (
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
)

func stack(p live.Platform) *site.Site {
	return &site.Site{Stack: "prod", Region: "eu-west-1", Live: &live.Stack{Name: "prod", Region: "eu-west-1", Platform: p}}
}

func TestCheck(t *testing.T) {
	there := &live.Replica{Region: "eu-north-1"}
	backup := func(days int) *live.Backup { return &live.Backup{KeepDays: days} }
	for _, tc := range []struct {
		name    string
		rpo     string
		replica *live.Replica
		backup  *live.Backup
		warning string
		err     string
	}{
		{name: "no objectives"},
		{name: "none elsewhere", rpo: "24h", warning: "live/prod/platform.yaml: objectives.rpo: 24h holds for what is lost within eu-west-1 only"},
		{name: "a replica", rpo: "24h", replica: there},
		{name: "a prompt replica", rpo: "15m", replica: there},
		{name: "shorter than S3 promises", rpo: "14m", replica: there, err: "found 14m, but S3 promises a copy"},
		{name: "a daily backup", rpo: "24h", replica: there, backup: backup(3650)},
		{name: "a continuous backup", rpo: "1h", replica: there, backup: backup(35)},
		{name: "continuous for too long", rpo: "1h", replica: there, backup: backup(36), err: "kept for 35 days at most; keep_days is 36"},
		{name: "shorter than AWS Backup promises", rpo: "4m", backup: backup(35), err: "may lose its last 5m0s"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := live.Platform{Replica: tc.replica, Backup: tc.backup}
			if tc.rpo != "" {
				p.Objectives = &live.Objectives{RTO: "4h", RPO: tc.rpo}
			}
			warnings, err := Check(stack(p))
			if got := strings.Join(warnings, "\n"); (got == "") != (tc.warning == "") || !strings.Contains(got, tc.warning) {
				t.Errorf("warns %q, want %q", got, tc.warning)
			}
			if (err == nil) != (tc.err == "") || err != nil && (!strings.Contains(err.Error(), tc.err) || fault.Next(err) == "") {
				t.Errorf("got %v, want %s", err, tc.err)
			}
		})
	}
}

func TestLag(t *testing.T) {
	for rpo, want := range map[string]struct {
		lag    time.Duration
		prompt bool
	}{"": {6 * time.Hour, false}, "24h": {12 * time.Hour, false}, "30m": {15 * time.Minute, true}} {
		p := live.Platform{}
		if rpo != "" {
			p.Objectives = &live.Objectives{RTO: "1h", RPO: rpo}
		}
		if s := stack(p); Lag(s) != want.lag || Prompt(s) != want.prompt {
			t.Errorf("rpo %q: lag %s, prompt %v", rpo, Lag(s), Prompt(s))
		}
	}
}
