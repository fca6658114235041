#!/bin/sh
# Print region=<the stack's region>.
# usage: STACK=dev scripts/region.sh
set -eu
. scripts/pulumi.sh
need_stack region
region=$(sed -n 's/^[[:space:]]*aws:region:[[:space:]]*//p' "stacks/Pulumi.$(shape).yaml" | sed 's/[[:space:]]*#.*//' | tr -d "\"'")
[ -n "$region" ] || fail "stacks/Pulumi.$(shape).yaml names no region" "write config: {aws:region: eu-central-1} there"
echo "region=$region"
