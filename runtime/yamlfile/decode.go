package yamlfile

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/nearest"
)

// decoder fills Go values from a tree.
type decoder struct {
	file  *File
	hints map[string]string
}

func (d *decoder) root(n *node, out any) {
	if n.kind != mapping {
		d.file.breaks("", n.at, fmt.Sprintf("found %s; a file is a mapping of keys to values", n.found()))
		return
	}
	d.structure(n, reflect.ValueOf(out).Elem(), "")
}

// value fills v. r are the bounds of the field that holds it.
func (d *decoder) value(n *node, v reflect.Value, key string, r rules) {
	if d.file.broken[key] {
		return
	}
	if n.kind == null {
		d.file.breaks(key, d.file.place(key), fmt.Sprintf("found nothing; write %s, or leave the key out", wanted(v.Type(), r)))
		return
	}
	if v.Kind() == reflect.Pointer {
		fresh := reflect.New(v.Type().Elem())
		d.value(n, fresh.Elem(), key, r)
		v.Set(fresh)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, key)
	case reflect.Slice:
		d.list(n, v, key, r)
	case reflect.Map:
		d.mapping(n, v, key)
	case reflect.Interface:
		d.anything(n, v, key)
	default:
		d.scalar(n, v, key, r)
	}
}

func (d *decoder) wrong(n *node, t reflect.Type, key string, r rules) {
	hint := ""
	if t.Kind() == reflect.String && (n.kind == number || n.kind == boolean) {
		hint = fmt.Sprintf(": in quotes, %q", n.text)
	}
	if t.Kind() == reflect.String && (n.kind == mapping || n.kind == list) {
		hint = ", in quotes if it begins with { or ["
	}
	if t.Kind() == reflect.Slice && n.kind != mapping {
		hint = fmt.Sprintf(": [%s]", n.text)
	}
	d.file.breaks(key, d.file.place(key), fmt.Sprintf("found %s; write %s%s", n.found(), wanted(t, r), hint))
}

func (d *decoder) structure(n *node, v reflect.Value, key string) {
	if n.kind != mapping {
		d.wrong(n, v.Type(), key, rules{})
		return
	}
	fields := fieldsOf(v.Type())
	for _, p := range n.pairs {
		path := child(key, p.key)
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == p.key })
		if i < 0 {
			d.unknown(p, path, fields)
			continue
		}
		d.value(p.value, v.Field(fields[i].index), path, fields[i].rules)
	}
	for _, f := range fields {
		has := slices.ContainsFunc(n.pairs, func(p pair) bool { return p.key == f.name })
		path := child(key, f.name)
		if !has && f.required && !d.file.broken[path] {
			d.file.breaks(path, n.at, fmt.Sprintf("missing; write %s: with %s", f.name, wanted(v.Field(f.index).Type(), f.rules)))
		}
	}
}

func (d *decoder) unknown(p pair, path string, fields []field) {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	text := "unknown key; known are " + strings.Join(names, ", ")
	if near := nearest.Word(p.key, names); near != "" {
		text = fmt.Sprintf("unknown key; did you mean %s?", near)
	}
	if hint, ok := d.hints[p.key]; ok {
		text = "found a key that does not belong here; " + hint
	}
	d.file.breaks(path, p.at, text)
}

func (d *decoder) list(n *node, v reflect.Value, key string, r rules) {
	if n.kind != list {
		d.wrong(n, v.Type(), key, r)
		return
	}
	if len(n.items) < r.minItems {
		d.file.breaks(key, d.file.place(key), fmt.Sprintf("found %s; write at least %d", n.found(), r.minItems))
		return
	}
	// An empty list is not nil: `after: []` is not the same as no after.
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		d.value(item, v.Index(i), fmt.Sprintf("%s[%d]", key, i), r.ofItems())
	}
}

func (d *decoder) mapping(n *node, v reflect.Value, key string) {
	if n.kind != mapping {
		d.wrong(n, v.Type(), key, rules{})
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.pairs)))
	for _, p := range n.pairs {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(p.value, item, child(key, p.key), rules{})
		v.SetMapIndex(reflect.ValueOf(p.key), item)
	}
}

func (d *decoder) anything(n *node, v reflect.Value, key string) {
	if n.kind == list && slices.ContainsFunc(n.items, func(x *node) bool { return x.kind == null }) {
		d.file.breaks(key, d.file.place(key), "found a list with nothing in a place; write a value there, or remove it")
		return
	}
	v.Set(reflect.ValueOf(n.plain()))
}

func (d *decoder) scalar(n *node, v reflect.Value, key string, r rules) {
	switch {
	case n.kind == text && v.Kind() == reflect.String:
		v.SetString(n.text)
	case n.kind == boolean && v.Kind() == reflect.Bool:
		v.SetBool(n.value.(bool))
	case n.kind == number && v.Kind() == reflect.Int:
		if i, ok := n.value.(int64); ok && !looksOctal.MatchString(n.text) && i >= math.MinInt && i <= math.MaxInt {
			v.SetInt(i)
			break
		}
		d.wrong(n, v.Type(), key, r)
		return
	case n.kind == number && v.Kind() == reflect.Float64:
		switch x := n.value.(type) {
		case int64:
			v.SetFloat(float64(x))
		case float64:
			v.SetFloat(x)
		}
	default:
		d.wrong(n, v.Type(), key, r)
		return
	}
	if !r.allow(v) {
		d.file.breaks(key, n.at, fmt.Sprintf("found %s; %s", n.found(), r.right(n.text)))
	}
}

// looksOctal is a number that one YAML reader takes for octal and another for
// decimal.
var looksOctal = regexp.MustCompile(`^[+-]?0[0-9_]+$`)
