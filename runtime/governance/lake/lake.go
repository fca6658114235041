package lake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation"
	"github.com/aws/aws-sdk-go-v2/service/lakeformation/types"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/governance"
)

// Options say what is to hold where.
type Options struct {
	Config         aws.Config
	Project, Stack string
	Tables         []governance.Table // that are declared
	Spec           governance.Spec
	Done           []string    // databases' tables that an earlier call has done: schema.table
	Pressed        func() bool // whether it is time to hand over; nil: never
	Log            *slog.Logger
}

// Report tells what was done.
type Report struct {
	Finished bool
	Done     []string // Options.Done, and what was done now
	Summary  Summary
}

// Summary counts what this call did.
type Summary struct {
	Tables  int      `json:"tables"` // that were looked at
	Tagged  int      `json:"tagged"` // tags of tables and columns that were set or removed
	Granted int      `json:"granted"`
	Revoked int      `json:"revoked"`
	Filters int      `json:"filters"` // of rows, made, mended or removed
	Left    int      `json:"left"`    // grants of the stack's own roles
	Pending []string `json:"pending,omitempty"`
}

// lake is one call.
type lake struct {
	Options
	glue    *glue.Client
	lf      *lakeformation.Client
	summary Summary
}

// Govern makes tags and named grants as they are declared. What cannot be done
// at one table is told in the end; the others are done.
func Govern(ctx context.Context, o Options) (Report, error) {
	if o.Pressed == nil {
		o.Pressed = func() bool { return false }
	}
	l := &lake{Options: o, glue: glue.NewFromConfig(o.Config), lf: lakeformation.NewFromConfig(o.Config, patient)}
	report := Report{Done: slices.Clone(o.Done)}
	found, err := l.find(ctx)
	if err != nil {
		return report, err
	}
	var failed []error
	for _, p := range found {
		if slices.Contains(report.Done, p.id) {
			continue
		}
		if o.Pressed() {
			report.Summary = l.summary
			return report, errors.Join(failed...)
		}
		if err := p.govern(ctx); err != nil {
			failed = append(failed, err)
			if ctx.Err() != nil {
				break
			}
			continue
		}
		report.Done = append(report.Done, p.id)
	}
	l.pending(found)
	report.Summary, report.Finished = l.summary, len(failed) == 0
	return report, together(failed)
}

// patient tries again more often than the SDK does by itself: Lake Formation
// takes a few calls a second from an account, and refuses two changes of one
// table at a time.
func patient(o *lakeformation.Options) {
	o.Retryer = retry.AddWithErrorCodes(retry.AddWithMaxAttempts(o.Retryer, mostTries), (*types.ConcurrentModificationException)(nil).ErrorCode(), (*types.OperationTimeoutException)(nil).ErrorCode())
}

const mostTries = 10

// together is one error of several; what may go well another time decides.
func together(failed []error) error {
	err := errors.Join(failed...)
	for _, one := range failed {
		if fault.Code(one) == int(fault.Failed) {
			return fault.New(fault.Failed, err, fault.Next(one))
		}
	}
	return err
}

// pending tells of grants of tables that are not there yet.
func (l *lake) pending(found []part) {
	there := map[string]bool{}
	for _, p := range found {
		there[p.id] = true
	}
	for _, g := range l.Spec.Grants {
		for _, table := range g.Tables {
			if !there[table] {
				l.summary.Pending = append(l.summary.Pending, fmt.Sprintf("%s for %s: there is no such table yet", table, g.Principal))
			}
		}
	}
	slices.Sort(l.summary.Pending)
	l.summary.Pending = slices.Compact(l.summary.Pending)
	for _, text := range l.summary.Pending {
		l.Log.Info("pending", "grant", text)
	}
}
