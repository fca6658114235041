package site

import "github.com/floe-data/floe/runtime/naming"

// Kind is what is named, see naming.Kind.
type Kind = naming.Kind

// The kinds of names.
const (
	Bucket        = naming.Bucket
	Function      = naming.Function
	Role          = naming.Role
	Schedule      = naming.Schedule
	Vault         = naming.Vault
	Trail         = naming.Trail
	TableBucket   = naming.TableBucket
	Rule          = naming.Rule
	Machine       = naming.Machine
	Queue         = naming.Queue
	Budget        = naming.Budget
	Policy        = naming.Policy
	Workgroup     = naming.Workgroup
	Family        = naming.Family
	Alarm         = naming.Alarm
	SecurityGroup = naming.SecurityGroup
	Alias         = naming.Alias
	Topic         = naming.Topic
	Repository    = naming.Repository
	LogGroup      = naming.LogGroup
	Secret        = naming.Secret
)

// names is where the site's names are from.
func (s *Site) names() naming.Place {
	return naming.Place{Project: s.Project, Stack: s.Stack, Account: s.Account, Region: s.Region}
}

// Name is <project>-<stack>-<parts…>, see naming.Place.
func (s *Site) Name(k Kind, parts ...string) string { return s.names().Name(k, parts...) }

// Bucket is a bucket's name, which ends in account and region.
func (s *Site) Bucket(part string) string { return s.names().Bucket(part) }

// LogGroup is the log group of a service's resource: /aws/lambda/<name>.
func (s *Site) LogGroup(service, name string) string { return s.names().LogGroup(service, name) }
