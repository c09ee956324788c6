#!/bin/sh
# Checks tests/spin/driver.pml exhaustively, and that it finds mistakes: `make spin`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v spin >/dev/null; then
    echo "spin: not installed (Debian: spin), nothing checked"
    echo "spin: 0 passed, 0 failed, 1 skipped"
    exit 0
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-spin.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
passed=0 failed=0

# verify NAME EXPECTED FLAGS...: EXPECTED is clean or error.
verify() {
    name=$1 expected=$2
    shift 2
    spin -a "$@" "$here/driver.pml" >spin.out
    ${CC:-cc} -O2 -DSAFETY -DCOLLAPSE -DMEMLIM=2048 -w -o pan pan.c
    ./pan -m200000 >pan.out 2>&1 || :
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.out)
    found=clean
    grep -q 'errors: 0' pan.out || found=error
    grep -q 'Search not completed\|max search depth too small' pan.out && [ "$expected" = clean ] &&
        found=incomplete
    echo "spin: $name: $found (expected $expected), $states states"
    if [ "$found" = "$expected" ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        grep -v '^ *$' pan.out | head -n 15
    fi
}

verify "all tasks end" clean
verify "all tasks end, one job" clean -DJOBS=1
verify "cancel" clean -DCANCEL
verify "cancel, one job" clean -DCANCEL -DJOBS=1
verify "pause" clean -DPAUSE
verify "mistake 1: no second look at requests" error -DCANCEL -DBROKEN=1
verify "mistake 2: an empty queue seen outside of the mutex" error -DBROKEN=2
verify "mistake 3: a cancelled task stays queued" error -DCANCEL -DBROKEN=3
verify "mistake 4: a worker goes to sleep outside of the mutex" error -DBROKEN=4
verify "mistake 5: a worker takes from the line without a slot" error -DJOBS=1 -DBROKEN=5
verify "mistake 6: the line goes on behind a failure" error -DJOBS=1 -DBROKEN=6
verify "mistake 7: nobody moves the line after a halt" error -DJOBS=1 -DBROKEN=7
echo "spin: $passed passed, $failed failed"
[ $failed -eq 0 ]
