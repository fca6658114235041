#!/bin/sh
# Check formatting, vet and golangci-lint of both modules.
# usage: scripts/lint.sh VERSION BINDIR   (golangci-lint is installed there if it is not)
set -eu
version=$1
bin=$2
unformatted=$(gofmt -l infra runtime)
if [ -n "$unformatted" ]; then
	echo "not formatted, run make fmt:" >&2
	echo "$unformatted" >&2
	exit 1
fi
for module in infra runtime; do
	(cd $module && go vet ./...)
done
(cd runtime && go vet -tags "crash drill guides interop" ./internal/...)
(cd infra && go vet -tags cloud ./...)
lint=$bin/golangci-lint-$version
if [ ! -x "$lint" ]; then
	mkdir -p "$bin"
	(cd / && GOBIN="$bin" GOFLAGS= go install "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$version")
	mv "$bin/golangci-lint" "$lint"
fi
for module in infra runtime; do
	(cd $module && "$lint" run --config ../.golangci.yml ./...)
done
