package storage

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"

	"github.com/floe-data/floe/infra/internal/grant"
	"github.com/floe-data/floe/infra/internal/key"
)

// key makes a layer's key, for the buckets that it encrypts.
func (m *maker) key(layer string, buckets ...string) (*kms.Key, error) {
	names := make([]string, len(buckets))
	for i, b := range buckets {
		names[i] = m.site.Bucket(b)
	}
	return key.New(m.ctx, m.site, key.Args{
		Name: layer, Description: layer + " of " + m.site.Project + " " + m.site.Stack,
		Use: []grant.Statement{key.ThroughS3(m.site, []string{"kms:Decrypt", "kms:GenerateDataKey"}, names...)},
	}, m.with...)
}
