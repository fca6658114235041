package container

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// Image is an unpacked image.
type Image struct {
	Root   string // folder that holds its files
	Digest string
	Config v1.Config
}

// Store keeps unpacked images by their digest.
type Store struct {
	dir    string
	mu     sync.Mutex
	images map[string]*Image
}

// NewStore keeps its images below dir.
func NewStore(dir string) *Store { return &Store{dir: dir, images: map[string]*Image{}} }

// Pull fetches an image and unpacks it, once for each digest.
func (s *Store) Pull(ctx context.Context, reference string, options ...remote.Option) (*Image, error) {
	ref, err := name.ParseReference(reference, name.Insecure)
	if err != nil {
		return nil, fmt.Errorf("image %s: %w", reference, err)
	}
	remoteImage, err := remote.Image(ref, append(options, remote.WithContext(ctx))...)
	if err != nil {
		return nil, fmt.Errorf("pulling %s: %w", reference, err)
	}
	return s.Unpack(remoteImage)
}

// Unpack writes an image's files below the store, once for each digest.
func (s *Store) Unpack(image v1.Image) (*Image, error) {
	digest, err := image.Digest()
	if err != nil {
		return nil, fmt.Errorf("reading the image's digest: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.images[digest.String()]; i != nil {
		return i, nil
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the configuration of %s: %w", digest, err)
	}
	i := &Image{Root: filepath.Join(s.dir, digest.Hex), Digest: digest.String(), Config: config.Config}
	files := mutate.Extract(image)
	defer files.Close()
	if err := unpack(files, i.Root); err != nil {
		return nil, errors.Join(fmt.Errorf("unpacking %s: %w", digest, err), os.RemoveAll(i.Root))
	}
	s.images[digest.String()] = i
	return i, nil
}

// unpack writes an archive's files below root.
func unpack(files io.Reader, root string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	dir, err := os.OpenRoot(root) // no path and no link of the image leads out of it
	if err != nil {
		return err
	}
	defer dir.Close()
	archive := tar.NewReader(files)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = entry(dir, h, archive)
		}
		if err != nil {
			return err
		}
	}
}

func entry(dir *os.Root, h *tar.Header, content io.Reader) error {
	path := strings.TrimPrefix(filepath.Clean("/"+h.Name), "/")
	if path == "" {
		return nil
	}
	if err := dir.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("%s: %w", h.Name, err)
	}
	var err error
	switch h.Typeflag {
	case tar.TypeDir:
		err = dir.MkdirAll(path, 0o755)
	case tar.TypeReg:
		err = file(dir, path, os.FileMode(h.Mode).Perm(), content)
	case tar.TypeSymlink:
		err = dir.Symlink(h.Linkname, path)
	case tar.TypeLink:
		err = dir.Link(strings.TrimPrefix(filepath.Clean("/"+h.Linkname), "/"), path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", h.Name, err)
	}
	return nil
}

func file(dir *os.Root, path string, mode os.FileMode, content io.Reader) error {
	f, err := dir.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, content); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}
