package lakehouse

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	iceio "github.com/apache/iceberg-go/io"
)

// localFS is the file system that iceberg-go sees. Its own local one unescapes
// paths (so that a folder "a%20b" is not found by other readers), writes in
// place and never syncs; this one takes paths as they are and a file is there
// either whole and on disk, or not at all.
type localFS struct{}

var _ iceio.WriteFileIO = localFS{}

// FileURL is a plain path as the lake's metadata and its position-delete files
// name it. Readers take a file URL without unescaping it, but cut it at # or ?;
// such a path is kept as a plain path, which they read too.
func FileURL(path string) string {
	if strings.ContainsAny(path, "#?") {
		return path
	}
	return "file://" + path
}

// plainPath is the opposite of FileURL; it reads what other writers make too.
func plainPath(location string) (string, error) {
	for _, prefix := range []string{"file://localhost/", "file:///", "file:/"} {
		if rest, ok := strings.CutPrefix(location, prefix); ok {
			return "/" + rest, nil
		}
	}
	if strings.Contains(location, "://") {
		return "", fmt.Errorf("%q is not on this machine", location)
	}
	return location, nil
}

func (localFS) Open(name string) (iceio.File, error) {
	path, err := plainPath(name)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

func (localFS) ReadFile(name string) ([]byte, error) {
	path, err := plainPath(name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

func (localFS) Remove(name string) error {
	path, err := plainPath(name)
	if err != nil {
		return err
	}
	return os.Remove(path)
}

func (fs localFS) Create(name string) (iceio.FileWriter, error) {
	return &atomicFile{fs: fs, name: name}, nil
}

// WriteFile makes the file appear whole: a temporary file beside it is written,
// synced and renamed.
func (localFS) WriteFile(name string, content []byte) error {
	path, err := plainPath(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(f.Name()))
	}
	return nil
}

// atomicFile keeps what is written until Close; metadata files are small.
type atomicFile struct {
	bytes.Buffer
	fs   localFS
	name string
}

func (f *atomicFile) Close() error { return f.fs.WriteFile(f.name, f.Bytes()) }

// syncFolders brings the folders' entries to disk, so that a file that a
// commit names is found after a power cut.
func syncFolders(paths map[string]bool) error {
	for dir := range paths {
		d, err := os.Open(dir)
		if err != nil {
			return fmt.Errorf("sync folder: %w", err)
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return fmt.Errorf("sync folder %s: %w", dir, err)
		}
	}
	return nil
}

// removeFiles removes what it can; a file that is gone already is fine.
func removeFiles(paths []string) error {
	var errs []error
	for _, p := range paths {
		if err := os.Remove(p); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
