package transform

import (
	"context"
	"fmt"
	"io"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/compiler"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// ShowOptions say what to show: one chosen model, seed or test, or a query.
type ShowOptions struct {
	Engine Engine
	Select []string
	Inline string // a query with templates; Select is not looked at then
	Limit  int    // rows; default 5, negative is all
}

// Show compiles one node or query and runs it as a query; nothing is built. A
// test shows the rows that fail it. The caller closes the rows. Beside them
// stands the compiled SQL.
func (p *Project) Show(ctx context.Context, o ShowOptions) (*Rows, string, error) {
	s := p.c.NewSession(databaseOf(o.Engine))
	s.Command = "show"
	sql, err := p.shown(ctx, s, o)
	if err != nil {
		return nil, "", err
	}
	limit := o.Limit
	if limit == 0 {
		limit = 5
	}
	if limit > 0 {
		sql = compiler.WithLimit(sql, limit)
	}
	rows, err := o.Engine.Query(ctx, sql)
	if err != nil {
		return nil, sql, fmt.Errorf("show: %w", err)
	}
	return firstRows(rows, limit), sql, nil
}

func (p *Project) shown(ctx context.Context, s *compiler.Session, o ShowOptions) (string, error) {
	if o.Inline != "" {
		sql, err := s.Inline(ctx, o.Inline)
		if err != nil {
			return "", fmt.Errorf("render the query: %w", err)
		}
		return compiler.Statement(sql), nil
	}
	nodes, _, err := p.List(o.Select, nil)
	if err != nil {
		return "", err
	}
	n, err := theOne(nodes)
	if err != nil {
		return "", err
	}
	if n.Kind == manifest.Seed || n.Kind == manifest.Source {
		return fmt.Sprintf("select * from %q.%q", n.Relation.Schema, n.Relation.Table), nil
	}
	sql, err := s.Node(ctx, n)
	return compiler.Statement(sql), err
}

// theOne is the chosen model; tests come along with what they test, so they
// count only when nothing else is there.
func theOne(nodes []*manifest.Node) (*manifest.Node, error) {
	var tests, rest []*manifest.Node
	for _, n := range nodes {
		if n.Kind == manifest.Test {
			tests = append(tests, n)
			continue
		}
		rest = append(rest, n)
	}
	if len(rest) == 0 {
		rest = tests
	}
	if len(rest) != 1 {
		return nil, fault.New(fault.Usage, fmt.Errorf("show shows one node; %d are chosen", len(rest)), "choose one: floe transform show --select <name>, or give a query")
	}
	return rest[0], nil
}

// firstRows ends after limit rows, where the query could not be given a limit.
func firstRows(rows *Rows, limit int) *Rows {
	if limit < 0 {
		return rows
	}
	left := limit
	return NewRows(rows.Columns, func() ([]any, error) {
		if left == 0 {
			return nil, io.EOF
		}
		left--
		if rows.Next() {
			return rows.Values(), nil
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}, rows.Close)
}
