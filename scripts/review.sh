#!/bin/sh
# Say what a change does, in one page for the comment under a pull request, and
# in a file for each of its parts.
# usage: STACKS="dev prod" AGAINST=main OUT=review [PREVIEWS=folder] scripts/review.sh
#
#   AGAINST   what it is compared with: another checkout, or a commit of git
#   PREVIEWS  where make preview OUT=… has put the stacks' previews; without it
#             they are made here, which needs credentials
#   PREVIEWED how the job that made them ended: success, skipped, failure, …
set -eu
. scripts/pulumi.sh
. scripts/parts.sh
[ -n "${AGAINST:-}" ] || fail "AGAINST is missing" "make review AGAINST=main OUT=review"
for STACK in ${STACKS:-dev prod}; do
	need_stack review
done
begin review
against=$AGAINST
old=$(earlier "$AGAINST")

# preview STACK: made before, or now.
preview() {
	if [ -z "${PREVIEWS:-}" ]; then
		STACK=$1 OUT='' PLAN='' sh scripts/preview.sh
	elif [ -f "$PREVIEWS/$1.txt" ]; then
		cat "$PREVIEWS/$1.txt"
		[ ! -f "$PREVIEWS/$1.failed" ]
	elif [ "${PREVIEWED:-}" = failure ] || [ "${PREVIEWED:-}" = cancelled ]; then
		echo "There is no preview: its job ended before it made one; its log says why."
		return 1
	else
		echo "There is no preview: this run has no credentials, because the change is from a fork or because docs/delivery.md was not followed yet."
	fi
}

part plan "Contracts, models, sources and workflows" bin/floe plan --diff "$old"
for STACK in ${STACKS:-dev prod}; do
	differences "$STACK" "$old"
	part "preview-$STACK" "Preview of $STACK" preview "$STACK"
done
report "What this change does" review "Compared with \`$(printf %s "$against" | tr -cd 'A-Za-z0-9._/^~-')\`."
[ -z "$failed" ]
