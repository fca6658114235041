package graph

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/manifest"
)

// matcher is the test that a criterion's method and value put to each node.
func matcher(c Criterion) (func(*manifest.Node) bool, error) {
	v := c.Value
	switch c.Method {
	case "fqn":
		return func(n *manifest.Node) bool { return n.Kind != manifest.Source && matchFQN(v, n.FQN) }, nil
	case "tag":
		return func(n *manifest.Node) bool {
			return slices.ContainsFunc(n.Config.Tags, func(t string) bool { return glob(v, t) })
		}, nil
	case "path":
		return matchPath(v), nil
	case "file":
		return func(n *manifest.Node) bool {
			base := path.Base(n.Path)
			return glob(v, base) || glob(v, strings.TrimSuffix(base, path.Ext(base)))
		}, nil
	case "package":
		return func(n *manifest.Node) bool { return glob(v, n.Package) }, nil
	case "source":
		return matchSource(v)
	case "config":
		return func(n *manifest.Node) bool { return matchConfig(n.Config, c.Arguments, v) }, nil
	case "resource_type":
		return matchKind(v)
	case "test_type":
		return matchTestType(v)
	case "test_name":
		return func(n *manifest.Node) bool { return n.Test != nil && glob(v, n.Test.Name) }, nil
	}
	return nil, fmt.Errorf("selection %q: unknown method %s", c.Text, c.Method)
}

// glob matches as fnmatch does: * crosses everything, dots and slashes too.
func glob(pattern, text string) bool {
	if !strings.ContainsAny(pattern, "*?[") {
		return pattern == text
	}
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(text, "/", "\x00"))
	return err == nil && ok
}

// matchFQN: the node's own name; or its folders from the package, or from the
// first folder, on down. dbt takes * in a name only behind a folder; floe also
// alone, as in stg_*.
func matchFQN(value string, fqn []string) bool {
	if len(fqn) == 0 {
		return false
	}
	return glob(value, fqn[len(fqn)-1]) || prefixMatch(value, fqn) || prefixMatch(value, fqn[1:])
}

func prefixMatch(value string, fqn []string) bool {
	words := strings.Split(value, ".")
	flat := strings.Split(strings.Join(fqn, "."), ".")
	if len(flat) < len(words) {
		return false
	}
	for i, w := range words {
		if strings.ContainsAny(w, "*?[") {
			return glob(strings.Join(words[i:], "."), strings.Join(flat[i:], "."))
		}
		if flat[i] != w {
			return false
		}
	}
	return true
}

// matchPath: the node's file, the property file that describes it, or a folder
// above the file; each * stays within one folder.
func matchPath(value string) func(*manifest.Node) bool {
	want := path.Clean(strings.ReplaceAll(value, `\`, "/"))
	want, below := strings.CutSuffix(want, "/**")
	is := func(p string) bool {
		ok, err := path.Match(want, p)
		return err == nil && ok
	}
	return func(n *manifest.Node) bool {
		if _, patch, ok := strings.Cut(n.PatchPath, "://"); ok && !below && is(patch) {
			return true
		}
		p := n.Path
		if below {
			p = path.Dir(p)
		}
		for ; p != "." && p != "/"; p = path.Dir(p) {
			if is(p) {
				return true
			}
		}
		return false
	}
}

func matchSource(value string) (func(*manifest.Node) bool, error) {
	words := strings.Split(value, ".")
	if len(words) > 3 {
		return nil, fault.New(fault.Usage, fmt.Errorf("selection source:%s: write source:name, source:name.table or source:package.name.table", value), "")
	}
	return func(n *manifest.Node) bool {
		if n.Kind != manifest.Source {
			return false
		}
		is := []string{n.Package, n.Source.Name, n.Name}
		if len(words) < 3 {
			is = is[1:]
		}
		for i, w := range words {
			if !glob(w, is[i]) {
				return false
			}
		}
		return true
	}, nil
}

func matchKind(value string) (func(*manifest.Node) bool, error) {
	kinds := []string{string(manifest.Model), string(manifest.Seed), string(manifest.Test), string(manifest.Source)}
	if !slices.Contains(kinds, value) {
		return nil, fault.New(fault.Usage, fmt.Errorf("selection resource_type:%s: it is one of %s", value, strings.Join(kinds, ", ")), "")
	}
	return func(n *manifest.Node) bool { return string(n.Kind) == value }, nil
}

func matchTestType(value string) (func(*manifest.Node) bool, error) {
	switch value {
	case "generic", "singular":
		return func(n *manifest.Node) bool { return n.Test != nil && n.Test.Generic == (value == "generic") }, nil
	case "data":
		return func(n *manifest.Node) bool { return n.Test != nil }, nil
	}
	return nil, fault.New(fault.Usage, fmt.Errorf("selection test_type:%s: it is generic, singular or data", value), "")
}

// matchConfig goes down the keys; a list or a mapping matches by one of its members.
func matchConfig(c manifest.Config, keys []string, value string) bool {
	at := c.Values
	for _, k := range keys {
		d, ok := at.(*jinja.Dict)
		if !ok {
			return false
		}
		if at, ok = d.GetString(k); !ok {
			return false
		}
	}
	same := func(e any) bool { return sameText(e, value) }
	if slices.Equal(keys, []string{"severity"}) {
		same = func(e any) bool { return strings.EqualFold(fmt.Sprint(e), value) }
	}
	switch x := at.(type) {
	case nil:
		return false
	case *jinja.List:
		return slices.ContainsFunc(x.Items, same)
	case *jinja.Dict:
		return slices.ContainsFunc(x.Keys(), same)
	}
	return same(at)
}

func sameText(v any, value string) bool {
	if b, ok := v.(bool); ok {
		return strings.EqualFold(fmt.Sprint(b), value)
	}
	return fmt.Sprint(v) == value
}
