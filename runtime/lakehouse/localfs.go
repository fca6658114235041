package lakehouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	iceio "github.com/apache/iceberg-go/io"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

// localFS is the file system that iceberg-go sees. Its own local one unescapes
// paths (so that a folder "a%20b" is not found by other readers), writes in
// place and never syncs; this one takes paths as they are and a file is there
// either whole and on disk, or not at all.
type localFS struct{}

var (
	_ iceio.WriteFileIO = localFS{}
	_ filesystem        = localFS{}
)

// FileURL is a plain path as the lake's metadata and its position-delete files
// name it. An object's is itself. Readers take a file URL without unescaping it, but cut it at # or ?;
// such a path is kept as a plain path, which they read too.
func FileURL(path string) string {
	if inS3(path) || strings.ContainsAny(path, "#?") {
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

func (l localFS) Create(name string) (iceio.FileWriter, error) {
	return &atomicFile{fs: l, name: name}, nil
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
	fs   interface{ WriteFile(string, []byte) error }
	name string
}

func (f *atomicFile) Close() error { return f.fs.WriteFile(f.name, f.Bytes()) }

func (localFS) bind(context.Context) iceio.WriteFileIO { return localFS{} }

func (localFS) path(location string) (string, error) { return plainPath(location) }

func (localFS) open(_ context.Context, path string) (*parquetfile.Reader, error) {
	return parquetfile.Open(path)
}

// spool is the file's own place: nobody looks for it before a commit names it.
func (localFS) spool(path string) string { return path }

func (localFS) deliver(context.Context, string, string) error { return nil }

func (localFS) copyFile(ctx context.Context, from, to string, size int64) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("copy to %s: %w", to, err)
	}
	out, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*.tmp")
	if err != nil {
		return fmt.Errorf("copy to %s: %w", to, err)
	}
	n, err := io.Copy(out, in)
	if err == nil && n != size {
		err = fmt.Errorf("it has %d bytes, not %d", n, size)
	}
	if err == nil {
		err = errors.Join(out.Sync(), ctx.Err())
	}
	err = errors.Join(err, out.Close())
	if err == nil {
		err = os.Rename(out.Name(), to)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("copy %s to %s: %w", from, to, err), os.Remove(out.Name()))
	}
	return nil
}

func (localFS) scratch(location string) string { return filepath.Join(location, "staging") }

func (localFS) makeFolder(path string) error { return os.MkdirAll(path, 0o755) }

func (localFS) settle(paths ...string) error {
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("sync: %w", err)
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return fmt.Errorf("sync %s: %w", path, err)
		}
	}
	return nil
}

func (localFS) size(_ context.Context, path string) (int64, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// list follows no links.
func (localFS) list(ctx context.Context, folder string) ([]foundFile, error) {
	var found []foundFile
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err = errors.Join(err, ctx.Err()); err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			found = append(found, foundFile{path: path, size: info.Size(), modified: info.ModTime(), special: !info.Mode().IsRegular()})
		}
		return err
	})
	return found, err
}

func (localFS) remove(paths []string) error { return removeLocal(paths) }

func (localFS) prune(root string, files []string) {
	var folders []string
	for _, f := range files {
		for dir := filepath.Dir(f); below(root, dir); dir = filepath.Dir(dir) {
			folders = append(folders, dir)
		}
	}
	slices.SortFunc(folders, func(a, b string) int { return len(b) - len(a) })
	for _, dir := range slices.Compact(folders) {
		_ = os.Remove(dir) // fails if something is in it, as it should
	}
}

func (localFS) close() error { return nil }
