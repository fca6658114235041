package bootstrap

import (
	"fmt"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/naming"
	"github.com/floe-data/floe/runtime/project"
)

// Place is where a stack's state lies: one bucket and one key for all stacks of
// a project in one account and region.
type Place struct {
	Root    string // the project's folder
	Project string // Pulumi's project: floe
	Stack   string // dev
	Account string // twelve digits
	Region  string
	// Deletable says whether live/ lets the stack be destroyed with its data.
	Deletable bool
	// Repository on GitHub whose workflows deploy the stack; "" for none.
	Repository string
	// Boundary is the ARN of the policy that bounds the stack's roles; "" for none.
	Boundary string
	// Replica is the region of the tables' copy; "" for none.
	Replica string
}

// Locate reads where a stack is from the project's files. Account is "" where
// live/ names none: then it is the caller's.
func Locate(root, stack string) (Place, error) {
	p, err := project.Load(root)
	if err != nil {
		return Place{}, fmt.Errorf("the project is refused, nothing was touched:\n%w", err)
	}
	s, err := live.Load(p, stack)
	if err != nil {
		return Place{}, fmt.Errorf("stack %s is refused, nothing was touched:\n%w", stack, err)
	}
	replica := ""
	if s.Platform.Replica != nil {
		replica = s.Platform.Replica.Region
	}
	return Place{Root: p.Root, Project: p.Name, Stack: stack, Account: s.Platform.Account, Region: s.Region, Deletable: s.Platform.Deletable(),
		Repository: s.Platform.Repository, Boundary: s.Platform.PermissionsBoundary, Replica: replica}, nil
}

// site names the state as site names what stacks have, in the place of a stack.
func (p Place) site() *site.Site {
	state := naming.State(p.Project, p.Account, p.Region)
	return &site.Site{Project: state.Project, Stack: state.Stack, Account: state.Account, Region: state.Region}
}

// Bucket is the state bucket: <project>-state-<account>-<region>.
func (p Place) Bucket() string { return p.site().Bucket("") }

// Alias is the key's. It ends in account and region as the bucket does, so that
// a stack's settings never fit another account's key.
func (p Place) Alias() string { return "alias/" + p.Bucket() }

// Backend is the URL that Pulumi finds the state at.
func (p Place) Backend() string {
	return "s3://" + p.Bucket() + "?region=" + p.Region + "&awssdk=v2"
}

// SecretsProvider is the URL of the key in stacks/Pulumi.<stack>.yaml.
func (p Place) SecretsProvider() string {
	return "awskms://" + p.Alias() + "?region=" + p.Region + "&awssdk=v2"
}

func (p Place) bucketARN(objects string) string { return p.site().BucketARN(p.Bucket(), objects) }
