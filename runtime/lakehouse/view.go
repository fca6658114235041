package lakehouse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/iceberg-go"
	iceio "github.com/apache/iceberg-go/io"
	iceview "github.com/apache/iceberg-go/view"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/schema"
)

// View is an Iceberg view.
type View struct {
	Name       Name
	SQL        string
	Dialect    string
	Schema     schema.Schema // what it gives; the columns' IDs are ignored
	Properties map[string]string
	Doc        string

	// ReplacesTable lets PutView put the view where a table is; the table's
	// files go. Otherwise that is ErrExists.
	ReplacesTable bool
}

// View loads a view as it is now, or ErrNotFound.
func (l *Lake) View(ctx context.Context, n Name) (View, error) {
	e, err := l.catalog.find(ctx, n)
	if err != nil {
		return View{}, err
	}
	if refused := l.catalog.noViews(n); e.view() && refused != nil {
		return View{}, refused
	}
	if !e.view() {
		if e.kind == kindTable {
			return View{}, fmt.Errorf("%w: %s is a table, not a view", ErrNotFound, n)
		}
		return View{}, notFound(n, e)
	}
	meta, err := l.viewMetadata(ctx, n, e)
	if err != nil {
		return View{}, err
	}
	v := View{Name: n, Properties: maps.Clone(meta.Properties()), Doc: meta.Properties()[propComment]}
	delete(v.Properties, propComment)
	if v.Schema, err = floeSchema(meta.CurrentSchema()); err != nil {
		return View{}, fmt.Errorf("view %s: %w", n, err)
	}
	for _, r := range meta.CurrentVersion().Representations {
		v.SQL, v.Dialect = r.Sql, r.Dialect
	}
	return v, nil
}

func (l *Lake) viewMetadata(ctx context.Context, n Name, e entry) (iceview.Metadata, error) {
	open := func(ctx context.Context) (iceio.IO, error) { return l.fs.bind(ctx), nil }
	v, err := iceview.NewFromLocation(ctx, []string{n.Schema, n.Table}, e.location, open)
	if err != nil {
		return nil, fault.New(fault.Failed, fmt.Errorf("view %s: its metadata file %s does not read: %w", n, e.location, err), "build the model again")
	}
	return v.Metadata(), nil
}

// PutView creates or replaces a view, atomically: a new version of its
// metadata is written and the catalog's pointer swapped.
func (l *Lake) PutView(ctx context.Context, v View) error {
	if err := l.writable("put view", v.Name); err != nil {
		return err
	}
	if err := l.catalog.noViews(v.Name); err != nil {
		return err
	}
	for tries := 0; ; tries++ {
		err := l.putView(ctx, v)
		if err == nil {
			return nil
		}
		if !errors.Is(err, errMovedOn) || ctx.Err() != nil || tries == maxAttempts {
			return fmt.Errorf("put view %s: %w", v.Name, err)
		}
		pause(ctx, tries)
	}
}

func (l *Lake) putView(ctx context.Context, v View) error {
	old, err := l.catalog.find(ctx, v.Name)
	if err != nil {
		return err
	}
	if old.kind == kindTable && !v.ReplacesTable {
		return exists(v.Name, old)
	}
	var base iceview.Metadata
	if old.view() {
		base, err = l.viewMetadata(ctx, v.Name, old)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	folder, err := l.catalog.place(ctx, v.Name)
	if err != nil {
		return err
	}
	meta, err := v.metadata(base, FileURL(folder))
	if err != nil || meta == nil {
		return err
	}
	var tableFiles []string
	if old.kind == kindTable {
		if tableFiles, err = l.ownFiles(ctx, v.Name, old); err != nil {
			return err
		}
	}
	number := version(old.location) + 1
	location, err := l.writeMetadata(ctx, meta, number)
	if err != nil {
		return err
	}
	if err := l.swap(ctx, v.Name, old, entry{kind: kindView, location: location}); err != nil {
		now, lookErr := l.catalog.find(context.WithoutCancel(ctx), v.Name)
		if lookErr != nil || now.location != location {
			return errors.Join(err, lookErr, l.removeMetadata(entry{location: location}))
		}
	}
	l.trimView(ctx, folder, number)
	return l.sweep(ctx, v.Name, tableFiles)
}

// metadata makes the view's next metadata; nil if nothing changes.
func (v View) metadata(base iceview.Metadata, location string) (iceview.Metadata, error) {
	fields, err := iceSchema(numbered(v.Schema), nil)
	if err != nil {
		return nil, err
	}
	props := iceberg.Properties{iceview.ReplaceDropDialectAllowedKey: "true"}
	maps.Copy(props, v.Properties)
	if v.Doc != "" {
		props[propComment] = v.Doc
	}
	text := iceview.NewRepresentation(v.SQL, cmp.Or(v.Dialect, "duckdb"))
	b, next := (*iceview.MetadataBuilder)(nil), int64(1)
	if base == nil {
		if b, err = iceview.NewMetadataBuilder(); err == nil {
			b.SetLoc(location).SetProperties(props)
		}
	} else {
		if v.same(base, text, fields, props) {
			return nil, nil
		}
		if b, err = iceview.MetadataBuilderFromBase(base); err == nil {
			b.RemoveProperties(gone(base.Properties(), props)).SetProperties(props)
		}
		for _, old := range base.Versions() {
			next = max(next, old.VersionID+1)
		}
	}
	if err != nil {
		return nil, err
	}
	// The summary makes the version unlike every former one: iceberg-go writes an
	// id twice when a version comes back.
	unique := iceview.WithVersionSummary(iceview.VersionSummary{"floe.version": strconv.FormatInt(next, 10)})
	made, err := iceview.NewVersion(next, 0, iceview.Representations{text}, []string{v.Name.Schema}, iceview.WithDefaultViewCatalog(catalogName), unique)
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("view %s: %w", v.Name, err), "")
	}
	built, err := b.SetCurrentVersion(made, fields).Build()
	if err != nil {
		return nil, err
	}
	return built.Metadata, nil
}

// same says whether the view is so already.
func (v View) same(base iceview.Metadata, text iceview.Representation, fields *iceberg.Schema, props iceberg.Properties) bool {
	now := base.CurrentVersion().Representations
	return len(now) == 1 && now[0] == text && fields.Equals(base.CurrentSchema()) && maps.Equal(base.Properties(), props)
}

// gone are the keys of before that after lacks.
func gone(before, after iceberg.Properties) []string {
	var out []string
	for k := range before {
		if _, ok := after[k]; !ok {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// keptViewFiles is how many former metadata files of a view stay, for readers
// that have just looked up the one before.
const keptViewFiles = 5

// trimView removes the metadata files that came before those. What fails is
// done by the next change of the view.
func (l *Lake) trimView(ctx context.Context, folder string, current int) {
	files, err := l.fs.list(ctx, under(folder, "metadata"))
	if err != nil {
		return
	}
	var old []string
	for _, f := range files {
		if strings.HasSuffix(f.path, ".metadata.json") && version(f.path) < current-keptViewFiles {
			old = append(old, f.path)
		}
	}
	_ = l.fs.remove(old)
}
