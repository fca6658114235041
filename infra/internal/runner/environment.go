package runner

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/internal/site"
	"github.com/floe-data/floe/infra/internal/tables"
	"github.com/floe-data/floe/runtime/environment"
	"github.com/floe-data/floe/runtime/fault"
)

// Secret is the secret that a program reads.
type Secret struct {
	ARN pulumi.StringInput // known once it is made
	// Pattern is the ARN with six question marks for what Secrets Manager adds
	// to the name: as long as the ARN, and known at preview.
	Pattern string
}

// variables are a program's environment: what every program has, its own, and its secret.
func variables(s *site.Site, own map[string]string, secret *Secret) map[string]pulumi.StringInput {
	out := map[string]pulumi.StringInput{}
	for name, value := range plain(s, own) {
		out[name] = pulumi.String(value)
	}
	if secret != nil {
		out[environment.SecretARN] = secret.ARN
	}
	return out
}

func plain(s *site.Site, own map[string]string) map[string]string {
	all := map[string]string{environment.Project: s.Project, environment.Stack: s.Stack}
	if tables.InTableBucket(s) {
		all[environment.Tables], all[environment.TableBucket] = environment.S3Tables, tables.BucketARN(s)
	}
	maps.Copy(all, own)
	return all
}

// fits refuses an environment that is larger than limit, before AWS does. where
// names the file and the key that the program's own part comes from.
func fits(what string, s *site.Site, own map[string]string, secret *Secret, limit int, where string) error {
	all := plain(s, own)
	if secret != nil {
		all[environment.SecretARN] = secret.Pattern
	}
	text, err := json.Marshal(all) // AWS measures the JSON of it
	if err != nil {
		return fmt.Errorf("%s: measure its environment: %w", what, err)
	}
	if len(text) <= limit {
		return nil
	}
	longest := slices.MaxFunc(slices.Sorted(maps.Keys(all)), func(a, b string) int { return len(all[a]) - len(all[b]) })
	return fault.New(fault.Usage, fmt.Errorf("%s: found an environment of %d bytes, %d of them %s; AWS takes %d", cmp.Or(where, what), len(text), len(all[longest]), longest, limit),
		"shorten the values there; a long list belongs into the source's own source.yaml, which is part of the image")
}
