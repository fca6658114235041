package awstest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// call is a request that was read whole.
type call struct {
	Request
	method string
	query  url.Values
	bucket string // of S3
	key    string
	body   []byte
	input  object // of the JSON services
}

// object is a JSON object.
type object = map[string]any

func read(r *http.Request) (*call, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c := &call{method: r.Method, query: r.URL.Query(), body: body}
	c.Header = r.Header
	c.Service, c.Action = service(r)
	if c.Service == "s3" {
		c.bucket, c.key, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		c.Action, c.Resource = s3Action(r.Method, c.key, c.query), c.bucket+"/"+c.key
		if c.Action == "PutObject" && r.Header.Get("X-Amz-Copy-Source") != "" {
			c.Action = "CopyObject"
		}
		if r.Header.Get("X-Amz-Decoded-Content-Length") != "" {
			c.body, err = unchunk(body)
		}
		return c, err
	}
	if c.Service == "s3tables" {
		return c, c.readS3Tables(r)
	}
	if err := json.Unmarshal(body, &c.input); err != nil {
		return nil, err
	}
	switch {
	case c.Service == "lakeformation":
		c.Resource = string(body)
	case c.Service == "secretsmanager":
		c.Resource = c.text("SecretId")
	case c.input["TableInput"] != nil:
		c.Resource = c.text("DatabaseName") + "." + c.table().text("Name")
	case c.text("DatabaseName") != "" && c.text("Name") != "":
		c.Resource = c.text("DatabaseName") + "." + c.text("Name")
	default:
		c.Resource = c.text("DatabaseName") + c.text("Name")
	}
	return c, nil
}

func (c *call) text(key string) string {
	s, _ := c.input[key].(string)
	return s
}

// table is the call's TableInput.
func (c *call) table() *call {
	in, _ := c.input["TableInput"].(object)
	return &call{input: in}
}

// unchunk decodes the aws-chunked encoding: lines of a hexadecimal length (with
// a signature or not), each followed by so many bytes; trailers after the last.
func unchunk(body []byte) ([]byte, error) {
	r := bufio.NewReader(bytes.NewReader(body))
	var out bytes.Buffer
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("read a chunk's length: %w", err)
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil || n == 0 {
			return out.Bytes(), err
		}
		if _, err := io.CopyN(&out, r, n); err != nil {
			return nil, fmt.Errorf("read a chunk: %w", err)
		}
		if _, err := r.Discard(2); err != nil {
			return nil, fmt.Errorf("read a chunk's end: %w", err)
		}
	}
}

// answer is a response in the making.
type answer struct {
	status int
	header http.Header
	body   []byte
	length int64 // of a HEAD's object
}

func (o *answer) send(w http.ResponseWriter, head bool) {
	for k, v := range o.header {
		w.Header()[k] = v
	}
	n := int64(len(o.body))
	if head {
		n = o.length
	}
	w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	w.WriteHeader(o.status)
	if !head {
		_, _ = w.Write(o.body) // a client that went away needs none
	}
}

// breakOff sends half of the body and then cuts the connection.
func (o *answer) breakOff(w http.ResponseWriter) {
	for k, v := range o.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(o.body)))
	w.WriteHeader(o.status)
	_, _ = w.Write(o.body[:len(o.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// json answers a JSON service.
func (o *answer) json(v any) {
	o.header.Set("Content-Type", "application/x-amz-json-1.1")
	o.body, _ = json.Marshal(v) // of maps and texts
}

// xml answers S3.
func (o *answer) xml(v any) {
	o.header.Set("Content-Type", "application/xml")
	o.body, _ = xml.Marshal(v)
}

// refuse is an error as the call's service sends it.
func (c *call) refuse(status int, code, message string) *answer {
	o := &answer{status: status, header: http.Header{}}
	if c.Service == "s3" {
		o.xml(struct {
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
		}{Code: code, Message: message})
		return o
	}
	o.header.Set("X-Amzn-Errortype", code)
	o.json(object{"__type": code, "Message": message, "message": message})
	return o
}

// fail makes the answer an error.
func (o *answer) fail(c *call, status int, code, format string, args ...any) {
	*o = *c.refuse(status, code, fmt.Sprintf(format, args...))
}
