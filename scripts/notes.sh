#!/bin/sh
# Write the notes of a release: what it does to the data, to who may read it and
# to what it costs, since the release before. A part that cannot be made is
# marked; it holds no release up.
# usage: OUT=notes [FROM=v1.2.0] [TO=v1.3.0] [STACKS=prod] scripts/notes.sh
#
#   FROM  default: the tag v[0-9]* before TO; the first release is compared with nothing
#   TO    default: HEAD; where it is another commit, the files are that one's
set -eu
. scripts/pulumi.sh
. scripts/parts.sh
to=${TO:-HEAD}
git rev-parse --verify --quiet "$to^{commit}" >/dev/null || fail "TO=$to is no commit" "make release-notes TO=v1.3.0 OUT=notes"
[ "$(git rev-parse "$to^{commit}")" = "$(git rev-parse HEAD)" ] || fail "TO=$to is not what is checked out" "git checkout $to, then make release-notes"
from=${FROM:-$(git describe --tags --abbrev=0 --match 'v[0-9]*' "$to^" 2>/dev/null || true)}
begin notes
release=$(git describe --tags --exact-match --match 'v[0-9]*' "$to" 2>/dev/null || git rev-parse --short "$to")
changelog() {
	awk '/^## /{n++} n==1' CHANGELOG.md
}
part changelog "Changelog" changelog
if [ -z "$from" ]; then
	report "$release" release "The first release."
	exit 0
fi
old=$(earlier "$from")
part plan "What it does to the data" bin/floe plan --diff "$old"
for STACK in ${STACKS:-prod}; do
	need_stack release-notes
	differences "$STACK" "$old"
done
commits() {
	git log --no-merges --format='%h %s' "$from..$to"
}
part commits "Commits since $from" commits
report "$release" release "Compared with \`$(printf %s "$from" | tr -cd 'A-Za-z0-9._/^~-')\`."
