package pymodules

import (
	"strings"
	"sync"
	"time"

	"github.com/dlclark/regexp2"

	"github.com/floe-data/floe/runtime/transform/jinja"
)

// matchTimeout bounds one match: a pattern may take exponential time.
const matchTimeout = 5 * time.Second

// maxCached bounds the cache of compiled patterns.
const maxCached = 256

// Python's flags.
const (
	flagIgnoreCase = 2
	flagMultiline  = 8
	flagDotAll     = 16
	flagVerbose    = 64
)

// reModule compiles patterns and remembers them.
type reModule struct {
	mu    sync.Mutex
	cache map[reKey]*pattern
}

type reKey struct {
	source string
	flags  int64
}

// pattern is a compiled regular expression. Its groups are numbered as in Python;
// regexp2 would number named ones last.
type pattern struct {
	source string
	flags  int64
	re     *regexp2.Regexp
	full   *regexp2.Regexp // anchored at both ends, for fullmatch
	start  *regexp2.Regexp // anchored at the start, for match
	names  map[string]int
	groups int
}

// Re is the module re.
func Re() jinja.Value {
	m := &reModule{cache: map[reKey]*pattern{}}
	attrs := map[string]jinja.Value{
		"A": int64(256), "ASCII": int64(256),
		"I": int64(flagIgnoreCase), "IGNORECASE": int64(flagIgnoreCase),
		"M": int64(flagMultiline), "MULTILINE": int64(flagMultiline),
		"S": int64(flagDotAll), "DOTALL": int64(flagDotAll),
		"X": int64(flagVerbose), "VERBOSE": int64(flagVerbose),
		"U": int64(32), "UNICODE": int64(32),
		"escape": method("escape", []jinja.Param{jinja.Req("pattern")}, func(a []jinja.Value) (jinja.Value, error) {
			s, err := textArg("escape", a[0])
			return escapePattern(s), err
		}),
		"compile": method("compile", []jinja.Param{jinja.Req("pattern"), jinja.Opt("flags", int64(0))}, func(a []jinja.Value) (jinja.Value, error) {
			return m.compile(a[0], a[1])
		}),
	}
	for name, op := range patternOps {
		attrs[name] = op.moduleFunction(m, name)
	}
	return module("re", attrs)
}

// compile is re.compile; a pattern that is compiled already stays.
func (m *reModule) compile(source, flags jinja.Value) (*pattern, error) {
	if p, ok := source.(*pattern); ok {
		return p, nil
	}
	text, err := textArg("compile", source)
	if err != nil {
		return nil, err
	}
	f, err := intArg(flags)
	if err != nil {
		return nil, err
	}
	key := reKey{text, f}
	m.mu.Lock()
	defer m.mu.Unlock()
	if p, ok := m.cache[key]; ok {
		return p, nil
	}
	p, err := compilePattern(text, f)
	if err != nil {
		return nil, err
	}
	if len(m.cache) >= maxCached {
		clear(m.cache)
	}
	m.cache[key] = p
	return p, nil
}

func compilePattern(source string, flags int64) (*pattern, error) {
	p := &pattern{source: source, flags: flags}
	translated, inline := p.translate()
	options := regexp2.None
	for flag, option := range map[int64]regexp2.RegexOptions{
		flagIgnoreCase: regexp2.IgnoreCase, flagMultiline: regexp2.Multiline,
		flagDotAll: regexp2.Singleline, flagVerbose: regexp2.IgnorePatternWhitespace,
	} {
		if (flags|inline)&flag != 0 {
			options |= option
		}
	}
	for into, format := range map[**regexp2.Regexp][2]string{
		&p.re: {"", ""}, &p.start: {`\A(?:`, "\n)"}, &p.full: {`\A(?:`, "\n)\\z"},
	} {
		closing := format[1]
		if (flags|inline)&flagVerbose == 0 {
			closing = strings.TrimPrefix(closing, "\n") // ends a comment of the verbose form
		}
		re, err := regexp2.Compile(format[0]+translated+closing, options)
		if err != nil {
			return nil, jinja.Errorf("error", "%s is no regular expression: %v", jinja.Repr(source), err)
		}
		re.MatchTimeout = matchTimeout
		*into = re
	}
	return p, nil
}

// escapePattern is re.escape.
func escapePattern(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
