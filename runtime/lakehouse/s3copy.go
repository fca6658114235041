package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// maxCopy is the largest object that S3 copies in one call.
const maxCopy = 5 << 30

// copyFile lets S3 copy an object; one that is too large for that comes here
// and goes up again.
func (f *s3Files) copyFile(ctx context.Context, from, to string, size int64) error {
	if size > maxCopy {
		return f.carry(ctx, from, to)
	}
	source, key := object(from)
	bucket, toKey := object(to)
	parts := strings.Split(*key, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	header := *source + "/" + strings.Join(parts, "/")
	if _, err := f.client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: bucket, Key: toKey, CopySource: &header}); err != nil {
		return s3Error("copy "+from+" to", to, err)
	}
	return nil
}

func (f *s3Files) carry(ctx context.Context, from, to string) (err error) {
	spooled := f.spool(to)
	out, err := os.Create(spooled)
	if err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	_, err = f.fetch(ctx, from, "", func() io.Writer { return io.NewOffsetWriter(out, 0) })
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, removeLocal([]string{spooled}))
	}
	return f.deliver(ctx, spooled, to)
}
