package project

import (
	"maps"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/yamlfile"
)

// resourceCheck finds what is wrong in one resource.
type resourceCheck struct {
	*sourceCheck
	key      string // "resources[1]"
	resource *Resource
}

func (c *resourceCheck) all() {
	e := &c.resource.Endpoint
	c.forEach()
	c.selector(c.key+".endpoint.data_selector", e.DataSelector)
	c.paginator(c.key+".endpoint.paginator", e.Paginator)
	c.actions(c.key+".endpoint", e.ResponseActions)
	c.incremental(c.key+".endpoint.incremental", e.Incremental)
	c.headers(c.key+".endpoint.headers", e.Headers, false)
	c.path()
	c.references()
	if c.understood() {
		c.parent()
		c.include()
	}
}

// understood says whether the resource's parents are known: no template of it
// is broken.
func (c *resourceCheck) understood() bool {
	for name, t := range c.texts(c.resource) {
		if _, err := Placeholders(t.text); err != nil || !c.file.Sound(c.key+"."+name) {
			return false
		}
	}
	return true
}

// path refuses a literal URL: base_url says where the data comes from.
func (c *resourceCheck) path() {
	if path := c.resource.Endpoint.Path; strings.Contains(path, "://") {
		c.file.Errorf(c.key+".endpoint.path", "found %q; write the path under base_url, or a placeholder of a parent's field that holds a whole URL", path)
	} else if strings.ContainsAny(path, "?#") {
		c.file.Errorf(c.key+".endpoint.path", "found %q; write the query as params", path)
	}
}

func (c *resourceCheck) forEach() {
	names := slices.Sorted(maps.Keys(c.resource.ForEach))
	if len(names) > 1 {
		c.file.Errorf(c.key+".for_each", "found the names %s; write one: a resource goes through one list", strings.Join(names, ", "))
	}
	for _, name := range names {
		key := yamlfile.Key(c.key, "for_each", name)
		if !plainName.MatchString(name) {
			c.file.Errorf(key, "%s", plainNameIs)
		}
		text := c.resource.ForEach[name]
		refs, ok := c.placeholders(key, text)
		if !ok {
			continue
		}
		if len(refs) != 1 || refs[0].Scope != "vars" || strings.TrimSpace(text) != text || text != refs[0].String() {
			c.file.Errorf(key, "found %q; write a list of the source's vars, such as \"{vars.%ss}\"", text, name)
			continue
		}
		value := c.source.Vars[refs[0].Name]
		if _, isList := value.([]string); !isList && value != nil { // nil: told already
			c.file.Errorf(key, "found %s, which is not a list; write vars.%s as [a, b]", refs[0], refs[0].Name)
		}
	}
}

// effective is the resource's incremental: its own, else the defaults'.
func (c *resourceCheck) effective() *Incremental {
	if i := c.resource.Endpoint.Incremental; i != nil || c.source.Defaults == nil {
		return i
	}
	return c.source.Defaults.Incremental
}

// references checks what the placeholders of the path, params and headers name.
func (c *resourceCheck) references() {
	texts := c.texts(c.resource)
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		key := c.key + "." + name
		refs, err := Placeholders(texts[name].text)
		if texts[name].own { // the defaults' own mistakes were told there
			refs, _ = c.placeholders(key, texts[name].text)
		} else if err != nil {
			continue
		}
		for _, p := range refs {
			c.reference(key, p)
		}
	}
}

func (c *resourceCheck) reference(key string, p Placeholder) {
	switch p.Scope {
	case "vars":
		if _, isList := c.source.Vars[p.Name].([]string); isList {
			c.file.Errorf(key, "found %s, which is a list; go through it with for_each: {x: \"%s\"} and write {each.x}", p, p)
		}
	case "each":
		if _, ok := c.resource.ForEach[p.Name]; !ok {
			c.file.Errorf(key, "found %s, but the resource has no for_each %s; %s", p, p.Name,
				meant(p.Name, slices.Sorted(maps.Keys(c.resource.ForEach)), c.eachInstead(p.Name)))
		}
	case "resources":
		if !slices.Contains(c.names, p.Name) {
			c.file.Errorf(key, "found %s, but there is no resource %s; %s", p, p.Name, meant(p.Name, c.names, ""))
		}
	case "incremental":
		c.incrementalReference(key, p)
	}
}

// eachInstead says how a child takes over what its parent goes through.
func (c *resourceCheck) eachInstead(name string) string {
	for _, parent := range c.parents(c.resource) {
		for _, r := range c.source.Resources {
			if _, ok := r.ForEach[name]; ok && r.Name == parent {
				return "write include_from_parent: [" + name + "] in " + parent + " and {resources." + parent + "." + name + "} here"
			}
		}
	}
	return "write for_each: {" + name + ": \"{vars.…}\"}"
}

func (c *resourceCheck) incrementalReference(key string, p Placeholder) {
	i := c.effective()
	switch {
	case i == nil:
		c.file.Errorf(key, "found %s, but the endpoint has no incremental; write incremental: with cursor_path", p)
	case p.Name == "cursor" && i.Scope != "request":
		c.file.Errorf(key, "found %s, which is for scope request; write {incremental.start_value} for scope row", p)
	case p.Name != "cursor" && i.Scope == "request":
		c.file.Errorf(key, "found %s, which is for scope row; write {incremental.cursor} for scope request", p)
	case p.Name == "initial_value" && i.InitialValue == "":
		c.file.Errorf(key, "found %s, but the incremental has no initial_value; write one", p)
	}
}

// parent checks that there is at most one, and one where it is needed.
func (c *resourceCheck) parent() {
	parents := c.parents(c.resource)
	slices.Sort(parents)
	switch {
	case len(parents) > 1:
		c.file.Errorf(c.key+".endpoint", "found the parents %s; a resource has one: include in it what the others have", strings.Join(parents, " and "))
	case len(parents) == 1 && len(c.resource.ForEach) > 0:
		c.file.Errorf(c.key+".for_each", "found for_each and the parent %s; put the for_each into the parent, with include_from_parent, and write {resources.%s.…}", parents[0], parents[0])
	}
	if i := c.effective(); i != nil && i.Scope == "request" && len(parents) == 0 {
		c.file.Errorf(c.key+".endpoint.incremental.scope", "found request, but the endpoint names no parent; write {resources.<parent>.<field>} in its path, or scope: row")
	}
}

func (c *resourceCheck) include() {
	if len(c.parents(c.resource)) > 0 {
		return // any field of the parent's record
	}
	known := slices.Sorted(maps.Keys(c.resource.ForEach))
	for i, name := range c.resource.IncludeFromParent {
		if !slices.Contains(known, name) {
			c.file.Errorf(yamlfile.Key(c.key, "include_from_parent", i), "found %s, but the resource has neither a parent nor a for_each of that name; %s", name,
				meant(name, known, "name it in for_each, or remove it"))
		}
	}
}
