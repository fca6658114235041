package duckdb

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
)

// portable gives a statement that DuckDB understands as Trino and Athena would.
// What DuckDB would take and silently understand otherwise is written anew
// where that can be done exactly, and refused where it cannot. Macros do the
// rest (macros.sql). A semicolon at the end is taken off.
func portable(sql string) (string, error) {
	w := writer{sql: sql, tokens: scan(sql)}
	w.trimEnd()
	var open []int // tokens of the parentheses around the current one
	for i := range w.tokens {
		switch t := w.tokens[i]; {
		case t.is("("):
			open = append(open, i)
		case t.is(")"):
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case t.is(";"):
			w.refuse(t, "one statement at a time: take off everything after the semicolon")
		case t.kind == word:
			w.word(i, open)
		}
	}
	if len(w.problems) > 0 {
		return "", fault.New(fault.Usage, errors.Join(w.problems...), "")
	}
	return w.result(), nil
}

// writer collects changes to a statement.
type writer struct {
	sql      string
	tokens   []token
	edits    []edit
	problems []error
}

// edit puts text in the place of sql[start:end].
type edit struct {
	start, end int
	text       string
}

func (w *writer) replace(start, end int, text string) {
	w.edits = append(w.edits, edit{start, end, text})
}

func (w *writer) result() string {
	slices.SortStableFunc(w.edits, func(a, b edit) int { return a.start - b.start })
	var b strings.Builder
	at := 0
	for _, e := range w.edits {
		b.WriteString(w.sql[at:e.start])
		b.WriteString(e.text)
		at = e.end
	}
	b.WriteString(w.sql[at:])
	return b.String()
}

// refuse notes a problem at a token, with its line and column in the statement.
func (w *writer) refuse(t token, format string, args ...any) {
	before := w.sql[:t.start]
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	w.problems = append(w.problems, fmt.Errorf("line %d, column %d: %w", line, column, fmt.Errorf(format, args...)))
}

// trimEnd takes semicolons at the end off, with the comments behind them.
func (w *writer) trimEnd() {
	n := len(w.tokens)
	for n > 0 && w.tokens[n-1].is(";") {
		n--
	}
	if n < len(w.tokens) {
		w.sql = w.sql[:w.tokens[n].start]
		w.tokens = w.tokens[:n]
	}
}

// at gives a token, or one that is nothing.
func (w *writer) at(i int) token {
	if i < 0 || i >= len(w.tokens) {
		return token{}
	}
	return w.tokens[i]
}

// word looks at what begins with the word at i; open are the parentheses around it.
func (w *writer) word(i int, open []int) {
	t, after := w.tokens[i], w.at(i+1)
	if w.at(i-1).is(".") || after.is(".") {
		return // part of a longer name
	}
	switch strings.ToLower(t.text) {
	case "x":
		w.hexLiteral(t, after)
	case "at":
		if after.is("time") && w.at(i+2).is("zone") {
			w.refuse(t, "AT TIME ZONE means something else on DuckDB than on Athena: write cast(at_timezone(t, 'zone') as timestamp) for the wall clock there")
		}
	case "at_timezone":
		w.wallClock(i, open)
	case "timestamp":
		w.timestamp(i)
	case "varchar", "char", "character":
		w.bounded(i, open)
	case "date_parse", "date_format":
		w.mysqlFormat(i)
	case "transform":
		if after.is("(") {
			w.replace(t.start, t.end, "list_transform")
		}
	}
}

// hexLiteral writes X'65' as a call: DuckDB reads it as the text "x65".
func (w *writer) hexLiteral(t, after token) {
	if after.kind != literal || after.start != t.end {
		return
	}
	digits := strings.Join(strings.Fields(strings.Trim(after.text, "'")), "")
	if !hexDigits.MatchString(digits) || len(digits)%2 != 0 {
		w.refuse(t, "X%s is no binary value: write pairs of hexadecimal digits", after.text)
		return
	}
	w.replace(t.start, after.end, "unhex("+text(digits)+")")
}

var (
	hexDigits = regexp.MustCompile(`^[0-9A-Fa-f]*$`)
	zoned     = regexp.MustCompile(`^\s*[+-]?\d+-\d+-\d+(?:[ T]+\d+:\d+(?::\d+(?:\.\d+)?)?)?\s*([A-Za-z][\w/+-]*|[+-]\d{1,2}(?::?\d{2})?)\s*$`)
	utcZone   = regexp.MustCompile(`(?i)^(UTC|Z|Etc/UTC|[+-]00(:?00)?)$`)
)

// timestamp sees to TIMESTAMP '… UTC', whose zone DuckDB drops, and to
// timestamp(6) with time zone, which it does not read.
func (w *writer) timestamp(i int) {
	t, after := w.tokens[i], w.at(i+1)
	if after.kind == literal {
		m := zoned.FindStringSubmatch(strings.Trim(after.text, "'"))
		switch {
		case m == nil:
		case utcZone.MatchString(m[1]):
			w.replace(t.start, t.end, "TIMESTAMPTZ")
		default:
			w.refuse(t, "the zone of TIMESTAMP %s would be lost: write the time in UTC, as TIMESTAMP '2024-01-31 10:00:00 UTC'", after.text)
		}
		return
	}
	digits, end, ok := w.inBrackets(i + 1)
	if !ok || !w.at(end+1).is("with") || !w.at(end+2).is("time") {
		return
	}
	if digits < 6 {
		w.refuse(t, "timestamp(%d) with time zone would keep microseconds here: write timestamp(6) with time zone, as a table holds it", digits)
		return
	}
	w.replace(w.at(i+1).start, w.at(end).end, "")
}

// inBrackets reads "(n)" from token i on: n and the token of the closing one.
func (w *writer) inBrackets(i int) (n, end int, ok bool) {
	if !w.at(i).is("(") || !w.at(i+2).is(")") {
		return 0, 0, false
	}
	n, err := strconv.Atoi(w.at(i + 1).text)
	return n, i + 2, err == nil
}

// bounded sees to varchar(n), which does not cut here: a cast to it becomes a
// cut. In any other place, and char(n), which pads, it is refused.
func (w *writer) bounded(i int, open []int) {
	t := w.tokens[i]
	n, end, ok := w.inBrackets(i + 1)
	if !ok {
		return
	}
	before := w.at(i - 1)
	typed := before.is("as") || before.is(":") || w.insideType(open)
	if !typed {
		return // a function of this name
	}
	call := -1
	if len(open) > 0 {
		call = open[len(open)-1] - 1
	}
	if !t.is("varchar") || !before.is("as") || !w.at(call).is("cast", "try_cast") || !w.at(end+1).is(")") {
		w.refuse(t, "%s(%d) does not cut or pad on DuckDB: write varchar, and substr(x, 1, %d) to cut", strings.ToLower(t.text), n, n)
		return
	}
	w.replace(w.at(call).start, w.at(call).start, "substr(")
	w.replace(w.at(i+1).start, w.at(end).end, "")
	w.replace(w.at(end+1).end, w.at(end+1).end, fmt.Sprintf(", 1, %d)", n))
}

// insideType says whether the innermost parenthesis belongs to array(…), map(…) or row(…).
func (w *writer) insideType(open []int) bool {
	return len(open) > 0 && w.at(open[len(open)-1]-1).is("array", "map", "row", "struct") && w.at(open[len(open)-1]-2).is("as")
}

// wallClock holds at_timezone to the places where wall clock and zoned time
// give the same: cast(at_timezone(…) as timestamp), and as date, and date(…).
func (w *writer) wallClock(i int, open []int) {
	if !w.at(i + 1).is("(") {
		return
	}
	if len(open) > 0 && open[len(open)-1] == i-1 {
		call, to := w.at(i-2), w.closing(i+1)+1
		if call.is("date") || call.is("cast") && w.at(to).is("as") && w.unzoned(to+1, w.closing(i-1)) {
			return
		}
	}
	w.refuse(w.tokens[i], "at_timezone gives the wall clock here, not a zoned time: write cast(at_timezone(t, 'zone') as timestamp), or as date")
}

// unzoned says whether tokens [from, to) are the type date or a timestamp without zone.
func (w *writer) unzoned(from, to int) bool {
	return w.at(from).is("timestamp", "date") && !slices.ContainsFunc(w.tokens[from:min(to, len(w.tokens))], func(t token) bool { return t.is("with") })
}

// closing gives the token that closes the parenthesis at i.
func (w *writer) closing(i int) int {
	depth := 0
	for ; i < len(w.tokens); i++ {
		switch {
		case w.at(i).is("("):
			depth++
		case w.at(i).is(")"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(w.tokens)
}

// withoutSemicolon takes semicolons at the end off.
func withoutSemicolon(sql string) string {
	w := writer{sql: sql, tokens: scan(sql)}
	w.trimEnd()
	return w.sql
}
