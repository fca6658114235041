package transform

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
	"github.com/floe-data/floe/runtime/transform/compiler"
	"github.com/floe-data/floe/runtime/transform/dbtproject"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// discardWithin bounds how long throwing a staged build away may take once the
// run was stopped.
const discardWithin = 30 * time.Second

// task does one task; false means that what lies below must not run.
func (r *runner) task(ctx context.Context, t *task) bool {
	switch {
	case r.o.Command == CommandCompile:
		return r.compile(ctx, t.node)
	case t.node.Kind == manifest.Test:
		return r.test(ctx, t.node, nil)
	}
	return r.build(ctx, t)
}

func (r *runner) compile(ctx context.Context, n *manifest.Node) bool {
	res := r.begin(n)
	_, err := r.sql(ctx, n, &res)
	if err != nil {
		res = failed(ctx, res, err)
	} else {
		res.Status = StatusSuccess
	}
	r.end(n, res)
	return err == nil
}

// sql compiles a node and writes the compiled file.
func (r *runner) sql(ctx context.Context, n *manifest.Node, res *Result) (string, error) {
	sql, err := r.s.Node(ctx, n)
	if err != nil {
		return "", err
	}
	res.SQL, res.ready = sql, time.Now().UTC()
	if res.Compiled, err = r.out.compiled(n, sql); err != nil {
		return "", err
	}
	return sql, compiler.CheckSelect(n, sql)
}

// build stages a node, audits it and publishes it.
func (r *runner) build(ctx context.Context, t *task) bool {
	n := t.node
	res := r.begin(n)
	staged, err := r.stage(ctx, n, &res)
	if err != nil {
		r.end(n, failed(ctx, res, err))
		r.skipAudits(t, "skipped: "+string(n.Kind)+" "+n.Name+" failed")
		return false
	}
	if bad := r.audit(ctx, t); len(bad) > 0 {
		if err := discard(ctx, staged); err != nil {
			r.tell(Event{Kind: EventWarning, Message: fmt.Sprintf("discard what was staged of %s: %v", n.Relation, err)})
		}
		res.Status = StatusFail
		res.Message = "built, not published: " + strings.Join(bad, ", ") + " failed; what was published before stays"
		if ctx.Err() != nil {
			res.Status, res.Message = StatusSkipped, "skipped: the run was stopped; nothing was published"
		}
		r.end(n, res)
		return false
	}
	res.Rows = staged.Rows()
	if err := r.publish(ctx, n, staged); err != nil {
		r.end(n, failed(ctx, res, err))
		return false
	}
	res.Status, res.Message = StatusSuccess, written(n, res.Rows)
	r.end(n, res)
	return true
}

func written(n *manifest.Node, rows int64) string {
	if n.Config.Materialized == manifest.View {
		return "view"
	}
	return fmt.Sprintf("%d rows", rows)
}

// discard works also when the run was stopped.
func discard(ctx context.Context, s Staged) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardWithin)
	defer cancel()
	return s.Discard(ctx)
}

func (r *runner) skipAudits(t *task, why string) {
	for _, a := range t.audits {
		r.end(a, Result{UniqueID: a.UniqueID, Name: a.Name, Kind: a.Kind, Status: StatusSkipped, Message: why})
	}
}

// audit runs a task's tests against what is staged and names those that failed.
func (r *runner) audit(ctx context.Context, t *task) []string {
	var bad []string
	for _, a := range t.audits {
		if ctx.Err() != nil {
			r.end(a, Result{UniqueID: a.UniqueID, Name: a.Name, Kind: a.Kind, Status: StatusSkipped, Message: "skipped: the run was stopped"})
			bad = append(bad, a.Name)
			continue
		}
		if !r.test(ctx, a, t.node) {
			bad = append(bad, a.Name)
		}
	}
	if len(bad) == 0 && ctx.Err() != nil {
		return []string{"the run"}
	}
	return bad
}

func (r *runner) publish(ctx context.Context, n *manifest.Node, staged Staged) error {
	if err := staged.Publish(ctx); err != nil {
		return errors.Join(fmt.Errorf("publish %s: %w", n.Relation, err), discard(ctx, staged))
	}
	return r.nodeHooks(ctx, n, "post_hook", n.Config.PostHooks)
}

func (r *runner) nodeHooks(ctx context.Context, n *manifest.Node, key string, hooks []string) error {
	for _, h := range hooks {
		sql, err := r.s.NodeHook(ctx, n, h)
		if err == nil {
			err = r.statement(ctx, sql)
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", n.Path, key, err)
		}
	}
	return nil
}

// stage compiles a node and builds it aside.
func (r *runner) stage(ctx context.Context, n *manifest.Node, res *Result) (Staged, error) {
	b, err := r.request(ctx, n, res)
	if err != nil {
		return nil, err
	}
	if err := r.nodeHooks(ctx, n, "pre_hook", n.Config.PreHooks); err != nil {
		return nil, err
	}
	staged, err := r.o.Engine.Stage(ctx, b)
	if err != nil {
		return nil, fault.New(fault.Kind(fault.Code(err)), fmt.Errorf("build %s (%s): %w", n.Relation, n.Path, err), r.look(err, res))
	}
	return staged, nil
}

// look says where the SQL that failed is, unless the error says what to do.
func (r *runner) look(err error, res *Result) string {
	if next := fault.Next(err); next != "" || res.Compiled == "" {
		return next
	}
	return "look at the compiled SQL: " + res.Compiled
}

// request makes the Build of a node.
func (r *runner) request(ctx context.Context, n *manifest.Node, res *Result) (Build, error) {
	c := n.Config
	b := Build{UniqueID: n.UniqueID, Name: n.Relation, Tags: c.Tags, Partition: c.Partition, Sort: c.Sort, Properties: c.Properties,
		FullRefresh: r.o.FullRefresh, Summary: map[string]string{"floe.node": n.UniqueID, "floe.run": r.results.Invocation}}
	if c.DocRelation {
		b.Doc = n.Description
	}
	if c.DocColumns {
		b.ColumnDocs = map[string]string{}
		for _, col := range n.Columns {
			b.ColumnDocs[col.Name] = col.Description
		}
	}
	if n.Kind == manifest.Seed {
		return b, r.seed(n, &b, res)
	}
	sql, err := r.sql(ctx, n, res)
	if err != nil {
		return b, err
	}
	b.SQL = compiler.Statement(sql)
	switch c.Materialized {
	case manifest.View:
		b.Kind = KindView
	case manifest.Table:
		b.Kind = KindTable
	case manifest.Incremental:
		return b, r.incremental(ctx, n, &b)
	default:
		return b, fmt.Errorf("%s: materialized %q cannot be built", n.Path, c.Materialized)
	}
	return b, nil
}

func (r *runner) seed(n *manifest.Node, b *Build, res *Result) error {
	s, err := dbtproject.ReadSeed(filepath.Join(n.Root, filepath.FromSlash(n.Path)), n.Config.Delimiter, n.Config.ColumnTypes)
	if err != nil {
		return fault.New(fault.Usage, err, "")
	}
	b.Kind, b.SQL = KindSeed, s.SQL()
	res.ready = time.Now().UTC()
	return nil
}

// incremental chooses between a first build and an addition.
func (r *runner) incremental(ctx context.Context, n *manifest.Node, b *Build) error {
	c := n.Config
	if c.FullRefresh != nil {
		b.FullRefresh = *c.FullRefresh
	}
	kind, err := r.o.Engine.Exists(ctx, n.Relation)
	if err != nil {
		return fmt.Errorf("look for %s: %w", n.Relation, err)
	}
	b.Key, b.OnSchemaChange = c.UniqueKey, c.OnSchemaChange
	if kind != "table" || b.FullRefresh {
		b.Kind = KindTable
		return nil
	}
	b.Kind = KindAppend
	if c.Strategy == "merge" {
		b.Kind = KindMerge
	}
	if c.OnSchemaChange == SchemaRefused {
		return r.sameColumns(ctx, n, b.SQL)
	}
	return nil
}

// sameColumns is on_schema_change: fail.
func (r *runner) sameColumns(ctx context.Context, n *manifest.Node, sql string) error {
	is, err := r.o.Engine.Columns(ctx, n.Relation)
	if err != nil {
		return fmt.Errorf("columns of %s: %w", n.Relation, err)
	}
	will, err := r.o.Engine.Describe(ctx, sql)
	if err != nil {
		return fmt.Errorf("columns of %s: %w", n.Path, err)
	}
	diff := columnDiff(is, will)
	if len(diff) == 0 {
		return nil
	}
	return fault.New(fault.Contract, fmt.Errorf("%s: on_schema_change is fail, and the columns are not those of %s: %s", n.Path, n.Relation, strings.Join(diff, ", ")),
		"rebuild it: floe transform build --full-refresh --select "+n.Name)
}

// columnDiff tells what changes from one list of columns to another.
func columnDiff(is, will []schema.Column) []string {
	var out []string
	find := func(list []schema.Column, name string) int {
		return slices.IndexFunc(list, func(c schema.Column) bool { return strings.EqualFold(c.Name, name) })
	}
	for _, c := range will {
		switch i := find(is, c.Name); {
		case i < 0:
			out = append(out, fmt.Sprintf("%s is new", c.Name))
		case is[i].Type.Stored() != c.Type.Stored():
			out = append(out, fmt.Sprintf("%s is %s and would be %s", c.Name, is[i].Type, c.Type))
		}
	}
	for _, c := range is {
		if find(will, c.Name) < 0 {
			out = append(out, fmt.Sprintf("%s is gone", c.Name))
		}
	}
	return out
}
