#!/bin/sh
# Give a pull request a stack of its own, pr-<number>, in dev's shape; or take it
# away with its data, and ask AWS whether anything of it is left.
# usage: PR=12 scripts/pr.sh make
#        PR=12 scripts/pr.sh remove
#        scripts/pr.sh closed   prints closed=[12,…]: those that have a stack, and are not
#                               open or have no label "environment"
set -eu
. scripts/pulumi.sh
act=$1
if [ "$act" = closed ]; then
	. scripts/github.sh
	STACK=dev
	need_stack closed-prs
	need_github
	numbers=$(bootstrap changes --stack dev) || exit $?
	closed=
	for number in $numbers; do
		# A line with the state, then one for each label.
		said=$(gh api "repos/$GH_REPO/pulls/$number" --jq '.state, .labels[].name')
		case $said in
		open*) printf '%s\n' "$said" | sed 1d | grep -qixF environment || closed=${closed:+$closed,}$number ;;
		closed*) closed=${closed:+$closed,}$number ;;
		*) fail "GitHub says of pull request $number: $said; its first line should be open or closed" "make closed-prs again" ;;
		esac
	done
	echo "closed=[$closed]"
	exit 0
fi
case $act in
make) target=pr ;;
*) target=unpr ;;
esac
case ${PR:-} in
'' | 0* | *[!0-9]*) fail "PR=${PR:-} is no number" "make $target PR=12" ;;
esac
STACK=pr-$PR
need_stack "$target"
settings=stacks/Pulumi.$STACK.yaml
# Pulumi encrypts this stack's secrets by dev's key, under a data key of its own.
grep -v -e '^encryptedkey:' -e '^encryptionsalt:' stacks/Pulumi.dev.yaml >"$settings"
if [ "$act" = make ]; then
	export STACK YES=1
	PLAN='' sh scripts/deploy.sh
	exit 0
fi
need_tools
open_stack --create
state=$(mktemp)
trap 'rm -f "$state"' EXIT
trap 'exit 4' INT TERM
pulumi stack export --stack "$STACK" --file "$state"
bootstrap guard --stack "$STACK" --confirm "$STACK" --state "$state"
pulumi destroy --stack "$STACK" --yes
bootstrap remains --stack "$STACK" --state "$state"
bootstrap residue --stack "$STACK"
pulumi stack rm --stack "$STACK" --yes --preserve-config
rm -f "$settings"
