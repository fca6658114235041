package jinja

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// element takes one name, number, string or operator; open are the closing
// brackets that are due.
func (l *lexer) element(open []byte) []byte {
	switch c := l.src[l.pos]; {
	case isDigit(c):
		l.number()
	case isNameByte(c) && l.identifier():
	case c == '\'' || c == '"':
		l.quoted(c)
	default:
		return l.operator(open)
	}
	return open
}

// identifier takes a name; false if what is there is no letter (a dash, an emoji).
func (l *lexer) identifier() bool {
	end := l.pos
	for end < len(l.src) && isNameByte(l.src[end]) {
		r, size := utf8.DecodeRuneInString(l.src[end:])
		if r >= utf8.RuneSelf && !unicode.In(r, unicode.L, unicode.M, unicode.N) {
			break
		}
		end += size
	}
	if end == l.pos {
		return false
	}
	l.add(tokName, l.src[l.pos:end], nil)
	l.pos = end
	return true
}

// number takes an int or a float; after a dot ("a.0.1") only an int.
func (l *lexer) number() {
	afterDot := len(l.out) > 0 && l.out[len(l.out)-1].kind == tokOperator && l.out[len(l.out)-1].text == "."
	end, float := scanNumber(l.src, l.pos, !afterDot)
	text := l.src[l.pos:end]
	l.pos = end
	if float {
		f, _ := parseFloat(text)
		l.add(tokFloat, text, f)
		return
	}
	v, ok := parseInt(text, 0)
	if !ok || leadingZero(text) {
		l.fail("invalid number '"+text+"'", "write an int like 1_000 or 0xff, or a float like 1.5")
		return
	}
	l.add(tokInt, text, v)
}

// leadingZero tells whether a decimal int has a useless zero in front, which Python refuses.
func leadingZero(text string) bool {
	return len(text) > 1 && text[0] == '0' && (isDigit(text[1]) || text[1] == '_') && strings.Trim(text, "0_") != ""
}

// scanNumber is the end of the number at pos and whether it is a float.
func scanNumber(src string, pos int, mayFloat bool) (int, bool) {
	if end, ok := scanPrefixed(src, pos); ok {
		return end, false
	}
	end, float := digits(src, pos), false
	if !mayFloat {
		return end, false
	}
	if end+1 < len(src) && src[end] == '.' && isDigit(src[end+1]) {
		end, float = digits(src, end+1), true
	}
	if end < len(src) && (src[end] == 'e' || src[end] == 'E') {
		exp := end + 1
		if exp < len(src) && (src[exp] == '+' || src[exp] == '-') {
			exp++
		}
		if exp < len(src) && isDigit(src[exp]) {
			end, float = digits(src, exp), true
		}
	}
	return end, float
}

// digits is the end of digits with single underscores between them.
func digits(src string, pos int) int {
	for pos < len(src) && (isDigit(src[pos]) || src[pos] == '_' && pos+1 < len(src) && isDigit(src[pos+1])) {
		pos++
	}
	return pos
}

// scanPrefixed takes 0x1f, 0o17 and 0b1.
func scanPrefixed(src string, pos int) (int, bool) {
	if pos+2 >= len(src) || src[pos] != '0' {
		return 0, false
	}
	allowed, ok := map[byte]string{'x': "0123456789abcdefABCDEF", 'o': "01234567", 'b': "01"}[src[pos+1]|0x20]
	if !ok {
		return 0, false
	}
	end := pos + 2
	for end < len(src) && (strings.IndexByte(allowed, src[end]) >= 0 || src[end] == '_') {
		end++
	}
	end = pos + len(strings.TrimRight(src[pos:end], "_"))
	return end, end > pos+2
}

func (l *lexer) quoted(quote byte) {
	end := l.pos + 1
	for end < len(l.src) && l.src[end] != quote {
		if l.src[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(l.src) {
		l.fail("a string is not closed", "close it with "+string(quote))
		return
	}
	text, err := unescape(l.src[l.pos+1 : end])
	if err != nil {
		l.fail(err.Error(), `write \\ for a backslash`)
		return
	}
	l.add(tokString, "", text)
	l.advance(end + 1)
}

const operatorChars = "+-/*%~[](){}><=.:|,;"

func (l *lexer) operator(open []byte) []byte {
	op := l.src[l.pos : l.pos+1]
	if rest := l.src[l.pos:]; len(rest) > 1 {
		switch rest[:2] {
		case "**", "//", "==", "!=", ">=", "<=":
			op = rest[:2]
		}
	}
	if len(op) == 1 && !strings.Contains(operatorChars, op) {
		r, _ := utf8.DecodeRuneInString(l.src[l.pos:])
		l.fail(fmt.Sprintf("unexpected char %s", Repr(string(r))), "an expression has names, numbers, strings and operators")
		return open
	}
	switch op {
	case "(":
		open = append(open, ')')
	case "[":
		open = append(open, ']')
	case "{":
		open = append(open, '}')
	case ")", "]", "}":
		switch {
		case len(open) == 0:
			l.fail("unexpected '"+op+"'", "no bracket is open here")
		case open[len(open)-1] != op[0]:
			l.fail("unexpected '"+op+"'", "'"+string(open[len(open)-1])+"' is due")
		default:
			open = open[:len(open)-1]
		}
	}
	l.add(tokOperator, op, nil)
	l.pos += len(op)
	return open
}

var simpleEscapes = map[byte]string{
	'n': "\n", 't': "\t", 'r': "\r", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v",
	'\\': "\\", '\'': "'", '"': `"`, '\n': "",
}

// unescape resolves Python's escapes; unknown ones keep their backslash.
func unescape(s string) (string, error) {
	if strings.IndexByte(s, '\\') < 0 {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if plain, ok := simpleEscapes[s[i]]; ok {
			b.WriteString(plain)
			continue
		}
		r, size, err := numericEscape(s[i:])
		if err != nil {
			return "", err
		}
		if size == 0 {
			b.WriteByte('\\')
			b.WriteByte(s[i])
			continue
		}
		b.WriteRune(r)
		i += size - 1
	}
	return b.String(), nil
}

// numericEscape reads xHH, uHHHH, UHHHHHHHH or up to three octal digits; size 0 means none.
func numericEscape(s string) (r rune, size int, err error) {
	if s[0] >= '0' && s[0] <= '7' {
		for size < 3 && size < len(s) && s[size] >= '0' && s[size] <= '7' {
			r = r*8 + rune(s[size]-'0')
			size++
		}
		return r, size, nil
	}
	width, ok := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	if !ok {
		return 0, 0, nil
	}
	if len(s) > width {
		if v, perr := strconv.ParseUint(s[1:width+1], 16, 32); perr == nil && v <= utf8.MaxRune {
			return rune(v), width + 1, nil
		}
	}
	return 0, 0, fmt.Errorf(`truncated \%c escape in a string`, s[0])
}
