package lakehouse

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"

	"github.com/apache/iceberg-go"
)

const (
	plainNote  = 256      // a longer state is noted compressed
	maxNote    = 64 << 10 // and one that is longer even so is not: each snapshot's note is in every metadata file
	zippedNote = "gzip:"
)

// noteState puts the state that holds with a snapshot into its summary. A load
// notes that there is none, too: that tells it from one of a former floe.
//
// Every snapshot has the whole state, though its parent may have the same:
// whoever expires the parent, Athena or Spark too, must not take a child's state
// with it. A cursor of one key costs 39 of the 830 bytes that a snapshot takes in
// the metadata file, one of 12 keys 250, one of 1000 keys 6 kB.
func noteState(summary iceberg.Properties, state map[string]string) {
	if _, load := summary[summaryLoadedAt]; len(state) == 0 && !load {
		return
	}
	plain, _ := json.Marshal(state) // of strings: it does not fail
	note := string(plain)
	if len(note) > plainNote {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, _ = w.Write(plain) // to memory: it does not fail
		_ = w.Close()
		note = zippedNote + base64.StdEncoding.EncodeToString(out.Bytes())
	}
	if len(note) <= maxNote {
		summary[summaryState] = note
	}
}

// readState is the opposite of noteState; false for what does not read.
func readState(note string) (state map[string]string, ok bool) {
	state = map[string]string{}
	packed, zipped := strings.CutPrefix(note, zippedNote)
	if !zipped {
		return state, json.Unmarshal([]byte(note), &state) == nil
	}
	content, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return nil, false
	}
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, false
	}
	text, err := io.ReadAll(r)
	return state, err == nil && json.Unmarshal(text, &state) == nil
}
