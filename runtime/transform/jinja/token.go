package jinja

import "unicode"

type tokenKind int

const (
	tokEOF tokenKind = iota
	tokData
	tokBlockBegin
	tokBlockEnd
	tokVariableBegin
	tokVariableEnd
	tokName
	tokInt
	tokFloat
	tokString
	tokOperator
)

// token is one lexical element. text is the source of a name, an operator or data;
// value is the meaning of a string or a number.
type token struct {
	kind  tokenKind
	text  string
	value Value
	line  int
}

// describe names a token for messages, as jinja2 does.
func (t token) describe() string {
	switch t.kind {
	case tokEOF:
		return "end of template"
	case tokData:
		return "template data"
	case tokBlockBegin:
		return "begin of statement block"
	case tokBlockEnd:
		return "end of statement block"
	case tokVariableBegin:
		return "begin of print statement"
	case tokVariableEnd:
		return "end of print statement"
	case tokString:
		return Repr(t.value)
	case tokInt, tokFloat:
		return Str(t.value)
	}
	return t.text
}

// isSpace is Python's str.isspace for one character.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isNameByte takes all bytes of non-ASCII letters for part of a name; spaces are checked apart.
func isNameByte(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 || isDigit(c)
}
