//go:build cloud

package cloudtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/floe-data/floe/runtime/sample"
)

// sources are the servers that the tests' project loads.
type sources struct {
	games   *httptest.Server
	players []string
	partner *httptest.Server
}

// token is what the partner wants to see; the tests look for it where it must not be.
const token = "canary-7f3e-partner-token"

func newSources(t *testing.T) sources {
	t.Helper()
	world, err := sample.New(sample.Config{Games: 400, Players: 4, Months: 6})
	if err != nil {
		t.Fatal(err)
	}
	s := sources{games: httptest.NewServer(world.Handler(sample.Options{Faults: true})), players: world.Players()}
	var asked atomic.Int64 // each answer has another amount, so that each load makes a snapshot
	s.partner = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		// The last order breaks the contract: it is rejected.
		_, _ = fmt.Fprintf(w, `{"orders": [{"id": 1, "amount": 12.50, "at": "2024-05-01T10:00:00Z"}, {"id": 2, "amount": %d, "at": "2024-05-02T10:00:00Z"},
			{"amount": 1, "at": "2024-05-03T10:00:00Z"}]}`, asked.Add(1))
	}))
	t.Cleanup(s.games.Close)
	t.Cleanup(s.partner.Close)
	return s
}

// live is a stack's pipelines.yaml with the servers' addresses.
func (s sources) live(workflows string) string {
	return fmt.Sprintf("version: 1\nworkflows:\n%ssources:\n  games: {vars: {base_url: %q, players: [%s]}}\n  partner: {vars: {base_url: %q}}\n",
		workflows, s.games.URL+"/pub", strings.Join(s.players, ", "), s.partner.URL)
}

// wanted is what the table of games should hold, read from the server itself:
// player and URL of each game, sorted.
func (s sources) wanted(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, player := range s.players {
		var archives struct{ Archives []string }
		if !s.get(t, s.games.URL+"/pub/player/"+player+"/games/archives", &archives) {
			continue
		}
		for _, month := range archives.Archives {
			var page struct{ Games []struct{ URL string } }
			parts := strings.Split(month, "/")
			s.get(t, s.games.URL+"/pub/player/"+player+"/games/"+strings.Join(parts[len(parts)-2:], "/"), &page)
			for _, g := range page.Games {
				all = append(all, player+" "+g.URL)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// get reads JSON; false for an address that is not there.
func (s sources) get(t *testing.T, url string, into any) bool {
	t.Helper()
	for range 5 { // an address may answer 429 once
		resp, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		switch resp.StatusCode {
		case http.StatusOK:
			if err := json.Unmarshal(body, into); err != nil {
				t.Fatal(err)
			}
			return true
		case http.StatusNotFound:
			return false
		}
	}
	t.Fatalf("%s does not answer", url)
	return false
}
