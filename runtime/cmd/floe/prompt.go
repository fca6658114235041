package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ergochat/readline"

	"github.com/floe-data/floe/runtime/lakehouse"
)

const promptHelp = `A query ends with ; and may span lines.
  \t          tables and views
  \d NAME     columns of a table or view
  \q          leave (so does Ctrl-D); Ctrl-C drops the line`

// prompt reads queries from a terminal until it ends. History lies in the home.
func (a *asker) prompt(ctx context.Context, lake *lakehouse.Lake) error {
	names, err := completions(ctx, lake)
	if err != nil {
		return err
	}
	line, err := readline.NewFromConfig(&readline.Config{
		Prompt: "floe> ", HistoryFile: filepath.Join(lake.Home(), "sql_history"), HistoryLimit: 1000,
		AutoComplete: names, Stdout: a.out, Stderr: a.err,
	})
	if err != nil {
		return fmt.Errorf("open the prompt: %w", err)
	}
	defer line.Close()
	fmt.Fprintln(a.out, `Queries end with ;  \h helps, \q leaves.`)
	var query []string
	for {
		text, err := line.ReadLine()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, readline.ErrInterrupt):
			query = nil
			line.SetPrompt("floe> ")
			continue
		case err != nil:
			return fmt.Errorf("read from the prompt: %w", err)
		}
		if len(query) == 0 && strings.HasPrefix(strings.TrimSpace(text), `\`) {
			if a.command(ctx, lake, strings.Fields(text)) {
				return nil
			}
			continue
		}
		if strings.TrimSpace(text) == "" && len(query) == 0 {
			continue
		}
		query = append(query, text)
		line.SetPrompt("  ... ")
		if !strings.HasSuffix(strings.TrimSpace(text), ";") {
			continue
		}
		a.engine.Refresh() // other processes may have loaded meanwhile
		if err := a.ask(ctx, strings.Join(query, "\n")); err != nil {
			a.printError(err)
		}
		query = nil
		line.SetPrompt("floe> ")
	}
}

// command does a line that begins with a backslash; true means leave.
func (a *asker) command(ctx context.Context, lake *lakehouse.Lake, words []string) bool {
	var err error
	switch {
	case words[0] == `\q`:
		return true
	case words[0] == `\t`:
		err = a.listTables(ctx, lake)
	case words[0] == `\d` && len(words) == 2:
		err = a.showTable(ctx, lake, strings.TrimSuffix(words[1], ";"))
	default:
		fmt.Fprintln(a.out, promptHelp)
	}
	if err != nil {
		a.printError(err)
	}
	return false
}

// wordCompleter completes the last word from a sorted list.
type wordCompleter []string

// Do offers the ends of the words that begin as the one at the cursor.
func (w wordCompleter) Do(line []rune, pos int) ([][]rune, int) {
	start := pos
	for start > 0 && !strings.ContainsRune(" (,\t", line[start-1]) {
		start--
	}
	begun := strings.ToLower(string(line[start:pos]))
	var ends [][]rune
	for _, word := range w {
		if strings.HasPrefix(word, begun) {
			ends = append(ends, []rune(word[len(begun):]))
		}
	}
	return ends, len([]rune(begun))
}

func completions(ctx context.Context, lake *lakehouse.Lake) (wordCompleter, error) {
	relations, err := lake.Relations(ctx, "")
	if err != nil {
		return nil, err
	}
	words := wordCompleter{"select", "from", "where", "group by", "order by", "limit", "join", "count(*)", "having", "with"}
	for _, r := range relations {
		words = append(words, r.Name.String())
	}
	slices.Sort(words)
	return words, nil
}
