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
// memory beside it stays under 1 GB. $GOMEMLIMIT overrides it.
const heapLimit = 400 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
