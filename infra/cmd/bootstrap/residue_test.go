package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
)

// TestResidue asks an account that forgets a bucket at the second asking, and
// one that never does.
func TestResidue(t *testing.T) {
	patience.total, patience.pause = time.Minute, time.Millisecond
	asked, forgets := 0, true
	root := inAccount(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `"pr-12"`) {
			t.Errorf("asked for %s", body)
		}
		if asked++; forgets && asked > 1 {
			fmt.Fprint(w, `{"ResourceTagMappingList":[]}`)
			return
		}
		fmt.Fprint(w, `{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:s3:::floe-pr-12-landing"}]}`)
	})
	var out strings.Builder
	args := []string{"residue", "--stack", "pr-12", "--project", root}
	if err := run(t.Context(), args, &out); err != nil || !strings.Contains(out.String(), "Nothing else of stack pr-12 is left") || asked != 2 {
		t.Errorf("asked %d times: %s %v", asked, out.String(), err)
	}
	forgets, patience.total = false, 0
	if err := run(t.Context(), args, &out); fault.Code(err) != 1 || !strings.Contains(err.Error(), "arn:aws:s3:::floe-pr-12-landing") || fault.Next(err) == "" {
		t.Errorf("a bucket is left: %v", err)
	}
}
