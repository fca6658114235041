package pymodules

import (
	"fmt"
	"regexp"
	"strings"
)

var inlineFlags = regexp.MustCompile(`^\(\?([aiLmsux]+)\)`)

// translate turns Python's syntax into regexp2's (.NET): all groups become unnamed, so
// that their numbers agree, and names are resolved here. Flags at the front ("(?x)")
// are given back, as they hold for the whole pattern.
func (p *pattern) translate() (out string, flags int64) {
	p.names = map[string]int{}
	s := p.source
	if m := inlineFlags.FindStringSubmatch(s); m != nil {
		for _, c := range m[1] {
			flags |= map[rune]int64{'i': flagIgnoreCase, 'm': flagMultiline, 's': flagDotAll, 'x': flagVerbose}[c]
		}
		s = s[len(m[0]):]
	}
	var b strings.Builder
	verbose := (p.flags|flags)&flagVerbose != 0
	for i := 0; i < len(s); {
		if verbose && s[i] == '#' { // a comment; brackets in it are no groups
			end := strings.IndexByte(s[i:], '\n')
			if end < 0 {
				break
			}
			i += end
			continue
		}
		i += p.element(&b, s[i:])
	}
	return b.String(), flags
}

// element translates what s begins with and tells how much of s that was.
func (p *pattern) element(b *strings.Builder, s string) int {
	switch {
	case s[0] == '\\' && len(s) > 1:
		return p.escaped(b, s)
	case s[0] == '[':
		n := classEnd(s)
		b.WriteByte('[')
		b.WriteString(strings.ReplaceAll(s[1:n], "[", `\[`))
		return n
	case strings.HasPrefix(s, "{,"):
		b.WriteString("{0,")
		return 2
	case s[0] == '(':
		return p.group(b, s)
	}
	b.WriteByte(s[0])
	return 1
}

func (p *pattern) escaped(b *strings.Builder, s string) int {
	c := s[1]
	switch {
	case c == 'Z':
		b.WriteString(`\z`)
	case c >= '1' && c <= '9':
		n := 2
		if len(s) > 2 && s[2] >= '0' && s[2] <= '9' {
			n = 3
		}
		b.WriteString("(?:" + s[:n] + ")")
		return n
	default:
		b.WriteString(s[:2])
	}
	return 2
}

// classEnd is the length of the character class at the start of s, without its closing
// bracket if that is missing.
func classEnd(s string) int {
	i := 1
	if i < len(s) && s[i] == '^' {
		i++
	}
	if i < len(s) && s[i] == ']' {
		i++
	}
	for i < len(s) {
		switch s[i] {
		case '\\':
			i++
		case ']':
			return i + 1
		}
		i++
	}
	return len(s)
}

// group translates an opening bracket with what makes it special.
func (p *pattern) group(b *strings.Builder, s string) int {
	if !strings.HasPrefix(s, "(?") {
		p.groups++
		b.WriteByte('(')
		return 1
	}
	if strings.HasPrefix(s, "(?#") {
		if end := strings.IndexByte(s, ')'); end >= 0 {
			return end + 1
		}
	}
	if rest, ok := strings.CutPrefix(s, "(?P<"); ok {
		if name, _, ok := strings.Cut(rest, ">"); ok {
			p.groups++
			p.names[name] = p.groups
			b.WriteByte('(')
			return len("(?P<>") + len(name)
		}
	}
	if rest, ok := strings.CutPrefix(s, "(?P="); ok {
		if name, _, ok := strings.Cut(rest, ")"); ok {
			fmt.Fprintf(b, `(?:\%d)`, p.names[name])
			return len("(?P=)") + len(name)
		}
	}
	b.WriteString("(?")
	return 2
}
