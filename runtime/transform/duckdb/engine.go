package duckdb

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"github.com/floe-data/floe/runtime/lakehouse"
	"github.com/floe-data/floe/runtime/transform"
)

// Options says how much of the machine an Engine may use. The zero value is
// the defaults.
type Options struct {
	MemoryLimit int64  // bytes of DuckDB's own, default 400 MiB; beyond it, it spills to TempDir
	Threads     int    // default one per CPU
	TempDir     string // default <home>/tmp; a folder of the engine's own is made in it, and removed by Close
	FileSize    int64  // bytes of a data file after which the next is begun, default 256 MiB
}

const (
	defaultMemory   = 400 << 20
	defaultFileSize = 256 << 20
)

// Engine is a DuckDB session over a lake. Its methods take turns.
type Engine struct {
	lake     *lakehouse.Lake
	fileSize int64
	threads  int
	temp     string

	mu      sync.Mutex
	db      *sql.DB
	conn    *sql.Conn
	session session
	results int // made so far, for their names
}

var _ transform.Engine = (*Engine)(nil)

//go:embed macros.sql
var macros string

// Open starts a session. It reads nothing of the lake yet.
func Open(ctx context.Context, lake *lakehouse.Lake, o Options) (*Engine, error) {
	o = o.withDefaults(lake)
	if err := os.MkdirAll(o.TempDir, 0o755); err != nil {
		return nil, fmt.Errorf("make DuckDB's folder for temporary files: %w", err)
	}
	removeStale(o.TempDir)
	temp, err := os.MkdirTemp(o.TempDir, tempPrefix)
	if err != nil {
		return nil, fmt.Errorf("make DuckDB's folder for temporary files: %w", err)
	}
	e := &Engine{lake: lake, fileSize: o.FileSize, threads: o.Threads, temp: temp, session: newSession()}
	if err := e.connect(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("start DuckDB: %w", err), e.Close())
	}
	return e, nil
}

// tempPrefix begins the name of an engine's folder of temporary files.
const tempPrefix = "duckdb-"

// removeStale removes folders that killed processes left: those that nothing
// was written to for a day.
func removeStale(dir string) {
	folders, _ := filepath.Glob(filepath.Join(dir, tempPrefix+"*"))
	for _, f := range folders {
		if info, err := os.Stat(f); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(f) // the next engine tries again
		}
	}
}

func (o Options) withDefaults(lake *lakehouse.Lake) Options {
	if o.MemoryLimit <= 0 {
		o.MemoryLimit = defaultMemory
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.TempDir == "" {
		o.TempDir = filepath.Join(lake.Home(), "tmp")
	}
	if o.FileSize <= 0 {
		o.FileSize = defaultFileSize
	}
	return o
}

func (e *Engine) connect(ctx context.Context, o Options) error {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return err
	}
	e.db = sql.OpenDB(connector)
	if e.conn, err = e.db.Conn(ctx); err != nil {
		return err
	}
	for _, setting := range settings(o, e.temp) {
		if err := e.exec(ctx, "SET "+setting); err != nil {
			return err
		}
	}
	return e.exec(ctx, macros)
}

// settings are DuckDB's: nothing is fetched from the network, times are UTC,
// integers divide and lambdas are written as in Trino.
func settings(o Options, temp string) []string {
	return []string{
		"autoinstall_known_extensions = false",
		"autoload_known_extensions = false",
		"enable_external_file_cache = false",
		"TimeZone = 'UTC'",
		"integer_division = true",
		"lambda_syntax = 'ENABLE_SINGLE_ARROW'",
		"preserve_insertion_order = false",
		fmt.Sprintf("memory_limit = '%dB'", o.MemoryLimit),
		fmt.Sprintf("threads = %d", o.Threads),
		"temp_directory = " + text(temp),
	}
}

// Close ends the session and removes its temporary files. What was staged and
// not published stays on disk until floe maintain.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	if e.conn != nil {
		errs = append(errs, e.conn.Close())
		e.conn = nil
	}
	if e.db != nil {
		errs = append(errs, e.db.Close())
		e.db = nil
	}
	errs = append(errs, os.RemoveAll(e.temp))
	return errors.Join(errs...)
}

// Dialect is "duckdb".
func (e *Engine) Dialect() string { return "duckdb" }

// MaxConcurrency is 1: DuckDB spreads each statement over the CPUs itself.
func (e *Engine) MaxConcurrency() int { return 1 }

// Refresh forgets the tables' snapshots: the next query sees the newest. What
// is staged stays.
func (e *Engine) Refresh() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.session.forgetPublished()
}

// exec runs a statement of the engine's own.
func (e *Engine) exec(ctx context.Context, statement string) error {
	if e.conn == nil {
		return errClosed
	}
	_, err := e.conn.ExecContext(ctx, statement)
	return failure(ctx, err)
}

// count runs a CREATE TABLE AS or COPY and gives the number of rows.
func (e *Engine) count(ctx context.Context, statement string) (int64, error) {
	var rows int64
	err := e.row(ctx, statement, &rows)
	return rows, err
}

// frugally does act, and once more with a single thread if the memory does not
// do: each thread holds buffers of its own.
func (e *Engine) frugally(ctx context.Context, act func() error) error {
	err := act()
	var answer *duckdb.Error
	if e.threads == 1 || !errors.As(err, &answer) || answer.Type != duckdb.ErrorTypeOutOfMemory {
		return err
	}
	if err := e.exec(ctx, "SET threads = 1"); err != nil {
		return err
	}
	err = act()
	return errors.Join(err, e.exec(context.WithoutCancel(ctx), fmt.Sprintf("SET threads = %d", e.threads)))
}

// row reads the first row of a statement of the engine's own into dest.
func (e *Engine) row(ctx context.Context, statement string, dest ...any) error {
	if e.conn == nil {
		return errClosed
	}
	err := e.conn.QueryRowContext(ctx, statement).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return failure(ctx, err)
}

// query runs a statement of the engine's own and hands its rows to each.
func (e *Engine) query(ctx context.Context, statement string, each func(*sql.Rows) error, args ...any) error {
	if e.conn == nil {
		return errClosed
	}
	rows, err := e.conn.QueryContext(ctx, statement, args...)
	if err != nil {
		return failure(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return failure(ctx, rows.Err())
}
