#!/bin/sh
# Show what would change, ask, do it, and say which secrets are still empty.
# usage: STACK=dev [YES=1] [DIFF=1] [PLAN=file] scripts/deploy.sh
#
#   YES=1  without asking
#   PLAN   what make preview kept there; whatever it does not hold is refused
set -eu
. scripts/pulumi.sh
need_stack deploy
yes=
[ "${YES:-}" != 1 ] || yes=--yes
if [ -z "$yes" ] && [ ! -t 0 ]; then
	fail "nobody is here to answer" "make deploy STACK=$STACK YES=1, once make preview STACK=$STACK was read"
fi
if [ -n "${PLAN:-}" ]; then
	[ -f "$PLAN" ] || fail "there is no plan $PLAN" "make preview STACK=$STACK PLAN=$PLAN"
	export PULUMI_EXPERIMENTAL=true # which pulumi wants for --plan
fi
need_tools
open_stack --create
pulumi up --stack "$STACK" ${DIFF:+--diff} ${PLAN:+--plan "$PLAN"} $yes
echo
# It names each secret, says which are empty, and how to set them.
bin/floe secret list --stack "$STACK"
