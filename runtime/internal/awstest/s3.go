package awstest

import (
	"crypto/md5" //nolint:gosec // S3's ETag
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// s3Page is how many keys a list answers at once.
const s3Page = 10

type s3 struct {
	buckets map[string]*bucket
	uploads int // that were begun
}

type bucket struct {
	objects map[string]*stored
	uploads map[string]*upload // that are open, by id
	table   bool               // it holds the files of one table of S3 Tables
	region  string             // that its calls must be signed for; "" for any
}

type stored struct {
	content  []byte
	etag     string
	modified time.Time
	parts    int // 0: it was put whole
}

func s3Action(method, key string, q url.Values) string {
	switch {
	case method == http.MethodPost && q.Has("delete"):
		return "DeleteObjects"
	case method == http.MethodPost && q.Has("uploads"):
		return "CreateMultipartUpload"
	case method == http.MethodPost && q.Has("uploadId"):
		return "CompleteMultipartUpload"
	case method == http.MethodPut && q.Has("partNumber"):
		return "UploadPart"
	case method == http.MethodDelete && q.Has("uploadId"):
		return "AbortMultipartUpload"
	case method == http.MethodGet && key == "":
		return "ListObjectsV2"
	}
	return map[string]string{
		http.MethodGet: "GetObject", http.MethodHead: "HeadObject", http.MethodPut: "PutObject", http.MethodDelete: "DeleteObject",
	}[method]
}

// Bucket makes a bucket.
func (a *AWS) Bucket(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.s3.buckets[name] = &bucket{objects: map[string]*stored{}, uploads: map[string]*upload{}}
}

// BucketIn makes a bucket in another region: S3 sends those there who ask in this.
func (a *AWS) BucketIn(name, region string) {
	a.Bucket(name)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.s3.buckets[name].region = region
}

// Keys are a bucket's keys, sorted.
func (a *AWS) Keys(bucketName string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Keys(a.s3.buckets[bucketName].objects))
}

// Object is an object's content, false if there is none.
func (a *AWS) Object(bucketName, key string) ([]byte, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o := a.s3.buckets[bucketName].objects[key]
	if o == nil {
		return nil, false
	}
	return slices.Clone(o.content), true
}

// PutObject stores an object that was last modified at a time (zero: now).
func (a *AWS) PutObject(bucketName, key string, content []byte, modified time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o := newStored(content)
	if !modified.IsZero() {
		o.modified = modified
	}
	a.s3.buckets[bucketName].objects[key] = o
}

// DeleteObject removes an object.
func (a *AWS) DeleteObject(bucketName, key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.s3.buckets[bucketName].objects, key)
}

func newStored(content []byte) *stored {
	return &stored{content: content, etag: etag(content), modified: time.Now()}
}

func etag(content []byte) string {
	sum := md5.Sum(content) //nolint:gosec // S3's ETag
	return hex.EncodeToString(sum[:])
}

// crc is a CRC-32 as x-amz-checksum-crc32 has it.
func crc(content []byte) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(content)))
}

func (s *s3) serve(c *call, out *answer) {
	b := s.buckets[c.bucket]
	if b == nil {
		out.fail(c, 404, "NoSuchBucket", "The specified bucket %s does not exist", c.bucket)
		return
	}
	if b.region != "" && !strings.Contains(c.Header.Get("Authorization"), "/"+b.region+"/s3/aws4_request") {
		out.fail(c, 301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.")
		out.header.Set("X-Amz-Bucket-Region", b.region)
		return
	}
	if b.table && !inTableBucket(c.Action) {
		out.fail(c, 405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
		return
	}
	if sum := c.Header.Get("X-Amz-Checksum-Crc32"); sum != "" && sum != crc(c.body) {
		out.fail(c, 400, "BadDigest", "The CRC32 you specified did not match what we received.")
		return
	}
	switch c.Action {
	case "GetObject", "HeadObject":
		b.get(c, out)
	case "PutObject":
		b.put(c, out)
	case "CopyObject":
		s.copyObject(b, c, out)
	case "DeleteObject":
		delete(b.objects, c.key)
		out.status = http.StatusNoContent
	case "DeleteObjects":
		b.deleteMany(c, out)
	case "ListObjectsV2":
		b.list(c, out)
	default:
		s.multipart(b, c, out)
	}
}

func (b *bucket) put(c *call, out *answer) {
	old := b.objects[c.key]
	if c.Header.Get("If-None-Match") == "*" && old != nil {
		out.fail(c, 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
		return
	}
	if want := strings.Trim(c.Header.Get("If-Match"), `"`); want != "" && (old == nil || old.etag != want) {
		out.fail(c, 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
		return
	}
	o := newStored(c.body)
	b.objects[c.key] = o
	out.header.Set("ETag", `"`+o.etag+`"`)
}

func (b *bucket) get(c *call, out *answer) {
	o := b.objects[c.key]
	if o == nil {
		out.fail(c, 404, "NoSuchKey", "The specified key does not exist.")
		return
	}
	out.header.Set("ETag", `"`+o.etag+`"`)
	out.header.Set("Last-Modified", o.modified.UTC().Format(http.TimeFormat))
	out.header.Set("Accept-Ranges", "bytes")
	out.body, out.length = o.content, int64(len(o.content))
	want := c.Header.Get("Range")
	if want == "" {
		if o.parts == 0 {
			out.header.Set("X-Amz-Checksum-Crc32", crc(o.content))
			out.header.Set("X-Amz-Checksum-Type", "FULL_OBJECT")
		}
		return
	}
	from, to, ok := byteRange(want, len(o.content))
	if !ok {
		out.fail(c, 416, "InvalidRange", "The requested range is not satisfiable")
		return
	}
	out.status = http.StatusPartialContent
	out.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(o.content)))
	out.body, out.length = o.content[from:to], int64(to-from)
}

// byteRange reads "bytes=a-b", "bytes=a-" and "bytes=-n".
func byteRange(s string, size int) (from, to int, ok bool) {
	first, last, _ := strings.Cut(strings.TrimPrefix(s, "bytes="), "-")
	if first == "" {
		n, err := strconv.Atoi(last)
		return max(size-n, 0), size, err == nil && n > 0 && size > 0
	}
	from, err := strconv.Atoi(first)
	to = size
	if last != "" && err == nil {
		to, err = strconv.Atoi(last)
		to = min(to+1, size)
	}
	return from, to, err == nil && from < to
}

func (b *bucket) deleteMany(c *call, out *answer) {
	var in struct {
		Object []struct{ Key string }
	}
	if err := xml.Unmarshal(c.body, &in); err != nil || len(in.Object) == 0 || len(in.Object) > 1000 {
		out.fail(c, 400, "MalformedXML", "The XML you provided was not well-formed")
		return
	}
	for _, o := range in.Object {
		delete(b.objects, o.Key)
	}
	out.xml(struct {
		XMLName xml.Name `xml:"DeleteResult"`
	}{})
}

type listed struct {
	Key          string
	LastModified string
	ETag         string
	Size         int
	StorageClass string
}

func (b *bucket) list(c *call, out *answer) {
	page := struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name, Prefix          string
		KeyCount, MaxKeys     int
		IsTruncated           bool
		NextContinuationToken string   `xml:",omitempty"`
		Contents              []listed `xml:"Contents"`
	}{Name: c.bucket, Prefix: c.query.Get("prefix"), MaxKeys: s3Page}
	if n, err := strconv.Atoi(c.query.Get("max-keys")); err == nil {
		page.MaxKeys = min(n, s3Page)
	}
	after := max(c.query.Get("continuation-token"), c.query.Get("start-after"))
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		if key <= after || !strings.HasPrefix(key, page.Prefix) {
			continue
		}
		if page.KeyCount == page.MaxKeys {
			page.IsTruncated = true
			page.NextContinuationToken = page.Contents[page.KeyCount-1].Key
			break
		}
		o := b.objects[key]
		page.KeyCount++
		page.Contents = append(page.Contents, listed{Key: key, LastModified: o.modified.UTC().Format("2006-01-02T15:04:05.000Z"),
			ETag: `"` + o.etag + `"`, Size: len(o.content), StorageClass: "STANDARD"})
	}
	out.xml(page)
}
