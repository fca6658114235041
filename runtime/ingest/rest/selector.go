package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/theory/jsonpath"

	"github.com/floe-data/floe/runtime/ingest/jsonrows"
)

// selector is a JSONPath. Names, indexes and [*] are walked over the bytes of
// an answer in one pass; anything else goes through theory/jsonpath, which
// needs the whole answer as a tree.
type selector struct {
	text    string
	steps   []step
	general *jsonpath.Path
}

// step goes to a field, an element or all elements.
type step struct {
	name  string
	index int // -1: all elements, -2: a field
}

const (
	allElements = -1
	aField      = -2
)

// record is what a selector calls for each value it finds: it takes the value
// at doc[pos] and gives the offset behind it.
type record func(doc []byte, pos int) (int, error)

// parseSelector reads a JSONPath, or a dotted path without the leading $.
func parseSelector(text string) (selector, error) {
	s := selector{text: text}
	full := strings.TrimSpace(text)
	if full == "" {
		full = "$"
	}
	if steps, ok := simpleSteps(full); ok {
		s.steps = steps
		return s, nil
	}
	if !strings.HasPrefix(full, "$") {
		full = "$." + full
	}
	path, err := jsonpath.Parse(full)
	if err != nil {
		return s, fmt.Errorf("JSONPath %q: %w", text, err)
	}
	s.general = path
	return s, nil
}

// simpleSteps reads $.a.b[*].c[0]['d e'], with or without the $.
func simpleSteps(text string) ([]step, bool) {
	var steps []step
	rest, rooted := strings.CutPrefix(text, "$")
	if !rooted {
		rest = "." + rest
	}
	for rest != "" {
		var st step
		var ok bool
		switch rest[0] {
		case '.':
			st, rest, ok = fieldStep(rest[1:])
		case '[':
			st, rest, ok = bracketStep(rest[1:])
		}
		if !ok {
			return nil, false
		}
		steps = append(steps, st)
	}
	return steps, true
}

func fieldStep(rest string) (step, string, bool) {
	n := strings.IndexAny(rest, ".[")
	if n < 0 {
		n = len(rest)
	}
	name := rest[:n]
	if name == "" || strings.ContainsAny(name, "*?()'\"]: ") {
		return step{}, "", false
	}
	return step{name: name, index: aField}, rest[n:], true
}

func bracketStep(rest string) (step, string, bool) {
	if rest != "" && (rest[0] == '\'' || rest[0] == '"') {
		n := strings.Index(rest[1:], rest[:1]+"]")
		if n < 0 || strings.ContainsAny(rest[1:n+1], `\'"`) {
			return step{}, "", false
		}
		return step{name: rest[1 : n+1], index: aField}, rest[n+3:], true
	}
	inside, after, ok := strings.Cut(rest, "]")
	if !ok {
		return step{}, "", false
	}
	if inside == "*" {
		return step{index: allElements}, after, true
	}
	n, err := strconv.Atoi(inside)
	return step{index: n}, after, err == nil && n >= 0
}

// errNothing is an answer in which the selector finds no value at all.
var errNothing = errors.New("found nothing")

// each calls fn for every record: the selected values, or the elements of a
// selected array. It reads the document to its end, so that fn's work on a
// document that is cut off ends in an error.
func (s selector) each(doc []byte, fn record) error {
	if s.general != nil {
		return s.eachGeneral(doc, fn)
	}
	w := walker{fn: fn}
	start := jsonrows.Space(doc, 0)
	end, err := w.walk(doc, start, s.steps)
	if err != nil {
		return err
	}
	if end = jsonrows.Space(doc, end); end < len(doc) {
		return &jsonrows.SyntaxError{Offset: end, What: "text behind the value"}
	}
	if !w.met {
		return errNothing
	}
	return nil
}

// walker goes down the steps of a simple selector.
type walker struct {
	fn  record
	met bool // the path led somewhere
}

func (w *walker) walk(doc []byte, i int, steps []step) (int, error) {
	if i >= len(doc) {
		return 0, jsonrows.ErrTruncated
	}
	if len(steps) == 0 {
		return w.take(doc, i, true)
	}
	st, last := steps[0], len(steps) == 1
	switch {
	case st.index == aField && doc[i] == '{':
		return jsonrows.Object(doc, i, func(name []byte, v int) (int, error) {
			if !sameName(name, st.name) {
				return jsonrows.Skip(doc, v)
			}
			return w.walk(doc, v, steps[1:])
		})
	case st.index != aField && doc[i] == '[':
		w.met = w.met || st.index == allElements
		n := -1
		return jsonrows.Array(doc, i, func(v int) (int, error) {
			n++
			switch {
			case st.index != allElements && st.index != n:
				return jsonrows.Skip(doc, v)
			case last && st.index == allElements:
				return w.take(doc, v, false)
			}
			return w.walk(doc, v, steps[1:])
		})
	}
	if doc[i] == 'n' {
		w.met = true // null: there is nothing, and the answer says so
	}
	return jsonrows.Skip(doc, i)
}

// take hands a selected value over; of an array, its elements, unless they
// were selected one by one.
func (w *walker) take(doc []byte, i int, spread bool) (int, error) {
	w.met = true
	switch {
	case doc[i] == 'n':
		return jsonrows.Skip(doc, i)
	case doc[i] == '[' && spread:
		return jsonrows.Array(doc, i, func(v int) (int, error) { return w.fn(doc, v) })
	}
	return w.fn(doc, i)
}

func sameName(raw []byte, name string) bool {
	if string(raw) == name {
		return true
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return false
	}
	plain, err := jsonrows.Unquote(raw)
	return err == nil && plain == name
}

// eachGeneral selects from a tree. Numbers keep their text.
func (s selector) eachGeneral(doc []byte, fn record) error {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	for node := range s.general.Select(tree).All() {
		elements := []any{node}
		if list, ok := node.([]any); ok && !strings.HasSuffix(s.text, "]") {
			elements = list
		}
		for _, e := range elements {
			if e == nil {
				continue
			}
			raw, err := json.Marshal(e)
			if err != nil {
				return fmt.Errorf("select %s: %w", s.text, err)
			}
			if _, err := fn(raw, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// first gives the first value that is a text, a number or a boolean, "" if
// there is none. Arrays are not gone into.
func (s selector) first(doc []byte) (string, error) {
	var found string
	err := s.each(doc, func(doc []byte, pos int) (int, error) {
		end, err := jsonrows.Skip(doc, pos)
		if err != nil {
			return 0, err
		}
		if found == "" {
			found, _ = scalarText(doc[pos:end])
		}
		return end, nil
	})
	if errors.Is(err, errNothing) {
		return "", nil
	}
	return found, err
}

// scalarText is the text of a JSON string, number or boolean.
func scalarText(raw []byte) (string, bool) {
	switch {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || raw[0] == 'n':
		return "", false
	case raw[0] == '"':
		s, err := jsonrows.Unquote(raw[1 : len(raw)-1])
		return s, err == nil
	}
	return string(raw), true
}

// lookup gives the raw value of a dotted path in one record, nil if it is not there.
func lookup(rec []byte, path []string) []byte {
	i := jsonrows.Space(rec, 0)
	if len(path) == 0 {
		end, err := jsonrows.Skip(rec, i)
		if err != nil {
			return nil
		}
		return rec[i:end]
	}
	if i >= len(rec) || rec[i] != '{' {
		return nil
	}
	var found []byte
	_, err := jsonrows.Object(rec, i, func(name []byte, v int) (int, error) {
		end, err := jsonrows.Skip(rec, v)
		if err == nil && found == nil && sameName(name, path[0]) {
			found = lookup(rec[v:end], path[1:])
		}
		return end, err
	})
	if err != nil {
		return nil
	}
	return found
}
