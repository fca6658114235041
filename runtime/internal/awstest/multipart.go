package awstest

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// upload is a multipart upload that is open.
type upload struct {
	key   string
	parts map[int][]byte
}

// leastPart is how large all parts but the last must be.
const leastPart = 5 << 20

// Uploads are the keys of multipart uploads that are neither completed nor
// aborted.
func (a *AWS) Uploads(bucketName string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var keys []string
	for _, u := range a.s3.buckets[bucketName].uploads {
		keys = append(keys, u.key)
	}
	return keys
}

func (s *s3) multipart(b *bucket, c *call, out *answer) {
	if c.Action == "CreateMultipartUpload" {
		s.uploads++
		id := fmt.Sprintf("upload-%d", s.uploads)
		b.uploads[id] = &upload{key: c.key, parts: map[int][]byte{}}
		out.xml(struct {
			XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
			Bucket, Key, UploadId string
		}{Bucket: c.bucket, Key: c.key, UploadId: id})
		return
	}
	id := c.query.Get("uploadId")
	u := b.uploads[id]
	if u == nil || u.key != c.key {
		out.fail(c, 404, "NoSuchUpload", "The specified upload does not exist.")
		return
	}
	switch c.Action {
	case "UploadPart":
		n, err := strconv.Atoi(c.query.Get("partNumber"))
		if err != nil || n < 1 || n > 10_000 {
			out.fail(c, 400, "InvalidArgument", "Part number must be an integer between 1 and 10000")
			return
		}
		u.parts[n] = c.body
		out.header.Set("ETag", `"`+etag(c.body)+`"`)
		out.header.Set("X-Amz-Checksum-Crc32", crc(c.body))
	case "AbortMultipartUpload":
		delete(b.uploads, id)
		out.status = http.StatusNoContent
	case "CompleteMultipartUpload":
		b.complete(c, out, u, id)
	default:
		out.fail(c, 405, "MethodNotAllowed", "awstest has no S3 action %s", c.Action)
	}
}

func (b *bucket) complete(c *call, out *answer, u *upload, id string) {
	var in struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.Unmarshal(c.body, &in); err != nil || len(in.Part) == 0 {
		out.fail(c, 400, "MalformedXML", "The XML you provided was not well-formed")
		return
	}
	var content []byte
	for i, p := range in.Part {
		part, ok := u.parts[p.PartNumber]
		switch {
		case !ok || etag(part) != strings.Trim(p.ETag, `"`):
			out.fail(c, 400, "InvalidPart", "One or more of the specified parts could not be found.")
			return
		case i > 0 && p.PartNumber <= in.Part[i-1].PartNumber:
			out.fail(c, 400, "InvalidPartOrder", "The list of parts was not in ascending order.")
			return
		case i < len(in.Part)-1 && len(part) < leastPart:
			out.fail(c, 400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
			return
		}
		content = append(content, part...)
	}
	o := newStored(content)
	o.parts = len(in.Part)
	o.etag += fmt.Sprintf("-%d", o.parts)
	b.objects[u.key] = o
	delete(b.uploads, id)
	out.xml(struct {
		XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket, Key, ETag string
	}{Bucket: c.bucket, Key: c.key, ETag: `"` + o.etag + `"`})
}
