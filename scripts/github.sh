# Sourced by the scripts that write to GitHub, after pulumi.sh.

# need_github refuses to begin without gh and without the repository's name.
need_github() {
	command -v gh >/dev/null 2>&1 || fail "gh is not on PATH" "https://cli.github.com; a runner of GitHub has it"
	GH_REPO=${GH_REPO:-${GITHUB_REPOSITORY:-}}
	[ -n "$GH_REPO" ] || fail "GH_REPO is missing" "GH_REPO=organisation/name"
	export GH_REPO
}
