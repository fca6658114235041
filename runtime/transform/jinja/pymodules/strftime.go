package pymodules

import (
	"fmt"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// strftimeMethod is x.strftime(format).
func strftimeMethod(t time.Time, aware bool) jinja.Func {
	return method("strftime", []jinja.Param{jinja.Req("format")}, func(a []jinja.Value) (jinja.Value, error) {
		format, err := textArg("strftime", a[0])
		if err != nil {
			return nil, err
		}
		return strftime(t, aware, format)
	})
}

// strftime formats as C's strftime does, with glibc's flags - (no padding), _ and 0.
// Unknown directives stay as they are.
func strftime(t time.Time, aware bool, format string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 >= len(format) {
			b.WriteByte(format[i])
			continue
		}
		start := i
		i++
		flag := byte(0)
		if strings.IndexByte("-_0^", format[i]) >= 0 && i+1 < len(format) {
			flag = format[i]
			i++
		}
		s, ok := directive(t, aware, format[i])
		if !ok {
			b.WriteString(format[start : i+1])
			continue
		}
		b.WriteString(flagged(s, flag))
	}
	return b.String(), nil
}

// flagged applies glibc's flag to a directive's text.
func flagged(s string, flag byte) string {
	trimmed := strings.TrimLeft(s, "0 ")
	if trimmed == "" && s != "" {
		trimmed = s[len(s)-1:]
	}
	switch flag {
	case '-':
		return trimmed
	case '_':
		return strings.Repeat(" ", len(s)-len(trimmed)) + trimmed
	case '^':
		return strings.ToUpper(s)
	}
	return s
}

var goLayouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'c': "Mon Jan _2 15:04:05 2006",
	'd': "02", 'D': "01/02/06", 'e': "_2", 'F': "2006-01-02", 'H': "15", 'I': "03", 'm': "01", 'M': "04",
	'p': "PM", 'r': "03:04:05 PM", 'R': "15:04", 'S': "05", 'T': "15:04:05", 'x': "01/02/06", 'X': "15:04:05",
	'y': "06",
}

// directive is the text of one directive.
func directive(t time.Time, aware bool, c byte) (string, bool) {
	if layout, ok := goLayouts[c]; ok {
		return t.Format(layout), true
	}
	year, week := t.ISOWeek()
	switch c {
	case 'Y':
		return fmt.Sprint(t.Year()), true
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000), true
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay()), true
	case 'u':
		return fmt.Sprint(int(t.Weekday()+6)%7 + 1), true
	case 'w':
		return fmt.Sprint(int(t.Weekday())), true
	case 'G':
		return fmt.Sprintf("%04d", year), true
	case 'V':
		return fmt.Sprintf("%02d", week), true
	case 'U':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7), true
	case 'W':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()+6)%7)/7), true
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100), true
	case 's':
		return fmt.Sprint(t.Unix()), true
	case 'z':
		return onlyAware(aware, t.Format("-0700")), true
	case 'Z':
		return onlyAware(aware, t.Format("MST")), true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case '%':
		return "%", true
	}
	return "", false
}

func onlyAware(aware bool, s string) string {
	if !aware {
		return ""
	}
	return s
}
