#!/bin/sh
# Make GitHub's release of a tag, or write the one that is there anew.
# usage: TAG=v1.3.0 NOTES=notes/comment.md [ASSETS=folder] scripts/release.sh
set -eu
. scripts/pulumi.sh
. scripts/github.sh
case ${TAG:-} in
v[0-9]*) ;;
*) fail "TAG=${TAG:-} is no release" "TAG=v1.3.0 make release NOTES=notes/comment.md" ;;
esac
[ -f "${NOTES:-}" ] || fail "there is no file NOTES=${NOTES:-}" "make release-notes OUT=notes"
need_github
if gh release view "$TAG" >/dev/null 2>&1; then
	gh release edit "$TAG" --title "$TAG" --notes-file "$NOTES"
else
	gh release create "$TAG" --verify-tag --title "$TAG" --notes-file "$NOTES"
fi
[ -z "${ASSETS:-}" ] || gh release upload "$TAG" "$ASSETS"/* --clobber
