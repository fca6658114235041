#!/bin/sh
# Show a file on the page of a workflow's run; Markdown as such, all else as text.
# usage: FILE=review/comment.md scripts/summary.sh
set -eu
. scripts/pulumi.sh
[ -f "${FILE:-}" ] || fail "there is no file FILE=${FILE:-}" "name one"
# GitHub takes 1 MiB a step.
show() {
	case $FILE in
	*.md) head -c 1000000 "$FILE" ;;
	*) head -c 500000 "$FILE" | tr -d '\033\r' | sed 's/^/    /' | head -c 1000000 ;;
	esac
	echo
}
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
	show >>"$GITHUB_STEP_SUMMARY"
else
	show
fi
