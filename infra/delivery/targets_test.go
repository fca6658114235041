package delivery

import (
	"os"
	"path/filepath"
	"strings"
)

func testReview(d *desk) {
	out, calls, code := d.make("review AGAINST=HEAD^ OUT=review")
	if code != 0 {
		d.t.Fatalf("code %d\n%s", code, out)
	}
	page := d.read("review/comment.md")
	d.wants(page, "<!-- floe: review -->\n## What this change does\n\nCompared with `HEAD^`.\n", "said by floe plan --diff OLD\nthe old project is before",
		"Who may read in dev", "said by floe access --stack dev --diff OLD\nthe old project is before", "What prod costs", "said by go run ./cmd/cost", "Preview of prod", "said by pulumi preview")
	if strings.Contains(page, "failed") || strings.Count(page, "<summary>") != 7 {
		d.t.Errorf("the page is\n%s", page)
	}
	d.wants(calls, "pulumi stack select dev --create\npulumi preview --stack dev\n", "pulumi preview --stack prod\n")
	// Another checkout, only one stack, and again into the same folder.
	other := filepath.Join(d.root, "..", "other")
	d.must(os.CopyFS(other, os.DirFS(d.root)))
	if out, _, code := d.make("review STACKS=dev OUT=review AGAINST=" + other); code != 0 {
		d.t.Fatalf("code %d\n%s", code, out)
	}
	page = d.read("review/comment.md")
	d.wants(page, "the old project is floe")
	if strings.Contains(page, "prod") || d.has("review/access-prod.txt") {
		d.t.Errorf("the page of dev is\n%s", page)
	}
}

// testReviewOfAFork has previews of one stack that was made before, of one that
// could not be made, and none at all.
func testReviewOfAFork(d *desk) {
	d.write("previews/dev.txt", "made before\n")
	if out, calls, code := d.make("review AGAINST=HEAD^ OUT=review PREVIEWS=previews"); code != 0 || strings.Contains(calls, "pulumi") {
		d.t.Errorf("code %d, pulumi was called with %q\n%s", code, calls, out)
	}
	d.wants(d.read("review/comment.md"), "made before", "There is no preview: this run has no credentials")
	d.write("previews/dev.failed", "")
	if out, _, code := d.make("review AGAINST=HEAD^ OUT=review PREVIEWS=previews"); code == 0 {
		d.t.Errorf("a preview that failed is none:\n%s", out)
	}
	d.wants(d.read("review/comment.md"), "failed: Preview of dev", "made before")
	if out, _, code := d.make("review AGAINST=HEAD^ OUT=review STACKS=prod PREVIEWS=previews", "PREVIEWED=failure"); code == 0 {
		d.t.Errorf("a preview whose job died is none:\n%s", out)
	}
	d.wants(d.read("review/comment.md"), "failed: Preview of prod", "its job ended before it made one")
}

func testReviewFails(d *desk) {
	out, _, code := d.make("review AGAINST=HEAD^ OUT=review", "FAKE_FLOE=access", "FAKE_FAILS=preview")
	if code == 0 {
		d.t.Error("it ended with 0")
	}
	d.wants(out, "these parts could not be made: access-dev preview-dev access-prod preview-prod")
	d.wants(d.read("review/comment.md"), "failed: Who may read in dev", "failed: Preview of prod", "said by floe plan")
}

func testReviewRefuses(d *desk) {
	d.write("full/of.txt", "work")
	for words, want := range map[string]string{
		"review OUT=review":                            "AGAINST is missing",
		"review AGAINST=HEAD^":                         "OUT is missing",
		"review AGAINST=nothing OUT=review":            "neither a folder with a Pulumi.yaml nor a commit",
		"review AGAINST=HEAD^ OUT=review STACKS=stage": "there is no stack stage",
		"review AGAINST=HEAD^ OUT=full":                "holds something else",
		"release-notes OUT=notes TO=nothing":           "TO=nothing is no commit",
		"release-notes OUT=notes TO=HEAD^":             "not what is checked out",
		"comment PR=x FILE=a":                          "PR=x is no number",
		"comment PR=1 FILE=a":                          "there is no file FILE=a",
		"comment PR=1 FILE=CHANGELOG.md":               "is no review",
		"release TAG=main NOTES=CHANGELOG.md":          "is no release",
		"drift-begin":                                  "OUT is missing",
		"drift-issue STACK=dev":                        "FILE is missing",
		"drift-issue STACK=dev FILE=CHANGELOG.md":      "there is no file CHANGELOG.md with its CHANGELOG.md.code",
		"summary FILE=a":                               "there is no file FILE=a",
		"deploy STACK=dev YES=1 PLAN=plan.json":        "there is no plan plan.json",
		"same-images STACK=prod":                       "there is no file DIGESTS=",
		"pr":                                           "is no number",
		"pr PR=012":                                    "is no number",
		"unpr PR=1;echo":                               "is no number",
		"sbom STACK=prod":                              "OUT is missing",
		"region STACK=stage":                           "there is no stack stage",
	} {
		out, calls, code := d.make(words)
		if code == 0 || calls != "" || !strings.Contains(out, want) || !strings.Contains(out, "next: ") {
			d.t.Errorf("make %s ended with %d, calls %q:\n%s", words, code, calls, out)
		}
	}
	if d.read("full/of.txt") != "work" {
		d.t.Error("it wrote into a folder that holds something else")
	}
}

func testNotes(d *desk) {
	if out, _, code := d.make("release-notes OUT=notes"); code != 0 {
		d.t.Fatalf("code %d\n%s", code, out)
	}
	page := d.read("notes/comment.md")
	d.wants(page, "<!-- floe: release -->", "Compared with `v1.0.0`.", "## Unreleased\n- New.", "What it does to the data", "the old project is before", "Who may read in prod", "What prod costs", "Commits since v1.0.0", " Second")
	if strings.Contains(page, "Old.") || strings.Contains(page, "First") || strings.Contains(page, "in dev") {
		d.t.Errorf("the notes hold too much:\n%s", page)
	}
	// A part that cannot be made holds no release up.
	if out, _, code := d.make("release-notes OUT=notes", "FAKE_FLOE=access"); code != 0 || !strings.Contains(out, "could not be made: access-prod") {
		d.t.Errorf("code %d\n%s", code, out)
	}
	d.wants(d.read("notes/comment.md"), "failed: Who may read in prod", "What prod costs")
	d.git("tag", "v1.1.0")
	if out, _, code := d.make("release-notes OUT=notes TO=v1.1.0 FROM=HEAD^"); code != 0 {
		d.t.Fatalf("code %d\n%s", code, out)
	}
	d.wants(d.read("notes/comment.md"), "## v1.1.0\n", "Compared with `HEAD^`.")
	d.git("tag", "--delete", "v1.0.0")
	if out, _, code := d.make("release-notes OUT=notes TO=v1.1.0"); code != 0 {
		d.t.Fatalf("code %d\n%s", code, out)
	}
	if page := d.read("notes/comment.md"); !strings.Contains(page, "The first release.") || strings.Contains(page, "Who may read") {
		d.t.Errorf("the first release's notes are\n%s", page)
	}
}

func testPlanFile(d *desk) {
	out, calls, code := d.make("preview STACK=dev OUT=plan PLAN=plan/dev.json")
	if code != 0 || calls != "pulumi stack select dev --create\npulumi preview --stack dev --save-plan plan/dev.json\n" || d.has("plan/dev.failed") {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	d.wants(d.read("plan/dev.txt"), "said by pulumi preview")
	d.wants(out, "said by pulumi preview", "make deploy STACK=dev PLAN=plan/dev.json")
	d.write("plan/dev.json", "{}")
	out, calls, code = d.make("deploy STACK=dev YES=1 PLAN=plan/dev.json")
	if code != 0 || !strings.Contains(calls, "pulumi up --stack dev --plan plan/dev.json --yes (experimental)\n") {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	if _, calls, code := d.make("deploy STACK=dev YES=1"); code != 0 || strings.Contains(calls, "plan") {
		d.t.Errorf("without a plan: code %d, %s", code, calls)
	}
	if out, _, code := d.make("preview STACK=dev OUT=plan", "FAKE_FAILS=preview"); code == 0 || !d.has("plan/dev.failed") {
		d.t.Errorf("a preview that failed: code %d\n%s", code, out)
	}
	if _, _, code := d.make("preview STACK=dev OUT=plan"); code != 0 || d.has("plan/dev.failed") {
		d.t.Error("the mark of a failure stays")
	}
}

func testDrift(d *desk) {
	// What comes before the check may fail, or the check itself be stopped.
	out, calls, code := d.make("drift-begin OUT=drift.txt", "GITHUB_SERVER_URL=https://github.com", "GITHUB_REPOSITORY=acme/data", "GITHUB_RUN_ID=5")
	if code != 0 || calls != "" || d.read("drift.txt.code") != "1\n" {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	d.wants(d.read("drift.txt"), "did not come to its end", "https://github.com/acme/data/actions/runs/5\n")
	if out, _, code := d.make("drift STACK=none OUT=drift.txt"); code == 0 || d.read("drift.txt.code") != "1\n" {
		d.t.Errorf("a check that refuses: code %d\n%s", code, out)
	}
	if out, calls, code := d.make("drift-issue STACK=dev FILE=drift.txt"); code != 0 || !strings.Contains(calls, "gh issue create --title Drift: the check of stack dev failed") {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	out, calls, code = d.make("drift STACK=dev OUT=drift.txt")
	if code != 0 || d.read("drift.txt.code") != "0\n" || calls != "pulumi stack select dev\npulumi preview --stack dev --refresh --expect-no-changes --diff\n" {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	out, _, code = d.make("drift STACK=dev OUT=drift.txt", "FAKE_SAYS=error: no changes were expected for preview but changes were proposed")
	if code == 0 || d.read("drift.txt.code") != "3\n" || !strings.Contains(out, "Error 3") || !strings.Contains(out, "is not as it was deployed") || !strings.Contains(d.read("drift.txt"), "changes were proposed") {
		d.t.Errorf("code %d\n%s", code, out)
	}
	out, _, code = d.make("drift STACK=dev OUT=drift.txt", "FAKE_SAYS=error: no credentials")
	if code == 0 || d.read("drift.txt.code") != "1\n" || !strings.Contains(out, "Error 1") || strings.Contains(out, "is not as it was deployed") || !strings.Contains(d.read("drift.txt"), "no credentials") {
		d.t.Errorf("a check that failed: code %d\n%s", code, out)
	}
}

// testIssue keeps apart what differs and what could not be compared.
func testIssue(d *desk) {
	const (
		list    = `gh issue list --state open --app github-actions --limit 200 --json number,title --jq .[] | select(.title == "`
		differs = "Drift: stack dev is not as it was deployed"
		broken  = "Drift: the check of stack dev failed"
		look    = list + differs + `") | .number ` + "\n"
		failed  = list + broken + `") | .number ` + "\n"
	)
	step := func(what, code, want string, env ...string) {
		d.t.Helper()
		d.write("drift.txt.code", code+"\n")
		out, calls, ended := d.make("drift-issue STACK=dev FILE=drift.txt", env...)
		var got []string // without the names of temporary files and what is said at closing
		for line := range strings.Lines(calls) {
			line, _, _ = strings.Cut(strings.TrimSuffix(line, "\n"), " --comment")
			line, _, _ = strings.Cut(line, " --body-file")
			got = append(got, line+"\n")
		}
		if ended != 0 || strings.Join(got, "") != want {
			d.t.Errorf("%s: code %d, %s, want %s\n%s", what, ended, strings.Join(got, ""), want, out)
		}
	}
	d.write("drift.txt", "```\n~ bucket\x1b[0m\n")
	step("nothing differs, no issue", "0", look+failed)
	step("nothing differs", "0", look+"gh issue close 7\n"+failed+"gh issue close 7\n", "FAKE_FOUND=7")
	step("drift", "3", look+"gh issue create --title "+differs+"\n"+failed)
	step("drift again", "3", look+"gh issue edit 7\n"+failed+"gh issue close 7\n", "FAKE_FOUND=7")
	step("a check that failed", "1", failed+"gh issue create --title "+broken+"\n")
	step("a check that failed again", "1", failed+"gh issue edit 7\n", "FAKE_FOUND=7")
	if out, calls, code := d.make("drift-issue STACK=dev FILE=drift.txt", "FAKE_GH=issue list"); code == 0 || strings.Contains(calls, "create") {
		d.t.Errorf("a list that was refused: code %d, %s\n%s", code, calls, out)
	}
}

// testProvider gets the provider for this machine, whose sum is checked.
func testProvider(d *desk) {
	for name, text := range map[string]string{
		"go":        "#!/bin/sh\ncase $2 in\nGOOS) echo linux ;;\n*) echo arm64 ;;\nesac\n",
		"curl":      "#!/bin/sh\necho \"curl $*\" >>\"$FAKES/calls\"\nwhile [ \"$1\" != --output ]; do shift; done\necho zip >\"$2\"\n",
		"sha256sum": "#!/bin/sh\necho \"$FAKE_SUM  $1\"\n",
		"unzip":     "#!/bin/sh\n[ -s \"$3\" ] && echo binary >\"$5/terraform-provider-aws_v5.100.0_x5\"\n",
	} {
		d.must(os.WriteFile(filepath.Join(d.bin, name), []byte(text), 0o755))
	}
	const got = ".cache/floe/terraform/terraform-provider-aws_v5.100.0_x5"
	for _, sum := range []string{"", "#", strings.Repeat("0", 64)} {
		if out, _, code := d.make("provider", "FAKE_SUM="+sum); code == 0 || d.has(got) || !strings.Contains(out, "next: ") {
			d.t.Errorf("a file with the sum %q is taken: code %d\n%s", sum, code, out)
		}
	}
	sums := strings.Fields(d.read("scripts/provider.sums"))
	out, calls, code := d.make("provider", "FAKE_SUM="+sums[len(sums)-1])
	if code != 0 || !d.has(got) || !strings.HasSuffix(calls, " https://releases.hashicorp.com/terraform-provider-aws/5.100.0/terraform-provider-aws_5.100.0_linux_arm64.zip\n") {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
}

// testReleased checks out what GitHub names, and knows what is not on main.
func testReleased(d *desk) {
	head := func() string {
		return strings.TrimSpace(d.read(".git/HEAD"))
	}
	if out, _, code := d.make("released"); code != 0 || head() != "ref: refs/heads/main" {
		d.t.Errorf("without a release: code %d, at %s\n%s", code, head(), out)
	}
	for _, tag := range []string{"v9.9.9", "nightly"} {
		if out, _, code := d.make("released", "FAKE_FOUND="+tag); code == 0 || !strings.Contains(out, "next: ") {
			d.t.Errorf("%s: code %d\n%s", tag, code, out)
		}
	}
	if out, _, code := d.make("on-main"); code == 0 || !strings.Contains(out, "git fetch origin main") {
		d.t.Errorf("a clone without main: code %d\n%s", code, out)
	}
	d.git("update-ref", "refs/remotes/origin/main", "HEAD^")
	if out, _, code := d.make("on-main"); code == 0 || !strings.Contains(out, "is not on main") {
		d.t.Errorf("a commit that is not on main: code %d\n%s", code, out)
	}
	if out, _, code := d.make("released", "FAKE_FOUND=v1.0.0"); code != 0 || !strings.Contains(d.read("Pulumi.yaml"), "name: before") {
		d.t.Errorf("code %d, at %s\n%s", code, head(), out)
	}
	if out, _, code := d.make("on-main"); code != 0 {
		d.t.Errorf("what is on main is refused: code %d\n%s", code, out)
	}
}

func testComment(d *desk) {
	d.write("comment.md", "<!-- floe: review -->\n## T\n")
	const found = "gh api --paginate repos/acme/data/issues/12/comments --jq "
	out, calls, code := d.make("comment PR=12 FILE=comment.md")
	if code != 0 || !strings.HasPrefix(calls, found) || !strings.Contains(calls, "gh api --silent --method POST repos/acme/data/issues/12/comments --field body=@comment.md") {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	d.wants(calls, `select(.user.login == "github-actions[bot]" and (.body | startswith("<!-- floe: review -->")))`)
	out, calls, code = d.make("comment PR=12 FILE=comment.md", "FAKE_FOUND=99\n100")
	if code != 0 || !strings.Contains(calls, "gh api --silent --method PATCH repos/acme/data/issues/comments/99 --field body=@comment.md") || strings.Contains(calls, "POST") {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	if out, calls, code := d.make("comment PR=12 FILE=comment.md", "FAKE_GH=api --paginate"); code == 0 || strings.Contains(calls, "POST") {
		d.t.Errorf("a list that was refused: code %d, %s\n%s", code, calls, out)
	}
}

func testRelease(d *desk) {
	d.write("notes.md", "notes")
	d.write("sbom/a.json", "{}")
	out, calls, code := d.make("release TAG=v1.2.0 NOTES=notes.md ASSETS=sbom")
	if code != 0 || calls != "gh release view v1.2.0 \ngh release create v1.2.0 --verify-tag --title v1.2.0 --notes-file notes.md \ngh release upload v1.2.0 sbom/a.json --clobber \n" {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	if _, calls, code := d.make("release TAG=v1.2.0 NOTES=notes.md", "FAKE_FOUND=x"); code != 0 || calls != "gh release view v1.2.0 \ngh release edit v1.2.0 --title v1.2.0 --notes-file notes.md \n" {
		d.t.Errorf("a release that is there: code %d, %s", code, calls)
	}
}

func testSummary(d *desk) {
	d.write("a.md", "## A\n")
	d.write("b.txt", "```\n\x1b<b>\n")
	page := filepath.Join(d.root, "summary")
	for _, file := range []string{"a.md", "b.txt"} {
		if out, _, code := d.make("summary FILE="+file, "GITHUB_STEP_SUMMARY="+page); code != 0 {
			d.t.Errorf("code %d\n%s", code, out)
		}
	}
	if got := d.read("summary"); got != "## A\n\n    ```\n    <b>\n\n" {
		d.t.Errorf("the page is %q", got)
	}
}

func testImages(d *desk) {
	out, calls, code := d.make("images STACK=dev OUT=images/dev.json")
	if code != 0 || calls != "pulumi stack select dev\npulumi stack output images --json --stack dev\n" || d.read("images/dev.json") != "{\"ingest\":\"sha256:1\"}\n" {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	out, calls, code = d.make("same-images STACK=prod DIGESTS=images/dev.json")
	if code != 0 || calls != "go run ./cmd/images --same "+filepath.Join(d.root, "images/dev.json")+" prod\n" {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	if out, _, code := d.make("same-images STACK=prod DIGESTS=images/dev.json", "FAKE_GO=1"); code == 0 {
		d.t.Errorf("other images are let through:\n%s", out)
	}
	if out, _, code := d.make("images STACK=dev OUT=images/none.json", "FAKE_FAILS=stack"); code == 0 || d.has("images/none.json") {
		d.t.Errorf("a stack that is not there: code %d\n%s", code, out)
	}
}

// testChangeStack makes the stack of a pull request and takes it away.
func testChangeStack(d *desk) {
	d.write("stacks/Pulumi.dev.yaml", "secretsprovider: awskms://alias/a?region=x\nencryptedkey: abc\nencryptionsalt: def\nconfig:\n  aws:region: eu-central-1\n")
	const settings = "stacks/Pulumi.pr-12.yaml"
	out, calls, code := d.make("pr PR=12")
	if code != 0 || calls != "pulumi stack select pr-12 --create --secrets-provider awskms://alias/a?region=x\npulumi up --stack pr-12 --yes\n" {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	if got := d.read(settings); got != "secretsprovider: awskms://alias/a?region=x\nconfig:\n  aws:region: eu-central-1\n" {
		d.t.Errorf("%s is %q", settings, got)
	}
	d.wants(out, "said by floe secret list --stack pr-12")
	// Nobody answers for AWS here: what is left is not known, so nothing is forgotten.
	out, calls, code = d.make("unpr PR=12", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_MAX_ATTEMPTS=1", "AWS_EC2_METADATA_DISABLED=true")
	if code == 0 || !strings.Contains(calls, "pulumi destroy --stack pr-12 --yes\n") || strings.Contains(calls, "stack rm") || !d.has(settings) {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	d.wants(out, "Stack pr-12 is destroyed. What stays behind by design:", "next: ")
	out, calls, code = d.make("unpr PR=12", "FAKE_FAILS=destroy")
	if code == 0 || strings.Contains(out, "What stays behind") || strings.Contains(calls, "stack rm") {
		d.t.Errorf("a destroy that failed: code %d, %s\n%s", code, calls, out)
	}
	d.must(os.WriteFile(filepath.Join(d.bin, "program"), []byte("#!/bin/sh\necho \"bootstrap $*\" >>\"$FAKES/calls\"\n"), 0o755))
	out, calls, code = d.make("unpr PR=12")
	if code != 0 || !strings.HasSuffix(calls, "bootstrap residue --stack pr-12\npulumi stack rm --stack pr-12 --yes --preserve-config\n") || d.has(settings) {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
	d.must(os.WriteFile(filepath.Join(d.bin, "program"), []byte("#!/bin/sh\nprintf '12\\n13\\n'\n"), 0o755))
	for said, want := range map[string]string{
		"open\nenvironment": "closed=[]\n", "open\nbug\nEnvironment\nlate": "closed=[]\n",
		"open": "closed=[12,13]\n", "open\nenvironments\nbug": "closed=[12,13]\n",
		"closed\nenvironment": "closed=[12,13]\n", "closed\nopen": "closed=[12,13]\n",
	} {
		if out, calls, code := d.make("--silent closed-prs", "FAKE_STATE="+said); code != 0 || out != want || !strings.Contains(calls, "gh api repos/acme/data/pulls/13 --jq .state, .labels[].name") {
			d.t.Errorf("%q: code %d, %s\n%s", said, code, calls, out)
		}
	}
	for _, answer := range []string{"FAKE_GH=pulls", "FAKE_STATE=", "FAKE_STATE=environment"} {
		if out, _, code := d.make("--silent closed-prs", answer); code == 0 || strings.Contains(out, "closed=") {
			d.t.Errorf("GitHub did not answer, %s: code %d\n%s", answer, code, out)
		}
	}
}

func testSBOM(d *desk) {
	out, calls, code := d.make("sbom STACK=prod OUT=sbom")
	if code != 0 || calls != "go run ./cmd/images --sbom "+filepath.Join(d.root, "sbom")+" prod\n" || !d.has("sbom") {
		d.t.Errorf("code %d, %s\n%s", code, calls, out)
	}
}

func testRegion(d *desk) {
	d.write("stacks/Pulumi.dev.yaml", "config:\n  aws:region: \"us-east-1\" # near\n")
	for _, stack := range []string{"dev", "pr-3"} {
		if out, _, code := d.make("region STACK=" + stack); code != 0 || out != "region=us-east-1\n" {
			d.t.Errorf("%s: code %d, %q", stack, code, out)
		}
	}
	d.write("stacks/Pulumi.dev.yaml", "config: {}\n")
	if out, _, code := d.make("region STACK=dev"); code == 0 || !strings.Contains(out, "names no region") {
		d.t.Errorf("code %d, %q", code, out)
	}
}
