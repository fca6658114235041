package bootstrap

import (
	"context"
	"fmt"

	"github.com/floe-data/floe/runtime/fault"
)

// Make makes what is missing. The key is first: it remembers the rest.
func (a *Account) Make(ctx context.Context) error {
	a.say("account", "%s in %s, as %s", a.Account, a.Region, a.caller)
	if _, err := a.admin(ctx); err != nil { // before anything is touched
		return err
	}
	for _, part := range []func(context.Context) error{
		a.makeKey, a.makeBucket, a.makeProvider, a.makeAdmin, a.makeRoles, a.makeLakeRoles, a.makeLinkedRole, a.makeBlock, a.makeCostTags,
		func(context.Context) error { return a.makeStackFile() },
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	switch {
	case a.DryRun:
		fmt.Fprintf(a.Out, "\nNothing was touched. Next: make bootstrap STACK=%s\n", a.Stack)
	case a.acted:
		fmt.Fprintf(a.Out, "\nThe account is ready. Commit stacks/Pulumi.%s.yaml. Next: make preview STACK=%[1]s\n", a.Stack)
	default:
		fmt.Fprintf(a.Out, "\nNothing changed: the account was ready. Next: make preview STACK=%s\n", a.Stack)
	}
	return nil
}

// Remove takes back what Make made, after the account's number was said.
func (a *Account) Remove(ctx context.Context, confirm string) error {
	if confirm != a.Account && !a.DryRun {
		return fault.New(fault.Usage, fmt.Errorf("unbootstrap removes the state bucket of account %s and its history; it was confirmed for %q: nothing was touched", a.Account, confirm),
			"make unbootstrap STACK="+a.Stack+" CONFIRM="+a.Account)
	}
	a.say("account", "%s in %s, as %s", a.Account, a.Region, a.caller)
	if err := a.findKey(ctx); err != nil {
		return err
	}
	exists, err := a.hasBucket(ctx)
	if err != nil {
		return err
	}
	if exists {
		if err := a.refuseInUse(ctx); err != nil {
			return err
		}
	}
	parts := []func(context.Context) error{a.removeReaders, a.removeAdmins, a.removeRoles, a.removeProvider, a.removeLinkedRole, a.removeBlock, a.removeCostTags, a.removeBucket}
	if a.key != nil {
		parts = append(parts, a.removeKey)
	}
	for _, part := range parts {
		if err := part(ctx); err != nil {
			return err
		}
	}
	if err := a.removeStackFiles(); err != nil {
		return err
	}
	switch {
	case a.DryRun:
		fmt.Fprintf(a.Out, "\nNothing was touched. Next: make unbootstrap STACK=%s CONFIRM=%s\n", a.Stack, a.Account)
	case a.acted:
		fmt.Fprintf(a.Out, "\nWhat bootstrap made is gone; what was here before stays.\n")
	default:
		fmt.Fprintf(a.Out, "\nNothing changed: nothing that bootstrap made is here.\n")
	}
	return nil
}

// Ready is the backend's URL, once bootstrap has made its bucket.
func (a *Account) Ready(ctx context.Context) (string, error) {
	exists, err := a.hasBucket(ctx)
	if err != nil {
		return "", err
	}
	if !exists {
		return "", fault.New(fault.Usage, fmt.Errorf("account %s has no state bucket %s: nothing was touched", a.Account, a.Bucket()), "make bootstrap STACK="+a.Stack)
	}
	return a.Backend(), nil
}
