package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/floe-data/floe/runtime/internal/programs"
)

// What is claimed of claimGames games.
const (
	claimGames  = 1_000_000
	mostMemory  = 1 << 30    // of one floe run
	leastRate   = 10 * 1_900 // rows per CPU second of ingest: ten times what dlt made, as it comes, when it was first measured
	leastFaster = 6          // times the rows per CPU second of dlt, as it comes, beside it; 7 to 9 were measured on busy machines
)

// Players and months keep a page at the size that a busy player's month has.
const (
	players = 50
	months  = 60
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var o options
	flag.IntVar(&o.games, "games", claimGames, "distinct games; each gives two landing rows")
	flag.IntVar(&o.rivalGames, "rival-games", 50_000, "distinct games that dlt loads, and floe again")
	flag.BoolVar(&o.rival, "rival", true, "measure dlt too (a Python environment is made in the cache)")
	flag.StringVar(&o.dir, "dir", "", "folder to work in, kept (default: a temporary one, removed)")
	flag.Parse()
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

type options struct {
	games, rivalGames int
	rival             bool
	dir               string
}

// bench is the work folder, the programs and what was measured.
type bench struct {
	options
	programs.Programs
	lines  []line
	claims []string
	broken int // claims that do not hold
}

// line is one measurement.
type line struct {
	what  string
	rows  int
	bytes int64
	programs.Result
}

func (l line) rate() float64 { return float64(l.rows) / l.CPU.Seconds() }

func run(ctx context.Context, o options) (err error) {
	b := &bench{options: o}
	if b.dir == "" {
		if b.dir, err = os.MkdirTemp("", "floe-bench-"); err != nil {
			return fmt.Errorf("make the work folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	}
	if b.dir, err = filepath.Abs(b.dir); err != nil {
		return fmt.Errorf("work folder %s: %w", o.dir, err)
	}
	bin := filepath.Join(b.dir, "bin")
	if err = os.MkdirAll(bin, 0o755); err != nil {
		return fmt.Errorf("make the work folder: %w", err)
	}
	if b.Programs, err = programs.Build(ctx, bin); err != nil {
		return err
	}
	if err = b.whole(ctx); err != nil {
		return err
	}
	if b.rival {
		if err = b.beside(ctx); err != nil {
			return err
		}
	}
	b.print()
	if b.broken > 0 {
		return fmt.Errorf("%d of the claims do not hold", b.broken)
	}
	return nil
}

// whole measures one floe run, and ingest and transform by themselves.
func (b *bench) whole(ctx context.Context) (err error) {
	server, err := b.Serve(ctx, "--faults=false", "--games", fmt.Sprint(b.games), "--players", fmt.Sprint(players), "--months", fmt.Sprint(months))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	one := filepath.Join(b.dir, "run")
	l, err := b.floe(ctx, fmt.Sprintf("floe run, %d games", b.games), one, 2*b.games, append([]string{"run", "chess"}, server.Set()...))
	if err != nil {
		return err
	}
	b.claim(l.MaxRSS < mostMemory, fmt.Sprintf("one floe run stays under 1 GiB of memory: %s", mib(l.MaxRSS)))
	if err := b.check(ctx, one, b.games); err != nil {
		return err
	}
	if err := os.RemoveAll(one); err != nil {
		return fmt.Errorf("clear the work folder: %w", err)
	}
	two := filepath.Join(b.dir, "steps")
	l, err = b.floe(ctx, "  floe ingest", two, 2*b.games, append([]string{"ingest", "chess"}, server.Set()...))
	if err != nil {
		return err
	}
	b.claim(l.rate() >= leastRate, fmt.Sprintf("ingest makes %d rows per CPU second or more: %.0f", leastRate, l.rate()))
	if _, err := b.floe(ctx, "  floe transform build", two, 2*b.games, []string{"transform", "build"}); err != nil {
		return err
	}
	if err := b.check(ctx, two, b.games); err != nil {
		return err
	}
	return os.RemoveAll(two)
}

// floe measures one run of floe and what it added to its home.
func (b *bench) floe(ctx context.Context, what, home string, rows int, args []string) (line, error) {
	before := size(home)
	fmt.Fprintln(os.Stderr, "…", strings.TrimSpace(what))
	r, err := b.Run(ctx, programs.Call{Home: home, Args: args})
	if err == nil && r.Code != 0 {
		err = errors.New(r.String())
	}
	if err != nil {
		return line{}, fmt.Errorf("%s: %w", strings.TrimSpace(what), err)
	}
	l := line{what, rows, size(home) - before, r}
	b.lines = append(b.lines, l)
	return l, nil
}

// check counts: every game in both archives, and once in the mart if there is one.
func (b *bench) check(ctx context.Context, home string, games int) error {
	for query, want := range map[string]int{
		"select count(*) as n from landing_chess.players_games":            2 * games,
		"select count(distinct url) as n from landing_chess.players_games": games,
		"select count(*) as n from marts.fct_games":                        games,
		"select count(distinct game_id) as n from marts.fct_games":         games,
	} {
		rows, err := b.Query(ctx, home, query)
		if err != nil {
			return err
		}
		if len(rows) != 1 || fmt.Sprint(rows[0]["n"]) != fmt.Sprint(want) {
			return fmt.Errorf("%s gives %v, want %d", query, rows, want)
		}
	}
	return nil
}

// claim notes whether something holds. Fewer games than the claim's prove nothing.
func (b *bench) claim(holds bool, what string) {
	switch {
	case b.games < claimGames:
		what = "not claimed of so few games: " + what
	case holds:
		what = "holds: " + what
	default:
		what = "DOES NOT HOLD: " + what
		b.broken++
	}
	b.claims = append(b.claims, what)
}

func (b *bench) print() {
	fmt.Printf("%s/%s, %d CPUs, %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(w, "\trows\tCPU s\trows per CPU s\twall s\tpeak memory\tbytes written\t")
	for _, l := range b.lines {
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.0f\t%.1f\t%s\t%.1f MB\t\n", l.what, l.rows, l.CPU.Seconds(), l.rate(), l.Wall.Seconds(), mib(l.MaxRSS), float64(l.bytes)/1e6)
	}
	_ = w.Flush()
	fmt.Println("\nRows are landing rows: each game lies in both players' archives. The server's CPU is not counted.")
	for _, c := range b.claims {
		fmt.Println(c)
	}
}

func mib(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

// size is the bytes of all files under a folder.
func size(dir string) int64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil // a folder that is not there has no bytes
		}
		if info, err := d.Info(); err == nil {
			sum += info.Size()
		}
		return nil
	})
	return sum
}

// writeJSON writes a value to a file of the work folder and gives its path.
func (b *bench) writeJSON(name string, v any) (string, error) {
	body, err := json.Marshal(v)
	file := filepath.Join(b.dir, name)
	if err == nil {
		err = os.WriteFile(file, body, 0o644)
	}
	if err != nil {
		return "", fmt.Errorf("write %s: %w", name, err)
	}
	return file, nil
}
