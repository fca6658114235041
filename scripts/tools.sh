#!/bin/sh
# Name each missing tool and how to get it; exit 1 if there is one.
missing=0
need() {
	command -v "$1" >/dev/null 2>&1 && return 0
	missing=1
	echo "missing: $1, $2" >&2
	echo "  Debian, Ubuntu: $3" >&2
	echo "  Fedora:         $4" >&2
	echo "  macOS:          $5" >&2
}
need go "the Go toolchain, 1.26 or newer" "https://go.dev/dl (the packaged one may be too old)" "dnf install golang" "brew install go, or https://go.dev/dl"
need git "version control" "apt-get install git" "dnf install git" "xcode-select --install"
need cc "a C compiler, for DuckDB" "apt-get install gcc g++" "dnf install gcc gcc-c++" "xcode-select --install"
need c++ "a C++ linker, for DuckDB" "apt-get install g++" "dnf install gcc-c++" "xcode-select --install"
exit $missing
