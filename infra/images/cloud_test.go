//go:build cloud

package images

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/validate"

	root "github.com/floe-data/floe/runtime/project"
)

// mostMB is what an image may weigh: it is pulled whenever a function starts cold.
const mostMB = 40

// TestTheRealImages builds floe's own programs, twice from nothing but Go's
// cache, and once from the layers' cache.
func TestTheRealImages(t *testing.T) {
	found, err := root.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() // a copy, which nobody edits meanwhile
	if err := os.CopyFS(filepath.Join(dir, "runtime"), os.DirFS(filepath.Join(found, "runtime"))); err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"Pulumi.yaml": "name: floe\n"})
	for _, program := range []string{Ingest, Transform} {
		for _, architecture := range []string{"arm64", "x86_64"} {
			o := BuildOptions{Root: dir, Program: program, Architecture: architecture, Cache: t.TempDir()}
			first := timed(t, o, "built")
			if hit := timed(t, o, "from the cache"); hit.Digest != first.Digest {
				t.Errorf("%s %s: the cache gives %s for %s", program, architecture, hit.Digest, first.Digest)
			}
			o.Cache = filepath.Join(t.TempDir(), "another")
			if again := timed(t, o, "built again"); again.Digest != first.Digest {
				t.Errorf("%s %s: %s, then %s", program, architecture, first.Digest, again.Digest)
			}
			if err := validate.Image(first.image, validate.Fast); err != nil {
				t.Error(err)
			}
			layers, err := first.image.Layers()
			if err != nil {
				t.Fatal(err)
			}
			total := int64(0)
			for _, l := range layers {
				size, err := l.Size()
				if err != nil {
					t.Fatal(err)
				}
				total += size
			}
			t.Logf("%s %s: %s, %.1f MB compressed", program, architecture, first.Digest, float64(total)/1e6)
			if total > mostMB*1e6 {
				t.Errorf("%s %s has %d bytes compressed; %d MB is the most", program, architecture, total, mostMB)
			}
		}
	}
}

func timed(t *testing.T, o BuildOptions, how string) *Built {
	t.Helper()
	began := time.Now()
	b, err := Build(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s %s %s: %.1f s", o.Program, o.Architecture, how, time.Since(began).Seconds())
	return b
}
