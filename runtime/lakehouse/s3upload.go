package lakehouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

const (
	wholeUpload = 64 << 20 // a file up to so many bytes goes in one call
	partBytes   = 16 << 20
	partsAtOnce = 4
)

// deliver uploads a spooled file and removes it. S3 takes an object only whole
// and with the checksum of its bytes.
func (f *s3Files) deliver(ctx context.Context, spooled, path string) (err error) {
	defer func() { err = errors.Join(err, removeLocal([]string{spooled})) }()
	content, err := os.Open(spooled)
	if err != nil {
		return fmt.Errorf("upload %s: %w", path, err)
	}
	defer content.Close()
	info, err := content.Stat()
	if err != nil {
		return fmt.Errorf("upload %s: %w", path, err)
	}
	if info.Size() > wholeUpload {
		return f.uploadParts(ctx, path, content, info.Size())
	}
	bucket, key := object(path)
	_, err = f.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: bucket, Key: key, Body: content, ContentLength: aws.Int64(info.Size()), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
	})
	if err != nil {
		return s3Error("upload", path, err)
	}
	return nil
}

// uploadParts uploads a large file; an upload that fails is aborted, so that
// its parts are not paid for.
func (f *s3Files) uploadParts(ctx context.Context, path string, content io.ReaderAt, size int64) (err error) {
	bucket, key := object(path)
	begun, err := f.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: bucket, Key: key, ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
	})
	if err != nil {
		return s3Error("upload", path, err)
	}
	asked := false // to make the object of the parts
	defer func() {
		if err != nil {
			err = errors.Join(err, f.abortUpload(path, begun.UploadId))
		}
		if err != nil && asked {
			err = errors.Join(err, f.remove([]string{path})) // it may have been made
		}
	}()
	parts := make([]types.CompletedPart, (size+partBytes-1)/partBytes)
	g, partCtx := errgroup.WithContext(ctx)
	g.SetLimit(partsAtOnce)
	for i := range parts {
		g.Go(func() error {
			from := int64(i) * partBytes
			out, err := f.client.UploadPart(partCtx, &s3.UploadPartInput{
				Bucket: bucket, Key: key, UploadId: begun.UploadId, PartNumber: aws.Int32(int32(i + 1)),
				Body: io.NewSectionReader(content, from, min(partBytes, size-from)), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
			})
			if err != nil {
				return s3Error(fmt.Sprintf("upload part %d of", i+1), path, err)
			}
			parts[i] = types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	asked = true
	return f.finishUpload(ctx, path, begun.UploadId, parts, size)
}

// finishUpload makes the object of its parts. The answer may be lost, and the
// SDK's next try find no upload: the object is looked for then, also if ctx has
// ended. The path is nobody else's.
func (f *s3Files) finishUpload(ctx context.Context, path string, id *string, parts []types.CompletedPart, size int64) error {
	bucket, key := object(path)
	_, err := f.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: key, UploadId: id, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err == nil {
		return nil
	}
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteTimeout)
	defer cancel()
	if there, lookErr := f.size(look, path); lookErr == nil && there == size {
		return nil
	}
	return s3Error("finish the upload of", path, err)
}

// abortUpload gives an upload's parts up; one that is gone has none.
func (f *s3Files) abortUpload(path string, id *string) error {
	ctx, cancel := context.WithTimeout(context.Background(), deleteTimeout)
	defer cancel()
	bucket, key := object(path)
	_, err := f.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: bucket, Key: key, UploadId: id})
	var gone *types.NoSuchUpload
	if err != nil && !errors.As(err, &gone) {
		return s3Error("abort the upload of", path, err)
	}
	return nil
}
