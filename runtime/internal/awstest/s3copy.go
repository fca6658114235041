package awstest

import (
	"encoding/xml"
	"net/url"
	"strings"
	"time"
)

// copyObject copies an object that X-Amz-Copy-Source names: bucket/key, escaped.
func (s *s3) copyObject(to *bucket, c *call, out *answer) {
	source, err := url.PathUnescape(strings.TrimPrefix(c.Header.Get("X-Amz-Copy-Source"), "/"))
	name, key, ok := strings.Cut(source, "/")
	if err != nil || !ok {
		out.fail(c, 400, "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
		return
	}
	from := s.buckets[name]
	if from == nil {
		out.fail(c, 404, "NoSuchBucket", "The specified bucket %s does not exist", name)
		return
	}
	o := from.objects[key]
	if o == nil {
		out.fail(c, 404, "NoSuchKey", "The specified key does not exist.")
		return
	}
	made := newStored(o.content)
	to.objects[c.key] = made
	out.xml(struct {
		XMLName            xml.Name `xml:"CopyObjectResult"`
		ETag, LastModified string
	}{ETag: `"` + made.etag + `"`, LastModified: made.modified.UTC().Format(time.RFC3339)})
}

// Modified is when an object was stored, zero if there is none.
func (a *AWS) Modified(bucketName, key string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if o := a.s3.buckets[bucketName].objects[key]; o != nil {
		return o.modified
	}
	return time.Time{}
}
