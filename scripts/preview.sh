#!/bin/sh
# Show what a deploy would change; nothing is touched but the stack's own state.
# usage: STACK=dev [DIFF=1] [OUT=folder] [PLAN=file] scripts/preview.sh
#
#   DIFF=1  every property, old and new
#   OUT     keep what is shown as OUT/STACK.txt, and mark a failure by OUT/STACK.failed
#   PLAN    keep the plan: make deploy with it does this and nothing else
set -eu
. scripts/pulumi.sh
need_stack preview
[ -z "${OUT:-}" ] || mkdir -p "$OUT"
[ -z "${PLAN:-}" ] || mkdir -p "$(dirname "$PLAN")"

preview() {
	need_tools
	open_stack --create
	pulumi preview --stack "$STACK" ${DIFF:+--diff} ${PLAN:+--save-plan "$PLAN"}
}
if [ -z "${OUT:-}" ]; then
	preview
else
	rm -f "$OUT/$STACK.failed"
	code=0
	(preview) >"$OUT/$STACK.txt" 2>&1 || code=$?
	cat "$OUT/$STACK.txt"
	if [ $code -ne 0 ]; then
		: >"$OUT/$STACK.failed"
		exit $code
	fi
fi
echo "next: make deploy STACK=$STACK${PLAN:+ PLAN=$PLAN}"
