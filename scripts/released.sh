#!/bin/sh
# Check out the tag of GitHub's last release, which is made once a deploy to prod
# went well; without any release, stay.
# usage: scripts/released.sh
set -eu
. scripts/pulumi.sh
. scripts/github.sh
need_github
tag=$(gh release list --limit 100 --json tagName,isLatest --jq '.[] | select(.isLatest) | .tagName')
case $tag in
'')
	echo "Nothing was released yet; prod is compared with $(git rev-parse --short HEAD)."
	exit 0
	;;
v[0-9]*) ;;
*) fail "the last release is $tag; a release's tag begins with v and a digit" "git tag v1.3.0, and push it; or make another release the latest" ;;
esac
git rev-parse --verify --quiet "refs/tags/$tag^{commit}" >/dev/null || fail "the tag $tag is not in this clone" "git fetch --tags"
git checkout --quiet --detach "refs/tags/$tag"
echo "checked out $tag"
