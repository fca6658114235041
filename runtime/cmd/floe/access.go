package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/governance"
	"github.com/floe-data/floe/runtime/governance/declared"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

func (a *app) accessCommand() *cobra.Command {
	var old string
	c := &cobra.Command{
		Use:   "access",
		Short: "Show who may read which tables, columns and rows of a stack",
		Long: `Show what live/<stack>/access.yaml grants, joined with what contracts and models
say of their tables: who may read which columns of which rows, by which grant,
and which columns are hidden and why. "all others" are columns that nobody
declares; they are as sensitive as their model says.

With --diff it shows what this checkout adds to and takes from another one, a
folder: lines that begin with + and -, by principal. No account is asked.` + "\n" + exitCodes,
		Example: `  floe access --stack prod
  floe access --stack prod --diff ../before
  floe access --stack prod --output json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.access(cmd.Context(), old)
		},
	}
	c.Flags().StringVar(&old, "diff", "", "folder of another checkout to compare with")
	return c
}

func (a *app) access(ctx context.Context, old string) error {
	if a.stack == "" {
		return fault.New(fault.Usage, errors.New("which stack? On this machine everybody reads everything"), "floe access --stack prod")
	}
	p, err := a.load()
	if err != nil {
		return err
	}
	s, tables, err := declaredOf(ctx, p, a.stack)
	if err != nil {
		return err
	}
	if err := governance.Check(s, tables, governance.Domains(p, s)); err != nil {
		return err
	}
	now := governance.NewMatrix(tables, s.Access.Grants)
	if old == "" {
		a.printAccess(now)
		return nil
	}
	before, err := a.accessBefore(ctx, old)
	if err != nil {
		return err
	}
	a.printAccessDiff(governance.Diff(before, now))
	return nil
}

// declaredOf is what a project's stack grants, and of which tables.
func declaredOf(ctx context.Context, p *project.Project, stack string) (*live.Stack, []governance.Table, error) {
	s, err := live.Load(p, stack)
	if err != nil {
		return nil, nil, err
	}
	tables, err := declared.Tables(ctx, p, stack)
	return s, tables, err
}

// accessBefore is who could read what in another checkout; a stack that it has
// not gave nobody anything. What is wrong there is what this one may mend: it is
// compared, not checked.
func (a *app) accessBefore(ctx context.Context, old string) (governance.Matrix, error) {
	next := "name another checkout's folder: git worktree add ../before main, then floe access --stack " + a.stack + " --diff ../before"
	wrong := func(err error) error {
		return fault.New(fault.Usage, fmt.Errorf("the project to compare with, %s: %w", old, err), next)
	}
	if _, err := os.Stat(filepath.Join(old, "Pulumi.yaml")); err != nil {
		return governance.Matrix{}, wrong(errors.New("found no Pulumi.yaml there, so it is no project's root"))
	}
	root, err := project.Find(old)
	if err != nil {
		return governance.Matrix{}, wrong(err)
	}
	names, err := live.Names(root)
	if err != nil {
		return governance.Matrix{}, wrong(err)
	}
	if !slices.Contains(names, a.stack) {
		return governance.Matrix{}, nil
	}
	p, err := project.Load(root)
	if err != nil {
		return governance.Matrix{}, wrong(err)
	}
	s, tables, err := declaredOf(ctx, p, a.stack)
	if err != nil {
		return governance.Matrix{}, wrong(err)
	}
	return governance.NewMatrix(tables, s.Access.Grants), nil
}

func (a *app) printAccess(m governance.Matrix) {
	if a.output == "json" {
		writeJSON(a.out, m)
		return
	}
	if len(m.Access) == 0 {
		fmt.Fprintf(a.out, "Nobody is granted anything: live/%s/access.yaml has no grants of tables that are there.\n", a.stack)
		return
	}
	principal := ""
	for _, one := range m.Access {
		if one.Principal != principal {
			principal = one.Principal
			fmt.Fprintln(a.out, principal)
		}
		name := one.Table
		if one.View {
			name += " (a view: what it reads is needed, too)"
		}
		fmt.Fprintln(a.out, "  "+name)
		for _, r := range one.Reads {
			columns := "all columns"
			if len(one.Hidden) > 0 || len(one.Reads) > 1 {
				columns = columnList(r.Columns)
			}
			fmt.Fprintf(a.out, "    reads  %s%s, by %s\n", columns, where(r.Rows), strings.Join(r.Via, " and by "))
		}
		if len(one.Hidden) > 0 {
			fmt.Fprintf(a.out, "    hidden %s\n", hiddenList(one.Hidden))
		}
	}
}

func where(rows string) string {
	if rows == "" {
		return ""
	}
	return " where " + rows
}

// columnList names columns; the one for those that nobody declares comes last.
func columnList(columns []string) string {
	names := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == governance.Every })
	if len(names) == len(columns) {
		return strings.Join(names, ", ")
	}
	return strings.Join(append(names, "all others"), ", ")
}

func hiddenList(hidden []governance.Hidden) string {
	var names []string
	for _, h := range hidden {
		names = append(names, fmt.Sprintf("%s (%s)", columnList([]string{h.Column}), h.Why))
	}
	return strings.Join(names, ", ")
}

func (a *app) printAccessDiff(changes []governance.Change) {
	if a.output == "json" {
		writeJSON(a.out, map[string]any{"changes": changes})
		return
	}
	if len(changes) == 0 {
		fmt.Fprintln(a.out, "Nobody may read more or less than before.")
		return
	}
	for _, c := range changes {
		fmt.Fprintln(a.out, c.Principal)
		for _, l := range c.Adds {
			fmt.Fprintf(a.out, "+ %s: %s%s\n", l.Table, columnList(l.Columns), where(l.Rows))
		}
		for _, l := range c.Takes {
			fmt.Fprintf(a.out, "- %s: %s%s\n", l.Table, columnList(l.Columns), where(l.Rows))
		}
	}
}
