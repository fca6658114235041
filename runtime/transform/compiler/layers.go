package compiler

import (
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/yamltree"
)

// Configuration comes in layers: the project's tree from the outermost folder
// inwards, the property file, config() in the file itself, and for a package's
// node the root project's tree again. Tags and hooks add up, mappings like meta
// are merged by key, everything else is replaced.

var (
	appended = []string{"tags", "pre_hook", "post_hook", "packages"}
	merged   = []string{"meta", "quoting", "column_types", "docs", "vars", "table_properties", "grants"}
)

// configKey is a key as floe keeps it: without +, with underscores in hooks' names.
func configKey(key string) string {
	key = strings.TrimSpace(strings.TrimPrefix(key, "+"))
	switch key {
	case "pre-hook":
		return "pre_hook"
	case "post-hook":
		return "post_hook"
	}
	return key
}

// setConfig lays one key over what is there.
func setConfig(d *jinja.Dict, key string, v jinja.Value) {
	key = configKey(key)
	old, there := d.GetString(key)
	switch {
	case slices.Contains(appended, key):
		l := jinja.NewList()
		if prev, ok := old.(*jinja.List); ok {
			l.Append(prev.Items...)
		}
		switch x := v.(type) {
		case *jinja.List:
			l.Append(x.Items...)
		case jinja.Tuple:
			l.Append(x...)
		case nil:
		default:
			l.Append(x)
		}
		d.SetString(key, l)
	case there && slices.Contains(merged, key):
		a, okA := old.(*jinja.Dict)
		b, okB := v.(*jinja.Dict)
		if !okA || !okB {
			d.SetString(key, v)
			return
		}
		c := a.Copy()
		for i := range b.Len() {
			k, val := b.At(i)
			if c.Set(k, val) != nil {
				continue // a dict's key is hashable
			}
		}
		d.SetString(key, c)
	default:
		d.SetString(key, v)
	}
}

func setAll(d, layer *jinja.Dict) {
	if layer == nil {
		return
	}
	for i := range layer.Len() {
		k, v := layer.At(i)
		setConfig(d, jinja.Str(k), v)
	}
}

// treeLayers lays the project's tree over d, from the outside inwards: at each
// level the keys with a plus, and those whose value is not a mapping.
func treeLayers(d *jinja.Dict, tree *yamltree.Value, fqn []string) {
	for i := 0; tree != nil && tree.Kind == yamltree.Map; i++ {
		for _, p := range tree.Pairs {
			if strings.HasPrefix(p.Key, "+") || p.Value.Kind != yamltree.Map {
				setConfig(d, p.Key, fromYAML(p.Value))
			}
		}
		if i >= len(fqn) {
			return
		}
		tree = tree.Get(fqn[i])
	}
}

func yamlLayer(d *jinja.Dict, v *yamltree.Value) {
	if v == nil {
		return
	}
	for _, p := range v.Pairs {
		setConfig(d, p.Key, fromYAML(p.Value))
	}
}
