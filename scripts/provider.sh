#!/bin/sh
# Get the Terraform AWS provider that make cloud applies stacks by, where .ci/run
# finds it: below the home.
# usage: scripts/provider.sh FOLDER
set -eu
. scripts/pulumi.sh
folder=$1
version=5.100.0
for tool in go curl unzip; do
	command -v $tool >/dev/null 2>&1 || fail "$tool is not on PATH" "install $tool"
done
zip=terraform-provider-aws_${version}_$(go env GOOS)_$(go env GOARCH).zip
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 4' INT TERM
curl --fail --silent --show-error --location --retry 3 --output "$work/$zip" "https://releases.hashicorp.com/terraform-provider-aws/$version/$zip"
if command -v sha256sum >/dev/null 2>&1; then
	sum=$(sha256sum "$work/$zip")
else
	sum=$(shasum -a 256 "$work/$zip")
fi
grep -qxF "${sum%% *}" scripts/provider.sums || fail "$zip has the SHA-256 ${sum%% *}, which is none of scripts/provider.sums" "make provider again; where it stays so, use nothing of it and ask who changed it"
mkdir -p "$folder"
unzip -q -o "$work/$zip" -d "$folder"
echo "the provider is in $folder"
