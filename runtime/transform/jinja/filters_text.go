package jinja

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// textFilters are jinja2's filters on text.
func textFilters() map[string]Filter {
	same := textFilter(func(s string) string { return s })
	escape := textFilter(htmlEscaper.Replace)
	return map[string]Filter{
		"upper":       textFilter(strings.ToUpper),
		"lower":       textFilter(strings.ToLower),
		"title":       textFilter(titleFilter),
		"capitalize":  textFilter(capitalize),
		"string":      same,
		"safe":        same,
		"e":           escape,
		"escape":      escape,
		"forceescape": escape,
		"striptags":   textFilter(stripTags),
		"wordcount":   wordCount,
		"trim":        trimFilter,
		"replace":     replaceFilter,
		"indent":      indentFilter,
		"truncate":    truncateFilter,
		"center":      centerFilter,
		"format":      formatFilter,
		"urlencode":   urlEncode,
		"tojson":      toJSONFilter,
	}
}

// textFilter makes a Filter of a function on the value's text.
func textFilter(f func(string) string) Filter {
	return func(s *State, in Value, a Args) (Value, error) {
		if _, err := a.Bind("filter"); err != nil {
			return nil, err
		}
		t, err := text(in)
		if err != nil {
			return nil, err
		}
		return f(t), s.grow(len(t))
	}
}

var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;")

var (
	wordBeginnings = regexp.MustCompile(`[-\s({\[<]+`)
	words          = regexp.MustCompile(`[\pL\pN_]+`)
	htmlComments   = regexp.MustCompile(`(?s)<!--.*?-->`)
	htmlTags       = regexp.MustCompile(`(?s)<.*?>`)
)

// titleFilter capitalizes words that begin after a space or an opening bracket;
// unlike str.title() it leaves "it's" one word.
func titleFilter(s string) string {
	var b strings.Builder
	pos := 0
	for _, m := range wordBeginnings.FindAllStringIndex(s, -1) {
		b.WriteString(capitalize(s[pos:m[0]]))
		b.WriteString(s[m[0]:m[1]])
		pos = m[1]
	}
	b.WriteString(capitalize(s[pos:]))
	return b.String()
}

// capitalize is str.capitalize().
func capitalize(s string) string {
	for i, r := range s {
		rest := s[i+len(string(r)):]
		return string(unicode.ToTitle(r)) + strings.ToLower(rest)
	}
	return s
}

func stripTags(s string) string {
	s = htmlTags.ReplaceAllString(htmlComments.ReplaceAllString(s, ""), "")
	return html.UnescapeString(strings.Join(strings.FieldsFunc(s, isSpace), " "))
}

func wordCount(_ *State, in Value, _ Args) (Value, error) {
	return int64(len(words.FindAllString(Str(in), -1))), nil
}

func trimFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("trim", Opt("chars", nil))
	if err != nil {
		return nil, err
	}
	return stripText(Str(in), v[0], true, true)
}

func replaceFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("replace", Req("old"), Req("new"), Opt("count", nil))
	if err != nil {
		return nil, err
	}
	count := int64(-1)
	if v[2] != nil {
		var ok bool
		if count, ok = intOf(v[2]); !ok {
			return nil, Errorf("TypeError", "'%s' object cannot be interpreted as an integer", TypeName(v[2]))
		}
	}
	return s.replaceText(Str(in), Str(v[0]), Str(v[1]), count)
}

// replaceText is str.replace, within the limits.
func (s *State) replaceText(in, old, replacement string, count int64) (Value, error) {
	n := strings.Count(in, old)
	if count >= 0 {
		n = int(min(int64(n), count))
	}
	if err := s.growBy(n, len(replacement)); err != nil {
		return nil, err
	}
	return strings.Replace(in, old, replacement, n), s.grow(len(in))
}

func indentFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("indent", Opt("width", int64(4)), Opt("first", false), Opt("blank", false))
	if err != nil {
		return nil, err
	}
	lines := splitLines(Str(in)+"\n", false)
	indention, ok := v[0].(string)
	if !ok {
		n, isInt := intOf(v[0])
		if !isInt {
			return nil, Errorf("TypeError", "can't multiply sequence by non-int of type '%s'", TypeName(v[0]))
		}
		n = min(max(n, 0), maxStringBytes)
		if err := s.growBy(len(lines), int(n)); err != nil {
			return nil, err
		}
		indention = strings.Repeat(" ", int(n))
	}
	if err := s.growBy(len(lines), len(indention)); err != nil {
		return nil, err
	}
	for i := range lines {
		if i > 0 && (lines[i] != "" || Truth(v[2])) || i == 0 && Truth(v[1]) {
			lines[i] = indention + lines[i]
		}
	}
	return strings.Join(lines, "\n"), nil
}

func truncateFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("truncate", Opt("length", int64(255)), Opt("killwords", false), Opt("end", "..."), Opt("leeway", nil))
	if err != nil {
		return nil, err
	}
	length, okLength := intOf(v[0])
	leeway, okLeeway := int64(5), true
	if v[3] != nil {
		leeway, okLeeway = intOf(v[3])
	}
	end := Str(v[2])
	runes, keep := []rune(Str(in)), length-int64(len([]rune(end)))
	if !okLength || !okLeeway || keep < 0 || leeway < 0 {
		return nil, Errorf("AssertionError", "truncate expects a length of at least that of its end, and a leeway >= 0")
	}
	if int64(len(runes)) <= length || int64(len(runes))-length <= leeway {
		return string(runes), nil
	}
	kept := string(runes[:keep])
	if i := strings.LastIndex(kept, " "); i >= 0 && !Truth(v[1]) {
		kept = kept[:i]
	}
	return kept + end, nil
}

func centerFilter(s *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("center", Opt("width", int64(80)))
	if err != nil {
		return nil, err
	}
	return s.justify("center", Str(in), Positional(v[0]))
}

func formatFilter(s *State, in Value, a Args) (Value, error) {
	if len(a.Kw) > 0 {
		if len(a.Pos) > 0 {
			return nil, Errorf("FilterArgumentError", "can't handle positional and keyword arguments at the same time")
		}
		return s.percentFormat(Str(in), a.KwDict())
	}
	return s.percentFormat(Str(in), Tuple(a.Pos))
}

// urlEncode quotes a text, or the pairs of a mapping or a list as a query.
func urlEncode(s *State, in Value, a Args) (Value, error) {
	if _, err := a.Bind("urlencode"); err != nil {
		return nil, err
	}
	if _, isText := in.(string); isText || !isIterable(in) || IsUndefined(in) {
		return quoteURL(Str(in), "/"), nil
	}
	d := NewDict()
	if err := s.mergeDict(d, in); err != nil {
		return nil, err
	}
	parts := make([]string, d.Len())
	for i := range parts {
		k, v := d.At(i)
		parts[i] = quoteQuery(Str(k)) + "=" + quoteQuery(Str(v))
	}
	return strings.Join(parts, "&"), nil
}

// quoteURL is urllib's quote: safe characters stay.
func quoteURL(s, safe string) string {
	q := strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
	q = strings.ReplaceAll(q, "%7E", "~")
	for _, c := range safe {
		q = strings.ReplaceAll(q, url.QueryEscape(string(c)), string(c))
	}
	return q
}

func quoteQuery(s string) string { return strings.ReplaceAll(quoteURL(s, ""), "%20", "+") }

var jsonHTML = strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`, "'", `\u0027`)

// toJSONFilter is jinja2's tojson: keys sorted, safe in HTML.
func toJSONFilter(_ *State, in Value, a Args) (Value, error) {
	v, err := a.Bind("tojson", Opt("indent", nil))
	if err != nil {
		return nil, err
	}
	o := JSONOptions{SortKeys: true}
	if n, ok := intOf(v[0]); ok && n > 0 {
		o.Indent = strings.Repeat(" ", int(min(n, 80)))
	}
	t, err := ToJSON(in, o)
	return jsonHTML.Replace(t), err
}
