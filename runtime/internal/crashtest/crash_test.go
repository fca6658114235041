//go:build crash

package crashtest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/internal/programs"
)

// games is how many the sample server has: enough for several loads and files.
const games = "800"

// scene is what all tests share: the programs, a server, and what a clean run leaves.
type scene struct {
	programs.Programs
	server *programs.Server
	clean  map[string]string // content by table
	took   time.Duration     // the clean run
	again  time.Duration     // a second run on its home
	size   int64             // bytes of its home's files
}

var shared struct {
	once  sync.Once
	scene scene
	err   error
}

func TestMain(m *testing.M) {
	if path := os.Getenv("FLOE_CRASH_HOLD"); path != "" {
		os.Exit(hold(path))
	}
	code := m.Run()
	if shared.scene.server != nil {
		_ = shared.scene.server.Close()
	}
	os.Exit(code)
}

func newScene(t *testing.T) *scene {
	t.Helper()
	shared.once.Do(func() { shared.err = shared.scene.prepare(t) })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return &shared.scene
}

func (s *scene) prepare(t *testing.T) error {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "floe-crash-")
	if err != nil {
		return err
	}
	if s.Programs, err = programs.Build(ctx, dir); err != nil {
		return err
	}
	if s.server, err = s.Serve(ctx, "--games", games, "--players", "6"); err != nil {
		return err
	}
	s.plain(t, filepath.Join(dir, "warm")) // meets the server's 429s, which each come once, and their waits
	home := filepath.Join(dir, "clean")
	s.took = s.plain(t, home).Wall
	if s.clean, err = s.contents(home); err != nil {
		return err
	}
	s.size = sizeOf(home)
	s.again = s.plain(t, home).Wall
	twice, err := s.contents(home)
	if err == nil && !maps.Equal(s.clean, twice) {
		err = fmt.Errorf("a second run changed the tables: %s", changes(s.clean, twice))
	}
	t.Logf("a clean run took %v, a second one %v; %d tables", s.took.Round(time.Millisecond), s.again.Round(time.Millisecond), len(s.clean))
	return err
}

// sizeOf is the bytes of all files under a folder, each in whole pages.
func sizeOf(dir string) int64 {
	var sum int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				sum += (info.Size() + 4095) / 4096 * 4096
			}
		}
		return nil
	})
	return sum
}

func (s *scene) call(home string, more ...string) programs.Call {
	return programs.Call{Home: home, Args: append(append([]string{"run", "chess"}, s.server.Set()...), more...)}
}

// plain is a run that must end well.
func (s *scene) plain(t *testing.T, home string) programs.Result {
	t.Helper()
	r, err := s.Run(context.Background(), s.call(home))
	if err != nil {
		t.Fatal(err)
	}
	if r.Code != 0 {
		t.Fatalf("a plain run on %s: %s", home, r)
	}
	return r
}

// contents is the row count and the order-free hash of every table, without
// the columns that tell which load wrote a row.
func (s *scene) contents(home string) (map[string]string, error) {
	ctx := context.Background()
	tables, err := s.Tables(ctx, home)
	if err != nil {
		return nil, err
	}
	var selects []string
	for _, table := range tables {
		if table.Kind != "table" {
			continue
		}
		full, err := s.Describe(ctx, home, table.Name)
		if err != nil {
			return nil, err
		}
		schema, name, _ := strings.Cut(table.Name, ".")
		selects = append(selects, fmt.Sprintf(`select '%s' as name, count(*) as n, cast(coalesce(sum(cast(hash(%s) as hugeint)), 0) as varchar) as sum from "%s"."%s"`,
			table.Name, strings.Join(hashed(full.Columns), ", "), schema, name))
	}
	rows, err := s.Query(ctx, home, strings.Join(selects, "\nunion all "))
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, r := range rows {
		found[fmt.Sprint(r["name"])] = fmt.Sprintf("%v rows, hash %v", r["n"], r["sum"])
	}
	return found, nil
}

// hashed is the columns as they go into a table's hash. Means are rounded:
// their last digits depend on the order in which threads added.
func hashed(columns []programs.Column) []string {
	var out []string
	for _, c := range columns {
		name := `"` + strings.ReplaceAll(c.Name, `"`, `""`) + `"`
		switch {
		case strings.HasPrefix(c.Name, "_floe_"), c.Name == "loaded_at":
		case c.Type == "double":
			out = append(out, "round("+name+", 6)")
		default:
			out = append(out, name)
		}
	}
	return out
}

func changes(want, got map[string]string) string {
	var lines []string
	names := maps.Clone(want)
	maps.Copy(names, got)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if want[name] != got[name] {
			lines = append(lines, fmt.Sprintf("%s: %q, a clean run leaves %q", name, got[name], want[name]))
		}
	}
	return strings.Join(lines, "\n")
}

// same fails where a home's tables are not those of the clean run.
func (s *scene) same(t *testing.T, home string) {
	t.Helper()
	got, err := s.contents(home)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(s.clean, got) {
		t.Errorf("the tables differ:\n%s", changes(s.clean, got))
	}
}

// signalled starts a run, sends it a signal after a while, and gives its end.
// ended says that it had ended before.
func (s *scene) signalled(t *testing.T, home string, after time.Duration, sig syscall.Signal) (r programs.Result, ended bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), after)
	defer cancel()
	cmd := s.Command(ctx, s.call(home))
	ended = true
	cmd.Cancel = func() error { // Run waits for it
		err := cmd.Process.Signal(sig)
		ended = err != nil
		return err
	}
	r, err := programs.Measure(cmd)
	if err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	return r, ended && err == nil
}

func seed(t *testing.T) *rand.Rand {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if text := os.Getenv("FLOE_CRASH_SEED"); text != "" {
		var err error
		if n, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("FLOE_CRASH_SEED: %v", err)
		}
	}
	t.Logf("FLOE_CRASH_SEED=%d repeats these moments", n)
	return rand.New(rand.NewPCG(n, n))
}

// TestKilledAtRandomMoments kills runs at 20 moments spread over a clean run's
// length, on fresh homes, several times on one home, and on homes that are
// complete; then one plain run must leave what a clean one leaves. How long a
// run takes is learnt as it goes: a busy machine was slower when it was measured.
func TestKilledAtRandomMoments(t *testing.T) {
	s, random := newScene(t), seed(t)
	home, kills := "", 0
	for round := 0; round < 20 || kills < 20; round++ {
		if round == 60 {
			t.Fatalf("only %d of the runs could be killed", kills)
		}
		moment := func(length time.Duration) time.Duration {
			return time.Duration((float64(round%20) + random.Float64()) / 20 * float64(length))
		}
		length, times := &s.took, 1
		switch round % 4 {
		case 1: // the same home again, which is complete
			length = &s.again
		case 3: // three kills in a row
			home, times = filepath.Join(t.TempDir(), "home"), 3
		default:
			home = filepath.Join(t.TempDir(), "home")
		}
		var told []string
		for n := range times {
			after := moment(*length)
			if n > 0 {
				after = time.Duration(random.Float64() * float64(s.took))
			}
			r, ended := s.signalled(t, home, after, syscall.SIGKILL)
			switch {
			case ended && r.Code == 0:
				*length = min(*length, after)
				told = append(told, fmt.Sprintf("done before %v", after.Round(time.Millisecond)))
			case ended:
				t.Fatalf("round %d: the run failed before it was killed: %s", round, r)
			default:
				kills++
				told = append(told, fmt.Sprintf("killed at %v", after.Round(time.Millisecond)))
			}
		}
		s.plain(t, home)
		s.same(t, home)
		t.Logf("round %2d: %s", round, strings.Join(told, ", "))
		if round%5 == 4 {
			s.tidy(t, home)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("%d runs were killed", kills)
}

// tidy removes whatever no table knows: the tables must be the same afterwards,
// and of the killed runs no data file may be left.
func (s *scene) tidy(t *testing.T, home string) {
	t.Helper()
	r, err := s.Run(context.Background(), programs.Call{Home: home, Args: []string{"maintain", "--keep", "1ns", "--orphans-after", "1ns"}})
	if err != nil || r.Code != 0 {
		t.Fatalf("maintain: %v %s", err, r)
	}
	s.same(t, home)
	tables, err := s.Tables(context.Background(), home)
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	for _, table := range tables {
		known += table.Files
	}
	files, err := filepath.Glob(filepath.Join(home, "warehouse", "*", "*", "data", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	deeper, _ := filepath.Glob(filepath.Join(home, "warehouse", "*", "*", "data", "*", "*.parquet"))
	if n := len(files) + len(deeper); n != known {
		t.Errorf("%d data files under the warehouse, the tables know %d", n, known)
	}
}

// TestTwoRunsAtOnce starts two runs on one fresh home; both must end well.
func TestTwoRunsAtOnce(t *testing.T) {
	s := newScene(t)
	for round := range 3 {
		home := filepath.Join(t.TempDir(), "home")
		var wait sync.WaitGroup
		for range 2 {
			wait.Go(func() {
				if r, err := s.Run(context.Background(), s.call(home)); err != nil || r.Code != 0 {
					t.Errorf("round %d: one of two runs: %v %s", round, err, r)
				}
			})
		}
		wait.Wait()
		s.same(t, home)
	}
}

// TestInterrupted stops a run by SIGINT and SIGTERM at several moments: exit
// code 4, and --resume finishes it.
func TestInterrupted(t *testing.T) {
	s := newScene(t)
	stopped := 0
	for i := 0; stopped < 4; i++ {
		if i == 20 {
			t.Fatalf("only %d of %d runs were stopped by their signal", stopped, i)
		}
		shares := []float64{0.1, 0.25, 0.4, 0.55, 0.7}
		share := shares[i%len(shares)]
		home := filepath.Join(t.TempDir(), "home")
		sig := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}[i%2]
		after := time.Duration(share * float64(s.took))
		r, ended := s.signalled(t, home, after, sig)
		if ended {
			s.took = min(s.took, after)
			t.Logf("at %.0f%%: the run had ended", share*100)
			continue
		}
		if r.Code == 0 {
			t.Logf("at %.0f%%: the run ended well in spite of the signal", share*100)
			s.same(t, home)
			continue
		}
		if _, err := os.Stat(home); errors.Is(err, fs.ErrNotExist) && r.Code == -1 {
			t.Logf("at %.0f%%: %v came before the program began", share*100, sig)
			continue
		}
		stopped++
		if r.Code != 4 {
			t.Errorf("at %.0f%%: %v ends with %d, want 4: %s", share*100, sig, r.Code, r)
			continue
		}
		if !strings.Contains(r.Stderr, "--resume") {
			t.Errorf("at %.0f%%: it does not say how to go on: %s", share*100, r.Stderr)
		}
		resumed, err := s.Run(context.Background(), programs.Call{Home: home, Args: []string{"run", "chess", "--resume"}})
		if err != nil || resumed.Code != 0 {
			t.Errorf("at %.0f%%: resume: %v %s", share*100, err, resumed)
			continue
		}
		s.same(t, home)
	}
}
