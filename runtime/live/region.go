package live

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/floe-data/floe/runtime/yamlfile"
)

// pulumiSettings is stacks/Pulumi.<stack>.yaml. The keys are Pulumi's own.
type pulumiSettings struct {
	Config          map[string]any `yaml:"config,omitempty"`
	SecretsProvider string         `yaml:"secretsprovider,omitempty"`
	EncryptedKey    string         `yaml:"encryptedkey,omitempty"`
	EncryptionSalt  string         `yaml:"encryptionsalt,omitempty"`
	Environment     any            `yaml:"environment,omitempty"`
}

var regionForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)

// ours are keys that people look for in Pulumi's settings, and where they are.
var ours = map[string]string{
	"account": "platform.yaml", "network": "platform.yaml", "retention": "platform.yaml", "budget": "platform.yaml", "alarms": "platform.yaml",
	"workflows": "pipelines.yaml", "sources": "pipelines.yaml", "grants": "access.yaml", "allowedAccountIds": "platform.yaml",
}

// region reads Pulumi's settings, which hold the region and nothing of ours.
func (c *checker) region() *yamlfile.File {
	name := path.Join("stacks", "Pulumi."+c.folder+".yaml")
	live := "live/" + c.folder
	hints := map[string]string{"region": "write it as config: {aws:region: …}", "version": "this file is Pulumi's; remove it"}
	for key, file := range ours {
		hints[key] = "it is in " + live + "/" + file + "; only Pulumi's own settings are here"
	}
	var settings pulumiSettings
	f := yamlfile.Read(c.project.Root, name, &settings, yamlfile.Options{Foreign: true, Hints: hints})
	for _, key := range slices.Sorted(maps.Keys(settings.Config)) {
		at := yamlfile.Key("config", key)
		_, short, _ := strings.Cut(key, ":")
		file, isOurs := ours[short]
		switch {
		case key == "aws:region" || strings.HasPrefix(key, "pulumi:"):
		case key == "aws:profile":
			f.Errorf(at, "found a profile, which bootstrap and floe would not know of; remove it, and export AWS_PROFILE=%v", settings.Config[key])
		case key == "region":
			f.Errorf(at, "found region without its namespace; write aws:region")
		case isOurs:
			f.Errorf(at, "found a value that belongs to %s/%s; only Pulumi's own settings are here", live, file)
		default:
			f.Errorf(at, "found a value that nothing reads; here are aws:region and Pulumi's own settings, all else is in %s", live)
		}
	}
	region, isText := settings.Config["aws:region"].(string)
	switch {
	case settings.Config["aws:region"] == nil:
		f.Errorf(yamlfile.Key("config", "aws:region"), "missing; write config: {aws:region: eu-central-1}, or another region")
	case !isText || !regionForm.MatchString(region):
		f.Errorf(yamlfile.Key("config", "aws:region"), "found %v; write a region such as eu-central-1", settings.Config["aws:region"])
	}
	c.stack.Region = region
	return f
}
