// Package bootstrap makes what an AWS account has once, before its first
// stack: the bucket that holds Pulumi's state, the KMS key that encrypts the
// state and the secrets in it, GitHub's OIDC provider, a Lake Formation
// administrator, ECS's service-linked role, and S3's account-wide block of
// public access. Stacks only read these. Where live/ names a repository, it
// makes the two roles that its workflows take for the stack: one that looks and
// one that deploys (rights.go says what each may do).
//
// It is no Pulumi program because it makes the place where Pulumi keeps its
// state. Each act looks first: what is there already is kept, so a second run
// changes nothing, and what somebody else made is adopted and never deleted.
// What the package makes is remembered in tags (floe:bootstrap=<project>), on
// the thing itself or, where AWS takes none, on the key. Remove takes back
// just that, and refuses while a stack has resources.
package bootstrap
