#!/bin/sh
# Refuse a commit that is not on main: what is released was reviewed.
# usage: scripts/onmain.sh
set -eu
. scripts/pulumi.sh
git rev-parse --verify --quiet origin/main >/dev/null || fail "this clone does not know origin/main" "git fetch origin main"
git merge-base --is-ancestor HEAD origin/main || fail "$(git describe --tags --always) is not on main" "merge it, then tag the commit on main"
