package objectives

import (
	"fmt"
	"time"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

const (
	// Timed is the lag that S3 promises where it is paid for: 99.9 % of objects
	// within it (Amazon S3, "Replication Time Control").
	Timed = 15 * time.Minute
	// Continuous is how much of a database AWS Backup may lose where it backs up
	// continuously (AWS Backup, "Point-in-time recovery").
	Continuous = 5 * time.Minute
	// Daily is how much a daily backup may lose.
	Daily = 24 * time.Hour
	// continuousDays is how long continuous backups can be kept at most.
	continuousDays = 35
)

// Prompt says that less than a day may be lost: copies and backups are then
// asked for a promise, which costs more than their best effort.
func Prompt(s *site.Site) bool {
	rpo, ok := loss(s)
	return ok && rpo < Daily
}

// Lag is how far a copy may be behind before somebody is told: half of what may
// be lost, so that there is time to act; a quarter of a day without objectives.
func Lag(s *site.Site) time.Duration {
	if rpo, ok := loss(s); ok {
		return rpo / 2
	}
	return Daily / 4
}

// loss is the rpo; live.Load has checked its form.
func loss(s *site.Site) (time.Duration, bool) {
	o := s.Live.Platform.Objectives
	if o == nil {
		return 0, false
	}
	rpo, err := project.ParseDuration(o.RPO)
	return rpo, err == nil
}

// Check refuses objectives that the stack cannot keep, and tells what it would
// not keep if the region were lost.
func Check(s *site.Site) (warnings []string, err error) {
	rpo, ok := loss(s)
	if !ok {
		return nil, nil
	}
	p := &s.Live.Platform
	key := "live/" + s.Stack + "/platform.yaml: objectives.rpo"
	switch {
	case p.Replica != nil && rpo < Timed:
		return nil, fault.New(fault.Usage, fmt.Errorf("%s: found %s, but S3 promises a copy in another region after %s at the earliest", key, p.Objectives.RPO, Timed),
			"write rpo: 15m or more")
	case p.Backup != nil && rpo < Continuous:
		return nil, fault.New(fault.Usage, fmt.Errorf("%s: found %s, but a continuous backup of a database may lose its last %s", key, p.Objectives.RPO, Continuous),
			"write rpo: 5m or more, or let a replica of the database in another region hold what is shorter, and remove backup.databases")
	case p.Backup != nil && rpo < Daily && p.Backup.KeepDays > continuousDays:
		return nil, fault.New(fault.Usage, fmt.Errorf("%s: found %s, which needs continuous backups of backup.databases, and these are kept for %d days at most; keep_days is %d", key, p.Objectives.RPO, continuousDays, p.Backup.KeepDays),
			"write backup.keep_days: 35, or rpo: 24h, which daily backups keep")
	}
	if p.Replica == nil {
		warnings = append(warnings, fmt.Sprintf("%s: %s holds for what is lost within %s only: without a replica the loss of the region loses every table, and rto %s is not kept; write replica: {region: another}, or know it",
			key, p.Objectives.RPO, s.Region, p.Objectives.RTO))
	}
	return warnings, nil
}
