package storage

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/site"
)

// mostPolicy is how many bytes of a bucket's policy S3 takes, and mostOthers
// how many what is no list of readers may need of them.
const (
	mostPolicy = 20 * 1024
	mostOthers = 4 * 1024
)

// readers are whom access.yaml grants anything.
func readers(s *site.Site) []string {
	var all []string
	for _, g := range s.Live.Access.Grants {
		all = append(all, g.Principal)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// refuseReaders keeps readers from the tables' files, whatever IAM allows them:
// they read by Lake Formation, which checks columns and rows and then opens the
// files as its own role. Files below uploads/ are no tables.
func (m *maker) refuseReaders(bucket, prefix string) []grant.Statement {
	who := readers(m.site)
	if len(who) == 0 {
		return nil
	}
	return []grant.Statement{{
		Sid: "RefuseReaders", Deny: true, Principals: []string{"*"}, Actions: []string{"s3:GetObject*"},
		Resources: grant.On(m.site.BucketARN(bucket, "/"+prefix+"*")), When: when{"ArnEquals": {"aws:PrincipalArn": who}},
	}}
}

// checkReaders refuses more readers than a bucket's policy has room for.
func checkReaders(s *site.Site) error {
	who := readers(s)
	text, err := json.Marshal(who)
	if err != nil {
		return fmt.Errorf("measure the readers of live/%s/access.yaml: %w", s.Stack, err)
	}
	if len(text) > mostPolicy-mostOthers {
		return fmt.Errorf("live/%s/access.yaml: grants: found %d principals with %d characters; a bucket's policy, which keeps them from the files of tables, has room for %d: grant to roles that they share",
			s.Stack, len(who), len(text), mostPolicy-mostOthers)
	}
	return nil
}
