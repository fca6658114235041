package lakehouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"modernc.org/sqlite"

	"github.com/floe-data/floe/runtime/fault"
)

// SQLite's result codes that mean something to us.
const (
	codeBusy   = 5
	codeNotADB = 26
)

// busyStep is how long SQLite itself waits for a lock; we ask again until the
// lake's LockTimeout, so that a cancelled context ends the wait soon.
const busyStep = 200 * time.Millisecond

// openSQLite opens catalog.db; every connection gets the same settings. A lock
// of SQLite belongs to a process and goes with it.
func openSQLite(path string, readOnly bool) (*sql.DB, error) {
	q := url.Values{
		"_txlock": {"immediate"}, // a write waits for its lock at BEGIN, and never fails half way
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", busyStep.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)"},
	}
	if readOnly {
		q["_pragma"] = []string{q["_pragma"][0], "query_only(1)"}
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	return db, nil
}

// patiently runs act until it is not refused for a lock, at most c.wait long.
func (c *sqliteCatalog) patiently(ctx context.Context, act func() error) error {
	deadline := time.Now().Add(c.wait)
	for {
		err := act()
		switch code := sqliteCode(err); {
		case err == nil:
			return nil
		case code == codeNotADB:
			return fault.New(fault.Failed, fmt.Errorf("the catalog %s is not an SQLite database: %w", c.path, err),
				"restore "+c.path+" from a copy, or delete the lake's folder and load again")
		case code != codeBusy || ctx.Err() != nil:
			return err
		case time.Now().After(deadline):
			return c.locked(err)
		}
	}
}

// locked names the file and, where the system tells, who holds its lock.
func (c *sqliteCatalog) locked(cause error) error {
	who, next := "", "end the process that uses it, or wait for it, and run again"
	if pid := lockHolder(c.path); pid > 0 {
		who = fmt.Sprintf(", held by process %d", pid)
		next = fmt.Sprintf("end process %d, or wait for it, and run again", pid)
	}
	return fault.New(fault.Failed, fmt.Errorf("%w: %s%s; waited %s (%w)", ErrLocked, c.path, who, c.wait, cause), next)
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// write runs fn in a transaction that has the write lock from its start.
func (c *sqliteCatalog) write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	if c.readOnly {
		return ErrReadOnly
	}
	return c.patiently(ctx, func() (err error) {
		tx, err := c.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return errors.Join(err, ignoreDone(tx.Rollback()))
		}
		return tx.Commit()
	})
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// rows runs a query and gives its rows, every value as text.
func (c *sqliteCatalog) rows(ctx context.Context, query string, args ...any) ([][]string, error) {
	var found [][]string
	err := c.patiently(ctx, func() (err error) {
		found = nil
		rows, err := c.db.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			values, at := make([]sql.NullString, len(names)), make([]any, len(names))
			for i := range values {
				at[i] = &values[i]
			}
			if err := rows.Scan(at...); err != nil {
				return err
			}
			text := make([]string, len(names))
			for i, v := range values {
				text[i] = v.String
			}
			found = append(found, text)
		}
		return rows.Err()
	})
	return found, err
}

// placeholders is "?, ?, ?".
func placeholders(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
