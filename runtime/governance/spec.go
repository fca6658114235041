package governance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
)

// Spec is what the act govern is told; tables and their columns it knows from
// its project.
type Spec struct {
	// Grants of live/<stack>/access.yaml, as live.Load gives them.
	Grants []live.Grant `json:"grants"`
	// Domains are those that the stack has a tag for, as Domains gives them.
	Domains []string `json:"domains"`
	// Roles are the ARNs of the stack's own roles, whose grants are left alone.
	Roles []string `json:"roles"`
}

// ID is the same for equal specifications, however their JSON was written. The
// function that governs knows the one of the last deployment: an execution that
// began before, or is redriven, brings another, which must grant nothing.
func (s Spec) ID() (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("write the specification of grants: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// ParseSpec reads a Spec; what it does not know it refuses, for a grant that is
// overlooked is one that nobody takes away.
func ParseSpec(text []byte) (Spec, error) {
	var s Spec
	if len(bytes.TrimSpace(text)) == 0 {
		return s, fault.New(fault.Usage, errors.New("the task has no govern: what is granted to whom is not known"), "deploy the stack again")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(&s)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("found more than one JSON object")
		} else if len(s.Domains) == 0 {
			err = errors.New("found no domains")
		}
	}
	if err != nil {
		return s, fault.New(fault.Usage, fmt.Errorf("the task's govern is no specification of grants: %w", err), "deploy the stack again")
	}
	return s, nil
}
