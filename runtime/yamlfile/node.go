package yamlfile

import (
	"fmt"
	"unicode/utf8"
)

type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	list
	mapping
)

// node is a YAML value with its place.
type node struct {
	kind  kind
	at    place
	text  string // a scalar as it is written, a string's content
	value any    // bool, int64, float64 or string
	items []*node
	pairs []pair
}

type pair struct {
	key   string
	at    place
	value *node
}

// found names the value for a message.
func (n *node) found() string {
	switch n.kind {
	case null:
		return "nothing"
	case boolean, number:
		return n.text
	case text:
		return quote(n.text)
	case list:
		if len(n.items) == 0 {
			return "an empty list"
		}
		return "a list"
	}
	return "a mapping"
}

// quote keeps a message short.
func quote(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// plain is the value in Go's own types: bool, int64, float64, string, []any,
// map[string]any.
func (n *node) plain() any {
	switch n.kind {
	case list:
		items := make([]any, len(n.items))
		for i, x := range n.items {
			items[i] = x.plain()
		}
		return items
	case mapping:
		m := make(map[string]any, len(n.pairs))
		for _, p := range n.pairs {
			m[p.key] = p.value.plain()
		}
		return m
	}
	return n.value
}
