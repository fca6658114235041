package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/ingest/extract"
	"github.com/floe-data/floe/runtime/project"
)

func one(s *server) *project.Source {
	return s.source(project.Resource{Name: "r", Endpoint: project.Endpoint{Path: "r", DataSelector: "$"}})
}

// wantError wants an error of a kind with all of these texts in it, and no rows.
func wantError(t *testing.T, got result, kind fault.Kind, texts ...string) {
	t.Helper()
	if got.err == nil {
		t.Fatalf("no error; rows %v", got.rows)
	}
	for _, text := range texts {
		if !strings.Contains(got.err.Error(), text) {
			t.Errorf("the error %q does not tell %q", got.err, text)
		}
	}
	if fault.Code(got.err) != int(kind) {
		t.Errorf("exit code %d, want %d", fault.Code(got.err), kind)
	}
	if len(got.rows) > 0 || len(got.state) > 0 {
		t.Errorf("rows %v and state %v came before the error", got.rows, got.state)
	}
}

func TestHostThatRefuses(t *testing.T) {
	s := serve(t, nil)
	src := one(s)
	s.Close()
	got := read(t, src, nil, asking(src, "r", "id"))
	wantError(t, got, fault.Failed, s.URL+"/r", "connection refused", "3 attempts")
	if got.stats.Retries.Load() != 2 {
		t.Errorf("%d retries, want 2", got.stats.Retries.Load())
	}
}

func TestHostThatDoesNotAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	src := one(&server{Server: &httptest.Server{URL: "http://" + listener.Addr().String()}})
	src.Client.Timeout = "30ms"
	src.Client.Retry = &project.Retry{Attempts: 2, MinWait: "1ms"}
	wantError(t, read(t, src, nil, asking(src, "r", "id")), fault.Failed, "/r", "2 attempts")
}

func TestAnswerThatStalls(t *testing.T) {
	stop := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`[{"id":"1"},`))
		w.(http.Flusher).Flush()
		<-stop
	})
	defer close(stop)
	src := one(s)
	src.Client.Timeout = "30ms"
	src.Client.Retry = &project.Retry{Attempts: 2, MinWait: "1ms"}
	wantError(t, read(t, src, nil, asking(src, "r", "id")), fault.Failed, "no whole answer within 30ms", "2 attempts")
}

func TestHTMLInsteadOfJSON(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!DOCTYPE html>\n<title>Please sign in</title>"))
	})
	src := one(s)
	wantError(t, read(t, src, nil, asking(src, "r", "id")), fault.Failed, `"text/html; charset=utf-8"`, "Please sign in", "no JSON")
	if n := len(s.requests()); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

func TestBrokenJSON(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`[{"id":"1"},{"id":oops}]`)) })
	src := one(s)
	wantError(t, read(t, src, nil, asking(src, "r", "id")), fault.Failed, "not JSON", "at byte 18", "oops")
}

// cutOff answers with less than it promises, in one of the ways that this is met.
func cutOff(how string, whole []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		half := whole[:len(whole)/2]
		conn, buf, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		switch how {
		case "length":
			fmt.Fprintf(buf, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(whole), half)
		case "chunked":
			fmt.Fprintf(buf, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(half), half)
		case "until close":
			fmt.Fprintf(buf, "HTTP/1.0 200 OK\r\n\r\n%s", half)
		case "gzip":
			var z bytes.Buffer
			g := gzip.NewWriter(&z)
			_, _ = g.Write(whole)
			_ = g.Close()
			fmt.Fprintf(buf, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", z.Len()-9, z.Bytes()[:z.Len()-9])
		}
		_ = buf.Flush()
	}
}

func TestBodyCutInTheMiddle(t *testing.T) {
	whole := []byte(`[{"id":"1"},{"id":"2"},{"id":"3"},{"id":"4"}]`)
	for _, how := range []string{"length", "chunked", "until close", "gzip"} {
		t.Run(how, func(t *testing.T) {
			s := serve(t, cutOff(how, whole))
			src := one(s)
			got := read(t, src, nil, asking(src, "r", "id"))
			wantError(t, got, fault.Failed, "broke off after", "3 attempts")

			var tries atomic.Int32
			s = serve(t, func(w http.ResponseWriter, r *http.Request) {
				if tries.Add(1) == 1 {
					cutOff(how, whole)(w, r)
					return
				}
				_, _ = w.Write(whole)
			})
			src = one(s)
			read(t, src, nil, asking(src, "r", "id")).want(t, "1", "2", "3", "4")
		})
	}
}

func TestHugeAnswer(t *testing.T) {
	block := bytes.Repeat([]byte(" "), 1<<20)
	for _, told := range []bool{true, false} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if told {
				w.Header().Set("Content-Length", fmt.Sprint(500<<20))
			}
			for range 500 {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		})
		src := one(s)
		src.Client.MaxBody = "16MB"
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := read(t, src, nil, asking(src, "r", "id"))
		runtime.ReadMemStats(&after)
		wantError(t, got, fault.Failed, "larger than max_body, 16000000 bytes")
		if next := fault.Next(got.err); !strings.Contains(next, "max_body") {
			t.Errorf("the next act is %q, want it to name max_body", next)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
			t.Errorf("%d bytes were allocated for an answer that is refused at 16 MB", grown)
		}
		if n := len(s.requests()); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}
	}
}

// A small gzip answer must not become a large one in memory.
func TestGzipBomb(t *testing.T) {
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	for range 64 {
		_, _ = g.Write(bytes.Repeat([]byte(" "), 1<<20))
	}
	_ = g.Close()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(z.Bytes())
	})
	src := one(s)
	src.Client.MaxBody = "1MB"
	wantError(t, read(t, src, nil, asking(src, "r", "id")), fault.Failed, "larger than max_body")
}

func TestGzip(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		g := gzip.NewWriter(w)
		_, _ = g.Write([]byte(`[{"id":"1"}]`))
		_ = g.Close()
	})
	src := one(s)
	read(t, src, nil, asking(src, "r", "id")).want(t, "1")
}

func TestRetries(t *testing.T) {
	for _, status := range []int{429, 500, 502, 503, 504, 408} {
		var tries atomic.Int32
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if tries.Add(1) < 3 {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(status)
				return
			}
			writeJSON(w, []any{map[string]any{"id": "1"}})
		})
		src := one(s)
		ask := asking(src, "r", "id")
		var waits []time.Duration
		ask.Observe = func(e extract.Event) {
			if e.Kind == extract.EventRetry {
				waits = append(waits, e.Wait)
			}
		}
		got := read(t, src, nil, ask)
		got.want(t, "1")
		if got.stats.Retries.Load() != 2 || got.stats.Requests.Load() != 3 {
			t.Errorf("%d: %d requests, %d retries, want 3 and 2", status, got.stats.Requests.Load(), got.stats.Retries.Load())
		}
		if len(waits) != 2 || waits[0] != 5*time.Millisecond {
			t.Errorf("%d: waits %v, want Retry-After's second cut to max_wait, 5ms", status, waits)
		}
		tries.Store(-1000)
		wantError(t, read(t, src, nil, asking(src, "r", "id")), fault.Failed, fmt.Sprint(status), "3 attempts")
	}
}

func TestStatusesThatAreNotRetried(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 410, 501} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"message":"no way"}`))
		})
		src := one(s)
		wantError(t, read(t, src, nil, asking(src, "r", "id")), fault.Failed, fmt.Sprint(status), "no way")
		if n := len(s.requests()); n != 1 {
			t.Errorf("%d: asked %d times, want once", status, n)
		}
	}
}

func TestResponseActions(t *testing.T) {
	var tries atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/409" && tries.Add(1) == 2 {
			writeJSON(w, []any{map[string]any{"id": "at last"}})
			return
		}
		w.WriteHeader(intOf(strings.Trim(r.URL.Path, "/")))
	})
	src := s.source(project.Resource{Name: "r", ForEach: map[string]string{"n": "{vars.ns}"}, Endpoint: project.Endpoint{Path: "{each.n}",
		ResponseActions: []project.ResponseAction{{StatusCode: 404, Action: "fail"}, {StatusCode: 503, Action: "fail"}}}})
	src.Defaults = &project.Endpoint{ResponseActions: []project.ResponseAction{{StatusCode: 404, Action: "skip"}, {StatusCode: 410, Action: "skip"}, {StatusCode: 409, Action: "retry"}}}
	got := read(t, src, map[string]any{"ns": []string{"410", "409"}}, asking(src, "r", "id"))
	got.want(t, "at last")
	if len(got.skips) != 1 || got.skips[0].Status != 410 {
		t.Errorf("skips %+v", got.skips)
	}
	wantError(t, read(t, src, map[string]any{"ns": "404"}, asking(src, "r", "id")), fault.Failed, "404")
	wantError(t, read(t, src, map[string]any{"ns": "503"}, asking(src, "r", "id")), fault.Failed, "503")
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "-1": 0, "x": 0, "Fri, 02 Jan 2026 03:04:15 GMT": 10 * time.Second, "Fri, 02 Jan 2026 03:04:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func TestWait(t *testing.T) {
	c := &client{settings: settings{minWait: 100 * time.Millisecond, maxWait: time.Second}}
	for range 100 {
		if d := c.wait(1, 0); d < 50*time.Millisecond || d > 100*time.Millisecond {
			t.Fatalf("first wait %s", d)
		}
		if d := c.wait(3, 0); d < 200*time.Millisecond || d > 400*time.Millisecond {
			t.Fatalf("third wait %s", d)
		}
		if d := c.wait(60, 0); d < 500*time.Millisecond || d > time.Second {
			t.Fatalf("late wait %s", d)
		}
		if d := c.wait(1, 700*time.Millisecond); d != 700*time.Millisecond {
			t.Fatalf("wait with Retry-After %s", d)
		}
		if d := c.wait(1, time.Hour); d != time.Second {
			t.Fatalf("wait with a long Retry-After %s", d)
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	src := one(s)
	rest, err := New(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range rest.Read(ctx, asking(src, "r", "id")) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	}
}

// With little memory everything still comes, in order, one large answer at a time.
func TestMemoryBudget(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		b.WriteString(`["` + r.URL.Path + `"`)
		for range 200 {
			b.WriteString(`,"` + strings.Repeat("x", 1000) + `"`)
		}
		_, _ = w.Write([]byte(b.String() + "]"))
	})
	src := s.source(project.Resource{Name: "r", ForEach: map[string]string{"n": "{vars.ns}"}, Endpoint: project.Endpoint{Path: "{each.n}"}})
	src.Client.Concurrency = 4
	var ns []string
	for n := range 30 {
		ns = append(ns, fmt.Sprint(n))
	}
	rest, err := New(src, Options{Vars: map[string]any{"ns": ns}, Memory: 300_000})
	if err != nil {
		t.Fatal(err)
	}
	n, most := 0, int64(0)
	for chunk, err := range rest.Read(context.Background(), asking(src, "r", "value")) {
		if err != nil {
			t.Fatal(err)
		}
		if got := chunk.Batch.Column(0).ValueStr(0); got != fmt.Sprintf("/%d", n) {
			t.Fatalf("chunk %d begins with %s", n, got)
		}
		n++
		rest.client.budget.mu.Lock()
		most = max(most, rest.client.budget.used)
		rest.client.budget.mu.Unlock()
	}
	if n != 30 || most > 300_000+2*firstBuffer {
		t.Errorf("%d chunks, %d bytes held at most; want 30 and at most the budget and one answer", n, most)
	}
}
