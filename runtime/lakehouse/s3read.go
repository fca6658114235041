package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
)

// fetchTries is how often a read is begun again that broke off in the middle;
// the SDK repeats calls that were not answered.
const fetchTries = 3

// fetch reads an object, or a range of it ("bytes=0-9"), and gives the whole
// object's size. begin makes the writer that one try goes to.
func (f *s3Files) fetch(ctx context.Context, path, span string, begin func() io.Writer) (size int64, err error) {
	bucket, key := object(path)
	in := &s3.GetObjectInput{Bucket: bucket, Key: key}
	if span != "" {
		in.Range = &span
	}
	for range fetchTries {
		out, failed := f.client.GetObject(ctx, in, f.in(bucket))
		if failed != nil {
			return 0, s3Error("read", path, failed)
		}
		var n int64
		n, err = io.Copy(begin(), out.Body)
		err = errors.Join(err, out.Body.Close())
		if err == nil && n != aws.ToInt64(out.ContentLength) {
			err = io.ErrUnexpectedEOF
		}
		if err == nil {
			return wholeSize(out), nil
		}
		if ctx.Err() != nil {
			return 0, fmt.Errorf("read %s: %w", path, err)
		}
	}
	return 0, fmt.Errorf("read %s: it broke off %d times: %w", path, fetchTries, err)
}

// wholeSize is the object's size, from "bytes 0-9/123" where a range was read.
func wholeSize(out *s3.GetObjectOutput) int64 {
	if _, total, ok := strings.Cut(aws.ToString(out.ContentRange), "/"); ok {
		if n, err := strconv.ParseInt(total, 10, 64); err == nil {
			return n
		}
	}
	return aws.ToInt64(out.ContentLength)
}

const (
	tailBytes = 256 << 10 // of a data file's end, read to find its footer
	nearBytes = 256 << 10 // read at least, where nobody said what will be wanted
)

// farFile is a data file in S3. Its end is kept in memory; of the rest, what is
// wanted comes in one call a range and is kept on this machine's disk until
// something else is wanted: a reader takes neither more memory than for a local
// file, nor more disk than a row group.
type farFile struct {
	files *s3Files
	ctx   context.Context //nolint:containedctx // io.ReaderAt has none; a reader lives no longer than its act
	path  string
	size  int64
	tail  []byte

	mu   sync.Mutex
	disk *os.File
	have []parquetfile.Range // on disk, each at its own place
	want []parquetfile.Range
}

func (f *s3Files) open(ctx context.Context, path string) (*parquetfile.Reader, error) {
	far := &farFile{files: f, ctx: ctx, path: path}
	var tail tailBuffer
	size, err := f.fetch(ctx, path, fmt.Sprintf("bytes=-%d", tailBytes), tail.begin)
	if err != nil {
		return nil, fmt.Errorf("open a data file: %w", err)
	}
	far.size, far.tail = size, tail.content
	return parquetfile.OpenSource(path, far)
}

type tailBuffer struct{ content []byte }

func (t *tailBuffer) begin() io.Writer {
	t.content = t.content[:0]
	return t
}

func (t *tailBuffer) Write(p []byte) (int, error) {
	t.content = append(t.content, p...)
	return len(p), nil
}

// Size is the object's size.
func (f *farFile) Size() int64 { return f.size }

// Want forgets what was wanted before.
func (f *farFile) Want(ranges []parquetfile.Range) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.want, f.have = ranges, nil
	if f.disk != nil {
		_ = f.disk.Truncate(0) // what fails costs disk only
	}
}

// ReadAt reads from the end that is known, from disk, or from S3.
func (f *farFile) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.size {
		return 0, io.EOF
	}
	n := min(int64(len(p)), f.size-off)
	if start := f.size - int64(len(f.tail)); off >= start {
		copy(p, f.tail[off-start:])
		return done(int(n), len(p))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	span := parquetfile.Range{From: off, To: off + n}
	if !holds(f.have, span) {
		if err := f.get(f.wanted(span)); err != nil {
			return 0, err
		}
	}
	got, err := f.disk.ReadAt(p[:n], off)
	if err != nil {
		return got, fmt.Errorf("read what was fetched of %s: %w", f.path, err)
	}
	return done(got, len(p))
}

// done is io.ReaderAt's promise: an error where less was read than asked for.
func done(n, asked int) (int, error) {
	if n < asked {
		return n, io.EOF
	}
	return n, nil
}

func holds(ranges []parquetfile.Range, r parquetfile.Range) bool {
	for _, h := range ranges {
		if h.From <= r.From && r.To <= h.To {
			return true
		}
	}
	return false
}

// wanted is what is fetched for a read: the range that was announced, or the
// read and what lies near behind it.
func (f *farFile) wanted(r parquetfile.Range) parquetfile.Range {
	for _, w := range f.want {
		if w.From <= r.From && r.To <= w.To {
			return w
		}
	}
	return parquetfile.Range{From: r.From, To: min(f.size, max(r.To, r.From+nearBytes))}
}

func (f *farFile) get(r parquetfile.Range) (err error) {
	if f.disk == nil {
		if f.disk, err = os.CreateTemp(f.files.dir, "read-*"); err != nil {
			return fmt.Errorf("read %s: %w", f.path, err)
		}
	}
	_, err = f.files.fetch(f.ctx, f.path, fmt.Sprintf("bytes=%d-%d", r.From, r.To-1), func() io.Writer {
		return io.NewOffsetWriter(f.disk, r.From)
	})
	if err == nil {
		f.have = append(f.have, r)
	}
	return err
}

// Close removes what was fetched.
func (f *farFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.disk == nil {
		return nil
	}
	disk := f.disk
	f.disk, f.have = nil, nil
	return errors.Join(disk.Close(), os.Remove(disk.Name()))
}
