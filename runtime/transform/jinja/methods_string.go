package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// stringMethods are those of Python's str.
func stringMethods() map[string]method {
	m := map[string]method{
		"upper":      plain("upper", strings.ToUpper),
		"lower":      plain("lower", strings.ToLower),
		"casefold":   plain("casefold", strings.ToLower),
		"title":      plain("title", titleMethod),
		"capitalize": plain("capitalize", capitalize),
		"swapcase":   plain("swapcase", swapCase),
		"encode":     func(_ *State, self Value, _ Args) (Value, error) { return self, nil },
		"isdigit":    every("isdigit", unicode.IsDigit),
		"isdecimal":  every("isdecimal", unicode.IsDigit),
		"isnumeric":  every("isnumeric", unicode.IsNumber),
		"isalpha":    every("isalpha", unicode.IsLetter),
		"isalnum":    every("isalnum", func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }),
		"isspace":    every("isspace", isSpace),
		"isascii":    predicate("isascii", func(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 }),
		"isupper":    predicate("isupper", isUpper),
		"islower":    predicate("islower", isLower),
		"istitle":    predicate("istitle", func(s string) bool { return s == titleMethod(s) && s != strings.ToLower(s) }),
		"isidentifier": predicate("isidentifier", func(s string) bool {
			return s != "" && !unicode.IsDigit([]rune(s)[0]) && strings.IndexFunc(s, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) < 0
		}),
		"strip":        stripMethod("strip", true, true),
		"lstrip":       stripMethod("lstrip", true, false),
		"rstrip":       stripMethod("rstrip", false, true),
		"startswith":   affix("startswith", strings.HasPrefix),
		"endswith":     affix("endswith", strings.HasSuffix),
		"removeprefix": removeAffix("removeprefix", strings.TrimPrefix),
		"removesuffix": removeAffix("removesuffix", strings.TrimSuffix),
		"replace":      replaceMethod,
		"join":         joinMethod,
		"format": func(s *State, self Value, a Args) (Value, error) {
			return s.braceFormat(selfText(self), a)
		},
		"format_map": formatMap,
		"zfill":      zfill,
		"expandtabs": expandTabs,
	}
	for _, name := range []string{"ljust", "rjust", "center"} {
		m[name] = func(s *State, self Value, a Args) (Value, error) { return s.justify(name, selfText(self), a) }
	}
	for name, f := range searchMethods() {
		m[name] = f
	}
	return m
}

func selfText(self Value) string {
	s, _ := self.(string)
	return s
}

// plain makes a method without arguments.
func plain(name string, f func(string) string) method {
	return func(s *State, self Value, a Args) (Value, error) {
		if err := a.need(name, 0, 0); err != nil {
			return nil, err
		}
		t := selfText(self)
		return f(t), s.grow(len(t))
	}
}

func predicate(name string, f func(string) bool) method {
	return func(_ *State, self Value, a Args) (Value, error) {
		return f(selfText(self)), a.need(name, 0, 0)
	}
}

// every makes a predicate that holds for all characters of a text that has some.
func every(name string, f func(rune) bool) method {
	return predicate(name, func(s string) bool {
		return s != "" && strings.IndexFunc(s, func(r rune) bool { return !f(r) }) < 0
	})
}

// titleMethod is str.title(): every run of letters is capitalized.
func titleMethod(s string) string {
	var b strings.Builder
	inWord := false
	for _, r := range s {
		switch {
		case !unicode.IsLetter(r):
			b.WriteRune(r)
		case inWord:
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteRune(unicode.ToTitle(r))
		}
		inWord = unicode.IsLetter(r)
	}
	return b.String()
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, s)
}

// stripText is str.strip and its kin; chars nil strips white space.
func stripText(s string, chars Value, left, right bool) (Value, error) {
	drop := isSpace
	if chars != nil {
		set, ok := chars.(string)
		if !ok {
			return nil, Errorf("TypeError", "strip arg must be None or str, not %s", TypeName(chars))
		}
		drop = func(r rune) bool { return strings.ContainsRune(set, r) }
	}
	if left {
		s = strings.TrimLeftFunc(s, drop)
	}
	if right {
		s = strings.TrimRightFunc(s, drop)
	}
	return s, nil
}

func stripMethod(name string, left, right bool) method {
	return func(_ *State, self Value, a Args) (Value, error) {
		if err := a.need(name, 0, 1); err != nil {
			return nil, err
		}
		return stripText(selfText(self), a.Get(0, "", nil), left, right)
	}
}

// affix makes startswith and endswith: one text or a tuple of some, within [start:end].
func affix(name string, f func(s, part string) bool) method {
	return func(_ *State, self Value, a Args) (Value, error) {
		if err := a.need(name, 1, 3); err != nil {
			return nil, err
		}
		s, _, ok := window(selfText(self), a.Pos)
		choices, isTuple := a.Pos[0].(Tuple)
		if !isTuple {
			choices = Tuple{a.Pos[0]}
		}
		for _, c := range choices {
			part, isText := c.(string)
			if !isText {
				return nil, Errorf("TypeError", "%s first arg must be str or a tuple of str, not %s", name, TypeName(c))
			}
			if ok && f(s, part) {
				return true, nil
			}
		}
		return false, nil
	}
}

func removeAffix(name string, f func(s, part string) string) method {
	return func(_ *State, self Value, a Args) (Value, error) {
		if err := a.need(name, 1, 1); err != nil {
			return nil, err
		}
		part, ok := a.Pos[0].(string)
		if !ok {
			return nil, Errorf("TypeError", "%s() argument must be str, not %s", name, TypeName(a.Pos[0]))
		}
		return f(selfText(self), part), nil
	}
}

func replaceMethod(s *State, self Value, a Args) (Value, error) {
	if err := a.need("replace", 2, 3); err != nil {
		return nil, err
	}
	old, ok1 := a.Pos[0].(string)
	replacement, ok2 := a.Pos[1].(string)
	if !ok1 || !ok2 {
		i := 0
		if ok1 {
			i = 1
		}
		return nil, Errorf("TypeError", "replace() argument %d must be str, not %s", i+1, TypeName(a.Pos[i]))
	}
	count, ok := intOf(a.Get(2, "count", int64(-1)))
	if !ok {
		return nil, Errorf("TypeError", "'%s' object cannot be interpreted as an integer", TypeName(a.Pos[2]))
	}
	return s.replaceText(selfText(self), old, replacement, count)
}

func joinMethod(s *State, self Value, a Args) (Value, error) {
	if err := a.need("join", 1, 1); err != nil {
		return nil, err
	}
	items, err := s.Items(a.Pos[0])
	if err != nil {
		if !isIterable(a.Pos[0]) {
			err = Errorf("TypeError", "can only join an iterable")
		}
		return nil, err
	}
	parts, size := make([]string, len(items)), 0
	for i, v := range items {
		part, ok := v.(string)
		if !ok {
			return nil, Errorf("TypeError", "sequence item %d: expected str instance, %s found", i, TypeName(v))
		}
		if size += len(part) + len(selfText(self)); size > maxStringBytes {
			return nil, s.grow(size)
		}
		parts[i] = part
	}
	return strings.Join(parts, selfText(self)), s.grow(size)
}

func formatMap(s *State, self Value, a Args) (Value, error) {
	if err := a.need("format_map", 1, 1); err != nil {
		return nil, err
	}
	d, err := dictFrom(a.Pos[0])
	if err != nil {
		return nil, err
	}
	var kw Args
	for i, k := range d.keys {
		kw.Kw = append(kw.Kw, Keyword{Str(k), d.values[i]})
	}
	return s.braceFormat(selfText(self), kw)
}

func zfill(s *State, self Value, a Args) (Value, error) {
	if err := a.need("zfill", 1, 1); err != nil {
		return nil, err
	}
	t, sign := selfText(self), ""
	if strings.HasPrefix(t, "-") || strings.HasPrefix(t, "+") {
		sign, t = t[:1], t[1:]
	}
	width, err := s.width(a.Pos[0])
	if err != nil {
		return nil, err
	}
	return sign + pad(t, width-len(sign), '>', '0'), nil
}

func expandTabs(s *State, self Value, a Args) (Value, error) {
	size, err := s.width(a.Get(0, "tabsize", int64(8)))
	if err != nil {
		return nil, err
	}
	if err := s.growBy(strings.Count(selfText(self), "\t"), size); err != nil {
		return nil, err
	}
	var b strings.Builder
	column := 0
	for _, r := range selfText(self) {
		switch {
		case r == '\t' && size > 0:
			n := size - column%size
			b.WriteString(strings.Repeat(" ", n))
			column += n
		case r == '\t':
		default:
			b.WriteRune(r)
			column++
			if r == '\n' || r == '\r' {
				column = 0
			}
		}
	}
	return b.String(), nil
}

// width is a width argument, within the limits.
func (s *State) width(v Value) (int, error) {
	n, ok := intOf(v)
	if !ok {
		return 0, Errorf("TypeError", "'%s' object cannot be interpreted as an integer", TypeName(v))
	}
	n = min(max(n, 0), maxStringBytes+1)
	return int(n), s.grow(int(n))
}

// justify is ljust, rjust and center(width, fillchar).
func (s *State) justify(name, text string, a Args) (Value, error) {
	if err := a.need(name, 1, 2); err != nil {
		return nil, err
	}
	width, err := s.width(a.Pos[0])
	if err != nil {
		return nil, err
	}
	fill := []rune(Str(a.Get(1, "fillchar", " ")))
	if len(fill) != 1 {
		return nil, Errorf("TypeError", "The fill character must be exactly one character long")
	}
	missing := width - utf8.RuneCountInString(text)
	switch {
	case missing <= 0:
		return text, nil
	case name == "ljust":
		return pad(text, width, '<', fill[0]), nil
	case name == "rjust":
		return pad(text, width, '>', fill[0]), nil
	}
	left := missing/2 + missing&width&1 // as CPython has it
	return pad(pad(text, width-missing+left, '>', fill[0]), width, '<', fill[0]), nil
}

// pad fills text up to width; align is where the text stays: < left, > right, ^ in the middle.
func pad(text string, width int, align byte, fill rune) string {
	missing := width - utf8.RuneCountInString(text)
	if missing <= 0 {
		return text
	}
	left := missing
	switch align {
	case '<':
		left = 0
	case '^':
		left = missing / 2
	}
	f := string(fill)
	return strings.Repeat(f, left) + text + strings.Repeat(f, missing-left)
}
