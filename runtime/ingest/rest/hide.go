package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/ingest/extract"
)

// hider takes a secret out of what comes from a source: hosts repeat in their
// answers what they were sent. A nil hider hides nothing.
type hider struct {
	forms    []string // in which the secret may be written, longest first
	texts    *strings.Replacer
	longest  int
	inBodies bool
}

const hidden = "***"

// A secret that is shorter than leastHidden is no secret, and hiding it would
// garble every message; one that is shorter than leastInRows may be a part of
// what a row holds by chance, and rows are not changed for it.
const (
	leastHidden = 6
	leastInRows = 16
)

func newHider(c credentials) *hider {
	if c.auth == nil || len(c.secret) < leastHidden {
		return nil
	}
	forms := []string{c.secret, url.QueryEscape(c.secret), url.PathEscape(c.secret), base64.StdEncoding.EncodeToString([]byte(c.secret)),
		base64.StdEncoding.EncodeToString([]byte(c.user + ":" + c.secret))}
	for _, escape := range []bool{true, false} { // JSON, with and without \u0026
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(escape)
		if e.Encode(c.secret) == nil {
			inside := strings.Trim(strings.TrimSpace(text.String()), `"`)
			forms = append(forms, inside, strings.ReplaceAll(inside, "/", `\/`))
		}
	}
	for _, f := range forms {
		forms = append(forms, lowerEscapes(f), strings.ReplaceAll(f, `\`, `\\`))
	}
	slices.SortFunc(forms, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	forms = slices.Compact(forms)
	var pairs []string
	for _, f := range forms {
		pairs = append(pairs, f, hidden)
	}
	return &hider{forms: forms, texts: strings.NewReplacer(pairs...), longest: len(forms[0]), inBodies: len(c.secret) >= leastInRows}
}

// lowerEscapes writes %2F as %2f.
func lowerEscapes(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], bytes.ToLower(b[i+1:i+3]))
		}
	}
	return string(b)
}

// head reads the first bytes of an answer, without the secret. Where they end,
// a part of it may be left: that end is not taken.
func (h *hider) head(r io.Reader) []byte {
	if h == nil {
		head, _ := io.ReadAll(io.LimitReader(r, headBytes))
		return head
	}
	window := int64(20*headBytes + h.longest)
	head, _ := io.ReadAll(io.LimitReader(r, window))
	clean := h.bytes(head)
	if int64(len(head)) == window {
		clean = clean[:max(0, len(clean)-h.longest)]
	}
	return clean
}

// text is s without the secret.
func (h *hider) text(s string) string {
	if h == nil {
		return s
	}
	return h.texts.Replace(s)
}

// bytes is b without the secret; b itself where it holds none.
func (h *hider) bytes(b []byte) []byte {
	if h == nil || !slices.ContainsFunc(h.forms, func(f string) bool { return bytes.Contains(b, []byte(f)) }) {
		return b
	}
	return []byte(h.texts.Replace(string(b)))
}

// body is an answer's body without the secret, where rows may be changed for it.
func (h *hider) body(b []byte) []byte {
	if h == nil || !h.inBodies {
		return b
	}
	clean := h.bytes(b)
	return append(b[:0], clean...) // shorter or the same: the buffer is counted in the budget
}

// hiddenError is an error whose text does not tell the secret.
type hiddenError struct {
	error
	text string
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.error }

// error is err with a text that does not tell the secret.
func (h *hider) error(err error) error {
	if h == nil || err == nil {
		return err
	}
	text := err.Error()
	if clean := h.text(text); clean != text {
		return &hiddenError{error: err, text: clean}
	}
	return err
}

// chunk takes the secret out of a chunk's records of what went wrong.
func (h *hider) chunk(c extract.Chunk) extract.Chunk {
	if h == nil {
		return c
	}
	for i := range c.Skips {
		c.Skips[i].Request, c.Skips[i].Why = h.text(c.Skips[i].Request), h.text(c.Skips[i].Why)
	}
	for i := range c.Rejects {
		c.Rejects[i].Reason, c.Rejects[i].Row = h.text(c.Rejects[i].Reason), h.bytes(c.Rejects[i].Row)
	}
	return c
}

// events hands events on without the secret.
func (h *hider) events(to func(extract.Event)) func(extract.Event) {
	if h == nil {
		return to
	}
	return func(e extract.Event) {
		e.Request, e.Text = h.text(e.Request), h.text(e.Text)
		to(e)
	}
}
