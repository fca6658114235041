#!/bin/sh
# Make what an account has once, or take it back.
# usage: STACK=dev [ADMIN=arn:…] [DRY_RUN=1] scripts/bootstrap.sh make
#        STACK=dev CONFIRM=123456789012 [DRY_RUN=1] scripts/bootstrap.sh remove
set -eu
. scripts/pulumi.sh
act=$1
case $act in
make) target=bootstrap ;;
*) target=unbootstrap ;;
esac
need_stack "$target"
command -v go >/dev/null 2>&1 || fail "go is not on PATH" "https://go.dev/dl"
set -- "$act" --stack "$STACK"
[ -z "${ADMIN:-}" ] || set -- "$@" --admin "$ADMIN"
[ -z "${CONFIRM:-}" ] || set -- "$@" --confirm "$CONFIRM"
[ -z "${DRY_RUN:-}" ] || set -- "$@" --dry-run
bootstrap "$@"
