package dbtproject

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Seed is a CSV file read whole. A cell that is empty is NULL, whatever its column.
type Seed struct {
	Columns []SeedColumn
	Rows    [][]string
}

// SeedColumn is a column of a seed with the type that its cells have in common.
type SeedColumn struct {
	Name string
	Type string // SQL's name, understood by every engine: bigint, double, boolean, date, timestamp, varchar
}

// maxSeed is where a seed ends being one: it is written into one SQL statement.
const maxSeed = 16 << 20

// ReadSeed reads a CSV file: header, quotes, NULL for an empty cell. types
// override what is inferred, by column. A byte-order mark is skipped.
func ReadSeed(file, delimiter string, types map[string]string) (*Seed, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("read seed: %w", err)
	}
	if info.Size() > maxSeed {
		return nil, fmt.Errorf("seed %s has %d bytes: a seed holds at most %d; larger data is a source", file, info.Size(), maxSeed)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read seed: %w", err)
	}
	s, err := ParseSeed(text, delimiter, types)
	if err != nil {
		return nil, fmt.Errorf("seed %s: %w", file, err)
	}
	return s, nil
}

// ParseSeed is ReadSeed of a text.
func ParseSeed(text []byte, delimiter string, types map[string]string) (*Seed, error) {
	comma, err := comma(delimiter)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8: save it as UTF-8")
	}
	cr := csv.NewReader(bytes.NewReader(text))
	cr.Comma = comma
	header, err := cr.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("empty: the first line names the columns")
	}
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	s := &Seed{}
	if err := s.header(header, types); err != nil {
		return nil, err
	}
	if s.Rows, err = cr.ReadAll(); err != nil {
		return nil, fmt.Errorf("%w: each line has as many cells as the header, %d; quote a cell that holds %q", err, len(header), string(comma))
	}
	for i := range s.Columns {
		if s.Columns[i].Type == "" {
			s.Columns[i].Type = s.infer(i)
		}
	}
	return s, nil
}

func comma(delimiter string) (rune, error) {
	switch delimiter {
	case "":
		return ',', nil
	case `\t`:
		return '\t', nil
	}
	r, size := utf8.DecodeRuneInString(delimiter)
	if size != len(delimiter) || r == '"' || r == '\n' || r == '\r' || r == utf8.RuneError {
		return 0, fmt.Errorf("delimiter %q: it is one character, not a quote or a line's end", delimiter)
	}
	return r, nil
}

func (s *Seed) header(names []string, types map[string]string) error {
	seen := map[string]bool{}
	lower := map[string]string{}
	for n, t := range types {
		lower[strings.ToLower(n)] = t
	}
	for i, n := range names {
		n = strings.TrimSpace(n)
		switch {
		case n == "":
			return fmt.Errorf("column %d has no name in the header", i+1)
		case seen[strings.ToLower(n)]:
			return fmt.Errorf("column %q is in the header twice (names are compared without case)", n)
		}
		seen[strings.ToLower(n)] = true
		s.Columns = append(s.Columns, SeedColumn{Name: n, Type: lower[strings.ToLower(n)]})
	}
	for n := range types {
		if !seen[strings.ToLower(n)] {
			return fmt.Errorf("column_types names %q, which the header does not: it has %s", n, strings.Join(names, ", "))
		}
	}
	return nil
}

var (
	integerForm = regexp.MustCompile(`^[+-]?\d{1,18}$`)
	longForm    = regexp.MustCompile(`^[+-]?\d{1,38}$`)
	numberForm  = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$`)
)

// cellTypes are tried in order; the first that all cells of a column have wins.
var cellTypes = []struct {
	name string
	is   func(string) bool
}{
	{"boolean", func(c string) bool { l := strings.ToLower(c); return l == "true" || l == "false" }},
	{"bigint", func(c string) bool { return integerForm.MatchString(c) && !padded(c) }},
	{"decimal(38,0)", func(c string) bool { return longForm.MatchString(c) && !padded(c) }},
	{"double", isNumber},
	{"date", func(c string) bool { _, err := time.Parse(time.DateOnly, c); return err == nil }},
	{"timestamp", isTimestamp},
}

// padded says that a number begins with a zero that carries meaning: a postal code, a phone number.
func padded(c string) bool {
	c = strings.TrimLeft(c, "+-")
	return len(c) > 1 && c[0] == '0' && c[1] >= '0' && c[1] <= '9'
}

func isNumber(c string) bool {
	if !numberForm.MatchString(c) || padded(c) {
		return false
	}
	_, err := strconv.ParseFloat(c, 64)
	return err == nil
}

func isTimestamp(c string) bool {
	for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02T15:04:05.999999"} {
		if _, err := time.Parse(layout, c); err == nil {
			return true
		}
	}
	return false
}

func (s *Seed) infer(column int) string {
	for _, t := range cellTypes {
		cells, all := 0, true
		for _, row := range s.Rows {
			c := strings.TrimSpace(row[column])
			if row[column] == "" {
				continue
			}
			cells++
			if !t.is(c) {
				all = false
				break
			}
		}
		if all && cells > 0 {
			return t.name
		}
	}
	return "varchar"
}

// SQL is a select of the rows as typed literals, in the file's order.
func (s *Seed) SQL() string {
	var b strings.Builder
	b.WriteString("select")
	for i, c := range s.Columns {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n    cast(c%d as %s) as %s", i+1, c.Type, quoteName(c.Name))
	}
	b.WriteString("\nfrom (values")
	rows, none := s.Rows, ""
	if len(rows) == 0 { // VALUES needs a row: one of NULLs, taken out again
		rows, none = [][]string{make([]string, len(s.Columns))}, "\nwhere 1 = 0"
	}
	for i, row := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    (")
		for j, c := range row {
			if j > 0 {
				b.WriteString(", ")
			}
			s.literal(&b, j, c)
		}
		b.WriteByte(')')
	}
	b.WriteString("\n) as seed (")
	for i := range s.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "c%d", i+1)
	}
	b.WriteString(")" + none)
	return b.String()
}

func (s *Seed) literal(b *strings.Builder, column int, cell string) {
	if cell == "" {
		b.WriteString("null")
		return
	}
	if !strings.HasPrefix(s.Columns[column].Type, "varchar") && !strings.EqualFold(s.Columns[column].Type, "text") {
		cell = strings.TrimSpace(cell)
	}
	if s.Columns[column].Type == "timestamp" {
		cell = strings.Replace(cell, "T", " ", 1)
	}
	b.WriteString("'" + strings.ReplaceAll(cell, "'", "''") + "'")
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
