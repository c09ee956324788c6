#!/bin/sh
# Puts the tables of the documentation in place, from the rows that the code is made of, or with --check
# prints which pages have others: tools/tables.sh [--check] PROGRAM
#
# A table stands between `<!-- table NAME: … -->` and `<!-- end -->`; PROGRAM NAME prints it (tables.c).
# The words that editors highlight stand on the line behind `made by make docs: words GROUP`, in its first
# quotes '…' or brackets (…); PROGRAM words GROUP prints them.
set -u
check=no
if [ "$1" = --check ]; then
    check=yes
    shift
fi
tmp=$(mktemp "${TMPDIR:-/tmp}/dagcc-tables.XXXXXX") || exit 1
trap 'rm -f "$tmp"' EXIT

# put FILE: takes $tmp for it, or says that it differs.
put() {
    cmp -s "$tmp" "$1" && return
    if [ $check = yes ]; then
        echo "$1 is older than the rows that it is made from: run \`make docs\`"
    else
        cp "$tmp" "$1"
    fi
}

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
    put "$f"
done
for f in $(grep -rl 'made by make docs: words ' editors); do
    awk -v program="$1" '
        group != "" {
            command = program " words " group
            if ((command | getline words) <= 0) exit 1
            close(command)
            if (!match($0, "\047[a-z0-9_|]*\047") && !match($0, /\((\?:)?[a-z0-9_|]*\)/)) exit 1
            open = substr($0, RSTART, 3) == "(?:" ? 3 : 1
            $0 = substr($0, 1, RSTART + open - 1) words substr($0, RSTART + RLENGTH - 1)
            group = ""
        }
        { print }
        match($0, /made by make docs: words [A-Za-z-]+/) { group = substr($0, RSTART + 25, RLENGTH - 25) }
        ' "$f" >"$tmp" || { echo "$f has no place for words behind such a mark"; exit 1; }
    put "$f"
done
