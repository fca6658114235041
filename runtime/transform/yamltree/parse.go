package yamltree

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// maxNodes bounds what aliases may blow a document up to.
const maxNodes = 1_000_000

// Parse reads one YAML document; an empty one is Null. Aliases and merge keys
// are resolved; a second document is an error.
func Parse(text []byte) (*Value, error) {
	f, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, syntax(err)
	}
	c := converter{anchors: map[string]ast.Node{}}
	var doc *Value
	for _, d := range f.Docs {
		if d.Body == nil {
			continue
		}
		if doc != nil {
			return nil, &SyntaxError{Line: line(d.Body), Msg: "a second document: one file holds one"}
		}
		if doc, err = c.value(d.Body); err != nil {
			return nil, err
		}
	}
	if doc == nil {
		doc = &Value{Line: 1}
	}
	return doc, nil
}

// SyntaxError is text that is not YAML.
type SyntaxError struct {
	Line int
	Msg  string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Msg) }

func syntax(err error) error {
	var ye yaml.Error
	if errors.As(err, &ye) && ye.GetToken() != nil {
		return &SyntaxError{Line: ye.GetToken().Position.Line, Msg: ye.GetMessage()}
	}
	return &SyntaxError{Line: 1, Msg: err.Error()}
}

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

type converter struct {
	anchors map[string]ast.Node
	open    []string // aliases being resolved
	nodes   int
}

func (c *converter) value(n ast.Node) (*Value, error) {
	if c.nodes++; c.nodes > maxNodes {
		return nil, &SyntaxError{Line: line(n), Msg: "too many values: aliases blow the document up"}
	}
	switch x := n.(type) {
	case *ast.MappingNode:
		return c.mapping(line(n), x.Values)
	case *ast.MappingValueNode:
		return c.mapping(line(n), []*ast.MappingValueNode{x})
	case *ast.SequenceNode:
		v := &Value{Kind: List, Line: line(n)}
		for _, e := range x.Values {
			item, err := c.value(e)
			if err != nil {
				return nil, err
			}
			v.Items = append(v.Items, item)
		}
		return v, nil
	case *ast.AnchorNode:
		c.anchors[x.Name.GetToken().Value] = x.Value
		return c.value(x.Value)
	case *ast.AliasNode:
		return c.alias(x)
	case *ast.TagNode:
		return c.tagged(x)
	}
	return c.scalar(n)
}

func (c *converter) alias(x *ast.AliasNode) (*Value, error) {
	name := x.Value.GetToken().Value
	target, ok := c.anchors[name]
	if !ok {
		return nil, &SyntaxError{Line: line(x), Msg: fmt.Sprintf("alias *%s: no anchor &%s before it", name, name)}
	}
	for _, o := range c.open {
		if o == name {
			return nil, &SyntaxError{Line: line(x), Msg: fmt.Sprintf("alias *%s holds itself", name)}
		}
	}
	c.open = append(c.open, name)
	defer func() { c.open = c.open[:len(c.open)-1] }()
	return c.value(target)
}

func (c *converter) tagged(x *ast.TagNode) (*Value, error) {
	v, err := c.value(x.Value)
	if err == nil && x.Start.Value == "!!str" && v.Kind != List && v.Kind != Map {
		v.Scalar, v.Kind = v.Text(), String
	}
	return v, err
}

func (c *converter) mapping(at int, entries []*ast.MappingValueNode) (*Value, error) {
	v := &Value{Kind: Map, Line: at}
	var merged []Pair
	for _, e := range entries {
		val, err := c.value(e.Value)
		if err != nil {
			return nil, err
		}
		if _, ok := e.Key.(*ast.MergeKeyNode); ok {
			if val.Kind == List {
				for _, m := range val.Items {
					merged = append(merged, m.Pairs...)
				}
			}
			merged = append(merged, val.Pairs...)
			continue
		}
		key, err := c.value(e.Key)
		if err != nil {
			return nil, err
		}
		if v.Get(key.Text()) != nil {
			return nil, &SyntaxError{Line: line(e.Key), Msg: fmt.Sprintf("key %q is there twice", key.Text())}
		}
		v.Pairs = append(v.Pairs, Pair{Key: key.Text(), Name: key.Scalar, Line: line(e.Key), Value: val})
	}
	for _, p := range merged {
		if v.Get(p.Key) == nil {
			v.Pairs = append(v.Pairs, p)
		}
	}
	return v, nil
}

func (c *converter) scalar(n ast.Node) (*Value, error) {
	v := &Value{Line: line(n)}
	switch x := n.(type) {
	case *ast.NullNode:
		return v, nil
	case *ast.BoolNode:
		v.Kind, v.Scalar = Bool, x.Value
	case *ast.IntegerNode:
		return integer(v, x), nil
	case *ast.FloatNode:
		v.Kind, v.Scalar = Float, x.Value
	case *ast.InfinityNode:
		v.Kind, v.Scalar = Float, x.Value
	case *ast.LiteralNode:
		v.Kind, v.Scalar, v.Line = String, x.Value.Value, line(x)
	case *ast.StringNode:
		v.Kind, v.Scalar = String, x.Value
	case *ast.MappingKeyNode:
		return c.value(x.Value)
	default:
		s := n.String()
		v.Kind, v.Scalar = String, strings.TrimSpace(s)
	}
	return v, nil
}

// integer keeps numbers beyond 64 bits as their text.
func integer(v *Value, x *ast.IntegerNode) *Value {
	v.Kind = Int
	switch i := x.Value.(type) {
	case int64:
		v.Scalar = i
	case uint64:
		v.Scalar = int64(i)
		if i > 1<<63-1 {
			v.Kind, v.Scalar = String, strconv.FormatUint(i, 10)
		}
	default:
		v.Kind, v.Scalar = String, x.GetToken().Value
	}
	return v
}
