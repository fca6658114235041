package images

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// An entry of the cache is a folder <program>-<arch>-<hash of the inputs> that
// holds the binary's layer and what is known of it. It is written aside and
// renamed, so that it is whole or not there. Deployments share the cache: one
// at a time builds an image, who comes meanwhile waits and takes what it built.
const (
	layerFile = "layer.tar.gz"
	factsFile = "layer.json"
	aside     = ".build-"
	building  = ".building-" // <program>-<arch>, locked by who builds it
)

// How much of the cache is kept: so many layers of an image, and whatever was
// used lately, which another deployment may be about to push.
const (
	keptLayers = 5
	inUse      = 2 * time.Hour
)

// facts are a layer's digests, and a sum of the facts themselves.
type facts struct {
	Digest string `json:"digest"`
	DiffID string `json:"diff_id"`
	Size   int64  `json:"size"`
	Sum    string `json:"sum"`
}

func (f facts) sum() string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", f.Digest, f.DiffID, f.Size))
	return hex.EncodeToString(h[:])
}

// cached is the binary's layer: from the cache if it is there and whole, else built.
func cached(ctx context.Context, o BuildOptions, t target) (v1.Layer, error) {
	c, err := newCompiler(ctx, o.Root, t)
	if err != nil {
		return nil, err
	}
	key, err := c.inputs(o.Program)
	if err != nil {
		return nil, err
	}
	image := o.Program + "-" + t.goarch
	entry := filepath.Join(o.Cache, image+"-"+key[:32])
	if p, err := load(entry); err == nil {
		return p.layer()
	}
	lock, err := lockBuild(ctx, o.Cache, image)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if p, err := load(entry); err == nil { // somebody else was quicker
		return p.layer()
	}
	if err := store(ctx, c, o, entry); err != nil {
		return nil, err
	}
	prune(o.Cache, image+"-", time.Now())
	p, err := load(entry)
	if err != nil {
		return nil, fmt.Errorf("read back what was built: %w", err)
	}
	return p.layer()
}

// lockBuild waits until nobody else builds the image. A process that dies lets go.
func lockBuild(ctx context.Context, cache, image string) (*flock.Flock, error) {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return nil, fmt.Errorf("make the cache of images: %w", err)
	}
	lock := flock.New(filepath.Join(cache, building+image))
	if _, err := lock.TryLockContext(ctx, 100*time.Millisecond); err != nil {
		return nil, fmt.Errorf("wait for another build of the image, which holds %s: %w", lock.Path(), err)
	}
	return lock, nil
}

// load reads an entry and checks every byte of it.
func load(entry string) (*packed, error) {
	text, err := os.ReadFile(filepath.Join(entry, factsFile))
	if err != nil {
		return nil, err
	}
	var f facts
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	if f.Sum != f.sum() {
		return nil, fmt.Errorf("%s is damaged", filepath.Join(entry, factsFile))
	}
	name := filepath.Join(entry, layerFile)
	p := &packed{size: f.Size, open: func() (io.ReadCloser, error) { return os.Open(name) }}
	if p.digest, err = v1.NewHash(f.Digest); err != nil {
		return nil, err
	}
	if p.diffID, err = v1.NewHash(f.DiffID); err != nil {
		return nil, err
	}
	r, err := p.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if found, size, err := v1.SHA256(r); err != nil || found != p.digest || size != p.size {
		return nil, errors.Join(fmt.Errorf("%s is damaged", name), err)
	}
	now := time.Now()
	if err := os.Chtimes(entry, now, now); err != nil { // used lately
		return nil, err
	}
	return p, nil
}

// store compiles the program and puts its layer into the cache. Only who holds
// the image's lock may: it takes a damaged entry away.
func store(ctx context.Context, c *compiler, o BuildOptions, entry string) error {
	dir, err := os.MkdirTemp(o.Cache, aside)
	if err != nil {
		return fmt.Errorf("write to the cache of images: %w", err)
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, o.Program)
	if err := c.compile(ctx, o.Program, binary); err != nil {
		return err
	}
	if err := packBinary(o.Program, binary, dir); err != nil {
		return fmt.Errorf("pack %s: %w", o.Program, err)
	}
	if err := os.Remove(binary); err != nil {
		return fmt.Errorf("tidy the cache of images: %w", err)
	}
	if err := os.RemoveAll(entry); err != nil { // a damaged one
		return fmt.Errorf("replace a damaged layer: %w", err)
	}
	if err := os.Rename(dir, entry); err != nil {
		return fmt.Errorf("keep the layer in the cache of images: %w", err)
	}
	return nil
}

// packBinary writes the layer of the binary and of the folder that every
// program may write to, and what is known of it.
func packBinary(program, binary, dir string) error {
	in, err := os.Open(binary)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.Create(filepath.Join(dir, layerFile))
	if err != nil {
		return err
	}
	defer out.Close()
	p, err := newPacker(out)
	if err != nil {
		return err
	}
	if err := errors.Join(p.file(program, 0o755, info.Size(), in), p.dir("tmp", 0o1777)); err != nil {
		return err
	}
	done, err := p.close()
	if err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	f := facts{Digest: done.digest.String(), DiffID: done.diffID.String(), Size: done.size}
	f.Sum = f.sum()
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, factsFile), text, 0o644)
}

// prune removes layers that nobody has used for a while, and what broken
// builds left. What cannot be removed stays: it does no harm.
func prune(cache, image string, now time.Time) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	type old struct {
		path string
		used time.Time
	}
	var layers []old
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue
		}
		name := filepath.Join(cache, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), image):
			layers = append(layers, old{name, info.ModTime()})
		case strings.HasPrefix(e.Name(), aside) && now.Sub(info.ModTime()) > inUse:
			_ = os.RemoveAll(name)
		}
	}
	slices.SortFunc(layers, func(a, b old) int { return cmp.Compare(b.used.UnixNano(), a.used.UnixNano()) })
	for i, l := range layers {
		if i >= keptLayers && now.Sub(l.used) > inUse {
			_ = os.RemoveAll(l.path)
		}
	}
}
