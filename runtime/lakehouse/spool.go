package lakehouse

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

// outfile is a data file in the making: written to its file system's spool,
// delivered when it is whole.
type outfile struct {
	*parquetfile.Writer
	path string
	to   filesystem
}

func createFile(to filesystem, path string, s schema.Schema, sample *parquetfile.Chunk) (*outfile, error) {
	spooled := to.spool(path)
	w, err := parquetfile.Create(spooled, s, sample)
	if err != nil {
		return nil, err
	}
	if spooled != path {
		w.Volatile()
	}
	return &outfile{Writer: w, path: path, to: to}, nil
}

// finish brings the file to its place and says what it holds.
func (o *outfile) finish(ctx context.Context) (parquetfile.File, error) {
	f, err := o.Close()
	if err != nil {
		return parquetfile.File{}, err
	}
	f.Path = o.path
	return f, o.to.deliver(ctx, o.Path(), o.path)
}

// removeLocal removes files of this machine; one that is gone is fine.
func removeLocal(paths []string) error {
	var errs []error
	for _, p := range paths {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
