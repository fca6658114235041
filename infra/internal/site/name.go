package site

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Kind is what is named; its value is the length that AWS takes.
type Kind int

// Kinds of names, by the API's limits (see each service's create call).
const (
	Bucket        Kind = 63  // and it is unique in all of AWS: account and region are its last parts
	Function      Kind = 64  // Lambda
	Role          Kind = 64  // unique without regard to case
	Schedule      Kind = 64  // EventBridge Scheduler, its groups too
	Rule          Kind = 64  // EventBridge
	Machine       Kind = 80  // Step Functions
	Queue         Kind = 80  // SQS
	Policy        Kind = 128 // IAM
	Workgroup     Kind = 128 // Athena
	Family        Kind = 255 // ECS task definitions; clusters
	Alarm         Kind = 255
	SecurityGroup Kind = 255
	Alias         Kind = 250 // KMS; "alias/" goes before it
	Topic         Kind = 256
	Repository    Kind = 256 // ECR, lower case, begins with a letter
	LogGroup      Kind = 512 // with the service's prefix before it, see LogGroup
	Secret        Kind = 512
)

// hashed is the length of what a cut name ends in.
const hashed = 8

// Name is <project>-<stack>-<parts…>: lower-case letters, digits and hyphens,
// a letter first, and not longer than the kind takes. Different parts give
// different names as long as they differ in letters and digits.
func (s *Site) Name(k Kind, parts ...string) string {
	all := append([]string{s.Project, s.Stack}, parts...)
	for i := range all {
		all[i] = plain(all[i])
	}
	name := strings.Trim(strings.Join(all, "-"), "-")
	if name == "" || name[0] < 'a' || name[0] > 'z' {
		name = "f" + name
	}
	return capped(name, int(k))
}

// Bucket is a bucket's name. Account and region are always whole, so that no
// other account can have taken it by accident.
func (s *Site) Bucket(part string) string {
	tail := "-" + s.Account + "-" + plain(s.Region)
	return s.Name(Kind(int(Bucket)-len(tail)), part) + tail
}

// LogGroup is the log group of a service's resource: /aws/lambda/<name>.
func (s *Site) LogGroup(service, name string) string { return "/aws/" + service + "/" + name }

// capped cuts a name and ends it in a hash of the whole.
func capped(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	head := strings.TrimRight(name[:limit-hashed-1], "-")
	return head + "-" + hex.EncodeToString(sum[:])[:hashed]
}

// plain keeps lower-case letters and digits; all else is one hyphen.
func plain(text string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(text) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
			continue
		}
		gap = true
	}
	return b.String()
}
