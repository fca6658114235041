package images

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// packed is a layer: a compressed tar of known digests.
type packed struct {
	digest, diffID v1.Hash // of the compressed bytes, and of the tar
	size           int64
	open           func() (io.ReadCloser, error)
}

func (p *packed) Digest() (v1.Hash, error)            { return p.digest, nil }
func (p *packed) DiffID() (v1.Hash, error)            { return p.diffID, nil }
func (p *packed) Size() (int64, error)                { return p.size, nil }
func (p *packed) MediaType() (types.MediaType, error) { return types.OCILayer, nil }
func (p *packed) Compressed() (io.ReadCloser, error)  { return p.open() }
func (p *packed) layer() (v1.Layer, error)            { return partial.CompressedToLayer(p) }

// packer writes a layer's tar, compressed as far as gzip can. Times and owners
// are zero, so that the same files give the same bytes.
type packer struct {
	tar          *tar.Writer
	gzip         *gzip.Writer
	whole, plain hash.Hash
	size         *counter
}

type counter struct{ n int64 }

func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

func newPacker(w io.Writer) (*packer, error) {
	p := &packer{whole: sha256.New(), plain: sha256.New(), size: &counter{}}
	var err error
	if p.gzip, err = gzip.NewWriterLevel(io.MultiWriter(w, p.whole, p.size), gzip.BestCompression); err != nil {
		return nil, fmt.Errorf("compress a layer: %w", err)
	}
	p.tar = tar.NewWriter(io.MultiWriter(p.gzip, p.plain))
	return p, nil
}

// dir adds a folder; its name has no slash before it, and none after it.
func (p *packer) dir(name string, mode int64) error {
	return p.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: mode, Format: tar.FormatPAX})
}

func (p *packer) file(name string, mode, size int64, content io.Reader) error {
	if err := p.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: size, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := io.Copy(p.tar, content)
	return err
}

// close ends the layer; how it is opened is the caller's.
func (p *packer) close() (*packed, error) {
	if err := p.tar.Close(); err != nil {
		return nil, fmt.Errorf("end a layer: %w", err)
	}
	if err := p.gzip.Close(); err != nil {
		return nil, fmt.Errorf("end a layer: %w", err)
	}
	return &packed{digest: sum(p.whole), diffID: sum(p.plain), size: p.size.n}, nil
}

func sum(h hash.Hash) v1.Hash {
	return v1.Hash{Algorithm: "sha256", Hex: hex.EncodeToString(h.Sum(nil))}
}

// leftByTools are folders of a dbt-format project that tools write and nobody reads from an image.
var leftByTools = []string{"transform/target", "transform/logs", "transform/dbt_packages"}

// pipelinesLayer is what a program reads of the project: Pulumi.yaml, and
// runtime/pipelines without dot files.
func pipelinesLayer(root string) (v1.Layer, error) {
	files := []string{"Pulumi.yaml"}
	pipelines := filepath.Join(root, "runtime", "pipelines")
	err := filepath.WalkDir(pipelines, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case strings.HasPrefix(d.Name(), "."), d.IsDir() && slices.Contains(leftByTools, strings.TrimPrefix(rel, "runtime/pipelines/")):
			if d.IsDir() {
				return filepath.SkipDir
			}
		case d.IsDir():
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is no plain file; an image holds plain files only: put a copy there, or remove it", rel)
		default:
			files = append(files, rel)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the pipelines: %w", err)
	}
	slices.Sort(files)
	return packFiles(root, files)
}

// packFiles packs files of the project into the image's working folder.
func packFiles(root string, files []string) (v1.Layer, error) {
	var buf bytes.Buffer
	p, err := newPacker(&buf)
	if err != nil {
		return nil, err
	}
	made := map[string]bool{}
	for _, name := range files {
		in := path.Join(strings.TrimPrefix(home, "/"), name)
		if err := p.parents(in, made); err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
		if err := p.file(in, 0o644, int64(len(content)), bytes.NewReader(content)); err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
	}
	out, err := p.close()
	if err != nil {
		return nil, err
	}
	out.open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(buf.Bytes())), nil }
	return out.layer()
}

// parents adds the folders above a file that are not there yet.
func (p *packer) parents(name string, made map[string]bool) error {
	dir := path.Dir(name)
	if dir == "." || made[dir] {
		return nil
	}
	if err := p.parents(dir, made); err != nil {
		return err
	}
	made[dir] = true
	return p.dir(dir, 0o755)
}
