#!/bin/sh
# Ask AWS whether the stack is as it was deployed. What was said is shown, and
# kept in OUT; make hides exit codes, so OUT.code keeps this one.
# usage: STACK=dev [OUT=file] scripts/drift.sh   exit code 3: something differs; 1: nobody knows
#        OUT=file scripts/drift.sh begin         writes that nobody knows, for whatever fails before
set -eu
. scripts/pulumi.sh
if [ "${1:-}" = begin ]; then
	[ -n "${OUT:-}" ] || fail "OUT is missing" "make drift-begin OUT=drift.txt, then make drift STACK=dev OUT=drift.txt"
	{
		echo "The check did not come to its end: a step before it failed, or it was stopped. The log of the run says which."
		[ -z "${GITHUB_RUN_ID:-}" ] || echo "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
	} >"$OUT"
	echo 1 >"$OUT.code"
	exit 0
fi
need_stack drift
text=$(mktemp)
trap 'rm -f "$text"' EXIT
trap 'exit 4' INT TERM

look() {
	need_tools
	open_stack
	pulumi preview --stack "$STACK" --refresh --expect-no-changes --diff
}
code=0
(look) >"$text" 2>&1 || code=1
if [ $code -ne 0 ] && grep -q "no changes were expected" "$text"; then
	code=3
fi
cat "$text"
if [ -n "${OUT:-}" ]; then
	cp "$text" "$OUT"
	echo $code >"$OUT.code"
fi
case $code in
0) echo "Stack $STACK is as it was deployed." ;;
3)
	echo "error: stack $STACK is not as it was deployed, or what is checked out is not deployed" >&2
	echo "next: make deploy STACK=$STACK brings back what was changed by hand; or write the change down in live/ first" >&2
	;;
esac
exit $code
