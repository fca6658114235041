package lakehouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	iceio "github.com/apache/iceberg-go/io"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"
)

// s3Files is the file system of a deployed lake. Objects are written with the
// buckets' own encryption. What is large goes through a folder of this machine:
// data files before they are uploaded, and what is read of them.
type s3Files struct {
	client  *s3.Client
	dir     string
	managed bool     // the files are in a table bucket, where S3 neither lists nor deletes: S3 Tables removes what no snapshot names
	regions sync.Map // bucket -> region, of those that S3 says are in another
}

var _ filesystem = (*s3Files)(nil)

func newS3Files(config aws.Config) (*s3Files, error) {
	dir, err := makeScratch()
	if err != nil {
		return nil, err
	}
	return &s3Files{client: s3.NewFromConfig(config), dir: dir}, nil
}

func (f *s3Files) close() error { return removeScratch(f.dir) }

// path takes the names that Hadoop's file systems have for S3, too.
func (f *s3Files) path(location string) (string, error) {
	for _, scheme := range []string{"s3://", "s3a://", "s3n://"} {
		if rest, ok := strings.CutPrefix(location, scheme); ok {
			return "s3://" + rest, nil
		}
	}
	return "", fmt.Errorf("%q is not in S3", location)
}

// object parts a path into bucket and key.
func object(path string) (bucket, key *string) {
	b, k, _ := strings.Cut(strings.TrimPrefix(path, "s3://"), "/")
	return &b, &k
}

// in makes a call in the bucket's own region.
func (f *s3Files) in(bucket *string) func(*s3.Options) {
	return func(o *s3.Options) {
		if region, ok := f.regions.Load(*bucket); ok {
			o.Region, _ = region.(string)
		}
	}
}

// elsewhere says whether a call failed because the bucket is in another region,
// as a replica is, and remembers which. What is read of a bucket is listed first.
func (f *s3Files) elsewhere(bucket *string, err error) bool {
	var refused *awshttp.ResponseError
	if !errors.As(err, &refused) || refused.HTTPStatusCode() != http.StatusMovedPermanently {
		return false
	}
	region := refused.Response.Header.Get("X-Amz-Bucket-Region")
	if _, known := f.regions.Load(*bucket); known || region == "" {
		return false
	}
	f.regions.Store(*bucket, region)
	return true
}

func (f *s3Files) spool(string) string {
	return filepath.Join(f.dir, uuid.NewString()+".parquet")
}

func (f *s3Files) scratch(string) string { return filepath.Join(f.dir, "staging") }

// There are no folders in S3, and what was put is there to stay.
func (f *s3Files) makeFolder(string) error                    { return nil }
func (f *s3Files) settle(...string) error                     { return nil }
func (f *s3Files) prune(_ string, _ []string)                 {}
func (f *s3Files) bind(ctx context.Context) iceio.WriteFileIO { return s3IO{f, ctx} }

func (f *s3Files) size(ctx context.Context, path string) (int64, error) {
	bucket, key := object(path)
	head, err := f.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key}, f.in(bucket))
	if err != nil {
		return 0, s3Error("look up", path, err)
	}
	return aws.ToInt64(head.ContentLength), nil
}

func (f *s3Files) list(ctx context.Context, folder string) ([]foundFile, error) {
	if f.managed {
		return nil, fmt.Errorf("list %s: %w in an S3 table bucket", folder, errors.ErrUnsupported)
	}
	bucket, key := object(under(folder, "")) // with its slash: "players" is no prefix of "players_games"
	var found []foundFile
	for pages := s3.NewListObjectsV2Paginator(f.client, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: key}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx, f.in(bucket))
		if f.elsewhere(bucket, err) {
			continue
		}
		if err != nil {
			return nil, s3Error("list", folder, err)
		}
		for _, o := range page.Contents {
			found = append(found, foundFile{path: "s3://" + *bucket + "/" + aws.ToString(o.Key), size: aws.ToInt64(o.Size), modified: aws.ToTime(o.LastModified)})
		}
	}
	return found, nil
}

const (
	maxDeletes    = 1000 // objects that S3 deletes in one call
	deleteTimeout = time.Minute
)

func (f *s3Files) remove(paths []string) error {
	if f.managed {
		return nil
	}
	byBucket := map[string][]types.ObjectIdentifier{}
	for _, p := range paths {
		bucket, key := object(p)
		byBucket[*bucket] = append(byBucket[*bucket], types.ObjectIdentifier{Key: key})
	}
	var errs []error
	for bucket, objects := range byBucket {
		for len(objects) > 0 {
			n := min(maxDeletes, len(objects))
			errs = append(errs, f.removeSome(bucket, objects[:n]))
			objects = objects[n:]
		}
	}
	return errors.Join(errs...)
}

func (f *s3Files) removeSome(bucket string, objects []types.ObjectIdentifier) error {
	ctx, cancel := context.WithTimeout(context.Background(), deleteTimeout)
	defer cancel()
	out, err := f.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &bucket, Delete: &types.Delete{Objects: objects, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return s3Error(fmt.Sprintf("delete %d objects, the first", len(objects)), "s3://"+bucket+"/"+*objects[0].Key, err)
	}
	var errs []error
	for _, e := range out.Errors {
		if code := aws.ToString(e.Code); code != "NoSuchKey" {
			errs = append(errs, fmt.Errorf("delete s3://%s/%s: %s: %s", bucket, aws.ToString(e.Key), code, aws.ToString(e.Message)))
		}
	}
	return errors.Join(errs...)
}

// s3Error names the act and the object; what is not there is fs.ErrNotExist.
func s3Error(act, path string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && (api.ErrorCode() == "NoSuchKey" || api.ErrorCode() == "NotFound") {
		return fmt.Errorf("%s %s: %w (%w)", act, path, fs.ErrNotExist, err)
	}
	return fmt.Errorf("%s %s: %w", act, path, err)
}

// s3IO is how iceberg-go reads and writes metadata, manifests and their lists:
// small objects, each in one call.
type s3IO struct {
	files *s3Files
	ctx   context.Context //nolint:containedctx // its interface has none
}

func (i s3IO) ReadFile(name string) ([]byte, error) {
	path, err := i.files.path(name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	_, err = i.files.fetch(i.ctx, path, "", func() io.Writer { out.Reset(); return &out })
	return out.Bytes(), err
}

func (i s3IO) Open(name string) (iceio.File, error) {
	content, err := i.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &openObject{Reader: bytes.NewReader(content), name: name}, nil
}

func (i s3IO) WriteFile(name string, content []byte) error {
	path, err := i.files.path(name)
	if err != nil {
		return err
	}
	bucket, key := object(path)
	_, err = i.files.client.PutObject(i.ctx, &s3.PutObjectInput{
		Bucket: bucket, Key: key, Body: bytes.NewReader(content), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32,
	})
	if err != nil {
		return s3Error("write", path, err)
	}
	return nil
}

func (i s3IO) Create(name string) (iceio.FileWriter, error) {
	return &atomicFile{fs: i, name: name}, nil
}

func (i s3IO) Remove(name string) error {
	path, err := i.files.path(name)
	if err != nil {
		return err
	}
	return i.files.remove([]string{path})
}

// openObject is an object that was read whole.
type openObject struct {
	*bytes.Reader
	name string
}

func (o *openObject) Close() error               { return nil }
func (o *openObject) Stat() (fs.FileInfo, error) { return objectInfo{o}, nil }

type objectInfo struct{ *openObject }

func (o objectInfo) Name() string       { return o.name }
func (o objectInfo) Size() int64        { return o.Reader.Size() }
func (o objectInfo) Mode() fs.FileMode  { return 0o444 }
func (o objectInfo) ModTime() time.Time { return time.Time{} }
func (o objectInfo) IsDir() bool        { return false }
func (o objectInfo) Sys() any           { return nil }
