package terraform

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// Nesting says how often a nested block occurs; the values are the protocol's.
type Nesting int

// The kinds of nesting.
const (
	Single Nesting = 1
	List   Nesting = 2
	Set    Nesting = 3
	Map    Nesting = 4
	Group  Nesting = 5
)

// Attribute is one argument or result of a block.
type Attribute struct {
	Type                                               cty.Type
	Required, Optional, Computed, Sensitive, WriteOnly bool
}

// Settable tells whether a configuration may give the attribute.
func (a *Attribute) Settable() bool { return a.Required || a.Optional }

// Nested is a block in a block.
type Nested struct {
	Block    *Block
	Nesting  Nesting
	Min, Max int64 // 0: no limit
}

// Type is the block's type as often as it occurs.
func (n *Nested) Type() cty.Type {
	switch n.Nesting {
	case List:
		return cty.List(n.Block.Type())
	case Set:
		return cty.Set(n.Block.Type())
	case Map:
		return cty.Map(n.Block.Type())
	}
	return n.Block.Type()
}

// Empty is the value of a block that a configuration leaves out: a collection
// without elements, never null.
func (n *Nested) Empty() cty.Value {
	switch n.Nesting {
	case List:
		return cty.ListValEmpty(n.Block.Type())
	case Set:
		return cty.SetValEmpty(n.Block.Type())
	case Map:
		return cty.MapValEmpty(n.Block.Type())
	}
	return cty.NullVal(n.Block.Type())
}

// Block is the schema of a resource, a data source, the provider or a nested block.
type Block struct {
	Attributes map[string]*Attribute
	Blocks     map[string]*Nested
	ty         cty.Type
}

// Type is the object type of the block's values.
func (b *Block) Type() cty.Type {
	if b.ty != cty.NilType {
		return b.ty
	}
	fields := map[string]cty.Type{}
	for name, a := range b.Attributes {
		fields[name] = a.Type
	}
	for name, n := range b.Blocks {
		fields[name] = n.Type()
	}
	b.ty = cty.Object(fields)
	return b.ty
}

// Schema is what a provider offers.
type Schema struct {
	Provider    *Block
	Resources   map[string]*Block
	DataSources map[string]*Block
}

// block reads a block of the protocol; its type is fixed here, because values
// are read from many goroutines later.
func block(m message) (*Block, error) {
	b := &Block{Attributes: map[string]*Attribute{}, Blocks: map[string]*Nested{}}
	for _, a := range m.list("attributes") {
		name := a.get("name").String()
		ty, err := ctyjson.UnmarshalType(a.get("type").Bytes())
		if err != nil {
			return nil, fmt.Errorf("reading the type of attribute %s: %w", name, err)
		}
		b.Attributes[name] = &Attribute{Type: ty, Required: a.get("required").Bool(), Optional: a.get("optional").Bool(),
			Computed: a.get("computed").Bool(), Sensitive: a.get("sensitive").Bool(), WriteOnly: a.get("write_only").Bool()}
	}
	for _, n := range m.list("block_types") {
		name := n.get("type_name").String()
		nested, err := block(n.sub("block"))
		if err != nil {
			return nil, fmt.Errorf("block %s: %w", name, err)
		}
		b.Blocks[name] = &Nested{Block: nested, Nesting: Nesting(n.get("nesting").Enum()),
			Min: n.get("min_items").Int(), Max: n.get("max_items").Int()}
	}
	b.Type()
	return b, nil
}
