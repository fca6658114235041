#!/bin/sh
# Say which images a stack runs, or refuse to build others for another stack.
# usage: STACK=dev [OUT=file] scripts/images.sh        what is deployed, as JSON
#        STACK=prod DIGESTS=file scripts/images.sh same   exit code 1 where it would be another
set -eu
. scripts/pulumi.sh
if [ "${1:-}" = same ]; then
	need_stack same-images
	[ -f "${DIGESTS:-}" ] || fail "there is no file DIGESTS=${DIGESTS:-}" "make images STACK=dev OUT=images/dev.json, then make same-images STACK=$STACK DIGESTS=images/dev.json"
	command -v go >/dev/null 2>&1 || fail "go is not on PATH" "https://go.dev/dl"
	case $DIGESTS in
	/*) ;;
	*) DIGESTS=$PWD/$DIGESTS ;;
	esac
	cd infra
	exec go run ./cmd/images --same "$DIGESTS" "$STACK"
fi
need_stack images
need_tools
open_stack >&2
digests=$(pulumi stack output images --json --stack "$STACK") || fail "stack $STACK does not say which images it runs" "make deploy STACK=$STACK"
if [ -n "${OUT:-}" ]; then
	mkdir -p "$(dirname "$OUT")"
	printf '%s\n' "$digests" >"$OUT"
fi
printf '%s\n' "$digests"
