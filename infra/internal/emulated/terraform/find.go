package terraform

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Version is the version of the AWS provider that pulumi-aws v6.83 is made from.
const Version = "5.100.0"

// Find names the binary of the AWS provider: FLOE_TF_AWS_PROVIDER if set, else
// the first hit in the folders in which Terraform itself looks for providers.
func Find() (string, error) {
	if p := os.Getenv("FLOE_TF_AWS_PROVIDER"); p != "" {
		if info, err := os.Stat(p); err != nil || info.IsDir() {
			return "", fmt.Errorf("FLOE_TF_AWS_PROVIDER is %s, which is no file; it must be the binary terraform-provider-aws_v%s_x5", p, Version)
		}
		return p, nil
	}
	home, _ := os.UserHomeDir() // without one the folders below it are simply not there
	for _, root := range []string{os.Getenv("FLOE_TF_MIRROR"), os.Getenv("TF_PLUGIN_CACHE_DIR"),
		filepath.Join(home, ".terraform.d", "plugins"), filepath.Join(home, ".terraform.d", "plugin-cache")} {
		if root == "" {
			continue
		}
		hits, err := filepath.Glob(filepath.Join(root, "registry.terraform.io", "hashicorp", "aws", Version,
			runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-aws_*"))
		if err == nil && len(hits) > 0 {
			return hits[0], nil
		}
	}
	return "", fmt.Errorf("no terraform-provider-aws %s for %s/%s: run `terraform init` with TF_PLUGIN_CACHE_DIR set in a folder whose main.tf requires hashicorp/aws %s, "+
		"or name the binary in FLOE_TF_AWS_PROVIDER", Version, runtime.GOOS, runtime.GOARCH, Version)
}
