package deployed

import (
	"bytes"
	"encoding/json"

	"github.com/floe-data/floe/runtime/orchestrate"
)

// Step Functions takes 256 KB of answer and ends the execution for more, with
// an error that no state may catch. Only Finished and Done are read there.
const (
	mostAnswer = 128 << 10 // bytes of an answer with its summary
	mostListed = 20        // entries of a list in a summary, which are tables
)

// lists are the parts of a summary that grow with what a load reads.
var lists = []string{"skips", "load_ids"}

// bounded is an outcome as a function answers it: its summary without long
// lists, or without a summary where it is large all the same.
func bounded(o orchestrate.Outcome) orchestrate.Outcome {
	if o.Summary == nil {
		return o
	}
	text, err := json.Marshal(o.Summary)
	if err == nil {
		var summary any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		err = d.Decode(&summary)
		o.Summary = shortened(summary)
	}
	if err == nil {
		text, err = json.Marshal(o)
	}
	if err != nil || len(text) > mostAnswer {
		o.Summary = nil
	}
	return o
}

func shortened(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range lists {
			delete(v, name)
		}
		for name, value := range v {
			v[name] = shortened(value)
		}
	case []any:
		short := v[:min(len(v), mostListed)]
		for i := range short {
			short[i] = shortened(short[i])
		}
		return short
	}
	return v
}
