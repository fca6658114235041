package duckdb

import "strings"

// tokenKind is what sort of token a piece of SQL is.
type tokenKind uint8

const (
	word    tokenKind = iota + 1 // an unquoted name, keyword or number
	quoted                       // "a name"
	literal                      // 'a string', E'a string'; the prefixes X and U& are words of their own
	symbol                       // one byte of anything else
)

// token is a piece of a statement: text[start:end]. Space and comments are none.
type token struct {
	kind       tokenKind
	text       string
	start, end int
}

// is says whether the token is one of these keywords or symbols.
func (t token) is(words ...string) bool {
	if t.kind != word && t.kind != symbol {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(t.text, w) {
			return true
		}
	}
	return false
}

// scan cuts a statement into tokens. It refuses nothing: what does not end is
// a token up to the end, and DuckDB's parser says what is wrong.
func scan(sql string) []token {
	var tokens []token
	for i := 0; i < len(sql); {
		if n := blank(sql[i:]); n > 0 {
			i += n
			continue
		}
		kind, n := next(sql[i:])
		tokens = append(tokens, token{kind, sql[i : i+n], i, i + n})
		i += n
	}
	return tokens
}

// blank gives the length of the space or comment that s begins with.
func blank(s string) int {
	switch {
	case strings.IndexByte(" \t\r\n\f\v", s[0]) >= 0:
		return 1
	case strings.HasPrefix(s, "--"):
		if n := strings.IndexByte(s, '\n'); n >= 0 {
			return n
		}
		return len(s)
	case strings.HasPrefix(s, "/*"):
		return blockComment(s)
	}
	return 0
}

// blockComment gives the length of a comment that may hold others.
func blockComment(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

func next(s string) (tokenKind, int) {
	switch c := s[0]; {
	case c == '\'':
		return literal, enclosed(s, '\'')
	case (c == 'e' || c == 'E') && strings.HasPrefix(s[1:], "'"):
		return literal, 1 + escaped(s[1:])
	case c == '"':
		return quoted, enclosed(s, '"')
	case c == '$':
		if n := dollarQuoted(s); n > 0 {
			return literal, n
		}
		return symbol, 1
	case wordByte(c):
		n := 1
		for n < len(s) && (wordByte(s[n]) || s[n] == '$') {
			n++
		}
		return word, n
	}
	return symbol, 1
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// enclosed gives the length of what lies between two of q; a doubled one is one inside.
func enclosed(s string, q byte) int {
	for i := 1; i < len(s); i++ {
		if s[i] != q {
			continue
		}
		if i+1 < len(s) && s[i+1] == q {
			i++
			continue
		}
		return i + 1
	}
	return len(s)
}

// escaped gives the length of an E string after its E: \' does not end it.
func escaped(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s), s[i] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == '\'':
			return i + 1
		}
	}
	return len(s)
}

// dollarQuoted gives the length of $tag$ … $tag$, 0 if s is no such string.
func dollarQuoted(s string) int {
	n := 1
	for n < len(s) && wordByte(s[n]) {
		n++
	}
	if n == len(s) || s[n] != '$' || n > 1 && s[1] >= '0' && s[1] <= '9' {
		return 0
	}
	tag := s[:n+1]
	if end := strings.Index(s[n+1:], tag); end >= 0 {
		return n + 1 + end + len(tag)
	}
	return len(s)
}
