package container

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// image unpacks an image of one layer; Linkname is the content of a file.
func image(t *testing.T, config v1.Config, files ...tar.Header) *Image {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		content := ""
		if f.Typeflag == tar.TypeReg {
			content, f.Linkname = f.Linkname, ""
			f.Size = int64(len(content))
		}
		if err := w.WriteHeader(&f); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err == nil {
		img, err = mutate.Config(img, config)
	}
	if err != nil {
		t.Fatal(err)
	}
	i, err := NewStore(t.TempDir()).Unpack(img)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func script(path, text string) tar.Header {
	return tar.Header{Name: path, Typeflag: tar.TypeReg, Mode: 0o755, Linkname: "#!/bin/sh\n" + text}
}

func TestRun(t *testing.T) {
	i := image(t, v1.Config{Entrypoint: []string{"/bin/say"}, Cmd: []string{"default"}, WorkingDir: "/data", Env: []string{"FROM=image", "BOTH=image"}},
		script("bin/say", `echo "$@" $FROM $BOTH $HOME; cat file; exit 3`),
		tar.Header{Name: "data/file", Typeflag: tar.TypeReg, Mode: 0o644, Linkname: "content\n"})
	for name, c := range map[string]struct {
		command Command
		want    string
	}{
		"image":          {Command{}, "default image image\ncontent\n"},
		"command":        {Command{Command: []string{"a", "b"}, Env: map[string]string{"BOTH": "given"}}, "a b image given\ncontent\n"},
		"entrypoint":     {Command{Entrypoint: []string{"bin/say", "x"}}, "x image image\ncontent\n"},
		"working folder": {Command{WorkingDir: "/data/../data"}, "default image image\ncontent\n"},
	} {
		p, err := i.Start(c.command)
		if err != nil {
			t.Fatal(err)
		}
		code, err := p.Wait(t.Context())
		if err != nil || code != 3 || p.Output() != c.want {
			t.Errorf("%s: exit %d, %v, output %q; want 3, %q", name, code, err, p.Output(), c.want)
		}
	}
}

func TestStop(t *testing.T) {
	i := image(t, v1.Config{Entrypoint: []string{"/run"}}, script("run", `trap 'echo ending; exit 4' TERM; echo "$TMPDIR" > "$TMPDIR/x"; echo ready; while :; do sleep 0.01; done`))
	p, err := i.Start(Command{})
	if err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(p.Output(), "ready") {
		time.Sleep(time.Millisecond)
	}
	p.Stop(time.Minute)
	if code, _ := p.Wait(t.Context()); code != 4 || !strings.HasSuffix(p.Output(), "ending\n") {
		t.Errorf("stopped with exit %d and output %q, want 4 and ending", code, p.Output())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(i.Root), "tmp*")); len(left) > 0 {
		t.Errorf("%v is left of its temporary folder", left)
	}
	if p, err = i.Start(Command{}); err != nil {
		t.Fatal(err)
	}
	p.Kill()
	if code, _ := p.Wait(t.Context()); code != 137 {
		t.Errorf("killed with exit %d, want 137", code)
	}
}

func TestNoWayOut(t *testing.T) {
	outside := t.TempDir()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{{Name: "../../up", Typeflag: tar.TypeReg, Mode: 0o644}, {Name: "out", Typeflag: tar.TypeSymlink, Linkname: outside},
		{Name: "out/file", Typeflag: tar.TypeReg, Mode: 0o644}} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "root")
	if err := unpack(&b, root); err == nil {
		t.Error("a layer wrote through a link that leads out of the image")
	}
	if left, _ := os.ReadDir(outside); len(left) > 0 {
		t.Errorf("it wrote %v", left)
	}
	if _, err := os.Stat(filepath.Join(root, "up")); err != nil {
		t.Errorf("a path that leads up is not kept below the image: %v", err)
	}
	if _, err := image(t, v1.Config{}).Start(Command{}); err == nil {
		t.Error("an image without a program was started")
	}
}
