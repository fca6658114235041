package bridge

import (
	"context"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/zclconf/go-cty/cty"

	"github.com/floe-data/floe/infra/internal/emulated/terraform"
)

// The kinds of change of one property.
const (
	added   = pulumirpc.PropertyDiff_ADD
	deleted = pulumirpc.PropertyDiff_DELETE
	updated = pulumirpc.PropertyDiff_UPDATE
)

// replacing is the kind of change with the need of a new resource.
var replacing = map[pulumirpc.PropertyDiff_Kind]pulumirpc.PropertyDiff_Kind{
	added:   pulumirpc.PropertyDiff_ADD_REPLACE,
	deleted: pulumirpc.PropertyDiff_DELETE_REPLACE,
	updated: pulumirpc.PropertyDiff_UPDATE_REPLACE,
}

// differ lists the properties that a plan changes.
type differ struct {
	replaces []terraform.Path
	detailed map[string]*pulumirpc.PropertyDiff
	tops     map[string]bool // properties of the resource with a change
	replaced map[string]bool // those that need a new resource
}

func newDiffer(replaces []terraform.Path) *differ {
	return &differ{replaces: replaces, detailed: map[string]*pulumirpc.PropertyDiff{}, tops: map[string]bool{}, replaced: map[string]bool{}}
}

// object compares two objects of one shape. What only the provider computes is
// no change by itself: it follows from one.
func (d *differ) object(s *shape, prior, plan cty.Value, path terraform.Path, at, top string) {
	for name, f := range s.fields {
		a, b := prior.GetAttr(name), plan.GetAttr(name)
		if !f.settable() || a.RawEquals(b) {
			continue
		}
		t := top
		if t == "" {
			t = f.pulumi
		}
		d.field(f, a, b, append(slices.Clone(path), name), under(at, f.pulumi), t)
	}
}

func (d *differ) field(f *field, a, b cty.Value, path terraform.Path, at, top string) {
	if a.IsNull() || b.IsNull() || !a.IsKnown() || !b.IsKnown() {
		d.change(kind(a, b), path, at, top)
		return
	}
	switch {
	case collection(f.ty) && f.single:
		d.elements(f, a, b, path, at, top, func(int) string { return at })
	case f.ty.IsListType():
		d.elements(f, a, b, path, at, top, func(i int) string { return at + index(i) })
	case f.ty.IsMapType():
		d.mapping(f, a, b, path, at, top)
	case f.element != nil && f.ty.IsObjectType():
		d.object(f.element, a, b, path, at, top)
	default: // a scalar, or a set, whose elements have no place
		d.change(updated, path, at, top)
	}
}

// elements compares lists, and sets of at most one element, by place.
func (d *differ) elements(f *field, a, b cty.Value, path terraform.Path, at, top string, place func(int) string) {
	as, bs := a.AsValueSlice(), b.AsValueSlice()
	for i := range max(len(as), len(bs)) {
		p := append(slices.Clone(path), int64(i))
		switch {
		case i >= len(as):
			d.change(added, p, place(i), top)
		case i >= len(bs):
			d.change(deleted, p, place(i), top)
		default:
			d.element(f, as[i], bs[i], p, place(i), top)
		}
	}
}

func (d *differ) mapping(f *field, a, b cty.Value, path terraform.Path, at, top string) {
	as, bs := a.AsValueMap(), b.AsValueMap()
	for key := range as {
		if _, ok := bs[key]; !ok {
			d.change(deleted, append(slices.Clone(path), key), under(at, key), top)
		}
	}
	for key, v := range bs {
		p := append(slices.Clone(path), key)
		if old, ok := as[key]; ok {
			d.element(f, old, v, p, under(at, key), top)
		} else {
			d.change(added, p, under(at, key), top)
		}
	}
}

func (d *differ) element(f *field, a, b cty.Value, path terraform.Path, at, top string) {
	switch {
	case a.RawEquals(b):
	case f.element != nil && !a.IsNull() && !b.IsNull() && a.IsKnown() && b.IsKnown():
		d.object(f.element, a, b, path, at, top)
	default:
		d.change(kind(a, b), path, at, top)
	}
}

func kind(a, b cty.Value) pulumirpc.PropertyDiff_Kind {
	switch {
	case a.IsNull():
		return added
	case b.IsNull():
		return deleted
	}
	return updated
}

// change notes one change; it needs a new resource if the provider said so of
// the value, of what holds it or of what it holds.
func (d *differ) change(k pulumirpc.PropertyDiff_Kind, path terraform.Path, at, top string) {
	d.tops[top] = true
	if slices.ContainsFunc(d.replaces, func(r terraform.Path) bool { return overlap(r, path) }) {
		k = replacing[k]
		d.replaced[top] = true
	}
	d.detailed[at] = &pulumirpc.PropertyDiff{Kind: k}
}

func overlap(a, b terraform.Path) bool {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Diff tells what an update would change and whether it needs a new resource.
func (p *Provider) Diff(ctx context.Context, r *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	res, err := p.resource(ctx, r.Urn)
	if err != nil {
		return nil, err
	}
	olds, news, err := unmarshalBoth(r.Olds, r.News)
	if err != nil {
		return nil, err
	}
	prior, err := res.shape.state(olds)
	if err != nil {
		return nil, err
	}
	plan, _, err := res.plan(ctx, prior, news, timeout{})
	if err != nil {
		return nil, err
	}
	d := newDiffer(plan.Replaces)
	if !prior.Value.IsNull() {
		d.object(res.shape, prior.Value, plan.Value, nil, "", "")
	}
	resp := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE, HasDetailedDiff: true, DetailedDiff: d.detailed,
		Diffs: sorted(d.tops), Replaces: sorted(d.replaced)}
	if len(d.tops) > 0 {
		resp.Changes = pulumirpc.DiffResponse_DIFF_SOME
		p.note("%s: %s", r.Urn, d)
	}
	if len(d.replaced) > 0 {
		oldInputs, err := unmarshal(r.OldInputs)
		if err != nil {
			return nil, err
		}
		resp.DeleteBeforeReplace = res.sameName(oldInputs, news)
	}
	return resp, nil
}

// String lists the changes for the provider's log.
func (d *differ) String() string {
	var out []string
	for at, c := range d.detailed {
		out = append(out, fmt.Sprintf("%s %s", at, c.Kind))
	}
	slices.Sort(out)
	return fmt.Sprint(out)
}

func sorted(set map[string]bool) []string {
	var out []string
	for name := range set {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// sameName tells whether the replacement would have the name of the replaced,
// which therefore must go first: the program named it, and so as before.
func (r *resourceType) sameName(olds, news resource.PropertyMap) bool {
	f := r.shape.nameField()
	if f == nil {
		return false
	}
	key := resource.PropertyKey(f.pulumi)
	name, ok := news[key]
	return ok && !autonamed(news) && !autonamed(olds) && plain(olds[key]).DeepEquals(plain(name))
}
