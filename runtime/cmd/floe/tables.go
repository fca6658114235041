package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/lakehouse"
)

func (a *app) tablesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "tables [name]",
		Short: "List tables, or show one: schema, snapshots, files",
		Long: `List the tables of the home, or of a stack's databases with --stack; or show
one: its columns, where it lies and its snapshots. A snapshot that is undone was
taken out by floe rollback; it can be gone back to until it expires.` + "\n" + exitCodes,
		Example: `  floe tables
  floe tables landing_chess.players_games
  floe tables marts.fct_games --stack prod --output json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: a.completeRelations,
		RunE: func(cmd *cobra.Command, args []string) error {
			lake, err := a.lakeOf(cmd.Context())
			if err != nil {
				return err
			}
			defer lake.Close()
			if len(args) == 0 {
				return a.listTables(cmd.Context(), lake)
			}
			return a.showTable(cmd.Context(), lake, args[0])
		},
	}
}

type tableLine struct {
	Name      string     `json:"name"`
	Kind      string     `json:"kind"`
	Rows      *int64     `json:"rows"`
	Files     int        `json:"files"`
	Bytes     int64      `json:"bytes"`
	Snapshots int        `json:"snapshots"`
	Changed   *time.Time `json:"changed"`
}

func (a *app) listTables(ctx context.Context, lake *lakehouse.Lake) error {
	relations, err := lake.Relations(ctx, "")
	if err != nil {
		return err
	}
	lines := make([]tableLine, 0, len(relations))
	for _, r := range relations {
		line := tableLine{Name: r.Name.String(), Kind: "view"}
		if !r.View {
			if line, err = tableLineOf(ctx, lake, r.Name); err != nil {
				return err
			}
		}
		lines = append(lines, line)
	}
	if a.output == "json" {
		writeJSON(a.out, lines)
		return nil
	}
	rows := make([][]string, len(lines))
	for i, l := range lines {
		rows[i] = []string{l.Name, l.Kind, "", "", "", "", ""}
		if l.Rows != nil {
			rows[i] = []string{l.Name, l.Kind, count(*l.Rows), fmt.Sprint(l.Files), size(l.Bytes), fmt.Sprint(l.Snapshots), ""}
		}
		if l.Changed != nil {
			rows[i][6] = moment(*l.Changed)
		}
	}
	drawTable(a.out, []string{"name", "kind", "rows", "files", "size", "snapshots", "changed"}, rows, []bool{false, false, true, true, true, true, false})
	return nil
}

func tableLineOf(ctx context.Context, lake *lakehouse.Lake, n lakehouse.Name) (tableLine, error) {
	line := tableLine{Name: n.String(), Kind: "table"}
	t, err := lake.Table(ctx, n)
	if err != nil {
		return line, err
	}
	rows, err := t.Rows(ctx)
	if err != nil {
		return line, err
	}
	files, err := t.Files(ctx)
	if err != nil {
		return line, err
	}
	line.Rows, line.Files = &rows, len(files.Data)
	for _, f := range files.Data {
		line.Bytes += f.Bytes
	}
	snapshots := t.Snapshots()
	line.Snapshots = len(snapshots)
	for _, s := range snapshots {
		if line.Changed == nil || s.At.After(*line.Changed) {
			line.Changed = &s.At
		}
	}
	return line, nil
}

type tableView struct {
	tableLine
	Location  string               `json:"location,omitempty"`
	SQL       string               `json:"sql,omitempty"`
	Columns   []columnLine         `json:"columns"`
	Key       []string             `json:"key,omitempty"`
	Partition []string             `json:"partition,omitempty"`
	State     map[string]string    `json:"state,omitempty"`
	History   []lakehouse.Snapshot `json:"history,omitempty"`
	DataFiles []lakehouse.DataFile `json:"data_files,omitempty"`
	Deletes   []string             `json:"delete_files,omitempty"`
}

type columnLine struct {
	ID       int    `json:"id"`
	Name     string `json:"name"`
	Type     string `json:"type"`
	Required bool   `json:"required"`
	Doc      string `json:"doc,omitempty"`
}

func (a *app) showTable(ctx context.Context, lake *lakehouse.Lake, text string) error {
	name, err := lakehouse.ParseName(text)
	if err != nil {
		return fault.New(fault.Usage, err, "floe tables")
	}
	isTable, isView, err := lake.Exists(ctx, name)
	if err != nil {
		return err
	}
	var v tableView
	switch {
	case isTable:
		v, err = viewOfTable(ctx, lake, name)
	case isView:
		v, err = viewOfView(ctx, lake, name)
	default:
		return fault.New(fault.Usage, fmt.Errorf("there is no table or view %s in %s", name, a.place(lake)), "floe tables")
	}
	if err != nil {
		return err
	}
	if a.output == "json" {
		writeJSON(a.out, v)
		return nil
	}
	a.drawTableView(v)
	return nil
}

func viewOfTable(ctx context.Context, lake *lakehouse.Lake, n lakehouse.Name) (tableView, error) {
	line, err := tableLineOf(ctx, lake, n)
	if err != nil {
		return tableView{}, err
	}
	t, err := lake.Table(ctx, n)
	if err != nil {
		return tableView{}, err
	}
	files, err := t.Files(ctx)
	if err != nil {
		return tableView{}, err
	}
	spec := t.Spec()
	v := tableView{tableLine: line, Location: t.Location(), Key: spec.Key, State: t.State(), History: t.Snapshots(), DataFiles: files.Data, Deletes: files.Deletes}
	for _, f := range spec.Partition {
		v.Partition = append(v.Partition, f.String())
	}
	for _, c := range t.Schema().Columns {
		v.Columns = append(v.Columns, columnLine{c.ID, c.Name, c.Type.String(), c.Required, c.Doc})
	}
	return v, nil
}

func viewOfView(ctx context.Context, lake *lakehouse.Lake, n lakehouse.Name) (tableView, error) {
	view, err := lake.View(ctx, n)
	if err != nil {
		return tableView{}, err
	}
	v := tableView{tableLine: tableLine{Name: n.String(), Kind: "view"}, SQL: view.SQL}
	for _, c := range view.Schema.Columns {
		v.Columns = append(v.Columns, columnLine{c.ID, c.Name, c.Type.String(), c.Required, c.Doc})
	}
	return v, nil
}

func (a *app) drawTableView(v tableView) {
	fmt.Fprintf(a.out, "%s (%s)\n", v.Name, v.Kind)
	if v.Rows != nil {
		fmt.Fprintf(a.out, "%s, %s in %s, at %s\n", plural(*v.Rows, "row"), size(v.Bytes), plural(int64(v.Files), "file"), v.Location)
	}
	if len(v.Key) > 0 {
		fmt.Fprintln(a.out, "key:", strings.Join(v.Key, ", "))
	}
	if len(v.Partition) > 0 {
		fmt.Fprintln(a.out, "partition:", strings.Join(v.Partition, ", "))
	}
	rows := make([][]string, len(v.Columns))
	for i, c := range v.Columns {
		null := ""
		if c.Required {
			null = "not null"
		}
		rows[i] = []string{fmt.Sprint(c.ID), c.Name, c.Type, null, c.Doc}
	}
	drawTable(a.out, []string{"id", "column", "type", "", "description"}, rows, []bool{true})
	if v.SQL != "" {
		fmt.Fprintln(a.out, strings.TrimSpace(v.SQL))
	}
	if len(v.History) == 0 {
		return
	}
	rows = rows[:0]
	for _, s := range v.History {
		rows = append(rows, []string{moment(s.At), fmt.Sprint(s.ID), s.Operation, s.Summary["floe.load-id"], s.Summary["added-records"], s.Summary["total-records"], standing(s)})
	}
	drawTable(a.out, []string{"snapshot at", "id", "operation", "load", "rows written", "rows", ""}, rows, []bool{false, true, false, false, true, true})
}

// standing says what a snapshot is to the table now.
func standing(s lakehouse.Snapshot) string {
	switch {
	case s.Current:
		return "current"
	case s.Undone:
		return "undone"
	}
	return ""
}

func (a *app) completeRelations(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	lake, err := a.openExisting(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer lake.Close()
	relations, err := lake.Relations(cmd.Context(), "")
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := make([]string, len(relations))
	for i, r := range relations {
		names[i] = r.Name.String()
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
