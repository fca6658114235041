#!/bin/sh
# Write a page under a pull request: anew, where it is there already.
# usage: PR=12 FILE=review/comment.md scripts/comment.sh
set -eu
. scripts/pulumi.sh
. scripts/github.sh
case ${PR:-} in
'' | *[!0-9]*) fail "PR=${PR:-} is no number" "PR=12 FILE=review/comment.md make comment" ;;
esac
[ -f "${FILE:-}" ] || fail "there is no file FILE=${FILE:-}" "make review OUT=review"
marker='<!-- floe: review -->'
[ "$(head -n 1 "$FILE")" = "$marker" ] || fail "$FILE is no review: its first line is not $marker" "make review OUT=review"
need_github
# Only what a workflow wrote: anybody can begin a comment like this one.
found=$(gh api --paginate "repos/$GH_REPO/issues/$PR/comments" \
	--jq '.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("<!-- floe: review -->"))) | .id')
id=$(printf '%s\n' "$found" | sed -n 1p)
if [ -n "$id" ]; then
	gh api --silent --method PATCH "repos/$GH_REPO/issues/comments/$id" --field body=@"$FILE"
	echo "the comment under pull request $PR is written anew"
else
	gh api --silent --method POST "repos/$GH_REPO/issues/$PR/comments" --field body=@"$FILE"
	echo "a comment is under pull request $PR"
fi
