package images

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/floe-data/floe/runtime/fault"
)

// The programs that there are images of.
const (
	Ingest    = "ingest"
	Transform = "transform"
)

// home is the image's working folder: the root of the project in it.
const home = "/floe"

// User is who the program runs as in Fargate; Lambda has a user of its own.
const User = "65532:65532"

// BuildOptions say which image is built.
type BuildOptions struct {
	// Root is the project's root: the folder of Pulumi.yaml.
	Root string
	// Program is Ingest or Transform: a folder of runtime/cmd.
	Program string
	// Architecture is arm64 or x86_64.
	Architecture string
	// Cache is the folder of built layers. Default floe/images in the user's cache.
	Cache string
}

// Built is an image whose digest is known.
type Built struct {
	Program string
	Digest  string   // sha256:…
	image   v1.Image // nil where it is only planned
}

// Planned is an image that is not built, for plans without one: who pushes it fails.
func Planned(program, digest string) *Built { return &Built{Program: program, Digest: digest} }

// Build compiles and packs an image, or takes the binary's layer from the cache.
func Build(ctx context.Context, o BuildOptions) (*Built, error) {
	t, err := o.check()
	if err != nil {
		return nil, err
	}
	binary, err := cached(ctx, o, t)
	if err != nil {
		return nil, fmt.Errorf("build image %s: %w", o.Program, err)
	}
	pipelines, err := pipelinesLayer(o.Root)
	if err != nil {
		return nil, fmt.Errorf("build image %s: %w", o.Program, err)
	}
	img, err := assemble(o.Program, t.goarch, binary, pipelines)
	if err != nil {
		return nil, fmt.Errorf("build image %s: %w", o.Program, err)
	}
	digest, err := img.Digest()
	if err != nil {
		return nil, fmt.Errorf("build image %s: its digest: %w", o.Program, err)
	}
	return &Built{Program: o.Program, Digest: digest.String(), image: img}, nil
}

// target is an architecture in Go's words; level is what its processors can do
// at least, fixed, so that no one's environment changes the binary.
type target struct{ goarch, level string }

var targets = map[string]target{
	"arm64":  {"arm64", "GOARM64=v8.0"},
	"x86_64": {"amd64", "GOAMD64=v1"},
}

func (o *BuildOptions) check() (target, error) {
	t, ok := targets[o.Architecture]
	if !ok {
		return t, fault.New(fault.Usage, fmt.Errorf("build image %s: architecture %q: arm64 or x86_64 is right", o.Program, o.Architecture), "correct architecture in live/<stack>/platform.yaml")
	}
	if !slices.Contains([]string{Ingest, Transform}, o.Program) {
		return t, fmt.Errorf("build image %q: there are images of %s and %s", o.Program, Ingest, Transform)
	}
	if o.Cache != "" {
		return t, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return t, fault.New(fault.Usage, fmt.Errorf("build image %s: no folder to keep it in: %w", o.Program, err), "set HOME or XDG_CACHE_HOME")
	}
	o.Cache = filepath.Join(dir, "floe", "images")
	return t, nil
}

// assemble makes an image of one architecture. Lambda takes no index of several.
// Nothing in it tells when, where or by whom it was made.
func assemble(program, goarch string, layers ...v1.Layer) (v1.Image, error) {
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err := mutate.AppendLayers(img, layers...)
	if err != nil {
		return nil, fmt.Errorf("put its layers together: %w", err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("its configuration: %w", err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", goarch
	file.Config = v1.Config{
		User: User, WorkingDir: home, Entrypoint: []string{"/" + program},
		// A volume that a task mounts here takes over the folder's mode; without
		// this it would be root's own (Amazon ECS, "Bind mounts").
		Volumes: map[string]struct{}{"/tmp": {}},
	}
	return mutate.ConfigFile(img, file)
}
