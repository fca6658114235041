# Sourced by the scripts that work on a stack: checks STACK and the tools, finds
# where the stack's state lies, and opens the stack there.
#
#   STACK               the stack, a folder of live/; or pr-<number>, which has dev's
#   PULUMI_BACKEND_URL  where the state lies; default: the bucket of make bootstrap
#                       in the account of the credentials and the stack's region

fail() { # fail MESSAGE NEXT
	echo "error: $1" >&2
	echo "next: $2" >&2
	exit 2
}

# shape is the folder of live/ that says what the stack is.
shape() {
	case $STACK in
	pr-*[!0-9]* | pr- | pr-0*) echo "$STACK" ;;
	pr-*) if [ -d "live/$STACK" ]; then echo "$STACK"; else echo dev; fi ;;
	*) echo "$STACK" ;;
	esac
}

# need_stack refuses a stack that live/ does not have.
need_stack() {
	stacks=$(cd live && for f in */platform.yaml; do printf '%s ' "${f%/*}"; done)
	case ${STACK:-} in
	'') fail "STACK is missing" "make $1 STACK=dev (live/ has: $stacks)" ;;
	*[!a-z0-9-]*) fail "STACK=$STACK is no stack's name" "make $1 STACK=dev (live/ has: $stacks)" ;;
	esac
	[ -f "live/$(shape)/platform.yaml" ] || fail "there is no stack $STACK" "name one of live/: $stacks, or make live/$STACK after live/dev"
}

# need_tools refuses to begin without Pulumi's CLI, its plugin for Go, and Go.
need_tools() {
	version=$(sed -n 's|^[[:space:]]*github.com/pulumi/pulumi/sdk/v3 v||p' infra/go.mod)
	get="curl -fsSL https://get.pulumi.com | sh -s -- --version $version (it brings pulumi-language-go); then put \$HOME/.pulumi/bin on PATH"
	command -v go >/dev/null 2>&1 || fail "go is not on PATH" "https://go.dev/dl"
	command -v pulumi >/dev/null 2>&1 || fail "pulumi is not on PATH" "$get"
	command -v pulumi-language-go >/dev/null 2>&1 || fail "pulumi-language-go is not on PATH" "$get"
	found=$(pulumi version)
	found=${found#v}
	older=$(printf '%s\n%s\n' "$found" "$version" | awk -F '[.+-]' '
		{ major[NR] = $1 + 0; minor[NR] = $2 + 0 }
		END { print (major[1] < major[2] || major[1] == major[2] && minor[1] < minor[2]) ? "older" : "" }')
	[ -z "$older" ] || fail "pulumi is $found; infra/go.mod builds on $version" "$get"
}

# bootstrap ACT …: the program behind make bootstrap.
bootstrap() {
	(cd infra && go build -o ../bin/bootstrap ./cmd/bootstrap) || exit 1
	bin/bootstrap "$@"
}

# open_stack [--create] finds the state and, where it may, makes a new stack.
open_stack() {
	if [ -z "${PULUMI_BACKEND_URL:-}" ]; then
		PULUMI_BACKEND_URL=$(bootstrap backend --stack "$STACK") || exit $?
		export PULUMI_BACKEND_URL
	fi
	export PULUMI_SKIP_UPDATE_CHECK=true
	echo "stack $STACK, state in $PULUMI_BACKEND_URL"
	provider=$(sed -n 's/^secretsprovider:[[:space:]]*//p' "stacks/Pulumi.$STACK.yaml" | tr -d "\"'")
	if [ -z "$provider" ]; then
		case $PULUMI_BACKEND_URL in
		s3:*) fail "stacks/Pulumi.$STACK.yaml names no secretsprovider" "make bootstrap STACK=$STACK" ;;
		esac
	fi
	pulumi stack select "$STACK" "$@" ${provider:+--secrets-provider "$provider"}
}
