#!/bin/sh
# Get what `make cloud` needs beside Go, once, and run it.
# usage: scripts/cloud.sh CACHE [go test flags]
#
#   the Terraform AWS provider  given by FLOE_TF_AWS_PROVIDER, or found in Terraform's plug-in folders
#   moto, PyIceberg             in a Python environment of their own
#   the Pulumi CLI              and its language plugin for Go, built from their modules
#   asl-validator               an npm package
set -eu
cache=$1
shift
pulumi=v3.259.0   # as in infra/go.mod
language=v3.66.0  # the last that holds the language plugin's source
requirements='moto[server]==5.2.1 boto3==1.44.5 botocore==1.44.5 pyiceberg[glue,pyarrow]==0.12.0 pyarrow==26.0.1'
validator=asl-validator@4.0.0

fail() {
	echo "make cloud: $1" >&2
	exit 1
}
for tool in python3 node npm; do
	command -v $tool >/dev/null 2>&1 || fail "$tool is missing (Debian: apt-get install python3 python3-venv nodejs npm)"
done
mkdir -p "$cache"

# build MODULE VERSION PACKAGE OUT [ldflags]: in a throw-away module outside the workspace.
build() {
	[ -x "$4" ] && return 0
	echo "building $(basename "$4") $2, once"
	dir=$(mktemp -d)
	(
		cd "$dir"
		export GOWORK=off GOFLAGS=-mod=mod
		go mod init tools 2>/dev/null
		go get "$3@$2"
		go build -ldflags "-s -w ${5:-}" -o "$4.new" "$3"
		mv "$4.new" "$4"
	) >"$dir/log" 2>&1 || {
		cat "$dir/log" >&2
		fail "$3 $2 does not build"
	}
	rm -rf "$dir"
}
bin=$cache/pulumi-$pulumi/bin
mkdir -p "$bin"
build pulumi $pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$bin/pulumi" \
	"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$pulumi"
build language $language github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go "$bin/pulumi-language-go"

venv=$cache/venv-$(printf %s "$requirements" | cksum | cut -d' ' -f1)
if [ ! -f "$venv/ready" ]; then
	echo "installing $requirements, once"
	python3 -m venv --clear "$venv"
	# shellcheck disable=SC2086 # one word each
	"$venv/bin/pip" install --quiet --disable-pip-version-check --no-input $requirements
	touch "$venv/ready"
fi
asl=$cache/asl-${validator#*@}
if [ ! -d "$asl/node_modules/asl-validator" ]; then
	echo "installing $validator, once"
	mkdir -p "$asl"
	(cd "$asl" && echo '{"private": true}' >package.json && npm install --no-audit --no-fund "$validator") >"$asl/log" 2>&1 || fail "npm install $validator failed, see $asl/log"
fi

export FLOE_PULUMI="$bin" FLOE_PYTHON="$venv/bin/python" FLOE_ASL="$asl"
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION AWS_ENDPOINT_URL
(cd runtime && go test -tags cloud -count 1 -timeout 20m "$@" ./orchestrate && go test -tags cloud -count 1 -timeout 20m -run InMoto "$@" ./lakehouse)
cd infra && go test -tags cloud -count 1 -timeout 45m -p 3 -parallel 5 "$@" ./...
