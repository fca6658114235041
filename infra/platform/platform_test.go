package platform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/floe-data/floe/infra/images"
	"github.com/floe-data/floe/infra/plan"
	"github.com/floe-data/floe/runtime/live"
	"github.com/floe-data/floe/runtime/project"
)

// testProject is a copy of the projects that runtime's tests use; the real one
// belongs to who cloned it.
func testProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range []string{"../../runtime/project/testdata/good", "../../runtime/live/testdata/good"} {
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func resources(t *testing.T, root, stack string) []plan.Resource {
	t.Helper()
	found, err := Resources(root, stack)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestStacks(t *testing.T) {
	root := testProject(t)
	for stack, atLeast := range map[string]int{"dev": 80, "prod": 90} {
		if found := resources(t, root, stack); len(found) < atLeast {
			t.Errorf("%s has %d resources", stack, len(found))
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
		resources(t, root, stack)
	}
}

func TestPlansAreTheSameTwice(t *testing.T) {
	root := testProject(t)
	a, b := resources(t, root, "prod"), resources(t, root, "prod")
	if len(a) != len(b) {
		t.Fatalf("%d and %d resources", len(a), len(b))
	}
	for i := range a {
		if a[i].URN != b[i].URN {
			t.Errorf("%s and %s", a[i].URN, b[i].URN)
		}
	}
}

// TestProvider holds that the provider is given region, tags and, where live/
// names it, the only account that it may work in.
func TestProvider(t *testing.T) {
	for stack, account := range map[string]string{"dev": "", "prod": "012345678901"} {
		found := resources(t, testProject(t), stack)
		i := slices.IndexFunc(found, func(r plan.Resource) bool { return r.Type == "pulumi:providers:aws" })
		if i < 0 {
			t.Fatalf("%s: no provider", stack)
		}
		ids, _ := found[i].Inputs["allowedAccountIds"].([]any)
		if account == "" && ids != nil || account != "" && (len(ids) != 1 || ids[0] != account) {
			t.Errorf("%s: allowedAccountIds %v", stack, ids)
		}
		defaults, _ := found[i].Inputs["defaultTags"].(map[string]any)
		if tags, _ := defaults["tags"].(map[string]any); tags["floe:stack"] != stack || tags["floe:project"] != "floe" {
			t.Errorf("%s: defaultTags %v", stack, defaults)
		}
	}
}

// TestOrder walks the graph of dependencies: schema evolution comes after all
// that its role needs, and before whatever starts a workflow.
func TestOrder(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		found := resources(t, testProject(t), stack)
		after := closures(found)
		byType := map[string][]plan.Resource{}
		for _, r := range found {
			short := r.Type[strings.LastIndex(r.Type, ":")+1:]
			byType[short] = append(byType[short], r)
		}
		if len(byType["Invocation"]) != 2 { // sorted by name
			t.Fatalf("%s: %d invocations", stack, len(byType["Invocation"]))
		}
		evolution, governing := after[byType["Invocation"][0].URN], after[byType["Invocation"][1].URN]
		if !governing[byType["Invocation"][0].URN] {
			t.Errorf("%s: tables are governed before they are evolved", stack)
		}
		granted(t, stack+": schema evolution", evolution, byType, "evolve-")
		granted(t, stack+": governing", governing, byType, "govern-")
		for _, short := range []string{"CatalogDatabase", "BucketPolicy", "BucketServerSideEncryptionConfigurationV2", "Key"} {
			if len(byType[short]) == 0 {
				t.Errorf("%s: there is no %s", stack, short)
			}
			for _, r := range byType[short] {
				if !evolution[r.URN] && (strings.HasPrefix(r.Name, "landing") || short == "CatalogDatabase" && strings.Contains(r.Name, "landing")) {
					t.Errorf("%s: schema evolution does not wait for %s %s", stack, short, r.Name)
				}
			}
		}
		for _, need := range []string{"RolePolicy::evolve", "Function::evolve", "Key::landing", "LogGroup::evolve"} {
			if !slices.ContainsFunc(keys(evolution), func(u string) bool { return strings.HasSuffix(u, need) }) {
				t.Errorf("%s: schema evolution does not wait for %s", stack, need)
			}
		}
		for _, short := range []string{"Schedule", "EventTarget"} {
			for _, r := range byType[short] {
				if !after[r.URN][byType["Invocation"][0].URN] {
					t.Errorf("%s: %s %s does not wait for schema evolution", stack, short, r.Name)
				}
				granted(t, stack+": "+short+" "+r.Name, after[r.URN], byType, "task-transform-", "maintain-", "ingest-shop-", "govern-")
			}
		}
		if len(byType["Schedule"]) == 0 {
			t.Errorf("%s: nothing is scheduled", stack)
		}
	}
}

// granted holds that something waits for the grants of roles, and for what the
// grants are of.
func granted(t *testing.T, what string, after map[string]bool, byType map[string][]plan.Resource, begins ...string) {
	t.Helper()
	found := 0
	for _, short := range []string{"Permissions", "ResourceLfTag", "LfTag", "CatalogDatabase"} {
		for _, r := range byType[short] {
			if short == "Permissions" && !slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(r.Name, b) }) {
				continue
			}
			if found++; !after[r.URN] {
				t.Errorf("%s does not wait for %s %s", what, short, r.Name)
			}
		}
	}
	if found < 10 {
		t.Errorf("%s: %d grants and tags to wait for", what, found)
	}
}

// closures are, by URN, the URNs that a resource waits for.
func closures(found []plan.Resource) map[string]map[string]bool {
	direct := map[string][]string{}
	for _, r := range found {
		direct[r.URN] = r.DependsOn
	}
	all := map[string]map[string]bool{}
	var walk func(urn string) map[string]bool
	walk = func(urn string) map[string]bool {
		if done, ok := all[urn]; ok {
			return done
		}
		set := map[string]bool{}
		all[urn] = set
		for _, d := range direct[urn] {
			set[d] = true
			for deeper := range walk(d) {
				set[deeper] = true
			}
		}
		return set
	}
	for _, r := range found {
		walk(r.URN)
	}
	return all
}

func keys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

func TestBrokenFilesAreRefused(t *testing.T) {
	for _, tc := range []struct{ name, file, text, want string }{
		{"platform", "live/prod/platform.yaml", "version: 1\nnetwork: {egres: nat}\n",
			"stack prod is refused, nothing was planned:\nlive/prod/platform.yaml:1:1: account: missing; prod must say its account, so that nothing is done in another: write account: \"123456789012\"\n" +
				"live/prod/platform.yaml:1:1: owner: missing; prod must say who answers for it: write owner: data-team\n" +
				"live/prod/platform.yaml:1:1: objectives: missing; prod must say what a loss may cost: write objectives: {rto: 4h, rpo: 24h}\n" +
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
			planned := 0
			_, err := plan.Resources("floe", "prod", plan.Answers{Region: "eu-west-1"}, func(ctx *pulumi.Context) error {
				return Deploy(ctx, Options{Root: root, Made: none, Lake: nobodys, Build: func(context.Context, images.BuildOptions) (*images.Built, error) {
					planned++
					return nil, errors.New("built")
				}})
			})
			if planned > 0 {
				t.Error("an image was built")
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got\n%v\nwant\n%s", err, tc.want)
			}
		})
	}
	if _, err := Resources(testProject(t), "prd"); err == nil || !strings.Contains(err.Error(), "there is no stack \"prd\": live/ has dev, prod") {
		t.Error(err)
	}
}
