package ingest

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/project"
)

// chessSource is the project's own chess pipeline.
func chessSource(t *testing.T) *project.Source {
	t.Helper()
	pipeline := filepath.Join("..", "pipelines", "ingest", "chess")
	if _, err := os.Stat(pipeline); err != nil {
		t.Skip("this clone has no chess pipeline")
	}
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "runtime", pipeline[3:]), os.DirFS(pipeline)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "Pulumi.yaml"), []byte("name: floe\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := project.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return p.Sources["chess"]
}

// recordedChess is the folder of recorded answers beside the repository.
func recordedChess(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", "chess")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no recorded answers in ../shared/data/chess beside the repository")
	}
	return dir
}

// serveFiles answers /pub/x with the file x.json, else 404.
func serveFiles(t *testing.T, dir string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, ok := strings.CutPrefix(r.URL.Path, "/pub/")
		body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)+".json"))
		if !ok || err != nil {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"code":0,"message":"not found"}`))
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s
}

// recordedGames counts the games in the files of a player.
func recordedGames(t *testing.T, dir, player string) int64 {
	t.Helper()
	games := int64(0)
	root := filepath.Join(dir, "player", player, "games")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "archives.json" {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var month struct{ Games []json.RawMessage }
		if err := json.Unmarshal(body, &month); err != nil {
			return err
		}
		games += int64(len(month.Games))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return games
}

func TestRecordedChess(t *testing.T) {
	src, dir := chessSource(t), recordedChess(t)
	server, lake := serveFiles(t, dir), openLake(t)
	o := Options{Source: src, Lake: lake, Vars: map[string]any{
		"base_url": server.URL + "/pub", "players": []string{"hikaru", "erik", "chefbadr"}, "contact": "test",
	}}
	var want int64
	for _, player := range []string{"hikaru", "erik", "chefbadr"} {
		want += recordedGames(t, dir, player)
	}

	sum, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	players, games := sum.Resources[0], sum.Resources[1]
	if players.Rows != 2 || players.Inserted != 2 || players.Skipped != 1 || players.Rejected != 0 {
		t.Errorf("players: %+v, want 2 rows and chefbadr skipped", players)
	}
	if len(players.Skips) != 1 || !strings.HasSuffix(players.Skips[0].Request, "/pub/player/chefbadr") || players.Skips[0].Status != 404 {
		t.Errorf("players: skips %+v, want GET …/pub/player/chefbadr 404", players.Skips)
	}
	if games.Rows != want || games.Inserted != want || games.Rejected != 0 || games.Skipped != 153 || games.Loads != 1 {
		t.Errorf("players_games: %+v, want %d rows, 153 skipped months of erik, 1 load", games, want)
	}
	table, err := lake.Table(t.Context(), lakehouse.Name{Schema: "landing_chess", Table: "players_games"})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := table.Rows(t.Context()); err != nil || n != want {
		t.Errorf("the table holds %d rows (%v), want %d", n, err, want)
	}
	byPlayer := map[string]int64{}
	for _, player := range rowsOf(t, lake, "landing_chess.players_games", "player") {
		byPlayer[player]++
	}
	for _, player := range []string{"hikaru", "erik", "chefbadr"} {
		if games := recordedGames(t, dir, player); byPlayer[player] != games {
			t.Errorf("%d games of %s, want %d as in the files", byPlayer[player], player, games)
		}
	}
	wantRows(t, rowsOf(t, lake, "landing_chess.players", "username", "player_id", "id", "title", "league", "joined"),
		"hikaru|15448422|https://api.chess.com/pub/player/hikaru|GM|Legend|1389043258000000", "erik|41|https://api.chess.com/pub/player/erik|<null>|<null>|1178556600000000")
	state := table.State()
	for key, text := range map[string]string{
		"cursor.hikaru": `[["2021/08","2022/06"]]`, "cursor.chefbadr": `[["2022/11","2025/11"]]`, "cursor.erik": `[["2007/07","2020/03"]]`,
	} {
		if state[key] != text {
			t.Errorf("state %s is %s, want %s", key, state[key], text)
		}
	}
	spec := table.Spec()
	if len(spec.Schema.Columns) != len(src.Contracts["players_games"].Columns)+3 {
		t.Errorf("the recorded answers hold fields that the contract does not name: %v", spec.Schema.Names())
	}

	// Again: the profiles, three lists of months, and the newest month of each.
	sum, err = Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if g := sum.Resources[1]; g.Requests != 6 || g.Inserted != 0 || g.Updated != 0 || g.Unchanged != g.Rows || g.Skipped != 1 {
		t.Errorf("second run: %+v, want 6 requests and only unchanged rows", g)
	}
}
