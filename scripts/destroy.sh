#!/bin/sh
# Delete a stack with its data, and list what stays behind by design.
# usage: STACK=prod CONFIRM=prod scripts/destroy.sh
set -eu
. scripts/pulumi.sh
need_stack destroy
command -v go >/dev/null 2>&1 || fail "go is not on PATH" "https://go.dev/dl"
bootstrap guard --stack "$STACK" --confirm "${CONFIRM:-}"
need_tools
open_stack
state=$(mktemp)
trap 'rm -f "$state"' EXIT
trap 'exit 4' INT TERM
pulumi stack export --stack "$STACK" --file "$state"
bootstrap guard --stack "$STACK" --confirm "${CONFIRM:-}" --state "$state"
pulumi destroy --stack "$STACK" --yes
bootstrap remains --stack "$STACK" --state "$state"
