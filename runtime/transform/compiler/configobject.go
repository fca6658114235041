package compiler

import "github.com/floe-data/floe/runtime/transform/jinja"

// configObject is `config`: called, it configures; get and require ask.
func (r *render) configObject() jinja.Value {
	docs := func(key string) jinja.Value {
		return jinja.Func(func(*jinja.State, jinja.Args) (jinja.Value, error) {
			d, ok := r.setting("persist_docs").(*jinja.Dict)
			if !ok {
				return false, nil
			}
			v, _ := d.GetString(key)
			return jinja.Truth(v), nil
		})
	}
	return &jinja.Bag{Type: "RuntimeConfigObject", Fn: r.configure, Attrs: map[string]jinja.Value{
		"get":                   jinja.Func(r.configGet),
		"require":               jinja.Func(r.configRequire),
		"set":                   jinja.Func(r.configSet),
		"persist_relation_docs": docs("relation"),
		"persist_column_docs":   docs("columns"),
		"model":                 r.node.UniqueID,
	}}
}

func (r *render) setting(key string) jinja.Value {
	v, _ := r.config.GetString(configKey(key))
	return v
}

// configure takes keywords, or one mapping. When the node runs, its
// configuration is settled: a call changes nothing any more, as in dbt.
func (r *render) configure(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	if r.execute {
		return "", nil
	}
	switch {
	case len(a.Pos) > 1 || (len(a.Pos) == 1 && len(a.Kw) > 0):
		return nil, compilationError("config() takes keyword arguments, or one mapping")
	case len(a.Pos) == 1:
		d, ok := a.Pos[0].(*jinja.Dict)
		if !ok {
			return nil, compilationError("config() takes keyword arguments, or one mapping; it was given %s", jinja.Repr(a.Pos[0]))
		}
		r.tell(d)
	default:
		r.tell(a.KwDict())
	}
	return "", nil
}

func (r *render) tell(d *jinja.Dict) {
	setAll(r.told, d)
	setAll(r.config, d)
}

func (r *render) configGet(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("get", jinja.Req("name"), jinja.Opt("default", nil), jinja.Opt("validator", nil))
	if err != nil {
		return nil, err
	}
	if x, ok := r.config.GetString(configKey(jinja.Str(v[0]))); ok && x != nil {
		return x, nil
	}
	return v[1], nil
}

func (r *render) configRequire(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("require", jinja.Req("name"), jinja.Opt("validator", nil))
	if err != nil {
		return nil, err
	}
	if x, ok := r.config.GetString(configKey(jinja.Str(v[0]))); ok {
		return x, nil
	}
	if !r.execute {
		return "", nil
	}
	return nil, compilationError("%s does not configure %s, which a macro requires: add it to config() or to the property file", r.node.Name, jinja.Str(v[0]))
}

func (r *render) configSet(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("set", jinja.Req("name"), jinja.Req("value"))
	if err != nil {
		return nil, err
	}
	r.tell(jinja.DictOf(jinja.Str(v[0]), v[1]))
	return "", nil
}
