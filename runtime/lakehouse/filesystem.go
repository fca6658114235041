package lakehouse

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	iceio "github.com/apache/iceberg-go/io"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

// filesystem is where a lake's files are: this machine's disk, or S3. Files are
// named by plain paths, /a/b on disk and s3://bucket/key in S3, and each is
// there whole or not at all.
type filesystem interface {
	// bind gives what metadata and manifests are read and written with.
	bind(ctx context.Context) iceio.WriteFileIO
	// path is the plain path of what metadata says; an error if it is elsewhere.
	path(location string) (string, error)
	// open reads a data file.
	open(ctx context.Context, path string) (*parquetfile.Reader, error)
	// spool is where a data file is written to, and deliver brings it from there
	// to its path; on an error nothing is left at either.
	spool(path string) string
	deliver(ctx context.Context, spooled, path string) error
	// copyFile copies a file of a known size to a new path; it is there whole or
	// not at all.
	copyFile(ctx context.Context, from, to string, size int64) error
	// scratch is a folder of this machine for a table's temporary files.
	scratch(location string) string
	// makeFolder makes a folder that an engine will write to.
	makeFolder(path string) error
	// settle brings files and folders to disk, so that what a commit names is
	// found after a power cut.
	settle(paths ...string) error
	// size is a file's size; an error that is fs.ErrNotExist if it is not there.
	size(ctx context.Context, path string) (int64, error)
	// list gives the files below a folder, in no order.
	list(ctx context.Context, folder string) ([]foundFile, error)
	// remove removes what it can; a file that is gone already is fine. It takes
	// no context: it cleans up after what was cancelled, too.
	remove(paths []string) error
	// prune removes the folders of files, up to and without root, that are empty.
	prune(root string, files []string)
	close() error
}

// foundFile is a file of a listing.
type foundFile struct {
	path     string
	size     int64
	modified time.Time
	special  bool // a link, a device, …
}

// inS3 says whether a path is an object's.
func inS3(path string) bool { return strings.HasPrefix(path, "s3://") }

// under is a path below a folder. An object's key is no path of the system's:
// it must not be cleaned.
func under(folder string, parts ...string) string {
	if inS3(folder) {
		return strings.TrimRight(folder, "/") + "/" + strings.Join(parts, "/")
	}
	return filepath.Join(append([]string{folder}, parts...)...)
}

// parent is the folder of a path.
func parent(path string) string {
	if inS3(path) {
		return path[:strings.LastIndexByte(path, '/')]
	}
	return filepath.Dir(path)
}

// below says whether a path is in a folder or in one of its folders.
func below(folder, path string) bool {
	if inS3(folder) {
		rest, ok := strings.CutPrefix(path, strings.TrimRight(folder, "/")+"/")
		return ok && rest != ""
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != "." && filepath.IsLocal(rel)
}

// clean makes two ways to write a path one.
func clean(path string) string {
	if inS3(path) {
		return path
	}
	return filepath.Clean(path)
}
