package terraform

import "github.com/zclconf/go-cty/cty"

// propose merges a configuration with the prior state into the "proposed new
// state" from which the provider makes its plan, as Terraform's core does: what
// is configured wins, what the provider may compute keeps its last value.
func propose(b *Block, prior, config cty.Value) cty.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	out := map[string]cty.Value{}
	for name, a := range b.Attributes {
		v := config.GetAttr(name)
		switch {
		case a.WriteOnly:
			v = cty.NullVal(a.Type)
		case a.Computed && v.IsNull():
			v = attribute(prior, name, a.Type)
		}
		out[name] = v
	}
	for name, n := range b.Blocks {
		out[name] = proposeNested(n, attribute(prior, name, n.Type()), config.GetAttr(name))
	}
	return cty.ObjectVal(out)
}

// attribute is one attribute of v, null where v has none.
func attribute(v cty.Value, name string, ty cty.Type) cty.Value {
	if v.IsNull() || !v.IsKnown() {
		return cty.NullVal(ty)
	}
	return v.GetAttr(name)
}

func proposeNested(n *Nested, prior, config cty.Value) cty.Value {
	if config.IsNull() || !config.IsKnown() {
		return config
	}
	switch n.Nesting {
	case List, Set:
		return proposeSequence(n, prior, config)
	case Map:
		all := map[string]cty.Value{}
		for key, v := range config.AsValueMap() {
			all[key] = propose(n.Block, mapElement(prior, key, n.Block.Type()), v)
		}
		if len(all) == 0 {
			return config
		}
		return cty.MapVal(all)
	}
	return propose(n.Block, prior, config)
}

func mapElement(v cty.Value, key string, ty cty.Type) cty.Value {
	if !v.IsNull() && v.IsKnown() {
		if e, ok := v.AsValueMap()[key]; ok {
			return e
		}
	}
	return cty.NullVal(ty)
}

// proposeSequence pairs the elements of a list by their place and those of a
// set by their sameness: an old element belongs to a new one if it is what the
// new one would become with it.
func proposeSequence(n *Nested, prior, config cty.Value) cty.Value {
	var old, out []cty.Value
	if !prior.IsNull() && prior.IsKnown() {
		old = prior.AsValueSlice()
	}
	for i, v := range config.AsValueSlice() {
		match := cty.NullVal(n.Block.Type())
		if n.Nesting == List {
			if i < len(old) {
				match = old[i]
			}
		} else {
			for _, o := range old {
				if propose(n.Block, o, v).RawEquals(o) {
					match = o
					break
				}
			}
		}
		out = append(out, propose(n.Block, match, v))
	}
	switch {
	case len(out) == 0:
		return config
	case n.Nesting == List:
		return cty.ListVal(out)
	}
	return cty.SetVal(out)
}
