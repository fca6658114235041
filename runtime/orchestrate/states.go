package orchestrate

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// machine is a definition in the Amazon States Language, or a branch of one.
type machine struct {
	Comment        string `json:",omitempty"`
	StartAt        string
	TimeoutSeconds int64 `json:",omitempty"`
	States         states
}

// states keep the order in which they are passed, which JSON's objects have not.
type states []named

type named struct {
	name string
	state
}

// state has the fields of every type that is used.
type state struct {
	Type           string
	Comment        string          `json:",omitempty"`
	Resource       string          `json:",omitempty"`
	InputPath      string          `json:",omitempty"`
	Parameters     any             `json:",omitempty"`
	ResultSelector any             `json:",omitempty"`
	ResultPath     json.RawMessage `json:",omitempty"` // a path, or nothing
	TimeoutSeconds int64           `json:",omitempty"`
	SecondsPath    string          `json:",omitempty"`
	Choices        []choice        `json:",omitempty"`
	Default        string          `json:",omitempty"`
	Branches       []machine       `json:",omitempty"`
	Retry          []retrier       `json:",omitempty"`
	Catch          []catcher       `json:",omitempty"`
	Next           string          `json:",omitempty"`
}

type choice struct {
	condition
	Next string
}

// condition is a comparison of Variable, or several conditions in one.
type condition struct {
	And                      []condition `json:",omitempty"`
	Or                       []condition `json:",omitempty"`
	Variable                 string      `json:",omitempty"`
	IsPresent                bool        `json:",omitempty"`
	BooleanEquals            bool        `json:",omitempty"`
	StringEquals             string      `json:",omitempty"`
	StringMatches            string      `json:",omitempty"`
	NumericGreaterThanEquals *int        `json:",omitempty"`
	TimestampGreaterThanPath string      `json:",omitempty"`
}

// retrier repeats a task; the waits grow and are spread at random, so that
// what was refused together does not come again together.
type retrier struct {
	ErrorEquals     []string
	IntervalSeconds int
	MaxAttempts     int
	BackoffRate     float64
	MaxDelaySeconds int
	JitterStrategy  string
}

type catcher struct {
	ErrorEquals []string
	ResultPath  string
	Next        string
}

// nothing throws a result away: the output is the input.
var nothing = json.RawMessage("null")

func at(p string) json.RawMessage { return json.RawMessage(`"` + p + `"`) }

func retry(attempts, interval, longest int, errors ...string) retrier {
	return retrier{ErrorEquals: errors, IntervalSeconds: interval, MaxAttempts: attempts, BackoffRate: 2, MaxDelaySeconds: longest, JitterStrategy: "FULL"}
}

func caught(at, next string) []catcher {
	return []catcher{{ErrorEquals: []string{"States.ALL"}, ResultPath: at, Next: next}}
}

// MarshalJSON writes the states as one object, in their order.
func (s states) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, n := range s {
		text, err := plainJSON(n.state)
		if err != nil {
			return nil, fmt.Errorf("state %s: %w", n.name, err)
		}
		name, err := plainJSON(n.name)
		if err != nil {
			return nil, fmt.Errorf("state %s: %w", n.name, err)
		}
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		b.Write(name)
		b.WriteByte(':')
		b.Write(text)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// plainJSON is JSON for people: < and > stay what they are.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}
