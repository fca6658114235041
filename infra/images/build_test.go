package images

import (
	"archive/tar"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/floe-data/floe/runtime/fault"
)

// tiny is a project whose programs compile in no time.
var tiny = map[string]string{
	"Pulumi.yaml":                  "name: tiny\n",
	"runtime/go.mod":               "module example.org/tiny\n\ngo 1.26.0\n",
	"runtime/cmd/ingest/main.go":   "package main\n\nimport _ \"embed\"\n\n//go:embed said.txt\nvar said string\n\nfunc main() { println(said) }\n",
	"runtime/cmd/ingest/said.txt":  "hello",
	"runtime/cmd/ingest/x_test.go": "package main\n",

	"runtime/pipelines/ingest/shop/source.yaml":          "version: 1\n",
	"runtime/pipelines/ingest/shop/.source.yaml.swp":     "left by an editor",
	"runtime/pipelines/ingest/.cache/x":                  "x",
	"runtime/pipelines/transform/models/marts/fct.sql":   "select 1\n",
	"runtime/pipelines/transform/seeds/countries.csv":    "a,b\n",
	"runtime/pipelines/transform/target/manifest.json":   "{}",
	"runtime/pipelines/transform/models/target/fine.sql": "select 2\n",
}

func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func project(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	write(t, root, tiny)
	return root
}

func build(t *testing.T, root, cache, architecture string) *Built {
	t.Helper()
	b, err := Build(context.Background(), BuildOptions{Root: root, Program: Ingest, Architecture: architecture, Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func layers(t *testing.T, b *Built) []string {
	t.Helper()
	all, err := b.image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range all {
		d, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, d.String())
	}
	return out
}

func TestSameInputsSameDigest(t *testing.T) {
	for _, architecture := range []string{"arm64", "x86_64"} {
		first := build(t, project(t), t.TempDir(), architecture)
		root := project(t)
		old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
		for name := range tiny {
			path := filepath.Join(root, filepath.FromSlash(name))
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("GOFLAGS", "-race")
		t.Setenv("GOAMD64", "v3")
		t.Setenv("GOARM64", "v9.0")
		t.Setenv("CGO_ENABLED", "1")
		t.Setenv("GOEXPERIMENT", "jsonv2")
		if second := build(t, root, t.TempDir(), architecture); second.Digest != first.Digest {
			t.Errorf("%s: %s, then %s", architecture, first.Digest, second.Digest)
		}
	}
}

func TestImage(t *testing.T) {
	t.Setenv("CANARY_OF_THE_BUILDER", "canary-4711")
	for _, architecture := range []string{"arm64", "x86_64"} {
		root := project(t)
		b := build(t, root, t.TempDir(), architecture)
		if err := validate.Image(b.image); err != nil {
			t.Fatal(err)
		}
		m, err := b.image.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if m.MediaType != types.OCIManifestSchema1 || len(m.Layers) != 2 || m.Layers[0].MediaType != types.OCILayer {
			t.Errorf("manifest %+v", m)
		}
		checkConfig(t, b.image, map[string]string{"arm64": "arm64", "x86_64": "amd64"}[architecture])
		names, text := contents(t, b.image)
		want := []string{
			"ingest 755", "tmp/ 1777",
			"floe/ 755", "floe/Pulumi.yaml 644", "floe/runtime/ 755", "floe/runtime/pipelines/ 755", "floe/runtime/pipelines/ingest/ 755",
			"floe/runtime/pipelines/ingest/shop/ 755", "floe/runtime/pipelines/ingest/shop/source.yaml 644",
			"floe/runtime/pipelines/transform/ 755", "floe/runtime/pipelines/transform/models/ 755",
			"floe/runtime/pipelines/transform/models/marts/ 755", "floe/runtime/pipelines/transform/models/marts/fct.sql 644",
			"floe/runtime/pipelines/transform/models/target/ 755", "floe/runtime/pipelines/transform/models/target/fine.sql 644",
			"floe/runtime/pipelines/transform/seeds/ 755", "floe/runtime/pipelines/transform/seeds/countries.csv 644",
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: files\n%s\nwant\n%s", architecture, strings.Join(names, "\n"), strings.Join(want, "\n"))
		}
		if !strings.Contains(text, "hello") {
			t.Error("the embedded file is not in the binary: nothing is looked at")
		}
		home, _ := os.UserHomeDir()
		for _, mine := range []string{"canary-4711", "CANARY_OF_THE_BUILDER", root, home + "/go/"} {
			if strings.Contains(text, mine) {
				t.Errorf("%s: %q of the building machine is in the image", architecture, mine)
			}
		}
	}
}

func checkConfig(t *testing.T, img v1.Image, goarch string) {
	t.Helper()
	c, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	_, scratch := c.Config.Volumes["/tmp"]
	if c.OS != "linux" || c.Architecture != goarch || c.Config.User != "65532:65532" || c.Config.WorkingDir != "/floe" ||
		!slices.Equal(c.Config.Entrypoint, []string{"/ingest"}) || len(c.Config.Cmd) > 0 || len(c.Config.Env) > 0 || !scratch || !c.Created.IsZero() || c.Author != "" {
		t.Errorf("config %+v", c)
	}
}

// contents lists the layers' files with their modes, and gives every byte of the image.
func contents(t *testing.T, img v1.Image) ([]string, string) {
	t.Helper()
	var names []string
	var text bytes.Buffer
	config, err := img.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	text.Write(config)
	all, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		r, err := l.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		in := tar.NewReader(io.TeeReader(r, &text))
		for {
			h, err := in.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.ModTime.Unix() != 0 {
				t.Errorf("%s has owner %d:%d %q and time %v", h.Name, h.Uid, h.Gid, h.Uname, h.ModTime)
			}
			names = append(names, h.Name+" "+octal(h.Mode))
		}
		r.Close()
	}
	return names, text.String()
}

func octal(mode int64) string {
	if mode >= 0o1000 {
		return "1" + octal(mode-0o1000)
	}
	return string([]byte{byte('0' + mode>>6&7), byte('0' + mode>>3&7), byte('0' + mode&7)})
}

func TestWhatChangesWhichLayer(t *testing.T) {
	root, cache := project(t), t.TempDir()
	before := layers(t, build(t, root, cache, "x86_64"))
	for _, tc := range []struct {
		name              string
		files             map[string]string
		binary, pipelines bool
	}{
		{"YAML", map[string]string{"runtime/pipelines/ingest/shop/source.yaml": "version: 1 # edited\n"}, false, true},
		{"a dot file", map[string]string{"runtime/pipelines/ingest/.x": "x"}, false, false},
		{"a test", map[string]string{"runtime/cmd/ingest/x_test.go": "package main // edited\n"}, false, false},
		{"an embedded file", map[string]string{"runtime/cmd/ingest/said.txt": "bye"}, true, false},
		{"Go", map[string]string{"runtime/cmd/ingest/more.go": "package main\n\nfunc init() { println(1) }\n"}, true, false},
		{"the project's name", map[string]string{"Pulumi.yaml": "name: other\n"}, false, true},
	} {
		write(t, root, tc.files)
		after := layers(t, build(t, root, cache, "x86_64"))
		if (after[0] != before[0]) != tc.binary || (after[1] != before[1]) != tc.pipelines {
			t.Errorf("%s: layers %v, then %v", tc.name, before, after)
		}
		before = after
	}
}

func TestBuildRefuses(t *testing.T) {
	ctx := context.Background()
	_, err := Build(ctx, BuildOptions{Root: project(t), Program: Ingest, Architecture: "amd64", Cache: t.TempDir()})
	if fault.Code(err) != int(fault.Usage) || !strings.Contains(err.Error(), `architecture "amd64": arm64 or x86_64 is right`) {
		t.Error(err)
	}
	if _, err = Build(ctx, BuildOptions{Root: project(t), Program: "sample", Architecture: "arm64"}); err == nil {
		t.Error("a program without an image is built")
	}
	root := project(t)
	write(t, root, map[string]string{"runtime/cmd/ingest/main.go": "package main\n\nfunc main() { nothing() }\n"})
	_, err = Build(ctx, BuildOptions{Root: root, Program: Ingest, Architecture: "x86_64", Cache: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "build image ingest: compile runtime/cmd/ingest") || !strings.Contains(err.Error(), "undefined: nothing") {
		t.Error(err)
	}
	root = project(t)
	if err := os.Symlink("/etc/passwd", filepath.Join(root, "runtime/pipelines/ingest/link.yaml")); err != nil {
		t.Fatal(err)
	}
	_, err = Build(ctx, BuildOptions{Root: root, Program: Ingest, Architecture: "x86_64", Cache: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "runtime/pipelines/ingest/link.yaml is no plain file") {
		t.Error(err)
	}
}
