package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/transform/manifest"
)

// diffModels compares models, seeds, tests, and the macros that they call.
func diffModels(was, now side) ([]projectChange, error) {
	var changes []projectChange
	before, after := was.models.Manifest().Nodes, now.models.Manifest().Nodes
	for _, id := range keys(before, after) {
		old, n := before[id], after[id]
		switch {
		case old == nil && n.Kind != manifest.Source:
			changes = append(changes, projectChange{Area: string(n.Kind), Name: n.Name, Change: "added", Detail: shape(n), Downstream: below(now, id)})
		case n == nil && old.Kind != manifest.Source:
			changes = append(changes, projectChange{Area: string(old.Kind), Name: old.Name, Change: "removed", Breaking: old.Kind != manifest.Test && !old.IsEphemeral(),
				Detail: removal(old), Downstream: below(was, id)})
		case old != nil && n != nil && n.Kind != manifest.Source:
			found, err := diffNode(old, n)
			if err != nil {
				return nil, err
			}
			for i := range found {
				found[i].Downstream = below(now, id)
			}
			changes = append(changes, found...)
		}
	}
	macros, err := diffMacros(was, now)
	return append(changes, macros...), err
}

// shape is what a node becomes.
func shape(n *manifest.Node) string {
	switch {
	case n.Kind == manifest.Test:
		return ""
	case n.IsEphemeral():
		return "ephemeral"
	case n.Kind == manifest.Seed:
		return n.Relation.String()
	}
	return n.Config.Materialized + " " + n.Relation.String()
}

func removal(n *manifest.Node) string {
	if n.Kind == manifest.Test || n.IsEphemeral() {
		return ""
	}
	return n.Relation.String() + " stays as it is, and is no longer built"
}

func diffNode(old, n *manifest.Node) ([]projectChange, error) {
	var changes []projectChange
	add := func(change, column, detail string, breaking bool) {
		changes = append(changes, projectChange{Area: string(n.Kind), Name: n.Name, Change: change, Column: column, Detail: detail, Breaking: breaking})
	}
	if old.Relation != n.Relation && n.Kind != manifest.Test {
		add("set-relation", "", fmt.Sprintf("from %s to %s; the old one stays as it is", old.Relation, n.Relation), !old.IsEphemeral())
	}
	if was, is := old.Config.Materialized, n.Config.Materialized; was != is {
		add("set-materialized", "", fmt.Sprintf("from %s to %s", was, is), n.IsEphemeral())
	}
	text, err := content(n)
	if err != nil {
		return nil, err
	}
	former, err := content(old)
	if err != nil {
		return nil, err
	}
	if text != former {
		detail := ""
		if n.Config.Materialized == manifest.Incremental && old.Config.Materialized == manifest.Incremental {
			detail = "rows that are there stay as they were built, unless --full-refresh builds them anew"
		}
		add(changedText(n), "", detail, false)
	}
	if parts := configs(old, n); len(parts) > 0 {
		add("set-config", "", strings.Join(parts, ", "), false)
	}
	return append(changes, diffColumns(old, n)...), nil
}

func changedText(n *manifest.Node) string {
	if n.Kind == manifest.Seed {
		return "rows"
	}
	return "sql"
}

// content is a node's template, or a seed's file.
func content(n *manifest.Node) (string, error) {
	if n.Kind != manifest.Seed {
		return strings.TrimSpace(n.Raw), nil
	}
	text, err := os.ReadFile(filepath.Join(n.Root, filepath.FromSlash(n.Path)))
	if err != nil {
		return "", fmt.Errorf("read seed %s: %w", n.Name, err)
	}
	return string(text), nil
}

// configs names the settings that differ, but for those that are told otherwise.
func configs(old, n *manifest.Node) []string {
	was, now := old.Config, n.Config
	for _, c := range []*manifest.Config{&was, &now} {
		c.Values, c.Materialized, c.Schema, c.Alias = nil, "", "", ""
	}
	var names []string
	a, b := reflect.ValueOf(was), reflect.ValueOf(now)
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			names = append(names, snake(a.Type().Field(i).Name))
		}
	}
	return names
}

var capital = regexp.MustCompile(`([a-z])([A-Z])`)

func snake(name string) string {
	return strings.ToLower(capital.ReplaceAllString(name, "${1}_$2"))
}

// diffColumns compares what a model says of its columns; who reads one that it
// names no more may fail.
func diffColumns(old, n *manifest.Node) []projectChange {
	before, after := columnsOf(old), columnsOf(n)
	var changes []projectChange
	for _, name := range keys(before, after) {
		was, isOld := before[name]
		c, isNew := after[name]
		change := projectChange{Area: string(n.Kind), Name: n.Name, Column: name}
		switch {
		case !isOld:
			change.Change = "add-column"
		case !isNew:
			change.Change, change.Breaking, change.Detail = "drop-column", true, "it is described no more"
		case was.DataType != c.DataType:
			change.Change, change.Breaking, change.Detail = "change-type", true, fmt.Sprintf("from %s to %s", orNone(was.DataType), orNone(c.DataType))
		case fmt.Sprint(was.Meta) != fmt.Sprint(c.Meta) || !slices.Equal(was.Tags, c.Tags):
			change.Change = "set-tags"
		default:
			continue
		}
		changes = append(changes, change)
	}
	return changes
}

func columnsOf(n *manifest.Node) map[string]manifest.Column {
	all := map[string]manifest.Column{}
	for _, c := range n.Columns {
		all[c.Name] = c
	}
	return all
}

// diffMacros tells of the project's own macros, and of the models that call one
// that has changed: their own text has not.
func diffMacros(was, now side) ([]projectChange, error) {
	before, err := macros(was)
	if err != nil {
		return nil, err
	}
	after, err := macros(now)
	if err != nil {
		return nil, err
	}
	var changes []projectChange
	for _, name := range keys(before, after) {
		change, where := "sql", now
		switch {
		case before[name] == after[name]:
			continue
		case before[name] == "":
			change = "added"
		case after[name] == "":
			change, where = "removed", was
		}
		changes = append(changes, projectChange{Area: "macro", Name: name, Change: change, Downstream: callers(where, name)})
	}
	return changes, nil
}

var macro = regexp.MustCompile(`(?s)\{%-?\s*(?:macro|materialization|test)\s+(\w+).*?\{%-?\s*end(?:macro|materialization|test)\s*-?%\}`)

// macros are the texts of the project's own macros by name.
func macros(s side) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(s.TransformDir, "macros", "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("list the macros: %w", err)
	}
	deeper, err := filepath.Glob(filepath.Join(s.TransformDir, "macros", "*", "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("list the macros: %w", err)
	}
	all := map[string]string{}
	for _, file := range append(files, deeper...) {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the macros: %w", err)
		}
		for _, m := range macro.FindAllStringSubmatch(string(text), -1) {
			all[m[1]] = m[0]
		}
	}
	return all, nil
}

// callers are the models that call a macro, and what hangs on them.
func callers(s side, name string) []string {
	names := map[string]bool{}
	for id, n := range s.models.Manifest().Nodes {
		if n.Kind == manifest.Test || !slices.ContainsFunc(n.Macros, func(m string) bool { return strings.HasSuffix(m, "."+name) }) {
			continue
		}
		names[n.Name] = true
		for _, b := range below(s, id) {
			names[b] = true
		}
	}
	return sortedNames(maps.Keys(names))
}
