package bootstrap

import (
	"strings"
	"testing"

	"github.com/floe-data/floe/runtime/fault"
)

func TestPlace(t *testing.T) {
	p, err := Locate(testProject(t, "config:\n  aws:region: eu-central-1\n"), "prod")
	if err != nil {
		t.Fatal(err)
	}
	const name = "floe-state-012345678901-eu-west-1"
	for got, want := range map[string]string{
		p.Account:           "012345678901",
		p.Bucket():          name,
		p.Alias():           "alias/" + name,
		p.Backend():         "s3://" + name + "?region=eu-west-1&awssdk=v2",
		p.SecretsProvider(): "awskms://alias/" + name + "?region=eu-west-1&awssdk=v2",
		p.bucketARN("/*"):   "arn:aws:s3:::" + name + "/*",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if p.Deletable {
		t.Error("prod may be deleted though nothing says so")
	}
}

func TestPlaceIsRefused(t *testing.T) {
	for _, tc := range []struct{ name, stack, pulumi, want string }{
		{"no such stack", "stage", "name: floe\n", `there is no stack "stage"`},
		{"no name", "dev", "runtime: go\n", "name: missing"},
		{"no YAML", "dev", "name: [\n", "broken YAML"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			root := testProject(t, "config:\n  aws:region: eu-central-1\n")
			write(t, root+"/Pulumi.yaml", tc.pulumi)
			_, err := Locate(root, tc.stack)
			if err == nil || !strings.Contains(err.Error(), tc.want) || fault.Code(err) != 2 || fault.Next(err) == "" {
				t.Errorf("got %v (code %d, next %q)", err, fault.Code(err), fault.Next(err))
			}
		})
	}
}

// TestNamesHaveRoom holds that a long project keeps account and region whole.
func TestNamesHaveRoom(t *testing.T) {
	p := Place{Project: strings.Repeat("long-", 20), Account: account, Region: "ap-southeast-2"}
	if name := p.Bucket(); len(name) > 63 || !strings.HasSuffix(name, "-"+account+"-ap-southeast-2") {
		t.Error(name)
	}
}
