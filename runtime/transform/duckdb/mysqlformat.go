package duckdb

import (
	"fmt"
	"strings"
)

// mysqlLetters are MySQL's format letters, which Trino's date_format and
// date_parse take, as DuckDB's strftime and strptime know them.
var mysqlLetters = map[byte]string{
	'a': "%a", 'b': "%b", 'c': "%-m", 'd': "%d", 'e': "%-d", 'f': "%f", 'H': "%H", 'h': "%I", 'I': "%I", 'i': "%M",
	'j': "%j", 'k': "%-H", 'l': "%-I", 'M': "%B", 'm': "%m", 'p': "%p", 'r': "%I:%M:%S %p", 'S': "%S", 's': "%S",
	'T': "%H:%M:%S", 'W': "%A", 'Y': "%Y", 'y': "%y", '%': "%%",
}

// mysqlFormat translates date_format(t, 'format') and date_parse(s, 'format').
// DuckDB's strptime takes a format only that is written out.
func (w *writer) mysqlFormat(i int) {
	if !w.at(i + 1).is("(") {
		return
	}
	t := w.tokens[i]
	parse := strings.EqualFold(t.text, "date_parse")
	format := w.at(w.closing(i+1) - 1)
	if format.kind != literal || !strings.HasPrefix(format.text, "'") || !w.at(w.closing(i+1)-2).is(",") {
		if parse {
			w.refuse(t, "date_parse takes a format that is written out here, as date_parse(s, '%%Y-%%m-%%d')")
		}
		return
	}
	translated, err := translateFormat(format.text)
	if err != nil {
		w.refuse(format, "%s: %w", strings.ToLower(t.text), err)
		return
	}
	function := "strftime"
	if parse {
		function = "strptime"
	}
	w.replace(t.start, t.end, function)
	w.replace(format.start, format.end, translated)
}

func translateFormat(format string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		i++
		if i == len(format) || mysqlLetters[format[i]] == "" {
			return "", fmt.Errorf("the format has %q, which has no meaning on DuckDB", format[i-1:min(i+1, len(format))])
		}
		b.WriteString(mysqlLetters[format[i]])
	}
	return b.String(), nil
}
