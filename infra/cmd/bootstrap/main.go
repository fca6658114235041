// Command bootstrap makes what an AWS account has once, and tells the scripts
// behind `make preview`, `make deploy` and `make destroy` what they need to know
// of a stack. People call it through make; see docs/deploy.md.
//
//	bootstrap make    --stack dev [--admin ARN] [--dry-run]
//	bootstrap remove  --stack dev --confirm ACCOUNT [--dry-run]
//	bootstrap backend --stack dev                      prints PULUMI_BACKEND_URL
//	bootstrap guard   --stack dev --confirm dev [--state FILE]   exits 2 where the stack may not be destroyed
//	bootstrap remains --stack dev --state FILE         lists what a destroy leaves
//	bootstrap residue --stack pr-12                    exits 1 where a destroy left more than that
//	bootstrap changes --stack dev                      prints the pull requests that have a stack
//
// FILE is what pulumi stack export wrote. Exit codes: 0 done, 1 failed, 2 used
// wrongly, 4 interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/floe-data/floe/infra/bootstrap"
	"github.com/floe-data/floe/infra/bootstrap/remains"
	"github.com/floe-data/floe/runtime/fault"
	"github.com/floe-data/floe/runtime/project"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	if err != nil && ctx.Err() != nil {
		err = fault.New(fault.Interrupted, fmt.Errorf("interrupted: %w", err), "run it again: what is done stays, the rest follows")
	}
	stop()
	os.Exit(fault.Tell(os.Stderr, err))
}

// command is what the command line says.
type command struct {
	stack, confirm, admin, state, project string
	dryRun                                bool
	out                                   io.Writer
}

var acts = map[string]func(context.Context, *command, bootstrap.Place) error{
	"make": makeAccount, "remove": removeAccount, "backend": printBackend, "guard": guard, "remains": listRemains, "residue": residue, "changes": changes,
}

const usage = "write bootstrap make, remove, backend, guard, remains, residue or changes, then --stack dev"

func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 || acts[args[0]] == nil {
		return fault.New(fault.Usage, fmt.Errorf("no such act: %q", strings.Join(args, " ")), usage)
	}
	c := &command{out: out}
	flags := flag.NewFlagSet("bootstrap "+args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.stack, "stack", "", "the stack: a folder of live/")
	flags.StringVar(&c.confirm, "confirm", "", "what is to be removed, said once more")
	flags.StringVar(&c.admin, "admin", "", "ARN of the Lake Formation administrator; the caller's")
	flags.StringVar(&c.state, "state", "", "file that pulumi stack export wrote")
	flags.StringVar(&c.project, "project", ".", "a folder of the project")
	flags.BoolVar(&c.dryRun, "dry-run", false, "tell what would be done")
	if err := flags.Parse(args[1:]); err != nil {
		return fault.New(fault.Usage, err, usage)
	}
	if flags.NArg() > 0 {
		return fault.New(fault.Usage, fmt.Errorf("found %q after the flags", flags.Arg(0)), usage)
	}
	if c.stack == "" {
		return fault.New(fault.Usage, errors.New("--stack is missing"), usage)
	}
	root, err := project.Find(c.project)
	if err != nil {
		return err
	}
	place, err := bootstrap.Locate(root, c.stack)
	if err != nil {
		return err
	}
	return acts[args[0]](ctx, c, place)
}

func (c *command) open(ctx context.Context, place bootstrap.Place) (*bootstrap.Account, error) {
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(place.Region))
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	return bootstrap.Open(ctx, settings, place, bootstrap.Options{Admin: c.admin, DryRun: c.dryRun, Out: c.out})
}

func makeAccount(ctx context.Context, c *command, place bootstrap.Place) error {
	account, err := c.open(ctx, place)
	if err != nil {
		return err
	}
	return account.Make(ctx)
}

func removeAccount(ctx context.Context, c *command, place bootstrap.Place) error {
	account, err := c.open(ctx, place)
	if err != nil {
		return err
	}
	return account.Remove(ctx, c.confirm)
}

func printBackend(ctx context.Context, c *command, place bootstrap.Place) error {
	account, err := c.open(ctx, place)
	if err != nil {
		return err
	}
	url, err := account.Ready(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, url)
	return nil
}

// guard refuses a destroy that was not meant or not allowed. It touches nothing
// and asks AWS nothing.
func guard(_ context.Context, c *command, place bootstrap.Place) error {
	if c.confirm != place.Stack {
		return fault.New(fault.Usage, fmt.Errorf("make destroy removes stack %s with its data; it was confirmed for %q: nothing was touched", place.Stack, c.confirm),
			"make destroy STACK="+place.Stack+" CONFIRM="+place.Stack)
	}
	next := "make deploy STACK=" + place.Stack + ", then make destroy STACK=" + place.Stack + " CONFIRM=" + place.Stack
	if !place.Deletable {
		return fault.New(fault.Usage, fmt.Errorf("live/%s/platform.yaml refuses the deletion of stack %[1]s: nothing was touched", place.Stack),
			"write deletion: allowed in live/"+place.Stack+"/platform.yaml, "+next)
	}
	if c.state == "" {
		return nil
	}
	state, err := c.readState()
	if err != nil {
		return err
	}
	if protected := state.Protected(); len(protected) > 0 {
		return fault.New(fault.Usage, fmt.Errorf("deletion: allowed is in live/%s/platform.yaml but was not deployed: %d resources are still protected (%s): nothing was touched",
			place.Stack, len(protected), some(protected)), next)
	}
	return nil
}

func listRemains(_ context.Context, c *command, place bootstrap.Place) error {
	state, err := c.readState()
	if err != nil {
		return err
	}
	remains.Write(c.out, place.Stack, state.After(time.Now()))
	return nil
}

func (c *command) readState() (*remains.State, error) {
	f, err := os.Open(c.state)
	if err != nil {
		return nil, fault.New(fault.Usage, fmt.Errorf("read the stack's state: %w", err), "pulumi stack export --stack "+c.stack+" --file FILE, then --state FILE")
	}
	defer f.Close()
	return remains.Read(f)
}

// some names the first few.
func some(names []string) string {
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
