package jinja

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"sort"
	"strings"
)

// JSONOptions shape ToJSON.
type JSONOptions struct {
	SortKeys bool
	Indent   string // of one level; "" is one line with ", " and ": "
}

// ToJSON is Python's json.dumps: ASCII only. What has no JSON form is a TypeError.
func ToJSON(v Value, o JSONOptions) (string, error) {
	w := &jsonWriter{options: o}
	err := w.value(v)
	return w.String(), err
}

type jsonWriter struct {
	strings.Builder
	options JSONOptions
	depth   int
}

func (w *jsonWriter) value(v Value) error {
	switch x := v.(type) {
	case nil:
		w.WriteString("null")
	case bool:
		fmt.Fprint(w, x)
	case string:
		w.quote(x)
	case int64, int, *big.Int:
		w.WriteString(Str(x))
	case float64:
		w.WriteString(jsonFloat(x))
	case *List:
		return w.array(x.Items)
	case Tuple:
		return w.array(x)
	case *Dict:
		return w.object(x)
	case Mapping:
		d, err := dictFrom(x)
		if err != nil {
			return err
		}
		return w.object(d)
	default:
		return Errorf("TypeError", "Object of type %s is not JSON serializable", TypeName(v))
	}
	return nil
}

func jsonFloat(f float64) string {
	switch s := floatText(f); s {
	case "inf":
		return "Infinity"
	case "-inf":
		return "-Infinity"
	case "nan":
		return "NaN"
	default:
		return s
	}
}

// container writes n parts between open and closing.
func (w *jsonWriter) container(open, closing string, n int, part func(i int) error) error {
	if w.depth++; w.depth > maxNesting || w.Len() > maxStringBytes {
		return Errorf("ValueError", "Circular reference detected, or a value too large for JSON")
	}
	w.WriteString(open)
	separator := ", "
	if w.options.Indent != "" {
		separator = "," + w.newline(w.depth)
		if n > 0 {
			w.WriteString(w.newline(w.depth))
		}
	}
	for i := range n {
		if i > 0 {
			w.WriteString(separator)
		}
		if err := part(i); err != nil {
			return err
		}
	}
	w.depth--
	if w.options.Indent != "" && n > 0 {
		w.WriteString(w.newline(w.depth))
	}
	w.WriteString(closing)
	return nil
}

func (w *jsonWriter) newline(depth int) string {
	return "\n" + strings.Repeat(w.options.Indent, depth)
}

func (w *jsonWriter) array(items []Value) error {
	return w.container("[", "]", len(items), func(i int) error { return w.value(items[i]) })
}

func (w *jsonWriter) object(d *Dict) error {
	order := make([]int, d.Len())
	for i := range order {
		order[i] = i
	}
	if w.options.SortKeys {
		var failed error
		sort.SliceStable(order, func(a, b int) bool {
			c, err := Compare(d.keys[order[a]], d.keys[order[b]])
			if err != nil {
				failed = err
			}
			return c < 0
		})
		if failed != nil {
			return failed
		}
	}
	return w.container("{", "}", d.Len(), func(i int) error {
		if err := w.key(d.keys[order[i]]); err != nil {
			return err
		}
		w.WriteString(": ")
		return w.value(d.values[order[i]])
	})
}

func (w *jsonWriter) key(k Value) error {
	switch x := k.(type) {
	case string:
		w.quote(x)
	case nil:
		w.WriteString(`"null"`)
	case bool:
		fmt.Fprintf(w, `"%t"`, x)
	default:
		if !isNumber(k) {
			return Errorf("TypeError", "keys must be str, int, float, bool or None, not %s", TypeName(k))
		}
		w.WriteString(`"` + Str(k) + `"`)
	}
	return nil
}

func (w *jsonWriter) quote(s string) {
	w.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.WriteByte('\\')
			w.WriteRune(r)
		case r == '\n':
			w.WriteString(`\n`)
		case r == '\t':
			w.WriteString(`\t`)
		case r == '\r':
			w.WriteString(`\r`)
		case r == '\b':
			w.WriteString(`\b`)
		case r == '\f':
			w.WriteString(`\f`)
		case r >= 0x10000:
			r -= 0x10000
			fmt.Fprintf(w, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		case r < 32 || r > 126:
			fmt.Fprintf(w, `\u%04x`, r)
		default:
			w.WriteRune(r)
		}
	}
	w.WriteByte('"')
}

// FromJSON is Python's json.loads: objects keep their order, ints any size.
func FromJSON(source string) (Value, error) {
	d := json.NewDecoder(strings.NewReader(source))
	d.UseNumber()
	v, err := decodeJSON(d, 0)
	if err != nil {
		return nil, Errorf("JSONDecodeError", "%v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, Errorf("JSONDecodeError", "Extra data: char %d", d.InputOffset())
	}
	return v, nil
}

func decodeJSON(d *json.Decoder, depth int) (Value, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("nested more than %d deep", maxNesting)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch x := t.(type) {
	case json.Number:
		return jsonNumber(x.String()), nil
	case json.Delim:
		if x == '{' {
			return decodeObject(d, depth)
		}
		return decodeArray(d, depth)
	}
	return t, nil
}

func jsonNumber(text string) Value {
	if i, ok := parseInt(text, 10); ok {
		return i
	}
	f, _ := parseFloat(text)
	return f
}

func decodeObject(d *json.Decoder, depth int) (Value, error) {
	out := NewDict()
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := decodeJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		if err := out.Set(k, v); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return out, err
}

func decodeArray(d *json.Decoder, depth int) (Value, error) {
	out := NewList()
	for d.More() {
		v, err := decodeJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		out.Append(v)
	}
	_, err := d.Token()
	return out, err
}
