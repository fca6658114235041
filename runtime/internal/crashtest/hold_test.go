//go:build crash

package crashtest

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"

	_ "modernc.org/sqlite"
)

// hold takes a SQLite file's lock, says so, and keeps it until its standard
// input is closed. The test's binary runs it as a process of its own.
func hold(path string) int {
	db, err := sql.Open("sqlite", path)
	if err == nil {
		var c *sql.Conn
		if c, err = db.Conn(context.Background()); err == nil {
			_, err = c.ExecContext(context.Background(), "BEGIN EXCLUSIVE")
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "hold", path, err)
		return 1
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}
