// Command images builds the images of a stack and prints their digests as JSON,
// or refuses them where they are not the ones of a file: what another stack runs,
// by `pulumi stack output images --json`; or it writes what they are made of.
// They are built, or taken from the cache of layers. Nothing is pushed.
//
//	go run ./cmd/images prod
//	go run ./cmd/images --same dev.json prod
//	go run ./cmd/images --sbom ../sbom prod
//
// Exit codes are those of floe: 0 done, 1 failed or not the same, 2 used wrongly.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(fault.Tell(os.Stderr, err))
}

const usage = "make images STACK=dev, make same-images STACK=prod DIGESTS=file, or make sbom STACK=prod OUT=folder"

// programs are those that a stack's images hold.
var programs = []string{images.Ingest, images.Transform}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("images", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	same := flags.String("same", "", "file of digests that these must be")
	sbom := flags.String("sbom", "", "folder to write what they are made of")
	if err := flags.Parse(args); err != nil {
		return fault.New(fault.Usage, err, usage)
	}
	if flags.NArg() != 1 || *same != "" && *sbom != "" {
		return fault.New(fault.Usage, errors.New("one stack, and one of --same and --sbom at most, are needed"), usage)
	}
	var want map[string]string
	if *same != "" {
		var err error
		if want, err = read(*same); err != nil {
			return err
		}
	}
	b, err := build(ctx, flags.Arg(0))
	switch {
	case err != nil:
		return err
	case want != nil:
		return b.compare(out, want)
	case *sbom != "":
		return b.bills(*sbom)
	}
	to := json.NewEncoder(out)
	to.SetIndent("", "  ")
	if err := to.Encode(b.digests()); err != nil {
		return fmt.Errorf("print the digests: %w", err)
	}
	return nil
}

// built are a stack's images.
type built struct {
	project string
	stack   *live.Stack
	images  []*images.Built // in the order of programs
}

func build(ctx context.Context, stack string) (built, error) {
	root, err := project.Find(".")
	if err != nil {
		return built{}, err
	}
	p, err := project.Load(root)
	if err != nil {
		return built{}, err
	}
	b := built{project: p.Name}
	if b.stack, err = live.Load(p, stack); err != nil {
		return built{}, err
	}
	for _, program := range programs {
		image, err := images.Build(ctx, images.BuildOptions{Root: root, Program: program, Architecture: b.stack.Platform.Architecture})
		if err != nil {
			return built{}, err
		}
		b.images = append(b.images, image)
	}
	return b, nil
}

func (b built) digests() map[string]string {
	all := map[string]string{}
	for _, image := range b.images {
		all[image.Program] = image.Digest
	}
	return all
}

func read(file string) (map[string]string, error) {
	const next = "pulumi stack output images --json writes it, or make images STACK=dev OUT=file"
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("read the digests: %w", err), next)
	}
	var digests map[string]string
	if err := json.Unmarshal(text, &digests); err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("read the digests of %s: %w", file, err), next)
	}
	return digests, nil
}

// compare refuses an image that is not the one that is wanted.
func (b built) compare(out io.Writer, want map[string]string) error {
	digests := b.digests()
	for _, program := range programs {
		switch {
		case want[program] == "":
			return fault.New(fault.Usage, fmt.Errorf("the digests name no image %s", program), "deploy dev with this version of floe first")
		case want[program] != digests[program]:
			return fault.New(fault.Failed,
				fmt.Errorf("%s would get the image %s %s, but %s was tried before: the sources, the pipelines, Go's version or the architecture (%s) differ", b.stack.Name, program, digests[program], want[program], b.stack.Platform.Architecture),
				"deploy this very commit to dev, look at it there, and tag it then")
		}
		fmt.Fprintf(out, "%s %s is the one that was tried before\n", program, digests[program])
	}
	return nil
}
