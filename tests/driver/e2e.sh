#!/bin/sh
# Runs the end-to-end tests: e2e.sh [TEXT] runs each tests/run/NAME.sh, or those whose name contains TEXT.
#
# A test runs in an empty folder with DAGCC (absolute path of the compiler) and CASE (absolute path
# of tests/run); it ends with status 0 when all is well, 77 when this machine cannot run it (its last
# line says why). It has E2E_TIMEOUT seconds (600: against what hangs; a busy machine is far from it).
# In: BUILD, JOBS.
set -u
if [ "${1:-}" = --one ]; then
    # One test, in a process of its own; leaves NAME.log and NAME.status in $RESULTS.
    name=$(basename "$2" .sh)
    mkdir "$RESULTS/$name" && cd "$RESULTS/$name" || exit 0
    timeout -k 5 "${E2E_TIMEOUT:-600}" sh "$CASE/$name.sh" >"../$name.log" 2>&1 </dev/null
    echo $? >"../$name.status"
    exit 0
fi

DAGCC=$PWD/${BUILD:-build}/dagcc
CASE=$PWD/tests/run
# The scripts of the tests' own pipelines write to files by their bare names.
case ${TMPDIR:-/tmp} in *[[:space:]]*) TMPDIR=/tmp ;; esac
RESULTS=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-run.XXXXXX") || exit 1
trap 'rm -rf "$RESULTS"' EXIT
trap 'exit 1' HUP INT TERM
export DAGCC CASE RESULTS

find tests/run -maxdepth 1 -name "*${1:-}*.sh" | sort |
    xargs -r -n 1 -P "${JOBS:-2}" "$0" --one

passed=0 failed=0 skipped=0
for f in $(find tests/run -maxdepth 1 -name "*${1:-}*.sh" | sort); do
    name=$(basename "$f" .sh)
    status=$(cat "$RESULTS/$name.status" 2>/dev/null || echo none)
    case $status in
    0) passed=$((passed + 1)) ;;
    77)
        skipped=$((skipped + 1))
        echo "$f: skipped: $(tail -n 1 "$RESULTS/$name.log")"
        ;;
    *)
        failed=$((failed + 1))
        [ "$status" = 124 ] && status='124 (too slow)'
        echo "$f: failed with status $status"
        tail -n 40 "$RESULTS/$name.log" | sed 's/^/    /'
        ;;
    esac
done
echo "e2e: $passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
