package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/internal/foreign"
	"github.com/floe-data/floe/runtime/internal/programs"
)

// The versions that are compared with.
var requirements = []string{"dlt[pyiceberg]==1.31.0", "pyiceberg==0.12.0", "pyarrow==26.0.1"}

//go:embed testdata/dlt_pages.py
var script string

// beside measures dlt and floe over the same pages. As many players and
// shorter a time than the whole keep the pages' size.
func (b *bench) beside(ctx context.Context) (err error) {
	python, err := foreign.Venv(ctx, "bench", requirements...)
	if err != nil {
		return err
	}
	span := max(1, min(months, months*b.rivalGames/max(b.games, 1)))
	server, err := b.Serve(ctx, "--faults=false", "--games", fmt.Sprint(b.rivalGames), "--players", fmt.Sprint(players), "--months", fmt.Sprint(span))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	pages, err := pagesOf(ctx, server)
	if err != nil {
		return err
	}
	list, err := b.writeJSON("pages.json", pages)
	if err != nil {
		return err
	}
	home := filepath.Join(b.dir, "beside")
	ours, err := b.floe(ctx, fmt.Sprintf("floe ingest, %d games", b.rivalGames), home, 2*b.rivalGames, append([]string{"ingest", "chess"}, server.Set()...))
	if err != nil {
		return err
	}
	if err := os.RemoveAll(home); err != nil {
		return fmt.Errorf("clear the work folder: %w", err)
	}
	for _, mode := range []struct {
		what  string
		env   string
		least float64 // 0 claims nothing
	}{
		{"dlt 1.31.0, as it comes", "", leastFaster},
		{"dlt, its gzip off", "DATA_WRITER__DISABLE_COMPRESSION=true", 0},
	} {
		theirs, err := b.dlt(ctx, python, mode.what, mode.env, server.URL, list)
		if err != nil {
			return err
		}
		ratio := ours.rate() / theirs.rate()
		what := fmt.Sprintf("ingest, which merges by key, makes %.1f times the rows per CPU second of %s, which appends", ratio, mode.what)
		if mode.least == 0 {
			b.claims = append(b.claims, "measured: "+what)
			continue
		}
		b.claim(ratio >= mode.least, fmt.Sprintf("%s; at least %.0f are claimed", what, mode.least))
	}
	return nil
}

// dlt loads the pages into an Iceberg table and counts its rows.
func (b *bench) dlt(ctx context.Context, python, what, env, url, pages string) (line, error) {
	fmt.Fprintln(os.Stderr, "…", what)
	dir := filepath.Join(b.dir, "dlt")
	act := func(args ...string) (programs.Result, error) {
		c := exec.CommandContext(ctx, python, append([]string{"-c", script}, args...)...)
		c.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PYTHONDONTWRITEBYTECODE=") }),
			"RUNTIME__DLTHUB_TELEMETRY=false", "RUNTIME__LOG_LEVEL=WARNING", "DLT_DATA_DIR="+filepath.Join(dir, "dlt"),
			"DESTINATION__FILESYSTEM__BUCKET_URL=file://"+filepath.Join(dir, "lake"))
		if env != "" {
			c.Env = append(c.Env, env)
		}
		r, err := programs.Measure(c)
		if err == nil && r.Code != 0 {
			err = errors.New(r.String())
		}
		if err != nil {
			return r, fmt.Errorf("%s: %s: %w", what, args[0], err)
		}
		return r, nil
	}
	if _, err := act("import"); err != nil { // so that its bytecode is there
		return line{}, err
	}
	r, err := act("load", url, pages)
	if err != nil {
		return line{}, err
	}
	l := line{what, 2 * b.rivalGames, size(filepath.Join(dir, "lake")), r}
	counted, err := act("count", filepath.Join(dir, "lake"))
	if err != nil {
		return line{}, err
	}
	if got, want := strings.TrimSpace(counted.Stdout), fmt.Sprint(l.rows); got != want {
		return line{}, fmt.Errorf("%s: its table has %s rows, want %s", what, got, want)
	}
	b.lines = append(b.lines, l)
	return l, os.RemoveAll(dir)
}

// pagesOf lists every month of every player, as paths under the server's URL.
func pagesOf(ctx context.Context, server *programs.Server) ([]string, error) {
	var pages []string
	for player := range strings.SplitSeq(server.Players, ",") {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/player/"+player+"/games/archives", nil)
		if err != nil {
			return nil, fmt.Errorf("list the pages: %w", err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, fmt.Errorf("list the pages: %w", err)
		}
		var list struct{ Archives []string }
		err = json.NewDecoder(answer.Body).Decode(&list)
		if err = errors.Join(err, answer.Body.Close()); err != nil {
			return nil, fmt.Errorf("list the pages of %s: %w", player, err)
		}
		for _, page := range list.Archives {
			pages = append(pages, strings.TrimPrefix(page, server.URL+"/"))
		}
	}
	return pages, nil
}
