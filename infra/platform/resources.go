package platform

import (
	"context"
	"strings"

	"github.com/floe-data/floe/infra/governance"
	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// Resources lists what a stack would have, with fixed digests for its images,
// whatever the rules say of it.
func Resources(root, stack string) ([]plan.Resource, error) {
	p, err := project.Load(root)
	if err != nil {
		return nil, err
	}
	l, err := live.Load(p, stack)
	if err != nil {
		return nil, err
	}
	return aside(newSite(p.Name, p, l), root)
}

// unasked are the options of a plan that asks AWS for nothing and builds nothing.
func unasked(root string) Options {
	return Options{Root: root, Build: planned, Made: none, Lake: nobodys}
}

// planned stands for an image that nobody has built.
func planned(_ context.Context, o images.BuildOptions) (*images.Built, error) {
	return images.Planned(o.Program, "sha256:"+strings.Repeat("0", 64)), nil
}

// none is what a stack has before its first up.
func none(context.Context, *site.Site) ([]string, error) { return nil, nil }

// nobodys is Lake Formation before its first up, where nothing is and nothing is closed.
func nobodys(context.Context, *site.Site) (Lake, error) { return empty{}, nil }

type empty struct{}

func (empty) Domains(context.Context) ([]string, error)                    { return nil, nil }
func (empty) Open(context.Context, []string) ([]governance.Opening, error) { return nil, nil }
func (empty) Close(context.Context, []string) error                        { return nil }
