package compiler

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a stretch of SQL that is looked at as one: a word, a comment, a
// literal, white space or any other character.
type token struct {
	kind  tokenKind
	start int
	end   int
}

type tokenKind uint8

const (
	space tokenKind = iota
	comment
	word
	literal
	other
)

// tokens cuts SQL as far as is needed to tell code from comments and literals.
// It takes any text: what is not closed ends at the end.
func tokens(sql string) []token {
	var out []token
	for at := 0; at < len(sql); {
		t := next(sql, at)
		out = append(out, t)
		at = t.end
	}
	return out
}

func next(sql string, at int) token {
	rest := sql[at:]
	c := rest[0]
	upTo := func(kind tokenKind, skip int, close string) token {
		if i := strings.Index(rest[skip:], close); i >= 0 {
			return token{kind, at, at + skip + i + len(close)}
		}
		return token{kind, at, len(sql)}
	}
	switch {
	case strings.HasPrefix(rest, "--"):
		return upTo(comment, 2, "\n")
	case strings.HasPrefix(rest, "/*"):
		return upTo(comment, 2, "*/")
	case c == '\'' || c == '"':
		return upTo(literal, 1, string(c))
	case strings.HasPrefix(rest, "$$"):
		return upTo(literal, 2, "$$")
	}
	run := func(kind tokenKind, in func(rune) bool) token {
		for i, r := range rest {
			if !in(r) {
				return token{kind, at, at + i}
			}
		}
		return token{kind, at, len(sql)}
	}
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case unicode.IsSpace(r):
		return run(space, unicode.IsSpace)
	case unicode.IsLetter(r) || r == '_':
		return run(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' })
	}
	return token{other, at, at + size}
}

// stripComments replaces comments by a space.
func stripComments(sql string) string {
	var b strings.Builder
	for _, t := range tokens(sql) {
		if t.kind == comment {
			b.WriteByte(' ')
			continue
		}
		b.WriteString(sql[t.start:t.end])
	}
	return b.String()
}

// trimStatement drops the semicolons that end a statement; comments stay.
func trimStatement(sql string) string {
	all := tokens(sql)
	out := sql
	for i := len(all) - 1; i >= 0; i-- {
		t := all[i]
		switch {
		case t.kind == space || t.kind == comment:
			continue
		case t.kind == other && sql[t.start:t.end] == ";":
			out = out[:t.start] + out[t.end:]
			continue
		}
		break
	}
	return strings.TrimSpace(out)
}

// statements counts the statements that semicolons separate.
func statements(sql string) int {
	n, begun := 0, false
	for _, t := range tokens(sql) {
		switch {
		case t.kind == space || t.kind == comment:
		case t.kind == other && sql[t.start:t.end] == ";":
			begun = false
		case !begun:
			n, begun = n+1, true
		}
	}
	return n
}

// cte is an ephemeral model's compiled SQL.
type cte struct {
	name string
	sql  string
}

// injectCTEs puts the common table expressions before the statement's own, as
// dbt does: after its WITH if it begins with one, else with a WITH of their own.
func injectCTEs(sql string, ctes []cte) string {
	if len(ctes) == 0 {
		return sql
	}
	texts := make([]string, len(ctes))
	for i, c := range ctes {
		texts[i] = c.name + " as (\n" + c.sql + "\n)"
	}
	list := strings.Join(texts, ", ")
	first, after := -1, -1
	for _, t := range tokens(sql) {
		if t.kind == space || t.kind == comment {
			continue
		}
		text := sql[t.start:t.end]
		if first < 0 {
			first = t.start
		}
		if after < 0 && t.kind == word && strings.EqualFold(text, "with") {
			after = t.end
			continue
		}
		if after >= 0 && t.kind == word && strings.EqualFold(text, "recursive") {
			after = t.end
		}
		break
	}
	if after >= 0 {
		return sql[:after] + " " + list + "," + sql[after:]
	}
	first = max(first, 0)
	return sql[:first] + "with " + list + "\n" + sql[first:]
}
