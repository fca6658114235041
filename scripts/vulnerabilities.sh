#!/bin/sh
# Look for known vulnerabilities in what both modules reach.
# usage: scripts/vulnerabilities.sh VERSION BINDIR   (govulncheck is installed there if it is not)
set -eu
version=$1
bin=$2
check=$bin/govulncheck-$version
if [ ! -x "$check" ]; then
	mkdir -p "$bin"
	(cd / && GOBIN="$bin" GOFLAGS= go install "golang.org/x/vuln/cmd/govulncheck@$version")
	mv "$bin/govulncheck" "$check"
fi
for module in infra runtime; do
	(cd $module && "$check" ./...)
done
