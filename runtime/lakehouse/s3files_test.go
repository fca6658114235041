package lakehouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/floe-data/floe/runtime/internal/awstest"
	"github.com/floe-data/floe/runtime/lakehouse/parquetfile"
	"github.com/floe-data/floe/runtime/schema"
)

func s3In(t testing.TB) (*awstest.AWS, *s3Files) {
	t.Helper()
	a := cloud(t)
	return a, openCloud(t, a).fs.(*s3Files)
}

func spooled(t testing.TB, f *s3Files, content []byte) string {
	t.Helper()
	path := f.spool("")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func noise(n int) []byte {
	r := rand.NewChaCha8([32]byte{1})
	b := make([]byte, n)
	_, _ = r.Read(b)
	return b
}

// TestUploads: a file arrives as it is, in one call or in parts, through
// failures of single calls, and the spool is empty then.
func TestUploads(t *testing.T) {
	for _, size := range []int{0, 1000, wholeUpload + 7} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			a, f := s3In(t)
			failed := map[string]bool{}
			a.Fail(func(q awstest.Request) *awstest.Failure {
				if strings.Contains(q.Action, "Upload") && !failed[q.Action] { // each kind of call once
					failed[q.Action] = true
					return awstest.SlowDown
				}
				return nil
			})
			content := noise(size)
			path := spooled(t, f, content)
			if err := f.deliver(t.Context(), path, "s3://lake/x y/f%2F.parquet"); err != nil {
				t.Fatal(err)
			}
			if got, _ := a.Object("lake", "x y/f%2F.parquet"); !bytes.Equal(got, content) {
				t.Errorf("%d bytes arrived", len(got))
			}
			if _, err := os.Stat(path); err == nil || len(a.Uploads("lake")) > 0 {
				t.Errorf("left behind: %v", a.Uploads("lake"))
			}
		})
	}
}

// TestAnUploadThatFails leaves no parts to pay for, and nothing in the spool.
func TestAnUploadThatFails(t *testing.T) {
	content := noise(wholeUpload + 1)
	ctx, cancel := context.WithCancel(t.Context())
	for name, test := range map[string]struct {
		ctx  context.Context
		fail func(awstest.Request) *awstest.Failure
		want string
	}{
		"denied": {t.Context(), func(q awstest.Request) *awstest.Failure {
			if q.Action == "UploadPart" {
				return awstest.AccessDenied
			}
			return nil
		}, "AccessDenied"},
		"cancelled": {ctx, func(q awstest.Request) *awstest.Failure {
			if q.Action == "UploadPart" {
				cancel()
			}
			return nil
		}, "canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			a, f := s3In(t)
			a.Fail(test.fail)
			path := spooled(t, f, content)
			err := f.deliver(test.ctx, path, "s3://lake/big")
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "s3://lake/big") {
				t.Fatal(err)
			}
			if _, err := os.Stat(path); err == nil || len(a.Uploads("lake")) > 0 || len(a.Keys("lake")) > 0 {
				t.Errorf("left behind: %v %v", a.Uploads("lake"), a.Keys("lake"))
			}
		})
	}
}

// TestTheLastAnswerOfAnUpload may be lost: the object is there.
func TestTheLastAnswerOfAnUpload(t *testing.T) {
	a, f := s3In(t)
	a.Fail(func(q awstest.Request) *awstest.Failure {
		if q.Action == "CompleteMultipartUpload" {
			return awstest.Lost
		}
		return nil
	})
	if err := f.deliver(t.Context(), spooled(t, f, noise(wholeUpload+1)), "s3://lake/big"); err != nil {
		t.Fatal(err)
	}
}

// TestALostEndOfAnUpload: told to end meanwhile, the object is found all the
// same; where it cannot be looked up, it goes.
func TestALostEndOfAnUpload(t *testing.T) {
	for name, test := range map[string]struct {
		look *awstest.Failure // of the look
		ok   bool
	}{"there": {nil, true}, "who knows": {awstest.AccessDenied, false}} {
		t.Run(name, func(t *testing.T) {
			a, f := s3In(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			asked := 0
			a.Fail(func(q awstest.Request) *awstest.Failure {
				switch q.Action {
				case "CompleteMultipartUpload":
					if asked++; asked == 1 {
						return awstest.Lost
					}
					cancel() // while the SDK asks again
					return awstest.Cut
				case "HeadObject":
					return test.look
				}
				return nil
			})
			err := f.deliver(ctx, spooled(t, f, noise(wholeUpload+1)), "s3://lake/big")
			if (err == nil) != test.ok || (len(a.Keys("lake")) == 1) != test.ok {
				t.Fatalf("%v; there are %v", err, a.Keys("lake"))
			}
			if err != nil && strings.Contains(err.Error(), "abort") {
				t.Errorf("it complains of an upload that has ended: %v", err)
			}
		})
	}
}

// TestAReadThatBreaksOff every time says why.
func TestAReadThatBreaksOff(t *testing.T) {
	a, f := s3In(t)
	a.PutObject("lake", "f", noise(1000), time.Time{})
	a.Fail(func(awstest.Request) *awstest.Failure { return awstest.Broken })
	_, err := f.bind(t.Context()).Open("s3://lake/f")
	if err == nil || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(err.Error(), "read s3://lake/f: it broke off 3 times: unexpected EOF") {
		t.Errorf("%v", err)
	}
}

func TestObjects(t *testing.T) {
	a, f := s3In(t)
	files := f.bind(t.Context())
	for i := range 25 { // three pages
		if err := files.WriteFile(fmt.Sprintf("s3://lake/t/data/%02d", i), []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := files.WriteFile("s3://lake/t2/other", nil); err != nil {
		t.Fatal(err)
	}
	found, err := f.list(t.Context(), "s3://lake/t")
	if err != nil || len(found) != 25 || time.Since(found[3].modified).Abs() > time.Hour || found[3].path != "s3://lake/t/data/03" {
		t.Fatalf("%d %v", len(found), err)
	}
	var paths []string
	for _, o := range found {
		paths = append(paths, o.path)
	}
	if err := f.remove(append(paths, "s3://lake/none")); err != nil || !slices.Equal(a.Keys("lake"), []string{"t2/other"}) {
		t.Fatalf("%v %v", a.Keys("lake"), err)
	}
	_, err = f.bind(t.Context()).Open("s3a://lake/t/data/03")
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "s3://lake/t/data/03") {
		t.Errorf("%v", err)
	}
	if _, err := f.size(t.Context(), "s3://lake/t/data/03"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := f.path("file:///a"); err == nil {
		t.Error("a local file was taken for S3's")
	}
	a.Fail(func(awstest.Request) *awstest.Failure { return awstest.AccessDenied })
	if err := f.remove([]string{"s3://lake/t2/other"}); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("%v", err)
	}
}

// wideFile makes a data file of row groups that are larger than what is read
// with the footer.
func wideFile(t testing.TB) (path string, s schema.Schema, rows int) {
	t.Helper()
	s = schema.Schema{Columns: []schema.Column{
		{ID: 1, Name: "id", Type: typ(schema.Long)}, {ID: 2, Name: "fat", Type: typ(schema.Binary)}, {ID: 3, Name: "n", Type: typ(schema.Long)},
	}}
	path = filepath.Join(t.TempDir(), "wide.parquet")
	w, err := parquetfile.CreateScratch(path, s) // not compressed
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
			{Name: "id", Type: arrow.PrimitiveTypes.Int64}, {Name: "fat", Type: arrow.BinaryTypes.Binary}, {Name: "n", Type: arrow.PrimitiveTypes.Int64},
		}, nil))
		for range 40_000 {
			b.Field(0).(*array.Int64Builder).Append(int64(rows))
			b.Field(1).(*array.BinaryBuilder).Append(bytes.Repeat([]byte("fat "), 30))
			b.Field(2).(*array.Int64Builder).Append(int64(-rows))
			rows++
		}
		c := parquetfile.NewChunk(s)
		if err := c.AppendRecord(b.NewRecordBatch()); err != nil {
			t.Fatal(err)
		}
		if err := w.WriteRows(c, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path, s, rows
}

// TestFarFiles: a scan costs one call for the footer and one for each run of
// wanted columns in a row group, and a connection that breaks off costs one more.
func TestFarFiles(t *testing.T) {
	local, s, rows := wideFile(t)
	content, err := os.ReadFile(local)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		columns []string
		broken  bool
		calls   int
	}{
		"all columns":                 {[]string{"id", "fat", "n"}, false, 4},
		"columns that lie apart":      {[]string{"id", "n"}, false, 7},
		"a connection that is broken": {[]string{"id"}, true, 5},
	} {
		t.Run(name, func(t *testing.T) {
			a, f := s3In(t)
			a.PutObject("lake", "wide.parquet", content, time.Time{})
			a.Forget()
			calls := 0
			a.Fail(func(q awstest.Request) *awstest.Failure {
				if calls++; test.broken && calls == 3 {
					return awstest.Broken
				}
				return nil
			})
			r, err := f.open(t.Context(), "s3://lake/wide.parquet")
			if err != nil {
				t.Fatal(err)
			}
			var some schema.Schema
			for _, c := range test.columns {
				column, _ := s.Column(c)
				some.Columns = append(some.Columns, column)
			}
			scan, c := r.Scan(some), parquetfile.NewChunk(some)
			at := 0
			for {
				c.Reset()
				n, err := scan.Next(c, 1000)
				if err != nil {
					break
				}
				for i := range n {
					if c.Int(0, i) != int64(at) || c.Int(len(some.Columns)-1, i) != wideLast(test.columns, at) {
						t.Fatalf("row %d: %d", at, c.Int(0, i))
					}
					at++
				}
			}
			if err := errors.Join(scan.Close(), r.Close()); err != nil || at != rows {
				t.Fatalf("%d rows of %d, %v", at, rows, err)
			}
			if calls != test.calls {
				t.Errorf("%d calls, want %d", calls, test.calls)
			}
			if left, _ := os.ReadDir(f.dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func wideLast(columns []string, i int) int64 {
	if columns[len(columns)-1] == "n" {
		return int64(-i)
	}
	return int64(i)
}
