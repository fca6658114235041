package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// mocks answer for the engine. This program has no resources yet, so each that
// comes is a mistake.
type mocks struct{ t *testing.T }

func (m mocks) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	m.t.Errorf("the resource %s of type %s was planned", args.Name, args.TypeToken)
	return args.Name, args.Inputs, nil
}

func (m mocks) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) { return args.Args, nil }

// testProject is a copy of the projects that runtime's tests use; the real one
// belongs to who cloned it.
func testProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{"../runtime/project/testdata/good", "../runtime/live/testdata/good"} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func run(t *testing.T, root, stack string) error {
	t.Helper()
	return pulumi.RunErr(func(ctx *pulumi.Context) error { return deploy(ctx, root) }, pulumi.WithMocks("floe", stack, mocks{t}))
}

func TestStacks(t *testing.T) {
	root := testProject(t)
	for _, stack := range []string{"dev", "prod"} {
		if err := run(t, root, stack); err != nil {
			t.Errorf("%s: %v", stack, err)
		}
	}
}

// TestThisRepositorysStacks plans what lies in live/ here.
func TestThisRepositorysStacks(t *testing.T) {
	root, err := project.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	stacks, err := live.Names(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, stack := range stacks {
		if err := run(t, root, stack); err != nil {
			t.Errorf("%s: %v", stack, err)
		}
	}
}

func TestSummary(t *testing.T) {
	p, err := project.Load(testProject(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := live.Load(p, "prod")
	if err != nil {
		t.Fatal(err)
	}
	want := pulumi.Map{
		"stack": pulumi.String("prod"), "region": pulumi.String("eu-west-1"), "account": pulumi.String("012345678901"),
		"egress": pulumi.String("endpoints"), "workflows": pulumi.StringMap{"daily": pulumi.String("rate(6 hours)")},
		"sources": pulumi.StringArray{pulumi.String("shop")},
	}
	if got := summary(p, s); !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v", got)
	}
}

func TestBrokenFilesAreRefused(t *testing.T) {
	for _, tc := range []struct{ name, file, text, want string }{
		{"platform", "live/prod/platform.yaml", "version: 1\nnetwork: {egres: nat}\n",
			"stack prod is refused, nothing was planned:\nlive/prod/platform.yaml:1:1: account: missing; prod must say its account, so that nothing is done in another: write account: \"123456789012\"\n" +
				"live/prod/platform.yaml:2:1: network.egress: missing; prod must say how it reaches the outside: write network: {egress: endpoints}, or nat, existing or public\n" +
				"live/prod/platform.yaml:2:11: network.egres: unknown key; did you mean egress?\nnext: correct the file, then check all of them with floe doctor"},
		{"pipelines", "live/prod/pipelines.yaml", "version: 1\nworkflows: [{name: weekly}]\n", "live/prod/pipelines.yaml:2:20: workflows[0].name: found weekly"},
		{"access", "live/prod/access.yaml", "version: 1\n\tgrants: []\n", "live/prod/access.yaml:2:1: found a tab"},
		{"settings", "stacks/Pulumi.prod.yaml", "config:\n  aws:region: eu-west-1\n  floe:account: \"1\"\n", "stacks/Pulumi.prod.yaml:3:17: config.floe:account: found a value that belongs to live/prod/platform.yaml"},
		{"region", "stacks/Pulumi.prod.yaml", "config: {}\n", "config.aws:region: missing"},
		{"a contract", "runtime/pipelines/ingest/shop/tables/orders.yaml", "version: 1\ncolumns: [{name: a, type: int}]\n",
			"the project is refused, nothing was planned:\nruntime/pipelines/ingest/shop/source.yaml:44:24: resources[1].write_disposition: found merge, but the contract has no key"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			root := testProject(t)
			if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(tc.file)), []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			err := run(t, root, "prod")
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got\n%v\nwant\n%s", err, tc.want)
			}
		})
	}
	if err := run(t, testProject(t), "prd"); err == nil || !strings.Contains(err.Error(), "there is no stack \"prd\": live/ has dev, prod") {
		t.Error(err)
	}
}
