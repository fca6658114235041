package lambda

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

const version = "/2018-06-01/runtime"

// handler serves the four calls of the runtime API.
func (a *runtimeAPI) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+version+"/invocation/next", a.serveNext)
	mux.HandleFunc("POST "+version+"/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != a.id {
			invalid(w, http.StatusBadRequest, "InvalidRequestID", "this request is not the one that runs")
			return
		}
		a.take(w, r, "")
	})
	mux.HandleFunc("POST "+version+"/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { a.take(w, r, "Unhandled") })
	mux.HandleFunc("POST "+version+"/init/error", func(w http.ResponseWriter, r *http.Request) { a.take(w, r, "Unhandled") })
	return mux
}

// serveNext gives the event, once; later calls wait, as in a warm function.
func (a *runtimeAPI) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case <-a.next:
		asked := time.Now()
		a.asked.Store(&asked)
	case <-r.Context().Done():
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", a.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(a.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", a.f.ARN)
	h.Set("Lambda-Runtime-Trace-Id", a.trace())
	_, _ = w.Write(a.event) // a program that goes away here is seen by its exit
}

// take notes the program's answer or error.
func (a *runtimeAPI) take(w http.ResponseWriter, r *http.Request, functionError string) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		invalid(w, http.StatusBadRequest, "TruncatedBody", err.Error())
		return
	}
	select {
	case a.answers <- answer{body, functionError}:
	default: // it has answered already
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func invalid(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(unhandled{kind, message})
}

// requestID is a random UUID.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
