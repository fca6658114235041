package duckdb

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/transform"
)

func usage() (time.Duration, int64) {
	var ru syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano()), ru.Maxrss / 1024
}

// TestMeasure prints what wide tables cost: FLOE_MEASURE is the memory limit in MiB.
func TestMeasure(t *testing.T) {
	if os.Getenv("FLOE_MEASURE") == "" {
		t.Skip("set FLOE_MEASURE=512 to measure")
	}
	b := newBench(t, Options{MemoryLimit: envBytes()})
	step := func(name string, f func()) {
		c0, _ := usage()
		t0 := time.Now()
		f()
		c1, rss := usage()
		fmt.Printf("%-40s wall %7.2fs cpu %7.2fs peak RSS %d MB\n", name, time.Since(t0).Seconds(), (c1 - c0).Seconds(), rss)
	}
	var cols []string
	for i := range 38 {
		switch i % 4 {
		case 0:
			cols = append(cols, fmt.Sprintf("'https://www.chess.com/game/live/' || (i * %d) as c%d", i+7, i))
		case 1:
			cols = append(cols, fmt.Sprintf("(i * %d) %% 3000 as c%d", i+3, i))
		case 2:
			cols = append(cols, fmt.Sprintf("timestamp '2020-01-01 00:00:00' + to_seconds(i * %d) as c%d", i, i))
		case 3:
			cols = append(cols, fmt.Sprintf("repeat('m', 30) || (hash(i) %% %d) as c%d", 1000*i, i))
		}
	}
	step("land 2M x 40", func() {
		b.build(transform.KindTable, "landing.t", "select i as id, i % 1000000 as k, "+strings.Join(cols, ", ")+" from range(2000000) r(i)")
	})
	step("dedup by row_number", func() {
		b.build(transform.KindTable, "staging.a", "select * from (select *, row_number() over (partition by k order by id desc) as rank from landing.t) where rank = 1")
	})
	step("dedup by group by max", func() {
		b.build(transform.KindTable, "staging.b", "select t.* from landing.t t join (select k, max(id) as id from landing.t group by k) m on m.k = t.k and m.id = t.id")
	})
	step("narrow copy 2M x 4", func() {
		b.build(transform.KindTable, "staging.c", "select id, k, c0, c1 from landing.t")
	})
	step("merge 5k into 1M", func() {
		b.build(transform.KindMerge, "staging.a", "select * replace ('new' as c0) from staging.a where k < 5000", key("k"))
	})
	step("read all through Rows (1M x 41)", func() {
		rows, err := b.engine.Query(b.ctx, "select * from staging.a")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rows.Next() {
			n++
		}
		fmt.Println(n, rows.Err())
	})
}

func envBytes() int64 {
	var n int64
	_, _ = fmt.Sscan(os.Getenv("FLOE_MEASURE"), &n)
	return n << 20
}
