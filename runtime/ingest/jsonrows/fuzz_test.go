package jsonrows

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/array"
)

// FuzzRow holds the decoder against encoding/json: whatever that reads, the
// decoder reads to the same end, and a row is loaded or rejected with a reason.
func FuzzRow(f *testing.F) {
	for _, seed := range []string{
		`{"s":"a","l":1,"d":1.5,"t":"2020-01-01T00:00:00Z","j":{"a":[1]},"n":{"x":{"y":"z"}}}`, `{"s":"\ud83d\ude00\u0000"}`, `{"l":1e2,"l":3}`,
		`[1,2]`, `"x"`, `null`, `{"c":"12.34","b":true}`, `{"s":1}`, `{"\u0073":"escaped name"}`, `{"d":"no"}`, `{"l":`, `{"s":"\`, ` {}`, `{"n":{"x":{"y":[}}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		d := decoderOf(t, Discard, "s string", "l long", "d double", "t timestamptz", "e timestamptz epoch_seconds", "j json", "n__x__y string", "c decimal(9,2)", "b boolean", "bin binary", "day date")
		start := Space(doc, 0)
		end, err := d.Row(doc, start)

		std := json.NewDecoder(bytes.NewReader(doc))
		std.UseNumber()
		var tree any
		stdErr := std.Decode(&tree)
		if stdErr != nil || !json.Valid(doc) || bytes.Count(doc, []byte("["))+bytes.Count(doc, []byte("{")) > maxDepth {
			return // the scanner may be laxer than encoding/json, never stricter
		}
		if err != nil {
			t.Fatalf("encoding/json reads it, the decoder says: %v", err)
		}
		if want := int(std.InputOffset()); end != want {
			t.Fatalf("ends at %d, encoding/json at %d", end, want)
		}
		rejects := d.Rejects()
		if d.Rows()+len(rejects) != 1 {
			t.Fatalf("%d rows and %d rejects, want one in all", d.Rows(), len(rejects))
		}
		for _, r := range rejects {
			if r.Reason == "" || !utf8.Valid(r.Row) {
				t.Fatalf("reject %+v", r)
			}
		}
		if d.Rows() == 1 {
			compareRow(t, d, doc, tree)
		}
	})
}

// compareRow checks what the row holds against the tree of encoding/json.
func compareRow(t *testing.T, d *Decoder, doc []byte, tree any) {
	batch := d.Flush()
	defer batch.Release()
	object, ok := tree.(map[string]any)
	if !ok || twice(doc) {
		return // of a name that comes twice we take the first, encoding/json the last
	}
	if s, ok := object["s"].(string); ok {
		if got := batch.Column(0).(*array.String).Value(0); strings.ToValidUTF8(got, "\uFFFD") != s && utf8.Valid(doc) {
			t.Fatalf("string %q, want %q", got, s)
		}
	}
	if l, ok := object["l"].(json.Number); ok {
		want, _ := new(big.Rat).SetString(l.String())
		if got := new(big.Rat).SetInt64(batch.Column(1).(*array.Int64).Value(0)); want == nil || got.Cmp(want) != 0 {
			t.Fatalf("long %s, want %s", got, l)
		}
	}
	if n, ok := object["d"].(json.Number); ok {
		want, err := n.Float64()
		if got := batch.Column(2).(*array.Float64).Value(0); err != nil || got != want {
			t.Fatalf("double %v, want %v", got, want)
		}
	}
}

// twice says whether the outer object has a name twice.
func twice(doc []byte) bool {
	d := json.NewDecoder(bytes.NewReader(doc))
	names := map[string]bool{}
	depth, isName := 0, false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) || err != nil {
			return false
		}
		if delim, ok := token.(json.Delim); ok {
			if delim == '{' || delim == '[' {
				depth++
			} else {
				depth--
			}
			isName = depth == 1
			if depth == 0 {
				return false
			}
			continue
		}
		if depth != 1 {
			continue
		}
		if isName {
			name, _ := token.(string)
			if names[name] {
				return true
			}
			names[name] = true
		}
		isName = !isName
	}
}
