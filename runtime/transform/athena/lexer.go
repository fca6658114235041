package athena

import "strings"

// tokenKind is what sort of token a piece of SQL is.
type tokenKind uint8

const (
	word    tokenKind = iota + 1 // an unquoted name, keyword or number
	quoted                       // "a name"
	literal                      // 'a string'
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

// name is the identifier that the token writes; "" if it writes none.
func (t token) name() string {
	switch t.kind {
	case word:
		return t.text
	case quoted:
		return strings.ReplaceAll(strings.TrimSuffix(t.text[1:], `"`), `""`, `"`)
	}
	return ""
}

// scan cuts a statement into tokens. It refuses nothing: what does not end is
// a token up to the end, and Athena's parser says what is wrong.
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
	end := func(mark string, with int) int {
		if n := strings.Index(s, mark); n >= 0 {
			return n + with
		}
		return len(s)
	}
	switch {
	case strings.IndexByte(" \t\r\n\f\v", s[0]) >= 0:
		return 1
	case strings.HasPrefix(s, "--"):
		return end("\n", 0)
	case strings.HasPrefix(s, "/*"):
		if n := strings.Index(s[2:], "*/"); n >= 0 { // Trino's do not nest
			return n + 4
		}
		return len(s)
	}
	return 0
}

func next(s string) (tokenKind, int) {
	switch c := s[0]; {
	case c == '\'':
		return literal, enclosed(s, '\'')
	case c == '"':
		return quoted, enclosed(s, '"')
	case wordByte(c):
		n := 1
		for n < len(s) && wordByte(s[n]) {
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
