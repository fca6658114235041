package pymodules

import (
	"strings"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// patternOp is an operation that is both a function of the module (with the
// pattern first and flags last) and a method of a pattern.
type patternOp struct {
	params []jinja.Param
	run    func(s *jinja.State, p *pattern, a []jinja.Value) (jinja.Value, error)
}

var (
	stringParam = []jinja.Param{jinja.Req("string")}
	subParams   = []jinja.Param{jinja.Req("repl"), jinja.Req("string"), jinja.Opt("count", int64(0))}
)

var patternOps = map[string]patternOp{
	"search":    {stringParam, onText(func(_ *jinja.State, p *pattern, t string) (jinja.Value, error) { return p.first(p.re, t) })},
	"match":     {stringParam, onText(func(_ *jinja.State, p *pattern, t string) (jinja.Value, error) { return p.first(p.start, t) })},
	"fullmatch": {stringParam, onText(func(_ *jinja.State, p *pattern, t string) (jinja.Value, error) { return p.first(p.full, t) })},
	"findall":   {stringParam, onText(findAll)},
	"finditer":  {stringParam, onText(findIter)},
	"split":     {[]jinja.Param{jinja.Req("string"), jinja.Opt("maxsplit", int64(0))}, split},
	"sub": {subParams, func(s *jinja.State, p *pattern, a []jinja.Value) (jinja.Value, error) {
		text, _, err := substitute(s, p, a)
		return text, err
	}},
	"subn": {subParams, func(s *jinja.State, p *pattern, a []jinja.Value) (jinja.Value, error) {
		text, n, err := substitute(s, p, a)
		return jinja.Tuple{text, n}, err
	}},
}

func onText(f func(s *jinja.State, p *pattern, text string) (jinja.Value, error)) func(*jinja.State, *pattern, []jinja.Value) (jinja.Value, error) {
	return func(s *jinja.State, p *pattern, a []jinja.Value) (jinja.Value, error) {
		text, ok := a[0].(string)
		if !ok {
			return nil, jinja.Errorf("TypeError", "expected string or bytes-like object, got '%s'", jinja.TypeName(a[0]))
		}
		return f(s, p, text)
	}
}

// moduleFunction is re.<name>(pattern, ..., flags=0).
func (o patternOp) moduleFunction(m *reModule, name string) jinja.Func {
	params := append(append([]jinja.Param{jinja.Req("pattern")}, o.params...), jinja.Opt("flags", int64(0)))
	return func(s *jinja.State, a jinja.Args) (jinja.Value, error) {
		v, err := a.Bind(name, params...)
		if err != nil {
			return nil, err
		}
		p, err := m.compile(v[0], v[len(v)-1])
		if err != nil {
			return nil, err
		}
		return o.run(s, p, v[1:len(v)-1])
	}
}

// TypeName is Python's.
func (p *pattern) TypeName() string { return "re.Pattern" }

// Repr is Python's, without flags.
func (p *pattern) Repr() string { return "re.compile(" + jinja.Repr(p.source) + ")" }

// Attr gives the methods and fields of a compiled pattern.
func (p *pattern) Attr(name string) (jinja.Value, bool) {
	switch name {
	case "pattern":
		return p.source, true
	case "flags":
		return p.flags, true
	case "groups":
		return int64(p.groups), true
	}
	op, ok := patternOps[name]
	if !ok {
		return nil, false
	}
	return jinja.Func(func(s *jinja.State, a jinja.Args) (jinja.Value, error) {
		v, err := a.Bind(name, op.params...)
		if err != nil {
			return nil, err
		}
		return op.run(s, p, v)
	}), true
}

func findAll(s *jinja.State, p *pattern, text string) (jinja.Value, error) {
	matches, err := p.all(s, text, 0)
	if err != nil {
		return nil, err
	}
	out := jinja.NewList()
	for _, m := range matches {
		switch p.groups {
		case 0:
			out.Append(m.value(0, ""))
		case 1:
			out.Append(m.value(1, ""))
		default:
			out.Append(m.tuple(""))
		}
	}
	return out, nil
}

func findIter(s *jinja.State, p *pattern, text string) (jinja.Value, error) {
	matches, err := p.all(s, text, 0)
	if err != nil {
		return nil, err
	}
	i := 0
	return jinja.NewIterator("finditer", func() (jinja.Value, bool, error) {
		if i >= len(matches) {
			return nil, false, nil
		}
		i++
		return matches[i-1], true, nil
	}), nil
}

// split is re.split: captured groups are part of the result.
func split(s *jinja.State, p *pattern, a []jinja.Value) (jinja.Value, error) {
	text, err := textArg("split", a[0])
	if err != nil {
		return nil, err
	}
	limit, err := intArg(a[1])
	if err != nil {
		return nil, err
	}
	matches, err := p.all(s, text, limit)
	if err != nil {
		return nil, err
	}
	offsets, pos, out := runeOffsets(text), 0, jinja.NewList()
	for _, m := range matches {
		g := m.groups[0]
		out.Append(text[pos:offsets[g.Index]])
		out.Append(m.tuple(nil)...)
		pos = offsets[g.Index+g.Length]
	}
	out.Append(text[pos:])
	return out, nil
}

// substitute is re.sub(repl, string, count); repl is a template or a function of the match.
func substitute(s *jinja.State, p *pattern, a []jinja.Value) (string, int64, error) {
	text, err := textArg("sub", a[1])
	if err != nil {
		return "", 0, err
	}
	limit, err := intArg(a[2])
	if err != nil {
		return "", 0, err
	}
	matches, err := p.all(s, text, limit)
	if err != nil {
		return "", 0, err
	}
	var b strings.Builder
	offsets, pos := runeOffsets(text), 0
	for _, m := range matches {
		g := m.groups[0]
		b.WriteString(text[pos:offsets[g.Index]])
		replacement, err := m.replacement(s, a[0])
		if err != nil {
			return "", 0, err
		}
		b.WriteString(replacement)
		pos = offsets[g.Index+g.Length]
		if b.Len() > maxResult {
			return "", 0, jinja.Errorf("MemoryError", "re.sub makes more than %d bytes", maxResult)
		}
	}
	b.WriteString(text[pos:])
	return b.String(), int64(len(matches)), nil
}

// maxResult bounds a result of re.sub.
const maxResult = 64 << 20

func (m *match) replacement(s *jinja.State, repl jinja.Value) (string, error) {
	if f, ok := repl.(jinja.Callable); ok {
		v, err := s.Call(f, jinja.Positional(m))
		return jinja.Str(v), err
	}
	template, err := textArg("sub", repl)
	if err != nil {
		return "", err
	}
	return m.expand(template)
}

// expand resolves \1, \g<1>, \g<name> and escapes of a template.
func (m *match) expand(template string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(template); i++ {
		if template[i] != '\\' || i+1 >= len(template) {
			b.WriteByte(template[i])
			continue
		}
		i++
		switch c := template[i]; {
		case c >= '0' && c <= '9':
			end := i + 1
			if end < len(template) && template[end] >= '0' && template[end] <= '9' {
				end++
			}
			text, err := m.reference(template[i:end])
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			i = end - 1
		case c == 'g':
			name, _, ok := strings.Cut(strings.TrimPrefix(template[i+1:], "<"), ">")
			if !ok || !strings.HasPrefix(template[i+1:], "<") {
				return "", jinja.Errorf("error", "missing group name; write \\g<1> or \\g<name>")
			}
			text, err := m.reference(name)
			if err != nil {
				return "", err
			}
			b.WriteString(text)
			i += len(name) + 2
		default:
			b.WriteString(templateEscape(c))
		}
	}
	return b.String(), nil
}

func templateEscape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case '\\':
		return `\`
	}
	return `\` + string(c)
}

// reference is a group's text by number or name, "" if it took no part.
func (m *match) reference(name string) (string, error) {
	var key jinja.Value = name
	if v, ok := jinja.Truncated(name); ok {
		key = v
	}
	i, err := m.number(key)
	if err != nil {
		return "", jinja.Errorf("error", "invalid group reference %s", name)
	}
	return jinja.Str(m.value(i, "")), nil
}
