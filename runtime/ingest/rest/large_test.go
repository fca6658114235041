package rest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

// A large page comes in pieces, of which only the last may end a load; if it
// is broken near its end, none of it comes.
func TestLargePage(t *testing.T) {
	filler := strings.Repeat("x", 1000)
	end := "]"
	const rows = 80_000
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "[0")
		for n := 1; n < rows; n++ {
			if n%10_000 == 0 {
				fmt.Fprintf(w, `,{"id":"bad","filler":"%s"}`, filler)
			} else {
				fmt.Fprintf(w, `,{"id":%d,"filler":"%s"}`, n, filler)
			}
		}
		fmt.Fprint(w, end)
	})
	src := one(s)
	rest, err := New(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ask := asking(src, "r", "id long", "filler")
	ask.Table.NewColumns = "evolve"
	var got, rejected, chunks int64
	complete := false
	for chunk, err := range rest.Read(t.Context(), ask) {
		if err != nil {
			t.Fatal(err)
		}
		if complete {
			t.Fatal("a chunk follows the complete one")
		}
		chunks++
		complete = chunk.Complete
		if chunk.More == chunk.Complete {
			t.Errorf("chunk %d: more %v, complete %v", chunks, chunk.More, chunk.Complete)
		}
		if (len(chunk.Added) > 0) != (chunks == 1) {
			t.Errorf("chunk %d adds the columns %v; the first does, for all", chunks, chunk.Added)
		}
		got += chunk.Batch.NumRows()
		rejected += int64(len(chunk.Rejects))
	}
	if got != rows-7 || rejected != 7 || chunks < 3 || !complete {
		t.Errorf("%d rows, %d rejected in %d chunks; want %d and 7 in several", got, rejected, chunks, rows-7)
	}
	for _, end = range []string{"", ",{]"} {
		wantError(t, read(t, src, nil, asking(src, "r", "id long")), fault.Failed, "GET "+s.URL)
	}
}
