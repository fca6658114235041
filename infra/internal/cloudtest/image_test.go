//go:build cloud

package cloudtest

import (
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// layers are those of all images that were pushed, uncompressed, by image and digest.
func (w *world) layers() map[string][]byte {
	w.Helper()
	registry, err := name.NewRegistry(w.engine.AWS.Registry)
	if err != nil {
		w.Fatal(err)
	}
	repositories, err := remote.Catalog(w.ctx, registry)
	if err != nil {
		w.Fatal(err)
	}
	out := map[string][]byte{}
	for _, repository := range repositories {
		tags, err := remote.List(registry.Repo(repository))
		if err != nil {
			w.Fatal(err)
		}
		for _, tag := range tags {
			image, err := remote.Image(registry.Repo(repository).Tag(tag))
			if err != nil {
				w.Fatal(err)
			}
			all, err := image.Layers()
			if err != nil {
				w.Fatal(err)
			}
			for _, layer := range all {
				digest, err := layer.Digest()
				if err != nil {
					w.Fatal(err)
				}
				text, err := layer.Uncompressed()
				if err != nil {
					w.Fatal(err)
				}
				if out[repository+" "+digest.String()], err = io.ReadAll(text); err != nil {
					w.Fatal(err)
				}
			}
		}
	}
	if len(out) < 3 {
		w.Errorf("only %d layers were pushed", len(out))
	}
	return out
}
