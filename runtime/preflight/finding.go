package preflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// State is how a finding is.
type State string

// The states of findings.
const (
	OK        State = "ok"
	Warn      State = "warn"      // a deployment works; somebody should look
	Bad       State = "bad"       // a deployment or the first run fails
	Unchecked State = "unchecked" // nobody knows
)

// Finding is one thing that was looked at.
type Finding struct {
	What  string `json:"what"`
	State State  `json:"state"`
	Says  string `json:"says"`
	Next  string `json:"next,omitempty"` // what to do about it
}

// marks begin the lines of findings; what is not known is no ok.
var marks = map[State]string{OK: "ok  ", Warn: "warn", Bad: "BAD ", Unchecked: "?   "}

// Print writes findings for people.
func Print(out io.Writer, findings []Finding) {
	for _, f := range findings {
		fmt.Fprintf(out, "%s %s: %s\n", marks[f.State], f.What, strings.ReplaceAll(f.Says, "\n", "\n       "))
		if f.Next != "" {
			fmt.Fprintln(out, "     next:", f.Next)
		}
	}
	n := Count(findings)
	fmt.Fprintf(out, "\n%d ok, %d to look at, %d wrong, %d not checked\n", n[OK], n[Warn], n[Bad], n[Unchecked])
}

// Count is how many findings there are of each state.
func Count(findings []Finding) map[State]int {
	count := map[State]int{}
	for _, f := range findings {
		count[f.State]++
	}
	return count
}

func ok(what, format string, args ...any) Finding {
	return Finding{What: what, State: OK, Says: fmt.Sprintf(format, args...)}
}

func warn(what, next, format string, args ...any) Finding {
	return Finding{What: what, State: Warn, Says: fmt.Sprintf(format, args...), Next: next}
}

func bad(what, next, format string, args ...any) Finding {
	return Finding{What: what, State: Bad, Says: fmt.Sprintf(format, args...), Next: next}
}

// unasked is what an error leaves unknown; permission is what the call needs.
func unasked(what, permission string, err error) Finding {
	if refused(err) {
		return Finding{What: what, State: Unchecked, Says: "not checked: permission " + permission + " is missing",
			Next: "allow " + permission + ", or run it with the credentials that make bootstrap is run with"}
	}
	says := err.Error()
	if api := smithy.APIError(nil); errors.As(err, &api) { // without the call's own number, so that equal ones are told once
		says = api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return Finding{What: what, State: Unchecked, Says: "not checked: " + says, Next: "run it again"}
}

// refused says that the caller may not ask. An answer to a HEAD request has no
// body, and so no code but its status.
func refused(err error) bool {
	return slices.Contains([]string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Forbidden"}, code(err))
}

// code is AWS's own name for what went wrong, "" if AWS said nothing.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// missing says that AWS knows nothing of that name.
func missing(err error) bool {
	return slices.Contains([]string{"NoSuchEntity", "NotFound", "NoSuchBucket", "EntityNotFoundException", "ResourceNotFoundException", "NoSuchResourceException", "NotFoundException"}, code(err))
}

// check is one subject: it asks and gives what it found.
type check func(context.Context, *account) []Finding
