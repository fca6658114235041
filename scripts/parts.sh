# Sourced by review.sh and notes.sh: makes the parts of a report in the folder
# OUT, each by a command that may fail without stopping the others.

# earlier REF: a folder that holds the project as it was; a folder is one already.
earlier() {
	if [ -f "$1/Pulumi.yaml" ]; then
		(cd "$1" && pwd)
		return
	fi
	git rev-parse --verify --quiet "$1^{commit}" >/dev/null ||
		fail "$1 is neither a folder with a Pulumi.yaml nor a commit" "name another checkout, a branch, a tag or a commit; where the clone is shallow: git fetch --unshallow"
	mkdir -p "$work/$1"
	git archive "$1" | (cd "$work/$1" && tar -xf -)
	echo "$work/$1"
}

# begin: an empty OUT, and a folder that goes with the script.
begin() {
	[ -n "${OUT:-}" ] || fail "OUT is missing" "OUT=$1, a folder to write"
	if [ -e "$OUT" ] && [ ! -f "$OUT/parts" ]; then
		[ -z "$(ls -A "$OUT")" ] || fail "$OUT holds something else" "OUT=another folder"
	fi
	rm -rf "$OUT"
	mkdir -p "$OUT"
	: >"$OUT/parts"
	failed=
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	trap 'exit 4' INT TERM
}

# part NAME TITLE COMMAND…: what a command says. COMMAND's failure is the part's.
part() {
	name=$1
	printf '%s\t%s\n' "$name" "$2" >>"$OUT/parts"
	shift 2
	if ! "$@" >"$OUT/$name.txt" 2>&1; then
		: >"$OUT/$name.failed"
		failed="$failed $name"
	fi
}

# differences STACK OLD: who may read, and what it costs.
differences() {
	part "access-$1" "Who may read in $1" bin/floe access --stack "$1" --diff "$2"
	part "cost-$1" "What $1 costs" "${MAKE:-make}" --silent cost STACK="$1" DIFF="$2"
}

# report TITLE MARKER INTRO: the page of all parts.
report() {
	case $OUT in
	/*) folder=$OUT ;;
	*) folder=$PWD/$OUT ;;
	esac
	(cd infra && go run ./cmd/report --title "$1" --marker "$2" --intro "$3" --whole "${WHOLE:-All of it is in the folder $OUT.}" --out "$folder/comment.md" "$folder")
	echo "wrote $OUT/comment.md"
	[ -z "$failed" ] || {
		echo "error: these parts could not be made:$failed" >&2
		echo "next: read $OUT/<part>.txt" >&2
	}
}
