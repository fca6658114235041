package remains

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// State is what a stack has, as `pulumi stack export` tells it.
type State struct {
	Resources []Resource
}

// Resource is one resource of a stack.
type Resource struct {
	URN            string         `json:"urn"`
	Type           string         `json:"type"`
	ID             string         `json:"id"`
	Protect        bool           `json:"protect"`
	RetainOnDelete bool           `json:"retainOnDelete"`
	Outputs        map[string]any `json:"outputs"`
}

// Read reads an export. A stack that was never deployed has no resources.
func Read(r io.Reader) (*State, error) {
	var export struct {
		Version    int `json:"version"`
		Deployment *struct {
			Resources []Resource `json:"resources"`
		} `json:"deployment"`
	}
	if err := json.NewDecoder(r).Decode(&export); err != nil {
		return nil, fmt.Errorf("read the stack's state: %w", err)
	}
	if export.Deployment == nil {
		return nil, fmt.Errorf("read the stack's state: it holds no deployment; it is to be written by pulumi stack export")
	}
	return &State{Resources: export.Deployment.Resources}, nil
}

// Protected names the resources that Pulumi refuses to delete.
func (s *State) Protected() []string {
	var names []string
	for _, r := range s.Resources {
		if r.Protect {
			names = append(names, r.Name())
		}
	}
	return names
}

// Name is the resource's logical name, the last part of its URN.
func (r Resource) Name() string {
	parts := strings.Split(r.URN, "::")
	return parts[len(parts)-1]
}

// text is an output that is a text, "" if it is none.
func (r Resource) text(key string) string {
	t, _ := r.Outputs[key].(string)
	return t
}

// number is an output that is a number, or the one that AWS takes without it.
func (r Resource) number(key string, otherwise int) int {
	if n, ok := r.Outputs[key].(float64); ok {
		return int(n)
	}
	return otherwise
}
