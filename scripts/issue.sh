#!/bin/sh
# Keep an issue for a stack that is not as it was deployed, and another for a
# check that failed: opened, written anew, and closed once the check says so.
# usage: STACK=dev FILE=drift.txt scripts/issue.sh   after make drift OUT=drift.txt
set -eu
. scripts/pulumi.sh
. scripts/github.sh
need_stack drift-issue
again="make drift STACK=$STACK OUT=drift.txt, then make drift-issue STACK=$STACK FILE=drift.txt"
[ -n "${FILE:-}" ] || fail "FILE is missing" "$again"
[ -f "$FILE" ] && [ -f "$FILE.code" ] || fail "there is no file $FILE with its $FILE.code" "$again"
code=$(cat "$FILE.code")
need_github
body=$(mktemp)
trap 'rm -f "$body"' EXIT
trap 'exit 4' INT TERM

# issue TITLE: the number of the open one, nothing without one.
issue() {
	found=$(gh issue list --state open --app github-actions --limit 200 --json number,title --jq ".[] | select(.title == \"$1\") | .number") || exit 1
	printf '%s\n' "$found" | sed -n 1p
}

shut() { # shut TITLE COMMENT
	number=$(issue "$1")
	[ -z "$number" ] || gh issue close "$number" --comment "$2"
}

tell() { # tell TITLE INTRO NEXT
	{
		echo "$2"
		echo
		# Four blanks make it text, whatever it holds.
		head -c 60000 "$FILE" | tr -d '\033\r' | sed 's/^/    /' | head -c 60000
		echo
		echo
		echo "$3"
	} >"$body"
	number=$(issue "$1")
	if [ -n "$number" ]; then
		gh issue edit "$number" --body-file "$body"
	else
		gh issue create --title "$1" --body-file "$body"
	fi
}

differs="Drift: stack $STACK is not as it was deployed"
broken="Drift: the check of stack $STACK failed"
case $code in
0)
	shut "$differs" "The check found nothing that differs."
	shut "$broken" "The check ended well."
	;;
3)
	tell "$differs" "The nightly check compares what AWS has with what was deployed. It ended with:" \
		"\`make deploy STACK=$STACK\` brings back what was changed by hand; what is to stay belongs into live/$STACK."
	shut "$broken" "The check ended well."
	;;
*)
	# Whether anything differs is not known: its issue stays as it is.
	tell "$broken" "The nightly check could not compare what AWS has with what was deployed. It ended with:" \
		"\`make drift STACK=$STACK\` does the same on a laptop."
	;;
esac
