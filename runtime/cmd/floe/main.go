// Command floe is the laptop's tool: it runs the pipelines of a project here,
// over a SQLite catalog and files, with DuckDB in process.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// heapLimit is what the Go heap is held to, so that a run with DuckDB's own
// memory beside it stays under 1 GB; below it, garbage is collected less often
// than by default. $GOMEMLIMIT and $GOGC override them.
const (
	heapLimit   = 500 << 20
	heapPercent = 300
)

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
