package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Bounds of a file. The parser takes quadratic time over nesting, and aliases
// can blow a small text up.
const (
	maxBytes = 1 << 20
	maxDepth = 100
	maxNodes = 200_000
)

// parse makes a tree of text; nil where that cannot be done.
func (f *File) parse(content []byte) *node {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if at, why := unreadable(content); why != "" {
		f.breaks("", at, why)
		return nil
	}
	parsed, err := parseYAML(content)
	if err != nil {
		f.syntax(content, err)
		return nil
	}
	var docs []ast.Node
	for _, d := range parsed.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			docs = append(docs, d.Body)
		}
	}
	if len(docs) == 0 {
		f.breaks("", place{1, 1}, "the file is empty; begin it with version: 1")
		return nil
	}
	if len(docs) > 1 {
		f.breaks("", start(docs[1]), "found a second document after ---; write one file for each")
		return nil
	}
	c := converter{file: f, anchors: map[string]ast.Node{}}
	doc := c.node(docs[0], "")
	if f.broken[""] {
		return nil
	}
	return doc
}

// unreadable says why content should not be given to the parser at all.
func unreadable(content []byte) (place, string) {
	if len(content) > maxBytes {
		return place{}, fmt.Sprintf("found %d bytes; a file has at most %d", len(content), maxBytes)
	}
	at, depth := place{1, 0}, 0
	for i := 0; i < len(content); {
		r, size := utf8.DecodeRune(content[i:])
		i += size
		at.column++
		switch {
		case r == utf8.RuneError && size == 1:
			return at, "found bytes that are not UTF-8; save the file as UTF-8"
		case r == '\n':
			at = place{at.line + 1, 0}
		case r < ' ' && r != '\t' && r != '\r':
			return at, fmt.Sprintf("found the control character %U; remove it", r)
		case r == '[' || r == '{':
			if depth++; depth > maxDepth {
				return at, fmt.Sprintf("found more than %d brackets open; close them", maxDepth)
			}
		case (r == ']' || r == '}') && depth > 0:
			depth--
		}
	}
	return place{}, ""
}

// parseYAML keeps a panic of the parser on an odd text from ending the program:
// the text is told to be broken then.
func parseYAML(content []byte) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the text cannot be understood (%v)", r)
		}
	}()
	return parser.ParseBytes(content, 0, parser.AllowDuplicateMapKey())
}

// syntax notes what the parser says. Tabs are the commonest cause and the
// parser names them badly, so they are named first, all of them.
func (f *File) syntax(content []byte, err error) {
	f.broken[""] = true
	for i, line := range strings.Split(string(content), "\n") {
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		if tab := strings.IndexByte(indent, '\t'); tab >= 0 && len(indent) < len(line) {
			f.breaks("", place{i + 1, tab + 1}, "found a tab in the indentation; write spaces")
		}
	}
	if len(f.problems) > 0 {
		return
	}
	at, message := place{1, 1}, err.Error()
	var positioned yaml.Error
	if errors.As(err, &positioned) {
		message = positioned.GetMessage()
		if t := positioned.GetToken(); t != nil && t.Position != nil {
			at = place{t.Position.Line, t.Position.Column}
		}
	}
	f.breaks("", at, fmt.Sprintf("broken YAML: %s; check the indentation here and in the lines around it, and quote a text that holds \": \" or begins with one of @ ` %% * & ! | > [ {", message))
}

// start is where a node begins.
func start(n ast.Node) place {
	switch x := n.(type) {
	case *ast.MappingNode:
		if !x.IsFlowStyle && len(x.Values) > 0 {
			return start(x.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return start(x.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return place{t.Position.Line, t.Position.Column}
	}
	return place{1, 1}
}

// converter makes our tree of the parser's.
type converter struct {
	file    *File
	anchors map[string]ast.Node
	open    []string // aliases that are being followed
	nodes   int
}

func (c *converter) node(n ast.Node, key string) *node {
	at := start(n)
	if _, ok := c.file.places[key]; !ok {
		c.file.places[key] = at
	}
	if c.nodes++; c.nodes > maxNodes {
		c.file.broken[""] = true
		if c.nodes == maxNodes+1 {
			c.file.breaks("", at, fmt.Sprintf("found more than %d values; write the aliases out, or fewer of them", maxNodes))
		}
		return &node{at: at}
	}
	switch x := n.(type) {
	case *ast.MappingNode:
		return c.mapping(at, x.Values, key)
	case *ast.MappingValueNode:
		return c.mapping(at, []*ast.MappingValueNode{x}, key)
	case *ast.SequenceNode:
		v := &node{kind: list, at: at}
		for i, e := range x.Values {
			v.items = append(v.items, c.node(e, fmt.Sprintf("%s[%d]", key, i)))
		}
		return v
	case *ast.AnchorNode:
		v := c.node(x.Value, key)
		c.anchors[x.Name.GetToken().Value] = x.Value
		return v
	case *ast.AliasNode:
		return c.alias(x, at, key)
	case *ast.TagNode:
		c.file.breaks(key, at, fmt.Sprintf("found the tag %s; write the value without it, in quotes to make a string", x.Start.Value))
		return &node{at: at}
	}
	return scalar(n, at)
}

func (c *converter) alias(x *ast.AliasNode, at place, key string) *node {
	name := x.Value.GetToken().Value
	target, ok := c.anchors[name]
	for _, o := range c.open {
		ok = ok && o != name
	}
	if !ok {
		c.file.breaks(key, at, fmt.Sprintf("found the alias *%s; write the anchor &%s before it, outside of it", name, name))
		return &node{at: at}
	}
	c.open = append(c.open, name)
	v := *c.node(target, key)
	c.open = c.open[:len(c.open)-1]
	v.at = at
	return &v
}

func (c *converter) mapping(at place, entries []*ast.MappingValueNode, key string) *node {
	v := &node{kind: mapping, at: at}
	seen := map[string]int{}
	for _, e := range entries {
		keyAt := start(e.Key)
		if e.Key.IsMergeKey() {
			c.file.breaks(child(key, "<<"), keyAt, "found a merge key; write its keys out")
			continue
		}
		name := keyText(e.Key)
		path := child(key, name)
		if line, twice := seen[name]; twice {
			c.file.breaks(path, keyAt, fmt.Sprintf("found twice, first in line %d; keep one", line))
			continue
		}
		seen[name] = keyAt.line
		value := c.node(e.Value, path)
		if value.kind == list || value.kind == mapping || value.kind == null {
			c.file.places[path] = keyAt
		}
		v.pairs = append(v.pairs, pair{key: name, at: keyAt, value: value})
	}
	return v
}

func keyText(n ast.MapKeyNode) string {
	switch x := n.(type) {
	case *ast.StringNode:
		return x.Value
	case *ast.MappingKeyNode:
		if inner, ok := x.Value.(ast.MapKeyNode); ok {
			return keyText(inner)
		}
	}
	return strings.TrimSpace(n.GetToken().Value)
}

func scalar(n ast.Node, at place) *node {
	v := &node{at: at}
	written := strings.TrimSpace(n.GetToken().Value)
	switch x := n.(type) {
	case *ast.NullNode:
		return v
	case *ast.BoolNode:
		v.kind, v.value, v.text = boolean, x.Value, written
	case *ast.IntegerNode:
		integer(v, x, written)
	case *ast.FloatNode:
		v.kind, v.value, v.text = number, x.Value, written
	case *ast.LiteralNode:
		v.kind, v.value, v.text = text, x.Value.Value, x.Value.Value
	case *ast.StringNode:
		v.kind, v.value, v.text = text, x.Value, x.Value
	default: // .inf and .nan among them
		v.kind, v.value, v.text = text, written, written
	}
	return v
}

// integer keeps what does not fit 64 bits as its text, so that it is refused as
// a number.
func integer(v *node, x *ast.IntegerNode, written string) {
	v.kind, v.text = number, written
	switch i := x.Value.(type) {
	case int64:
		v.value = i
		return
	case uint64:
		if i <= 1<<63-1 {
			v.value = int64(i)
			return
		}
	}
	v.kind, v.value = text, written
}
