// Command cost prints what a stack costs, estimated from its plan: no account,
// no plug-in, no image, no network.
//
//	go run ./cmd/cost dev
//	go run ./cmd/cost --output json prod
//	go run ./cmd/cost --diff ../../main prod        another checkout's files, by this program and its prices
//	go run ./cmd/cost --diff before.json prod       what another checkout's own program said
//
// Exit codes are those of floe: 0 done, 1 failed, 2 used wrongly.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/floe-data/floe/infra/cost"
	"github.com/floe-data/floe/infra/platform"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

func main() {
	os.Exit(fault.Tell(os.Stderr, run(os.Args[1:], os.Stdout)))
}

// options are the command's.
type options struct {
	stack  string
	output string
	diff   string
	assume []string
}

func read(args []string) (options, error) {
	o := options{}
	set := flag.NewFlagSet("cost", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&o.output, "output", "text", "text or json")
	set.StringVar(&o.diff, "diff", "", "a folder or an estimate to compare with")
	assume := set.String("assume", "", "other assumptions: name=value name=value")
	const usage = "make cost STACK=dev [OUTPUT=json] [DIFF=<folder or file>] [ASSUME=\"load_seconds=600\"]"
	if err := set.Parse(args); err != nil {
		return o, fault.New(fault.Usage, err, usage)
	}
	o.assume = strings.Fields(*assume)
	switch {
	case set.NArg() != 1:
		return o, fault.New(fault.Usage, errors.New("which stack?"), usage)
	case o.output != "text" && o.output != "json":
		return o, fault.New(fault.Usage, fmt.Errorf("output: found %s; text or json is right", o.output), usage)
	}
	o.stack = set.Arg(0)
	return o, nil
}

func run(args []string, out io.Writer) error {
	o, err := read(args)
	if err != nil {
		return err
	}
	root, err := project.Find(".")
	if err != nil {
		return err
	}
	book, err := cost.Prices(o.assume...)
	if err != nil {
		return err
	}
	after, err := platform.Cost(root, o.stack, book)
	if err != nil {
		return err
	}
	if o.diff == "" {
		return show(out, o.output, after)
	}
	before, err := other(o, book)
	if err != nil {
		return err
	}
	return show(out, o.output, cost.Compare(before, after))
}

// other is what is compared with.
func other(o options, book *cost.Book) (*cost.Estimate, error) {
	next := "name the folder of another checkout, or a file that make cost OUTPUT=json wrote"
	info, err := os.Stat(o.diff)
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("compare with %s: %w", o.diff, err), next)
	}
	if info.IsDir() {
		root, err := project.Find(o.diff)
		if err != nil {
			return nil, err
		}
		stacks, err := live.Names(root)
		if err != nil {
			return nil, fmt.Errorf("in %s: %w", root, err)
		}
		if !slices.Contains(stacks, live.Folder(o.stack)) { // a stack that was not there cost nothing
			return &cost.Estimate{Stack: o.stack}, nil
		}
		e, err := platform.Cost(root, o.stack, book)
		if err != nil {
			return nil, fmt.Errorf("in %s: %w", root, err)
		}
		return e, nil
	}
	text, err := os.ReadFile(o.diff)
	if err != nil {
		return nil, fmt.Errorf("compare with %s: %w", o.diff, err)
	}
	e, err := cost.Decode(text)
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("compare with %s: %w", o.diff, err), next)
	}
	return e, nil
}

// shown is what can be shown to people.
type shown interface{ Write(io.Writer) error }

func show(out io.Writer, form string, v shown) error {
	if form == "text" {
		return v.Write(out)
	}
	to := json.NewEncoder(out)
	to.SetEscapeHTML(false)
	to.SetIndent("", "  ")
	if err := to.Encode(v); err != nil {
		return fmt.Errorf("print the estimate: %w", err)
	}
	return nil
}
