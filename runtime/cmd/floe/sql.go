package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform"
	"github.com/floe-data/floe/runtime/transform/duckdb"
)

func (a *app) sqlCommand() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:   "sql [query]",
		Short: "Ask the tables in SQL: one query, or a prompt",
		Long: `Run one query and print its rows, or without one open a prompt with history
(\h tells its commands). A query from standard input is run too. Names are
schema.table as in floe tables; {{ ref('fct_games') }} and
{{ source('chess', 'players') }} are rendered as in a model. Queries
only read; functions such as read_csv reach this machine's files.

--output json prints one array of objects: integers of any width as numbers,
decimals as strings, times as RFC 3339 in UTC, dates as 2024-12-31, null as null.` + "\n" + exitCodes,
		Example: `  floe sql "select time_class, count(*) from marts.fct_games group by 1"
  floe sql "select * from {{ ref('openings') }} order by games desc" --limit 5
  floe sql`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			lake, err := a.openExisting(cmd.Context())
			if err != nil {
				return err
			}
			defer lake.Close()
			engine, err := duckdb.Open(cmd.Context(), lake, duckdb.Options{})
			if err != nil {
				return err
			}
			defer engine.Close()
			asker := &asker{app: a, engine: engine, limit: limit}
			if len(args) == 1 {
				return asker.ask(cmd.Context(), args[0])
			}
			if f, ok := a.in.(*os.File); ok && isatty.IsTerminal(f.Fd()) {
				return asker.prompt(cmd.Context(), lake)
			}
			text, err := io.ReadAll(bufio.NewReader(a.in))
			if err != nil {
				return fmt.Errorf("read the query from standard input: %w", err)
			}
			return asker.ask(cmd.Context(), string(text))
		},
	}
	c.Flags().IntVar(&limit, "limit", 0, "print at most so many rows (default all; 100 on a drawn table)")
	return c
}

// asker runs queries and prints their rows.
type asker struct {
	*app
	engine *duckdb.Engine
	limit  int
}

// drawnRows is how many rows a drawn table shows where --limit says nothing.
const drawnRows = 100

func (a *asker) ask(ctx context.Context, query string) error {
	query = strings.TrimRight(strings.TrimSpace(query), "; \n\t")
	if query == "" {
		return fault.New(fault.Usage, errors.New("the query is empty"), `floe sql "select 1"`)
	}
	query, err := a.render(ctx, query)
	if err != nil {
		return err
	}
	if a.output == "json" && a.limit == 0 {
		rows, err := a.engine.Query(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		return writeRows(a.out, rows, 0)
	}
	limit := cmp.Or(a.limit, drawnRows)
	rows, err := a.engine.Head(ctx, query, int64(limit)+1)
	if err != nil {
		return err
	}
	defer rows.Close()
	if a.output == "json" {
		return writeRows(a.out, rows, limit)
	}
	return a.draw(rows)
}

// render turns {{ ref(…) }} and {{ source(…) }} into names; a query without
// braces needs no project.
func (a *asker) render(ctx context.Context, query string) (string, error) {
	if !strings.Contains(query, "{{") && !strings.Contains(query, "{%") {
		return query, nil
	}
	models, err := a.loadModels(ctx)
	if err != nil {
		return "", err
	}
	text, err := models.Render(ctx, a.engine, query)
	if err != nil && fault.Code(err) == int(fault.Failed) && ctx.Err() == nil {
		err = fault.New(fault.Usage, err, "floe transform ls")
	}
	return text, err
}

func (a *asker) draw(rows *transform.Rows) error {
	limit := cmp.Or(a.limit, drawnRows)
	var heads []string
	var right []bool
	for _, c := range rows.Columns {
		heads = append(heads, c.Name)
		right = append(right, isNumber(c))
	}
	var cells [][]string
	more := false
	for rows.Next() {
		if len(cells) == limit {
			more = true
			break
		}
		row := make([]string, len(heads))
		for i, v := range rows.Values() {
			row[i] = cell(dateOnly(rows.Columns[i], v))
		}
		cells = append(cells, row)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	drawTable(a.out, heads, cells, right)
	switch {
	case more && a.limit == 0:
		fmt.Fprintf(a.out, "the first %s; --limit shows more\n", plural(int64(len(cells)), "row"))
	default:
		fmt.Fprintln(a.out, plural(int64(len(cells)), "row"))
	}
	return nil
}
