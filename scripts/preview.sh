#!/bin/sh
# Show what a deploy would change; nothing is touched but the stack's own state.
# usage: STACK=dev [DIFF=1] scripts/preview.sh   (DIFF=1: every property, old and new)
set -eu
. scripts/pulumi.sh
need_stack preview
need_tools
open_stack --create
pulumi preview --stack "$STACK" ${DIFF:+--diff}
echo "next: make deploy STACK=$STACK"
