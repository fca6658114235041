package duckdb

import (
	"context"
	"errors"
	"regexp"
	"strings"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"github.com/floe-data/floe/runtime/fault"
)

var errClosed = errors.New("the DuckDB session is closed")

// failure marks what DuckDB answered: a statement that cannot run at all is
// wrong use, a stop is an interruption, the rest is a failure.
func failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fault.New(fault.Interrupted, errors.Join(ctx.Err(), err), "")
	}
	var answer *duckdb.Error
	if !errors.As(err, &answer) {
		return err
	}
	if text := unprefixed(answer.Msg); text != answer.Msg {
		answer = &duckdb.Error{Type: answer.Type, Msg: text}
		err = answer
	}
	switch answer.Type {
	case duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax, duckdb.ErrorTypeBinder, duckdb.ErrorTypeCatalog:
		return fault.New(fault.Usage, err, "")
	case duckdb.ErrorTypeOutOfMemory:
		return fault.New(fault.Failed, err, "give the engine more memory, or split the query")
	case duckdb.ErrorTypeMissingExtension:
		return fault.New(fault.Usage, err, "floe runs DuckDB without extensions: load the data as a source instead")
	}
	if strings.Contains(answer.Msg, "No space left on device") {
		return fault.New(fault.Failed, err, "free some space, then run again: nothing was published")
	}
	return err
}

// describePrefix is what outputs puts before a query to learn its columns.
const describePrefix = "DESCRIBE "

// unprefixed shows the user's own line in a syntax error: DuckDB quotes it with
// the prefix and marks the place below.
func unprefixed(message string) string {
	const quoted = "LINE 1: "
	before, rest, ok := strings.Cut(message, quoted+describePrefix)
	if !ok {
		return message
	}
	line, mark, _ := strings.Cut(rest, "\n")
	return before + quoted + line + "\n" + strings.TrimPrefix(mark, strings.Repeat(" ", len(describePrefix)))
}

var noTable = regexp.MustCompile(`Table with name (\S+) does not exist`)

// explain adds to DuckDB's "no such table" the name that was perhaps meant:
// names that reach DuckDB unresolved have no schema.
func (e *Engine) explain(ctx context.Context, err error) error {
	var answer *duckdb.Error
	if !errors.As(err, &answer) || answer.Type != duckdb.ErrorTypeCatalog {
		return err
	}
	m := noTable.FindStringSubmatch(answer.Msg)
	if m == nil {
		return err
	}
	all, listed := e.allNames(ctx)
	if listed != nil {
		return err
	}
	return missing(m[1], all)
}
