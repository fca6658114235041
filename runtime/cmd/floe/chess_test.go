package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/floe-data/floe/runtime/sample"
)

// chess is a bench on the chess pipeline itself. The pipeline belongs to the
// clone's owner: where it was deleted the tests that need it are left out.
func chess(t *testing.T, api http.Handler) *bench {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "runtime/pipelines/ingest/chess")); err != nil {
		t.Skip("the chess pipeline was deleted from this clone")
	}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return &bench{t: t, url: server.URL + "/pub", root: root, home: filepath.Join(t.TempDir(), "home")}
}

func (b *bench) runChess(players string) answer {
	b.t.Helper()
	return b.floe("run", "chess", "--set", "base_url="+b.url, "--set", "players="+players)
}

func (b *bench) count(table string) string {
	b.t.Helper()
	return fmt.Sprint(b.rows("select count(*) as n from " + table)[0]["n"])
}

func TestChessFromTheSampleServer(t *testing.T) {
	world, err := sample.New(sample.Config{Games: 600, Players: 4, Months: 24})
	if err != nil {
		t.Fatal(err)
	}
	b := chess(t, world.Handler(sample.Options{Faults: true}))
	players := strings.Join(world.Players(), ",")
	for range 2 {
		b.wants(b.runChess(players), 0, sample.Missing, "404")
		for table, want := range map[string]string{
			"landing_chess.players": "4", "landing_chess.players_games": "1200",
			"marts.fct_games": "600", "marts.dim_players": "4",
		} {
			if got := b.count(table); got != want {
				t.Errorf("%s holds %s rows, want %s", table, got, want)
			}
		}
	}
	for _, check := range []string{
		"select * from marts.fct_games where white_rating is null or ended_at is null or outcome = 'unknown'",
		"select game_id from marts.fct_games group by 1 having count(*) > 1",
		"select sum(games) as n from marts.dim_players having n <> 1200",
		"select * from marts.openings where white_wins + black_wins + draws <> games",
		"select * from landing_chess.players_games where _floe_load_id is null or _floe_loaded_at is null",
	} {
		if rows := b.rows(check); len(rows) > 0 {
			t.Errorf("%s: %v", check, rows)
		}
	}
	if b.count("marts.player_ratings_monthly") == "0" || b.count("marts.openings") == "0" {
		t.Error("an empty mart")
	}
}

// recorded serves the recorded answers of the Chess.com API, if they are there.
func recorded(t *testing.T) (http.Handler, string) {
	t.Helper()
	dir, err := filepath.Abs("../../../../shared/data/chess")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the recorded answers of the Chess.com API are not here: " + dir)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(r.URL.Path, "/pub")))
		body, err := os.ReadFile(path + ".json")
		if err != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}), dir
}

func TestChessFromRecordedAnswers(t *testing.T) {
	api, dir := recorded(t)
	b := chess(t, api)
	b.wants(b.runChess("hikaru,erik,chefbadr"), 0)
	games := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "player/*/games/*/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	read := 0
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var page struct {
			Games []struct {
				URL string `json:"url"`
			} `json:"games"`
		}
		if err := json.NewDecoder(bytes.NewReader(body)).Decode(&page); err != nil {
			t.Fatal(f, err)
		}
		for _, g := range page.Games {
			read++
			games[g.URL] = true
		}
	}
	if got := b.count("landing_chess.players_games"); got != fmt.Sprint(read) {
		t.Errorf("landed %s games, the files hold %d", got, read)
	}
	if got := b.count("marts.fct_games"); got != fmt.Sprint(len(games)) {
		t.Errorf("marts hold %s games, the files hold %d distinct ones", got, len(games))
	}
	if got := b.count("landing_chess.players"); got != "2" {
		t.Errorf("%s players, want hikaru and erik", got)
	}
	known := b.rows("select white_username, white_rating, outcome, ended_at from marts.fct_games where url like '%48097238283'")
	if want := "[map[ended_at:2022-06-04T16:08:36Z outcome:white white_rating:2843 white_username:hikaru]]"; fmt.Sprint(known) != want {
		t.Errorf("a known game reads %v, want %s", known, want)
	}
	if unknown := b.rows("select game_id, ended_by from marts.fct_games where outcome = 'unknown'"); len(unknown) > 0 {
		t.Errorf("results that the seed does not know: %v", unknown)
	}
}

func TestInterruptedRunResumes(t *testing.T) {
	world, err := sample.New(sample.Config{Games: 400, Players: 4, Months: 24})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	api := world.Handler(sample.Options{})
	var asked atomic.Int32
	b := chess(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/2024/") {
			if asked.Add(1) == 5 {
				cancel()
			}
		}
		api.ServeHTTP(w, r)
	}))
	var out, errs bytes.Buffer
	args := []string{"run", "chess", "--set", "base_url=" + b.url, "--set", "players=" + strings.Join(world.Players(), ","), "--project", b.root, "--home", b.home}
	code := execute(ctx, args, strings.NewReader(""), &out, &errs)
	b.wants(answer{code, out.String(), errs.String()}, 4, "floe run chess --resume")
	b.wants(b.floe("run", "chess", "--resume"), 0)
	if got := b.count("marts.fct_games"); got != "400" {
		t.Errorf("%s games, want 400", got)
	}
}
