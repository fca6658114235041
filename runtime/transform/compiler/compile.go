package compiler

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/transform/dbtproject"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// inlineKind is a query that is no file of the project: it may read everything.
const inlineKind manifest.Kind = "sql_operation"

// Node compiles a model or a test: its template rendered, the ephemeral models
// that it reads put in front. A seed has no SQL here, see dbtproject.ReadSeed.
func (s *Session) Node(ctx context.Context, n *manifest.Node) (string, error) {
	sql, inline, err := s.own(ctx, n)
	if err != nil {
		return "", fmt.Errorf("compile %s: %w", n.Name, err)
	}
	return s.inject(ctx, sql, inline)
}

// own renders a node's template alone.
func (s *Session) own(ctx context.Context, n *manifest.Node) (string, []*manifest.Node, error) {
	t := s.p.templates[n.UniqueID]
	if t == nil {
		return "", nil, fmt.Errorf("%s %s has no template", n.Kind, n.Name)
	}
	r := s.newRender(n, true)
	if args, ok := s.p.testArgs[n.UniqueID]; ok {
		if err := r.bindTest(ctx, args); err != nil {
			return "", nil, err
		}
	}
	sql, err := r.text(ctx, t)
	return sql, r.inline, err
}

func (s *Session) inject(ctx context.Context, sql string, inline []*manifest.Node) (string, error) {
	var ctes []cte
	if err := s.collect(ctx, inline, map[string]bool{}, &ctes); err != nil {
		return "", err
	}
	return injectCTEs(sql, ctes), nil
}

// collect compiles ephemeral models, those that they read first; each once.
func (s *Session) collect(ctx context.Context, inline []*manifest.Node, done map[string]bool, out *[]cte) error {
	for _, n := range inline {
		if done[n.UniqueID] {
			continue
		}
		done[n.UniqueID] = true
		sql, deeper, err := s.own(ctx, n)
		if err != nil {
			return fmt.Errorf("compile %s: %w", n.Name, err)
		}
		if err := s.collect(ctx, deeper, done, out); err != nil {
			return err
		}
		*out = append(*out, cte{name: cteName(n), sql: trimStatement(sql)})
	}
	return nil
}

// Statement is compiled SQL as an engine takes it: one statement without a semicolon.
func Statement(sql string) string { return trimStatement(sql) }

// Inline compiles a query that is no file: {{ ref('fct_games') }} and
// {{ source('chess', 'players') }} mean what they mean in a model.
func (s *Session) Inline(ctx context.Context, sql string) (string, error) {
	n := &manifest.Node{UniqueID: "sql_operation." + s.p.root.Name + ".inline", Kind: inlineKind, Name: "inline", Package: s.p.root.Name,
		Path: "inline query", Line: 1, Raw: sql, FQN: []string{s.p.root.Name, "inline"}}
	return s.hookIn(ctx, n, sql, 1)
}

// Hook compiles an on-run-start or on-run-end hook.
func (s *Session) Hook(ctx context.Context, h dbtproject.Hook) (string, error) {
	n := &manifest.Node{UniqueID: "operation." + s.p.root.Name + ".hook", Kind: inlineKind, Name: "hook", Package: s.p.root.Name, Path: h.File, Line: h.Line}
	return s.hookIn(ctx, n, h.SQL, h.Line)
}

// NodeHook compiles a node's pre_hook or post_hook, in the node's own context.
func (s *Session) NodeHook(ctx context.Context, n *manifest.Node, sql string) (string, error) {
	return s.hookIn(ctx, n, sql, 1)
}

func (s *Session) hookIn(ctx context.Context, n *manifest.Node, sql string, line int) (string, error) {
	t, err := jinja.ParseAt(n.Path, sql, max(line, 1))
	if err != nil {
		return "", err
	}
	r := s.newRender(n, true)
	out, err := r.text(ctx, t)
	if err != nil {
		return "", err
	}
	return s.inject(ctx, out, r.inline)
}

// Test wraps a test's compiled SQL in the query that counts its failures.
func (s *Session) Test(ctx context.Context, n *manifest.Node, sql string) (string, error) {
	m := s.p.macros.find(n.Package, "get_test_sql")
	if m == nil {
		return "", fmt.Errorf("macro get_test_sql is not there")
	}
	var limit jinja.Value
	if n.Config.Limit > 0 {
		limit = n.Config.Limit
	}
	r := s.newRender(n, true)
	v, err := r.callMacro(ctx, m, trimStatement(sql), n.Config.FailCalc, n.Config.WarnIf, n.Config.ErrorIf, limit)
	if err != nil {
		return "", fmt.Errorf("compile %s: %w", n.Name, err)
	}
	return strings.TrimSpace(jinja.Str(v)), nil
}

// IsQuery says that a statement only reads.
func IsQuery(sql string) bool { return isQuery(sql) }

// IsEmpty says that SQL holds comments and white space at most.
func IsEmpty(sql string) bool { return statements(sql) == 0 }

// CheckSelect refuses what is not one statement.
func CheckSelect(n *manifest.Node, sql string) error {
	switch c := statements(sql); {
	case c == 0:
		return fmt.Errorf("%s came out empty: a %s is one select", n.Path, n.Kind)
	case c > 1:
		return fmt.Errorf("%s came out as %d statements: a %s is one select", n.Path, c, n.Kind)
	}
	return nil
}

// WithLimit adds a limit, unless the statement has one of its own.
func WithLimit(sql string, limit int) string {
	depth := 0
	for _, t := range tokens(sql) {
		switch text := sql[t.start:t.end]; {
		case t.kind == other && (text == "(" || text == "["):
			depth++
		case t.kind == other && (text == ")" || text == "]"):
			depth--
		case t.kind == word && depth == 0 && slices.Contains([]string{"limit", "offset", "fetch"}, strings.ToLower(text)):
			return sql
		}
	}
	return fmt.Sprintf("%s\nlimit %d", sql, limit)
}
