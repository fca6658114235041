package lakehouse

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The tests start themselves as other processes: child names what to do there.
const childEnv = "FLOE_LAKEHOUSE_CHILD"

var children = map[string]func(args []string) error{
	"writers": childWriters, "loads": childLoads, "lock": childLock, "full": childFull, "rollbacks": childRollbacks,
}

func TestMain(m *testing.M) {
	if name, args, ok := strings.Cut(os.Getenv(childEnv), "\n"); ok {
		if err := children[name](strings.Split(args, "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child prepares this test binary as another process.
func child(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir(), childEnv+"="+name+"\n"+strings.Join(args, "\n"))
	cmd.Stderr = os.Stderr
	return cmd
}

// lossy loses a quarter of the catalog's answers: after the commit was made, or
// before it was tried.
func lossy(swap swapper, r *rand.Rand) swapper {
	var mu sync.Mutex
	return func(ctx context.Context, n Name, old, next entry) error {
		mu.Lock()
		luck := r.IntN(16)
		mu.Unlock()
		if luck == 0 {
			return errors.New("no connection")
		}
		err := swap(ctx, n, old, next)
		if luck < 4 {
			return errors.New("the answer was lost")
		}
		return err
	}
}

const (
	writers, loadsEach, rowsEach = 3, 5, 11
)

// childWriters lets several goroutines load at once; args: home, first writer's number.
func childWriters(args []string) error {
	first, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	l, err := Open(context.Background(), Options{Home: args[0]})
	if err != nil {
		return err
	}
	l.swap = lossy(l.swap, rand.New(rand.NewPCG(uint64(first), 1)))
	return errors.Join(writeMany(l, first, 1), l.Close())
}

// TestWritersOfSeveralLakes: goroutines of two open lakes load one table, answers
// are lost, and every load is there exactly once.
func TestWritersOfSeveralLakes(t *testing.T) { eachPlace(t, conformWritersOfSeveralLakes) }

func conformWritersOfSeveralLakes(t *testing.T, p lakeAt) {
	const lakes = 2
	l := p.open(t)
	s := games()
	s.Partition = nil
	newTable(t, l, s)
	errs := make([]error, lakes)
	var wg sync.WaitGroup
	for i := range lakes {
		one := p.open(t)
		one.swap = lossy(one.swap, rand.New(rand.NewPCG(uint64(i), 4)))
		wg.Go(func() { errs[i] = writeMany(one, i*writers, 1) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	wantLoads(t, l, lakes)
}

// writeMany makes every load, and makes it again at most so often until it is done.
func writeMany(l *Lake, first, most int) error {
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range loadsEach {
				number := (first+w)*loadsEach + i
				err := errors.New("not tried")
				for tries := 0; err != nil && tries < most; tries++ {
					_, err = tryLoad(context.Background(), l, gamesName, LoadOptions{ID: fmt.Sprint("load-", number), Merge: i%2 == 1},
						StateUpdate{Set: map[string]string{fmt.Sprint("writer-", first+w): fmt.Sprint(i)}}, gameRows(number*rowsEach, rowsEach))
				}
				errs[w] = errors.Join(errs[w], err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// TestManyWritersLoseNothing: several processes of several goroutines each load
// one table, a quarter of the catalog's answers is lost, and every load is there
// exactly once.
func TestManyWritersLoseNothing(t *testing.T) {
	const processes = 3
	home := t.TempDir()
	l := openLake(t, home)
	s := games()
	s.Partition = nil
	newTable(t, l, s)
	var running []*exec.Cmd
	for p := 1; p < processes; p++ {
		cmd := child(t, "writers", home, strconv.Itoa(p*writers))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	l.swap = lossy(l.swap, rand.New(rand.NewPCG(9, 9)))
	if err := writeMany(l, 0, 1); err != nil {
		t.Error(err)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Errorf("a writer: %v", err)
		}
	}
	wantLoads(t, l, processes)
}

// wantLoads looks for what so many calls of writeMany have loaded.
func wantLoads(t *testing.T, l *Lake, calls int) {
	t.Helper()
	loads := calls * writers * loadsEach
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(table.Snapshots()); n != loads {
		t.Errorf("%d snapshots, want %d", n, loads)
	}
	rows := scan(t, l, gamesName)
	unique := map[string]bool{}
	for _, r := range rows {
		unique[r] = true
	}
	if len(rows) != loads*rowsEach || len(unique) != len(rows) {
		t.Errorf("%d rows, %d of them unique; want %d", len(rows), len(unique), loads*rowsEach)
	}
	for w := range calls * writers {
		if got := table.State()[fmt.Sprint("writer-", w)]; got != strconv.Itoa(loadsEach-1) {
			t.Errorf("state of writer %d: %q", w, got)
		}
	}
}

const killedLoads = 12

// childLoads makes loads one after the other and says when each is done; args: a lakeAt's address.
func childLoads(args []string) error {
	ctx := context.Background()
	l, err := openAddress(ctx, args[0])
	if err != nil {
		return err
	}
	for i := range killedLoads {
		_, err := tryLoad(ctx, l, gamesName, LoadOptions{ID: fmt.Sprint("load-", i), Merge: i%3 == 2, MemoryBudget: 1 << 10},
			StateUpdate{Set: map[string]string{"cursor": fmt.Sprint(i)}}, gameRows(i*100, 50), gameRows(i*100+50, 50))
		if err != nil {
			return err
		}
		fmt.Println(i)
	}
	return l.Close()
}

// TestKilledLoads kills a process at random moments of its loads: the table
// always holds whole loads, at least those that were said to be done, and doing
// them all again adds what is missing and nothing else.
func TestKilledLoads(t *testing.T) { eachPlace(t, conformKilledLoads) }

func conformKilledLoads(t *testing.T, p lakeAt) {
	l := p.open(t)
	newTable(t, l, games())
	r := rand.New(rand.NewPCG(5, 5))
	for range 6 {
		cmd := child(t, "loads", p.address())
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(time.Duration(20+r.IntN(250))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		done := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			done++
		}
		_ = cmd.Wait() // killed
		kill.Stop()
		rows := scan(t, l, gamesName)
		if len(rows)%100 != 0 || len(rows) < done*100 {
			t.Fatalf("%d rows after %d loads that were done", len(rows), done)
		}
	}
	if err := childLoads([]string{p.address()}); err != nil {
		t.Fatal(err)
	}
	table, err := l.Table(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	if rows := scan(t, l, gamesName); len(rows) != killedLoads*100 || len(table.Snapshots()) != killedLoads {
		t.Fatalf("%d rows in %d snapshots", len(rows), len(table.Snapshots()))
	}
	if found := l.Check(t.Context()); len(found) > 0 {
		t.Fatal(found)
	}
	if _, err := l.Maintain(t.Context(), gamesName, MaintainOptions{Orphans: true, OrphansAfter: time.Nanosecond}); err != nil {
		t.Fatal(err)
	}
	known, err := l.known(t.Context(), gamesName)
	if err != nil {
		t.Fatal(err)
	}
	if left := p.files(t, l); len(left) != len(known) && p.tables == "" {
		t.Errorf("%d files are there, %d belong to the table", len(left), len(known))
	}
	if n := len(scan(t, l, gamesName)); n != killedLoads*100 {
		t.Errorf("%d rows after the clean-up", n)
	}
}

// childLock holds a lock on the catalog until its input ends; args: path, kind.
func childLock(args []string) error {
	db, err := sql.Open("sqlite", "file:"+args[0])
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN " + args[1]); err != nil {
		return err
	}
	fmt.Println("locked")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	_, err = db.Exec("COMMIT")
	return errors.Join(err, db.Close())
}

func TestALockedCatalog(t *testing.T) {
	for _, kind := range []string{"EXCLUSIVE", "IMMEDIATE"} {
		t.Run(kind, func(t *testing.T) {
			home := t.TempDir()
			newTable(t, openLake(t, home), games())
			cmd := child(t, "lock", home+"/catalog.db", kind)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			short, err := Open(t.Context(), Options{Home: home, LockTimeout: 300 * time.Millisecond})
			if err != nil {
				t.Fatalf("reading is not locked: %v", err)
			}
			defer short.Close()
			_, err = tryLoad(t.Context(), short, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 5))
			if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), home+"/catalog.db") || !strings.Contains(err.Error(), fmt.Sprint("process ", cmd.Process.Pid)) {
				t.Fatalf("got: %v", err)
			}
			if left, _ := listFiles(folderOf(t, short, gamesName) + "/data"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			// A patient one waits until the lock is given back.
			patient := openLake(t, home)
			time.AfterFunc(300*time.Millisecond, func() { _ = in.Close() })
			load(t, patient, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 5))
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestALockEndsWithItsProcess: a killed holder blocks nobody.
func TestALockEndsWithItsProcess(t *testing.T) {
	home := t.TempDir()
	l := openLake(t, home)
	newTable(t, l, games())
	cmd := child(t, "lock", home+"/catalog.db", "EXCLUSIVE")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 5))
}

// childFull loads where no file may grow beyond a limit; args: home.
func childFull(args []string) error {
	ctx := context.Background()
	l, err := Open(ctx, Options{Home: args[0]})
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 24 << 10, Max: 24 << 10}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	for _, merge := range []bool{false, true} {
		_, err := tryLoad(ctx, l, gamesName, LoadOptions{Merge: merge, MemoryBudget: 1 << 20}, StateUpdate{}, gameRows(0, 100_000))
		if !errors.Is(err, syscall.EFBIG) {
			return fmt.Errorf("merge %v: a full disk went unnoticed: %w", merge, err)
		}
	}
	return l.Close()
}

func TestAFullDiskLeavesNothingBehind(t *testing.T) {
	home := t.TempDir()
	l := openLake(t, home)
	newTable(t, l, games())
	before, err := listFiles(folderOf(t, l, gamesName))
	if err != nil {
		t.Fatal(err)
	}
	if err := child(t, "full", home).Run(); err != nil {
		t.Fatal(err)
	}
	after, err := listFiles(folderOf(t, l, gamesName))
	if err != nil || len(after) != len(before) {
		t.Fatalf("left behind: %v %v", after, err)
	}
	load(t, l, gamesName, LoadOptions{}, StateUpdate{}, gameRows(0, 5))
	if n := len(scan(t, l, gamesName)); n != 5 {
		t.Fatalf("%d rows", n)
	}
}
