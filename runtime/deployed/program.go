package deployed

import (
	"context"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/floe-data/floe/runtime/orchestrate"
)

// Act does one task, or as much of it as Call leaves time for.
type Act func(ctx context.Context, c Call) (orchestrate.Outcome, error)

// Call is one task and the time that it has.
type Call struct {
	Task  orchestrate.Task
	Until time.Time       // hand over by then: commit and answer; zero: there is no hurry
	Last  bool            // the step's own time ends with this call: handing over is of no use
	Stop  <-chan struct{} // closed when the program is told to end: hand over now; may be nil
	Log   *slog.Logger
}

// Pressed says whether it is time to hand over.
func (c Call) Pressed() bool {
	select {
	case <-c.Stop:
		return true
	default:
	}
	return !c.Until.IsZero() && !time.Now().Before(c.Until)
}

// begin logs that the task begins.
func (c Call) begin() {
	if c.Until.IsZero() {
		c.Log.Info("begin")
		return
	}
	c.Log.Info("begin", "until", c.Until)
}

// Main runs a program called name: as a Lambda function where it is one, else
// for the one task that args holds. It gives the exit code; of a function it
// does not return.
func Main(name string, args []string, out io.Writer, act Act) int {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		serve(out, act)
		return 0
	}
	return once(name, args, out, act)
}

// logger writes JSON lines that name the task.
func logger(out io.Writer, t orchestrate.Task) *slog.Logger {
	l := slog.New(slog.NewJSONHandler(out, nil)).With("act", t.Act)
	for _, a := range []struct{ key, value string }{
		{"workflow", t.Workflow}, {"step", t.Step}, {"run", t.Run}, {"source", t.Source},
	} {
		if a.value != "" {
			l = l.With(a.key, a.value)
		}
	}
	return l
}
