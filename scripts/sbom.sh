#!/bin/sh
# Write what the images of a stack are made of: OUT/<image>.cdx.json in CycloneDX
# for each, OUT/<image>.sha256 with its digest, and all digests in OUT/checksums.txt.
# usage: STACK=prod OUT=sbom scripts/sbom.sh
set -eu
. scripts/pulumi.sh
need_stack sbom
[ -n "${OUT:-}" ] || fail "OUT is missing" "make sbom STACK=$STACK OUT=sbom"
command -v go >/dev/null 2>&1 || fail "go is not on PATH" "https://go.dev/dl"
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
cd infra
exec go run ./cmd/images --sbom "$OUT" "$STACK"
