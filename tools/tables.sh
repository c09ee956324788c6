#!/bin/sh
# Puts the tables of the documentation in place, from the rows that the code is made of, or with --check
# prints which pages have others: tools/tables.sh [--check] PROGRAM
#
# A table stands between `<!-- table NAME: … -->` and `<!-- end -->`; PROGRAM NAME prints it (tables.c).
set -u
check=no
if [ "$1" = --check ]; then
    check=yes
    shift
fi
tmp=$(mktemp "${TMPDIR:-/tmp}/dagcc-tables.XXXXXX") || exit 1
trap 'rm -f "$tmp"' EXIT
for f in $(grep -l '^<!-- table ' docs/*.md); do
    awk -v program="$1" '
        /^<!-- end -->$/ { inside = 0 }
        !inside
        /^<!-- table [a-z]+/ {
            inside = 1
            name = $3
            sub(/[^a-z].*/, "", name)
            fflush()
            if (system(program " " name) != 0) exit 1
        }' "$f" >"$tmp" || exit 1
    cmp -s "$tmp" "$f" && continue
    if [ $check = yes ]; then
        echo "$f has an old table: run \`make docs\`"
    else
        cp "$tmp" "$f"
    fi
done
