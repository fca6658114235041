package athena

import (
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/lakehouse"
)

// physical is a relation's name as statements of Trino's grammar write it.
func (e *Engine) physical(n lakehouse.Name) string {
	return ident(e.database(n.Schema)) + "." + ident(strings.ToLower(n.Table))
}

func (e *Engine) database(schema string) string {
	return environment.PhysicalSchema(e.project, e.stack, schema)
}

func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// resolve gives a query as Athena knows its relations: what this session holds
// aside first, else Glue's database and table. Names of one part are common
// table expressions, and those of three are Athena's own.
func (e *Engine) resolve(sql string) string {
	w := walker{engine: e, sql: sql, tokens: scan(sql), seen: map[lakehouse.Name]string{}}
	w.walk()
	if len(w.edits) == 0 {
		return sql
	}
	w.columns()
	slices.SortFunc(w.edits, func(a, b edit) int { return a.start - b.start })
	var b strings.Builder
	at := 0
	for _, x := range w.edits {
		b.WriteString(sql[at:x.start])
		b.WriteString(x.text)
		at = x.end
	}
	b.WriteString(sql[at:])
	return b.String()
}

// edit puts text in the place of sql[start:end].
type edit struct {
	start, end int
	text       string
}

// walker finds the relations that a query reads: names after FROM and JOIN and
// after the commas of a FROM clause.
type walker struct {
	engine *Engine
	sql    string
	tokens []token
	edits  []edit
	done   map[int]bool
	seen   map[lakehouse.Name]string // what stands for a relation's name before a column's
}

// scope is a pair of parentheses, or the whole statement.
type scope struct {
	query bool // it has a SELECT of its own: FROM begins a clause here, not extract's argument
	from  bool // inside a FROM clause
	next  bool // a relation's name comes next
}

// ends are the words that end a FROM clause.
var ends = []string{"where", "group", "having", "order", "limit", "offset", "fetch", "union", "intersect", "except", "window", "on", "select"}

func (w *walker) at(i int) token {
	if i < 0 || i >= len(w.tokens) {
		return token{}
	}
	return w.tokens[i]
}

func (w *walker) walk() {
	w.done = map[int]bool{}
	stack := []scope{{query: true}}
	for i := 0; i < len(w.tokens); i++ {
		t, s := w.tokens[i], &stack[len(stack)-1]
		switch {
		case t.is("("):
			stack = append(stack, scope{from: s.next, next: s.next})
			s.next = false
		case t.is(")"):
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
		case s.next && (t.kind == quoted || t.kind == word) && !t.is("select", "with", "values", "table", "lateral", "unnest"):
			s.next = false
			i = w.relation(i)
		default:
			s.keyword(t, w.at(i-1))
		}
	}
}

func (s *scope) keyword(t, before token) {
	switch {
	case before.is("."):
	case t.is("select"):
		s.query, s.from, s.next = true, false, false
	case t.is("from") && s.query && !before.is("distinct"):
		s.from, s.next = true, true
	case t.is("join"):
		s.from, s.next = true, true
	case t.is(",") && s.from:
		s.next = true
	case t.is("on"):
		s.next = false // more relations may be joined behind it
	case t.is(ends...):
		s.from, s.next = false, false
	case t.is("with", "values", "table", "lateral", "unnest"):
		s.next = false
	}
}

// chain gives the parts of the name at i and the index of its last token.
func (w *walker) chain(i int) ([]string, int) {
	parts := []string{w.at(i).name()}
	for w.at(i+1).is(".") && w.at(i+2).name() != "" {
		i += 2
		parts = append(parts, w.at(i).name())
	}
	return parts, i
}

// relation puts what a name means in its place.
func (w *walker) relation(i int) int {
	parts, last := w.chain(i)
	if len(parts) != 2 || strings.EqualFold(parts[0], "information_schema") {
		return last
	}
	for k := i; k <= last; k++ {
		w.done[k] = true
	}
	n := lakehouse.Name{Schema: parts[0], Table: parts[1]}
	text, same := w.engine.meaning(n)
	if !same && w.unnamed(last+1) {
		text += " AS " + ident(n.Table)
	}
	if same {
		w.seen[n] = text
	} else {
		w.seen[n] = ident(n.Table)
	}
	w.edits = append(w.edits, edit{w.tokens[i].start, w.tokens[last].end, text})
	return last
}

// follow are the words that may come behind a relation without being its alias.
var follow = append([]string{"join", "left", "right", "full", "inner", "cross", "natural", "using", "tablesample", "for", "match_recognize", "when", "set"}, ends...)

// unnamed says whether the relation whose name ends before i has no alias.
func (w *walker) unnamed(i int) bool {
	t := w.at(i)
	return t.kind != quoted && (t.kind != word || t.is(follow...))
}

// columns sees to "schema"."table"."column", whose relation is named otherwise now.
func (w *walker) columns() {
	for i := 0; i < len(w.tokens); i++ {
		if w.done[i] || w.at(i).name() == "" || w.at(i-1).is(".") {
			continue
		}
		parts, last := w.chain(i)
		if len(parts) > 2 {
			if to, ok := w.seen[lakehouse.Name{Schema: parts[0], Table: parts[1]}]; ok {
				w.edits = append(w.edits, edit{w.tokens[i].start, w.tokens[i+2].end, to})
			}
		}
		i = last
	}
}

// meaning is what a name stands for in this session; same says that it is the
// published relation, under its own table name.
func (e *Engine) meaning(n lakehouse.Name) (text string, same bool) {
	if r, ok := e.held(n); ok {
		return r.body, false
	}
	return e.physical(n), true
}
