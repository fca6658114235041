package jsonrows

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrTruncated is text that ends before its JSON value does.
var ErrTruncated = errors.New("the JSON ends too early")

// SyntaxError is text that is not JSON.
type SyntaxError struct {
	Offset int
	What   string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON: %s at byte %d", e.What, e.Offset)
}

// maxDepth is how deep values may be nested.
const maxDepth = 512

func bad(i int, what string) error { return &SyntaxError{Offset: i, What: what} }

// unexpected is the error for b[i], which may lie behind the end.
func unexpected(b []byte, i int, wanted string) error {
	if i >= len(b) {
		return ErrTruncated
	}
	return bad(i, fmt.Sprintf("%q where %s should be", b[i], wanted))
}

// Space gives the next offset from i on that is not white space.
func Space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString gives the offset behind the string that begins at b[i], a quote.
func skipString(b []byte, i int) (int, error) {
	start := i + 1
	i = start
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return 0, ErrTruncated
		}
		i += n
		k := i
		for k > start && b[k-1] == '\\' {
			k--
		}
		i++
		if (i-1-k)%2 == 0 {
			return i, nil
		}
	}
}

// skipNumber gives the offset behind the number at b[i] (RFC 8259, section 6).
func skipNumber(b []byte, i int) (int, error) {
	start := i
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	case i < len(b) && b[i] >= '1' && b[i] <= '9':
		i = digits(b, i)
	default:
		return 0, unexpected(b, i, "a value")
	}
	if i < len(b) && b[i] == '.' {
		next := digits(b, i+1)
		if next == i+1 {
			return 0, unexpected(b, next, "a digit")
		}
		i = next
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		next := digits(b, i)
		if next == i {
			return 0, unexpected(b, next, "a digit")
		}
		i = next
	}
	if i < len(b) && !endsValue(b[i]) {
		return 0, bad(start, "a number with letters")
	}
	return i, nil
}

func digits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}

func endsValue(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t'
}

func skipWord(b []byte, i int, word string) (int, error) {
	if len(b)-i < len(word) {
		if bytes.HasPrefix([]byte(word), b[i:]) {
			return 0, ErrTruncated
		}
		return 0, unexpected(b, i, "a value")
	}
	if string(b[i:i+len(word)]) != word {
		return 0, unexpected(b, i, "a value")
	}
	return i + len(word), nil
}

// Skip gives the offset behind the JSON value at b[i].
func Skip(b []byte, i int) (int, error) { return skipValue(b, i, 0) }

func skipValue(b []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return 0, ErrTruncated
	}
	if depth > maxDepth {
		return 0, bad(i, fmt.Sprintf("more than %d levels", maxDepth))
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{':
		return Object(b, i, func(_ []byte, v int) (int, error) { return skipValue(b, v, depth+1) })
	case '[':
		return Array(b, i, func(v int) (int, error) { return skipValue(b, v, depth+1) })
	case 't':
		return skipWord(b, i, "true")
	case 'f':
		return skipWord(b, i, "false")
	case 'n':
		return skipWord(b, i, "null")
	}
	return skipNumber(b, i)
}

// Object walks the object at b[i], a brace. member gets the name as it is
// written between the quotes and the value's offset, and gives the offset
// behind the value. Object gives the offset behind the object.
func Object(b []byte, i int, member func(name []byte, value int) (int, error)) (int, error) {
	i = Space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return 0, unexpected(b, i, "a name")
		}
		end, err := skipString(b, i)
		if err != nil {
			return 0, err
		}
		name := b[i+1 : end-1]
		i = Space(b, end)
		if i >= len(b) || b[i] != ':' {
			return 0, unexpected(b, i, "a colon")
		}
		if i, err = member(name, Space(b, i+1)); err != nil {
			return 0, err
		}
		i = Space(b, i)
		if i < len(b) && b[i] == '}' {
			return i + 1, nil
		}
		if i >= len(b) || b[i] != ',' {
			return 0, unexpected(b, i, "a comma or a closing brace")
		}
		i = Space(b, i+1)
	}
}

// Array walks the array at b[i], a bracket, as Object does.
func Array(b []byte, i int, element func(value int) (int, error)) (int, error) {
	i = Space(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		var err error
		if i, err = element(i); err != nil {
			return 0, err
		}
		i = Space(b, i)
		if i < len(b) && b[i] == ']' {
			return i + 1, nil
		}
		if i >= len(b) || b[i] != ',' {
			return 0, unexpected(b, i, "a comma or a closing bracket")
		}
		i = Space(b, i+1)
	}
}

// Unquote gives the text of a JSON string that is written between quotes as s.
func Unquote(s []byte) (string, error) {
	out, err := unescape(nil, s)
	return string(out), err
}

// unescape appends the text that s stands for, s being what lies between a
// JSON string's quotes. What is not UTF-8 becomes U+FFFD.
func unescape(dst, s []byte) ([]byte, error) {
	start := len(dst)
	for {
		n := bytes.IndexByte(s, '\\')
		if n < 0 {
			dst = append(dst, s...)
			break
		}
		dst = append(dst, s[:n]...)
		var err error
		if dst, s, err = escaped(dst, s[n+1:]); err != nil {
			return dst, err
		}
	}
	if !utf8.Valid(dst[start:]) {
		fixed := bytes.ToValidUTF8(dst[start:], []byte("\uFFFD"))
		dst = append(dst[:start], fixed...)
	}
	return dst, nil
}

// simpleEscapes are the letters after a backslash that stand for one byte.
var simpleEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escaped appends what the escape at the start of s stands for (the backslash
// is gone already) and gives the rest of s. A lone surrogate is U+FFFD.
func escaped(dst, s []byte) ([]byte, []byte, error) {
	if len(s) == 0 {
		return dst, s, bad(0, "a backslash at the end of a string")
	}
	if c := simpleEscapes[s[0]]; c != 0 {
		return append(dst, c), s[1:], nil
	}
	r, ok := hex4(s)
	if !ok {
		return dst, s, bad(0, fmt.Sprintf("an unknown escape \\%c in a string", s[0]))
	}
	s = s[5:]
	if utf16.IsSurrogate(r) {
		low, ok := rune(0), false
		if len(s) > 0 && s[0] == '\\' {
			low, ok = hex4(s[1:])
		}
		if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
			return utf8.AppendRune(dst, pair), s[6:], nil
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(dst, r), s, nil
}

// hex4 reads "uXXXX".
func hex4(s []byte) (rune, bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[1:5] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
