package workflows

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

func repository(t *testing.T) *Repository {
	t.Helper()
	r, err := Read(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Files) < 5 || len(r.Targets) < 20 || r.Pulumi == "" {
		t.Fatalf("found %d files, %d targets, pulumi %q", len(r.Files), len(r.Targets), r.Pulumi)
	}
	return r
}

func TestWorkflows(t *testing.T) {
	for _, finding := range repository(t).Check() {
		t.Error(finding)
	}
}

const (
	ci      = ".github/workflows/ci.yml"
	deploy  = ".github/workflows/deploy.yml"
	release = ".github/workflows/release.yml"
	drift   = ".github/workflows/drift.yml"
	pr      = ".github/workflows/environment.yml"
	action  = ".github/actions/stack/action.yml"
)

// TestChecksCanFail breaks the repository's own workflows, one at a time.
func TestChecksCanFail(t *testing.T) {
	const checkout = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
	for name, tc := range map[string]struct{ file, old, new, want string }{
		"a tag":                     {ci, checkout, "actions/checkout@v7", "write the commit's 40 digits"},
		"a short SHA":               {ci, checkout, "actions/checkout@3d3c42e # v7.0.1", "write the commit's 40 digits"},
		"a branch":                  {action, "pulumi/actions@8e5e406f4007fca908480587cb9893c07090f58d # v7.0.0", "pulumi/actions@main", "write the commit's 40 digits"},
		"no version":                {ci, checkout, "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "write # v1.2.3"},
		"half a version":            {ci, checkout, "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7", "write # v1.2.3"},
		"two commits":               {ci, checkout, "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2", "keep one"},
		"two versions":              {deploy, checkout, "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.2", "keep one"},
		"no such action":            {deploy, "uses: ./.github/actions/stack", "uses: ./.github/actions/stak", "is not there"},
		"another pulumi":            {action, "pulumi-version: 3.", "pulumi-version: 2.", "infra/go.mod builds on"},
		"a stranger's rights":       {ci, "  pull_request:\n", "  pull_request_target:\n", "is started by pull_request_target"},
		"a stranger's run":          {drift, "  workflow_dispatch:\n", "  workflow_run: {workflows: [ci]}\n", "is started by workflow_run"},
		"a trigger in short":        {ci, "on:\n  pull_request:\n  push:\n    branches: [main]\n", "on: [push, pull_request_target]\n", "is started by pull_request_target"},
		"rights at the top":         {ci, "permissions: {}", "permissions: {contents: read}", "write permissions: {} at the top"},
		"rights unsaid":             {ci, "permissions: {}\n", "", "write permissions: {} at the top"},
		"all rights":                {drift, "permissions: {}", "permissions: write-all", "write permissions: {} at the top"},
		"a job's rights unsaid":     {ci, "    timeout-minutes: 45\n    permissions:\n      contents: read\n", "    timeout-minutes: 45\n", "job test does not say what it may do"},
		"a job with all rights":     {ci, "    timeout-minutes: 45\n    permissions:\n      contents: read\n", "    timeout-minutes: 45\n    permissions: write-all\n", "job test does not say what it may do"},
		"an identity for nothing":   {ci, "    timeout-minutes: 45\n    permissions:\n", "    timeout-minutes: 45\n    permissions:\n      id-token: write\n", "job test may ask for an identity"},
		"a role without identity":   {pr, "      id-token: write\n", "", "may not say who it is"},
		"a role without an env":     {deploy, "    environment: dev-preview\n", "", "job plan takes a role without an environment"},
		"a key":                     {deploy, "          stack: dev\n", "          stack: dev\n          aws-access-key-id: ${{ vars.KEY }}\n", "take a role by role-to-assume"},
		"a writer that reads":       {deploy, "environment: dev-preview", "environment: dev", "changes nothing; write environment: dev-preview"},
		"a reader that writes":      {pr, "environment: dev\n", "environment: dev-preview\n", "whose role may only read"},
		"no group":                  {deploy, "  group: stack-dev\n", "  group: all\n", "job deploy changes a stack that others may change meanwhile"},
		"another stack's group":     {deploy, "  group: stack-dev\n", "  group: stack-prod\n", "write concurrency: {group: stack-dev"},
		"no group at all":           {release, "concurrency:\n  group: stack-prod\n  cancel-in-progress: false\n", "", "write concurrency: {group: stack-prod"},
		"cut off":                   {pr, "cancel-in-progress: false", "cancel-in-progress: true", "may be cut off in the middle"},
		"a stranger's text":         {ci, "run: make test", `run: make test TITLE="${{ github.event.pull_request.title }}"`, "pastes an expression into a command"},
		"an expression in action":   {action, "run: make --silent region", "run: make --silent region STACK=${{ inputs.stack }}", "pastes an expression into a command"},
		"two lines":                 {ci, "run: make test", "run: |\n          make test\n          make lint", "more than one command"},
		"two commands":              {ci, "run: make test", "run: make test && make lint", "more than one command"},
		"a command in a command":    {ci, "run: make test", "run: make test V=$(git describe)", "more than one command"},
		"no such target":            {ci, "run: make test", "run: make tests", "the Makefile has no target tests"},
		"no target":                 {ci, "run: make test", "run: make STACK=dev", "names 0 targets"},
		"two targets":               {ci, "run: make test", "run: make test lint", "names 2 targets"},
		"no such script":            {ci, "run: .ci/run", "run: .ci/walk", "neither a make target nor a script"},
		"a command of the machine":  {ci, "run: make test", "run: curl https://example.com", "neither a make target nor a script"},
		"no limit":                  {ci, "    timeout-minutes: 45\n", "", "job test may hang"},
		"a token that stays":        {ci, "          persist-credentials: false\n", "          persist-credentials: true\n", "write persist-credentials: false"},
		"a token that stays, too":   {pr, "        with:\n          persist-credentials: false\n", "", "write persist-credentials: false"},
		"a secret":                  {drift, "${{ github.token }}", "${{ secrets.PAT }}", "uses a secret of the repository"},
		"a secret by its name":      {drift, "${{ github.token }}", "${{ secrets['PAT'] }}", "uses a secret of the repository"},
		"all secrets":               {drift, "${{ github.token }}", "${{ toJSON(secrets) }}", "uses a secret of the repository"},
		"secrets handed on":         {ci, "    needs: review\n", "    needs: review\n    secrets: inherit\n", "uses a secret of the repository"},
		"a branch in short":         {ci, "      - run: make test\n", "      - {uses: a/b@main}\n", "write the commit's 40 digits"},
		"somebody's workflow":       {ci, "    needs: review\n", "    needs: review\n    uses: a/b/.github/workflows/c.yml@main\n", "write the commit's 40 digits"},
		"another Go":                {ci, "go-version-file: .go-version", "go-version-file: runtime/go.mod", "write go-version-file: .go-version"},
		"a quiet writer":            {deploy, "run: make preview STACK=dev", "run: make --silent deploy STACK=dev", "whose role may only read; write environment: dev"},
		"a writer by its script":    {deploy, "run: make preview STACK=dev OUT=plan/ PLAN=plan/dev.json", "run: scripts/deploy.sh", "whose role may only read; write environment: dev"},
		"a deploy without a plan":   {deploy, " YES=1 PLAN=plan/dev.json", " YES=1", "deploys what nobody read"},
		"other images":              {release, "      - run: make same-images STACK=prod DIGESTS=images/dev.json\n      - run: make deploy", "      - run: make deploy", "releases images that ran nowhere"},
		"another stack's images":    {release, "same-images STACK=prod DIGESTS=images/dev.json\n      - run: make deploy", "same-images STACK=dev DIGESTS=images/dev.json\n      - run: make deploy", "releases images that ran nowhere"},
		"a sweep at any time":       {pr, "      group: stack-pr-${{ matrix.pr }}\n", "      group: sweep\n", "job sweep changes a stack that others may change meanwhile"},
		"a token for all":           {drift, "      STACK: ${{ matrix.stack }}\n    steps", "      GH_TOKEN: ${{ github.token }}\n    steps", "gives its token to every step"},
		"an env of no role":         {release, "environment: prod\n", "environment: production\n", "job deploy has the environment production, which no role trusts"},
		"an env of no stack":        {ci, "stack: [dev, prod]", "stack: [dev, production]", "job preview has the environment production-preview, which no role trusts"},
		"an env of another stack":   {release, "environment: prod\n", "environment: dev\n", "job deploy has the environment dev and works on prod"},
		"one env for two stacks":    {drift, "environment: ${{ matrix.stack }}-preview", "environment: dev-preview", "job drift has the environment dev-preview and works on prod"},
		"another stack's region":    {deploy, "          stack: dev\n", "          stack: prod\n", "job plan has the environment dev-preview and works on prod"},
		"no stack's region":         {deploy, "          stack: dev\n", "", "works on no stack"},
		"a command on another":      {release, "make preview STACK=prod", "make preview STACK=dev", "job plan has the environment prod-preview and works on dev"},
		"a change's stack in prod":  {pr, "environment: dev\n", "environment: prod\n", "job make has the environment prod and works on dev"},
		"a change's stack by prod":  {release, "      - run: make on-main\n", "      - run: make on-main\n      - run: make unpr PR=12\n", "job plan has the environment prod-preview and works on dev"},
		"images that were waved on": {release, "      - run: make same-images STACK=prod DIGESTS=images/dev.json\n      - run: make deploy", "      - run: make same-images STACK=prod DIGESTS=images/dev.json\n        continue-on-error: true\n      - run: make deploy", "releases images that ran nowhere"},
		"a plan for some":           {deploy, "      - uses: actions/download-artifact", "      - if: github.actor != 'me'\n        uses: actions/download-artifact", "which is not the plan"},
		"a matrix that grows":       {ci, "stack: [dev, prod]\n", "stack: [dev, prod]\n        include: [{stack: all}]\n", "a matrix of which nobody sees"},
		"a matrix of the run":       {ci, "matrix:\n        stack: [dev, prod]\n", "matrix: ${{ fromJSON(vars.STACKS) }}\n", "a matrix of which nobody sees"},
		"closed, never labeled":     {pr, "'closed' && contains(github.event.pull_request.labels.*.name, 'environment')", "'closed'", "job remove runs make unpr for changes without the label"},
		"made, never labeled":       {pr, "      && contains(github.event.pull_request.labels.*.name, 'environment')\n", "", "job make runs make pr for changes without the label"},
		"another change's group":    {pr, "stack-pr-${{ matrix.pr }}", "stack-pr-1", "job sweep changes a stack that others may change meanwhile"},
		"another plan":              {deploy, "YES=1 PLAN=plan/dev.json", "YES=1 PLAN=other.json", "job deploy deploys other.json, which is not the plan of \"dev\""},
		"another plan of prod":      {release, "YES=1 PLAN=plan/prod.json", "YES=1 PLAN=prod.json", "job deploy deploys prod.json, which is not the plan of \"prod\""},
		"another stack's plan":      {deploy, "make preview STACK=dev", "make preview STACK=prod", "which is not the plan of \"dev\""},
		"a plan left behind":        {deploy, "          path: plan/\n", "          path: plans/\n", "which is not the plan"},
		"a plan that stays away":    {deploy, "          name: plan-dev\n          path: plan\n", "          name: images\n          path: plan\n", "which is not the plan"},
		"a plan put elsewhere":      {deploy, "          path: plan\n", "          path: plans\n", "which is not the plan"},
		"a plan of nobody before":   {deploy, "    needs: plan\n", "", "which is not the plan"},
		"a plan made anew":          {release, "      - run: make deploy", "      - run: make preview STACK=prod PLAN=plan/prod.json\n      - run: make deploy", "which is not the plan"},
		"a plan that failed":        {deploy, "if: needs.plan.outputs.planned == 'true'", "if: ${{ !cancelled() }}", "deploys also where a job failed"},
		"prod without a tag":        {deploy, "make deploy STACK=dev", "make deploy STACK=prod", "releases a commit that nobody may have reviewed"},
		"a tag anywhere":            {release, "      - run: make on-main\n", "", "releases a commit that nobody may have reviewed"},
		"a tag anywhere, for some":  {release, "      - run: make on-main\n", "      - if: github.actor != 'me'\n        run: make on-main\n", "releases a commit that nobody may have reviewed"},
		"a tag anywhere, noted":     {release, "      - run: make on-main\n", "      - run: make on-main\n        continue-on-error: true\n", "releases a commit that nobody may have reviewed"},
		"a night without drift":     {drift, "run: make drift OUT=drift.txt", "run: make preview", "live/dev: no night asks"},
		"no night":                  {drift, "  schedule:\n    - cron: \"17 3 * * *\"\n", "", "live/prod: no night asks"},
		"some nights":               {drift, "17 3 * * *", "17 3 * * 1", "live/prod: no night asks"},
		"no night for prod":         {drift, "stack: [dev, prod]", "stack: [dev]", "live/prod: no night asks"},
		"drift that nobody hears":   {drift, "run: make drift-issue FILE=drift.txt", "run: make summary FILE=drift.txt", "job drift opens no issue of prod"},
		"another file's drift":      {drift, "run: make drift-issue FILE=drift.txt", "run: make drift-issue FILE=other.txt", "job drift opens no issue of dev"},
		"drift, when all is well":   {drift, "!cancelled() && vars.FLOE_ROLE", "vars.FLOE_ROLE", "job drift opens no issue of dev, or not always"},
		"drift that logged in":      {drift, "!cancelled() && ", "!cancelled() && steps.drift.outcome != 'skipped' && ", "job drift opens no issue of dev, or not always"},
		"no login, no issue":        {drift, "      - run: make drift-begin OUT=drift.txt\n", "", "has nothing to say where a step before make drift fails"},
		"another file's beginning":  {drift, "drift-begin OUT=drift.txt", "drift-begin OUT=other.txt", "has nothing to say where a step before make drift fails"},
		"drift that hangs":          {drift, "        timeout-minutes: 35", "       ", "is cut off without an issue"},
		"drift from main":           {drift, "run: make released", "run: make on-main", "compares prod with what was not released"},
		"drift now and then":        {drift, "    runs-on: ubuntu-24.04\n", "    runs-on: ubuntu-24.04\n    if: vars.DRIFT\n", "job drift may be left out"},
		"drift without issues":      {drift, "      issues: write\n", "", "job drift may write no issues"},
		"longer than its role":      {deploy, "timeout-minutes: 55", "timeout-minutes: 60", "job deploy may run for 60 minutes, and its credentials end after 60"},
		"as long as it likes":       {release, "timeout-minutes: 55", "timeout-minutes: ${{ fromJSON(vars.MINUTES) }}", "and its credentials end after 60"},
	} {
		t.Run(name, func(t *testing.T) {
			r := repository(t)
			for _, f := range r.Files {
				if f.Name != tc.file {
					continue
				}
				if !strings.Contains(f.Text, tc.old) {
					t.Fatalf("%s no longer holds %q", tc.file, tc.old)
				}
				if err := r.add(f.Name, strings.Replace(f.Text, tc.old, tc.new, 1)); err != nil {
					t.Fatal(err)
				}
				break
			}
			findings := r.Check()
			if len(findings) == 0 || !strings.Contains(strings.Join(findings, "\n"), tc.want) {
				t.Errorf("found %q, want %q", findings, tc.want)
			}
		})
	}
}

// TestInArtifact holds where upload-artifact puts a file, as its README says:
// below what all of its paths have in common.
func TestInArtifact(t *testing.T) {
	for _, tc := range []struct {
		file, paths, want string
		held              bool
	}{
		{"plan/prod.json", "plan/", "prod.json", true},
		{"plan/prod.json", "plan", "prod.json", true},
		{"plan/prod.json", "plan/prod.json", "prod.json", true},
		{"./prod.json", "prod.json", "prod.json", true},
		{"plan/prod.json", "plan/ notes/ sbom/", "plan/prod.json", true},
		{"out/plan/prod.json", "out/plan/ out/notes/", "plan/prod.json", true},
		{"plan/prod.json", "plan/prod.json plan/prod.txt", "prod.json", true},
		{"plan/prod.json", "plans/ notes/", "plan/prod.json", false},
		{"plan/prod.json", "plan/prod", "plan/prod.json", false},
		{"plan/prod.json", "", "plan/prod.json", false},
	} {
		if got, held := inArtifact(tc.file, strings.Fields(tc.paths)); held != tc.held || held && got != tc.want {
			t.Errorf("%s in %q is %s, %t; want %s, %t", tc.file, tc.paths, got, held, tc.want, tc.held)
		}
	}
}

// TestReleaseAttests holds that GitHub signs where the images are from, and of
// each what it is made of.
func TestReleaseAttests(t *testing.T) {
	var signed []string
	for _, f := range repository(t).Files {
		if f.Name != release {
			continue
		}
		for _, s := range f.Jobs["attest"].Steps {
			if strings.HasPrefix(s.action(), "actions/attest") {
				signed = append(signed, fmt.Sprintf("%s %v %v", s.action(), s.With["subject-checksums"], s.With["sbom-path"]))
			}
		}
	}
	want := []string{"actions/attest-build-provenance sbom/checksums.txt <nil>",
		"actions/attest sbom/ingest.sha256 sbom/ingest.cdx.json", "actions/attest sbom/transform.sha256 sbom/transform.cdx.json"}
	if !slices.Equal(signed, want) {
		t.Errorf("the release signs %q, want %q", signed, want)
	}
}
