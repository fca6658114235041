package compiler

import (
	"errors"
	"strings"

	"github.com/floe-data/floe/runtime/transform/jinja"
	"github.com/floe-data/floe/runtime/transform/jinja/pymodules"
)

// contextNames are the names of dbt's context and what each one is in a render.
// They are made per project, when first asked for in a render.
func contextNames() map[string]func(*render) jinja.Value {
	g := map[string]func(*render) jinja.Value{
		"ref":     method((*render).ref),
		"source":  method((*render).source),
		"config":  (*render).configObject,
		"var":     (*render).varObject,
		"env_var": method((*render).envVar),
		"doc":     method((*render).doc),
		"log":     method((*render).log), "print": method((*render).print),
		"return":           func(*render) jinja.Value { return jinja.Func(returnValue) },
		"store_result":     method((*render).storeResult),
		"store_raw_result": method((*render).storeRawResult),
		"load_result":      method((*render).loadResult),
		"render":           method((*render).renderText),
		"adapter":          func(r *render) jinja.Value { return &adapter{r} },
		"exceptions":       (*render).exceptions,
		"context":          func(r *render) jinja.Value { return &contextView{r} },

		"try_or_compiler_error": method((*render).tryOrError),

		"execute":        func(r *render) jinja.Value { return r.execute },
		"this":           func(r *render) jinja.Value { return r.p.relation(r.node) },
		"model":          func(r *render) jinja.Value { return nodeDict(r.node, r.config) },
		"graph":          func(r *render) jinja.Value { return r.p.graphDict() },
		"target":         func(r *render) jinja.Value { return r.p.targetDict() },
		"flags":          (*render).flags,
		"schema":         func(r *render) jinja.Value { return r.node.Relation.Schema },
		"database":       func(r *render) jinja.Value { return r.p.opts.Target.Database },
		"project_name":   func(r *render) jinja.Value { return r.p.root.Name },
		"invocation_id":  func(r *render) jinja.Value { return r.s.Invocation },
		"thread_id":      func(*render) jinja.Value { return "main" },
		"dbt_version":    func(*render) jinja.Value { return dbtVersion },
		"run_started_at": func(r *render) jinja.Value { return pymodules.NewDatetime(r.s.Started) },
		"api":            (*render).api,
		"Relation":       (*render).relationClass,
		"Column":         func(*render) jinja.Value { return columnClass() },
		"modules":        func(r *render) jinja.Value { return r.p.modules },
		"builtins":       func(r *render) jinja.Value { return r.pick("ref", "source", "config") },
		"sql":            func(*render) jinja.Value { return "" },
		"pre_hooks":      func(r *render) jinja.Value { return stringList(r.node.Config.PreHooks) },
		"post_hooks":     func(r *render) jinja.Value { return stringList(r.node.Config.PostHooks) },

		"selected_resources":   func(r *render) jinja.Value { return stringList(r.s.Selected.Sorted()) },
		"invocation_args_dict": func(r *render) jinja.Value { return jinja.DictOf("which", r.s.Command) },
		"dbt_metadata_envs":    func(*render) jinja.Value { return jinja.NewDict() },
	}
	for name, f := range pureFunctions {
		g[name] = func(*render) jinja.Value { return f }
	}
	return g
}

// dbtVersion is what dbt_version says: the version whose meaning floe follows.
const dbtVersion = "1.10.0"

// method makes a context function of a render's method.
func method(f func(*render, *jinja.State, jinja.Args) (jinja.Value, error)) func(*render) jinja.Value {
	return func(r *render) jinja.Value {
		return jinja.Func(func(s *jinja.State, a jinja.Args) (jinja.Value, error) { return f(r, s, a) })
	}
}

func returnValue(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("return", jinja.Opt("data", nil))
	if err != nil {
		return nil, err
	}
	return nil, &jinja.Return{Value: v[0]}
}

func compilationError(format string, args ...any) error {
	return jinja.Errorf("CompilationError", format, args...)
}

// pick makes an attribute bag of context names.
func (r *render) pick(names ...string) jinja.Value {
	b := &jinja.Bag{Type: "dict", Attrs: map[string]jinja.Value{}}
	for _, n := range names {
		b.Attrs[n] = r.p.globals[n](r)
	}
	return b
}

// contextView is `context`: every name of the render as an item.
type contextView struct{ r *render }

// Item finds a name.
func (c *contextView) Item(key jinja.Value) (jinja.Value, bool) {
	name, ok := key.(string)
	if !ok {
		return nil, false
	}
	return c.r.lookup(name)
}

// Attr finds a name, or get.
func (c *contextView) Attr(name string) (jinja.Value, bool) {
	if name == "get" {
		return jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			if v, ok := c.Item(a.Get(0, "key", nil)); ok {
				return v, nil
			}
			return a.Get(1, "default", nil), nil
		}), true
	}
	return c.Item(name)
}

// Has answers `in`.
func (c *contextView) Has(key jinja.Value) bool {
	_, ok := c.Item(key)
	return ok
}

// flags are dbt's, as far as they mean something here.
func (r *render) flags() jinja.Value {
	return jinja.DictOf("FULL_REFRESH", r.s.FullRefresh, "WHICH", r.s.Command, "STORE_FAILURES", false, "EMPTY", false,
		"INTROSPECT", true, "DEBUG", false, "PRINT", true, "FAIL_FAST", false, "WARN_ERROR", false, "TARGET", r.p.opts.Target.Name)
}

// log is log(msg, info): with info it is said, else dropped.
func (r *render) log(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("log", jinja.Req("msg"), jinja.Opt("info", false))
	if err != nil {
		return nil, err
	}
	if jinja.Truth(v[1]) {
		r.say(jinja.Str(v[0]))
	}
	return "", nil
}

func (r *render) print(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	r.say(jinja.Str(a.Get(0, "msg", "")))
	return "", nil
}

// say speaks in the run only: parsing would say everything twice.
func (r *render) say(msg string) {
	if r.execute && r.s.Log != nil {
		r.s.Log(msg)
	}
}

// exceptions is dbt's: functions that end the rendering, and warn.
func (r *render) exceptions() jinja.Value {
	fail := func(kind string) jinja.Value {
		return jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			return nil, jinja.Errorf(kind, "%s", strings.TrimSpace(jinja.Str(a.Get(0, "msg", ""))))
		})
	}
	b := &jinja.Bag{Type: "exceptions", Attrs: map[string]jinja.Value{
		"warn": jinja.Func(func(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
			r.say("warning: " + jinja.Str(a.Get(0, "msg", "")))
			return "", nil
		}),
		"raise_compiler_error": fail("CompilationError"), "raise_not_implemented": fail("NotImplemented"),
		"raise_database_error": fail("DatabaseError"), "raise_dependency_error": fail("DependencyError"),
		"raise_fail_fast_error": fail("FailFastError"), "raise_contract_error": fail("ContractError"),
		"relation_wrong_type": fail("CompilationError"), "missing_relation": fail("CompilationError"),
		"missing_config": fail("CompilationError"), "column_type_missing": fail("CompilationError"),
	}}
	b.Attrs["CompilationError"] = b.Attrs["raise_compiler_error"]
	return b
}

func (r *render) storeResult(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("store_result", jinja.Req("name"), jinja.Req("response"), jinja.Opt("agate_table", nil))
	if err != nil {
		return nil, err
	}
	t, ok := v[2].(*Table)
	if !ok {
		t = &Table{}
	}
	data := jinja.NewList()
	for _, row := range t.Rows {
		data.Append(jinja.Tuple(row))
	}
	r.results[jinja.Str(v[0])] = jinja.DictOf("response", v[1], "data", data, "table", t)
	return "", nil
}

func (r *render) storeRawResult(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	v, err := a.Bind("store_raw_result", jinja.Req("name"), jinja.Opt("message", nil), jinja.Opt("code", nil),
		jinja.Opt("rows_affected", nil), jinja.Opt("agate_table", nil))
	if err != nil {
		return nil, err
	}
	return r.storeResult(s, jinja.Positional(v[0], v[1], v[4]))
}

func (r *render) loadResult(_ *jinja.State, a jinja.Args) (jinja.Value, error) {
	return r.results[jinja.Str(a.Get(0, "name", ""))], nil
}

// renderText renders a text in the node's context, as hooks are.
func (r *render) renderText(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	text, ok := a.Get(0, "template", nil).(string)
	if !ok {
		return a.Get(0, "template", nil), nil
	}
	t, err := jinja.Parse(r.node.Path, text)
	if err != nil {
		return nil, err
	}
	return t.RenderIn(s.In(r.strict))
}

// tryOrError is try_or_compiler_error(message, function, …).
func (r *render) tryOrError(s *jinja.State, a jinja.Args) (jinja.Value, error) {
	if len(a.Pos) < 2 {
		return nil, errors.New("try_or_compiler_error takes a message and a function")
	}
	v, err := s.Call(a.Pos[1], jinja.Args{Pos: a.Pos[2:], Kw: a.Kw})
	if err != nil {
		return nil, compilationError("%s", jinja.Str(a.Pos[0]))
	}
	return v, nil
}
