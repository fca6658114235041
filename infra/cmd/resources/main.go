// Command resources prints every resource that a stack would have, one JSON
// object a line with type, name and inputs: no account, no plug-in, no image.
//
//	go run ./cmd/resources prod
//	go run ./cmd/resources prod | jq -r .type | sort | uniq -c
//
// Exit codes are those of floe: 0 done, 1 failed, 2 used wrongly.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/floe-data/floe/infra/platform"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

func main() {
	os.Exit(fault.Tell(os.Stderr, run(os.Args[1:], os.Stdout)))
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fault.New(fault.Usage, errors.New("which stack?"), "make resources STACK=dev")
	}
	root, err := project.Find(".")
	if err != nil {
		return err
	}
	resources, err := platform.Resources(root, args[0])
	if err != nil {
		return err
	}
	to := json.NewEncoder(out)
	to.SetEscapeHTML(false)
	for _, r := range resources {
		if err := to.Encode(r); err != nil {
			return fmt.Errorf("print %s %s: %w", r.Type, r.Name, err)
		}
	}
	return nil
}
