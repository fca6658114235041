package jinja

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// searchMethods are the methods of str that look for a part or split at one.
func searchMethods() map[string]method {
	return map[string]method{
		"find":       finder("find", strings.Index, false),
		"rfind":      finder("rfind", strings.LastIndex, false),
		"index":      finder("index", strings.Index, true),
		"rindex":     finder("rindex", strings.LastIndex, true),
		"count":      countMethod,
		"partition":  partition("partition", strings.Index),
		"rpartition": partition("rpartition", strings.LastIndex),
		"split":      splitter("split", false),
		"rsplit":     splitter("rsplit", true),
		"splitlines": splitLinesMethod,
	}
}

// window is text[start:end] for the optional arguments behind the first, with the
// offset in characters; false if start is behind the end.
func window(text string, a []Value) (string, int, bool) {
	if len(a) < 2 {
		return text, 0, true
	}
	runes := []rune(text)
	n := len(runes)
	bound := func(i, def int) int {
		if i >= len(a) || a[i] == nil {
			return def
		}
		b := clampIndex(a[i], def, n)
		if b < 0 {
			b = max(0, b+n)
		}
		return b
	}
	from, to := bound(1, 0), min(bound(2, n), n)
	if from > n || from > to {
		return "", from, false
	}
	return string(runes[from:to]), from, true
}

func finder(name string, find func(s, part string) int, strict bool) method {
	return func(_ *State, self Value, a Args) (Value, error) {
		if err := a.need(name, 1, 3); err != nil {
			return nil, err
		}
		part, ok := a.Pos[0].(string)
		if !ok {
			return nil, Errorf("TypeError", "must be str, not %s", TypeName(a.Pos[0]))
		}
		s, offset, ok := window(selfText(self), a.Pos)
		i := -1
		if ok {
			i = find(s, part)
		}
		switch {
		case i >= 0:
			return int64(utf8.RuneCountInString(s[:i]) + offset), nil
		case strict:
			return nil, Errorf("ValueError", "substring not found")
		}
		return int64(-1), nil
	}
}

func countMethod(_ *State, self Value, a Args) (Value, error) {
	if err := a.need("count", 1, 3); err != nil {
		return nil, err
	}
	part, ok := a.Pos[0].(string)
	if !ok {
		return nil, Errorf("TypeError", "must be str, not %s", TypeName(a.Pos[0]))
	}
	s, _, ok := window(selfText(self), a.Pos)
	if !ok {
		return int64(0), nil
	}
	return int64(strings.Count(s, part)), nil
}

func partition(name string, find func(s, part string) int) method {
	return func(_ *State, self Value, a Args) (Value, error) {
		if err := a.need(name, 1, 1); err != nil {
			return nil, err
		}
		s := selfText(self)
		part, ok := a.Pos[0].(string)
		if !ok {
			return nil, Errorf("TypeError", "must be str, not %s", TypeName(a.Pos[0]))
		}
		if part == "" {
			return nil, Errorf("ValueError", "empty separator")
		}
		i := find(s, part)
		switch {
		case i >= 0:
			return Tuple{s[:i], part, s[i+len(part):]}, nil
		case name == "rpartition":
			return Tuple{"", "", s}, nil
		}
		return Tuple{s, "", ""}, nil
	}
}

// splitter makes split and rsplit(sep=None, maxsplit=-1).
func splitter(name string, fromRight bool) method {
	return func(s *State, self Value, a Args) (Value, error) {
		v, err := a.Bind(name, Opt("sep", nil), Opt("maxsplit", int64(-1)))
		if err != nil {
			return nil, err
		}
		limit, ok := intOf(v[1])
		if !ok {
			return nil, Errorf("TypeError", "'%s' object cannot be interpreted as an integer", TypeName(v[1]))
		}
		t := selfText(self)
		var parts []string
		switch sep := v[0].(type) {
		case nil:
			parts = splitSpace(t, limit, fromRight)
		case string:
			if sep == "" {
				return nil, Errorf("ValueError", "empty separator")
			}
			parts = splitAt(t, sep, limit, fromRight)
		default:
			return nil, Errorf("TypeError", "must be str or None, not %s", TypeName(sep))
		}
		return textList(parts), s.growList(len(parts))
	}
}

func textList(parts []string) *List {
	l := &List{Items: make([]Value, len(parts))}
	for i, p := range parts {
		l.Items[i] = p
	}
	return l
}

func splitAt(s, sep string, limit int64, fromRight bool) []string {
	parts := strings.Split(s, sep)
	if limit < 0 || int64(len(parts)) <= limit+1 {
		return parts
	}
	if !fromRight {
		return strings.SplitN(s, sep, int(limit)+1)
	}
	n := len(parts) - int(limit)
	return append([]string{strings.Join(parts[:n], sep)}, parts[n:]...)
}

// splitSpace splits at runs of white space, at most limit times.
func splitSpace(s string, limit int64, fromRight bool) []string {
	var out []string
	rest := trimEnds(s, fromRight)
	for rest != "" {
		i := strings.IndexFunc(rest, isSpace)
		if fromRight {
			i = strings.LastIndexFunc(rest, isSpace)
		}
		if i < 0 || limit >= 0 && int64(len(out)) >= limit {
			out = append(out, rest)
			break
		}
		if _, size := utf8.DecodeRuneInString(rest[i:]); fromRight {
			out, rest = append(out, rest[i+size:]), trimEnds(rest[:i], true)
		} else {
			out, rest = append(out, rest[:i]), trimEnds(rest[i:], false)
		}
	}
	if fromRight {
		slices.Reverse(out)
	}
	return out
}

// trimEnds takes the white space off the side where splitting begins.
func trimEnds(s string, fromRight bool) string {
	if fromRight {
		return strings.TrimRightFunc(s, isSpace)
	}
	return strings.TrimLeftFunc(s, isSpace)
}

func splitLinesMethod(s *State, self Value, a Args) (Value, error) {
	v, err := a.Bind("splitlines", Opt("keepends", false))
	if err != nil {
		return nil, err
	}
	lines := splitLines(selfText(self), Truth(v[0]))
	return textList(lines), s.growList(len(lines))
}

// splitLines is str.splitlines: at every line boundary that Unicode knows.
func splitLines(s string, keepEnds bool) []string {
	var out []string
	for s != "" {
		i := strings.IndexFunc(s, isLineEnd)
		if i < 0 {
			return append(out, s)
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		end := i + size
		if strings.HasPrefix(s[i:], "\r\n") {
			end++
		}
		if keepEnds {
			out = append(out, s[:end])
		} else {
			out = append(out, s[:i])
		}
		s = s[end:]
	}
	return out
}

func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}
