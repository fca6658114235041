package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"strings"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/jsonrows"
)

// item is one request of a resource, and the pages that follow it.
type item struct {
	values values
	label  string // what tells it from the resource's other items, "" if it is the only one
	consts []jsonrows.Const
	group  *group   // scope request: the items of one parent request
	cursor string   // scope request
	rows   *rowScan // scope row
}

// parentRecord is what children need of a parent's record.
type parentRecord struct {
	fields map[string]string // texts, by dotted path
	raw    map[string][]byte // JSON, likewise
}

// items yields a resource's items. withState is false when it is only asked
// for as a parent: its own cursor then does not narrow what children see.
func (rd *reading) items(ctx context.Context, e *endpoint, withState bool) iter.Seq2[*item, error] {
	var plain iter.Seq2[*item, error]
	switch {
	case e.eachName != "":
		plain = rd.eachItems(e)
	case e.parent != "":
		plain = rd.childItems(ctx, e, withState)
	default:
		plain = func(yield func(*item, error) bool) {
			yield(&item{values: values{vars: rd.source.vars}}, nil)
		}
	}
	if e.incremental == nil || e.incremental.request {
		return plain
	}
	return func(yield func(*item, error) bool) {
		for it, err := range plain {
			if err == nil {
				err = rd.startRows(e, it, withState)
			}
			if !yield(it, err) || err != nil {
				return
			}
		}
	}
}

// eachItems goes through a for_each list; a value that is there twice counts once.
func (rd *reading) eachItems(e *endpoint) iter.Seq2[*item, error] {
	return func(yield func(*item, error) bool) {
		list, err := listVar(e.eachOf, rd.source.vars)
		if err != nil {
			yield(nil, err)
			return
		}
		seen := map[string]bool{}
		for _, value := range list {
			if seen[value] {
				continue
			}
			seen[value] = true
			it := &item{label: value, values: values{vars: rd.source.vars, each: map[string]string{e.eachName: value}}}
			for _, name := range e.resource.IncludeFromParent {
				it.consts = append(it.consts, jsonrows.Const{Name: name, JSON: quoteJSON(value)})
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

func quoteJSON(s string) []byte {
	out, err := json.Marshal(s)
	if err != nil {
		return []byte(`""`)
	}
	return out
}

// listVar is a var as a list of texts; a single value is a list of one.
func listVar(r ref, vars map[string]any) ([]string, error) {
	x, ok := vars[r.Name]
	if !ok {
		return nil, fault.New(fault.Usage, fmt.Errorf("for_each: the source has no var %s", r.Name), "")
	}
	var out []string
	switch v := x.(type) {
	case []string:
		return v, nil
	case []any:
		for _, e := range v {
			text, err := varText(r, e)
			if err != nil {
				return nil, fault.New(fault.Usage, err, "")
			}
			out = append(out, text)
		}
		return out, nil
	}
	text, err := varText(r, x)
	return []string{text}, err
}

// childItems makes an item of each of the parent's records, as they come. With
// scope request those of one parent request are sorted out first.
func (rd *reading) childItems(ctx context.Context, e *endpoint, withState bool) iter.Seq2[*item, error] {
	return func(yield func(*item, error) bool) {
		var listing []*item
		for page, err := range rd.parentPages(ctx, e) {
			if err != nil {
				yield(nil, err)
				return
			}
			rd.drop(page) // its bytes are given back; the records are small
			rd.note(page.skip)
			for _, record := range page.records {
				it, err := childItem(e, page.item, record)
				if err == nil && e.incremental != nil && e.incremental.request {
					err = rd.readCursor(e, it, record)
					listing = append(listing, it)
				} else if !yield(it, err) {
					return
				}
				if err != nil {
					yield(nil, err)
					return
				}
			}
			if !page.last || e.incremental == nil || !e.incremental.request {
				continue
			}
			chosen, err := rd.choose(e, page.item, listing, withState)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, it := range chosen {
				if !yield(it, nil) {
					return
				}
			}
			listing = nil
		}
	}
}

func childItem(e *endpoint, of *item, record parentRecord) (*item, error) {
	it := &item{values: values{vars: of.values.vars, parents: map[string]map[string]string{e.parent: record.fields}}}
	for _, name := range e.resource.IncludeFromParent {
		raw := record.raw[name]
		if raw == nil {
			return nil, fmt.Errorf("include_from_parent: a record of %s has no field %s", e.parent, name)
		}
		parts := jsonrows.SplitPath(name)
		it.consts = append(it.consts, jsonrows.Const{Name: parts[len(parts)-1], JSON: raw})
	}
	var label []string
	for _, r := range e.refs() {
		if r.Scope != "resources" {
			continue
		}
		text, err := it.values.get(r)
		if err != nil {
			return nil, err
		}
		label = append(label, url.PathEscape(text))
	}
	it.label = strings.Join(label, "/")
	return it, nil
}

// parentPages reads the parent of e, page by page, in the order of its items.
func (rd *reading) parentPages(ctx context.Context, e *endpoint) iter.Seq2[*pageResult, error] {
	parent := rd.source.endpoints[e.parent]
	st := stage[*item, *pageResult]{
		workers: rd.source.client.concurrency,
		wake:    rd.source.client.budget.wake,
		drop:    rd.drop,
		do: func(ctx context.Context, it *item, t *turn, emit func(*pageResult) error) error {
			return rd.chain(ctx, parent, it, t, emit, func(a *answer) (*pageResult, int, error) {
				records, err := parentRecords(parent, it, e.fields, a.body)
				return &pageResult{records: records}, len(records), err
			})
		},
	}
	return st.run(ctx, rd.items(ctx, parent, false))
}

// parentRecords takes the fields that children need out of a page.
func parentRecords(parent *endpoint, it *item, fields []string, body []byte) ([]parentRecord, error) {
	var records []parentRecord
	err := parent.selector.each(body, func(doc []byte, pos int) (int, error) {
		end, err := jsonrows.Skip(doc, pos)
		if err != nil {
			return 0, err
		}
		r := parentRecord{fields: map[string]string{}, raw: map[string][]byte{}}
		for _, f := range fields {
			raw := fieldOf(it, doc[pos:end], f)
			if raw == nil {
				continue
			}
			r.raw[f] = append([]byte(nil), raw...)
			if text, ok := scalarText(raw); ok {
				r.fields[f] = text
			}
		}
		records = append(records, r)
		return end, nil
	})
	return records, err
}

// fieldOf finds a field in a record: what the request gave it first, then its
// own. A record that is no object has the field "value".
func fieldOf(it *item, rec []byte, field string) []byte {
	for _, c := range it.consts {
		if c.Name == field {
			return c.JSON
		}
	}
	if rec[0] != '{' {
		if field == "value" {
			return rec
		}
		return nil
	}
	return lookup(rec, jsonrows.SplitPath(field))
}
