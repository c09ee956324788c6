#!/bin/sh
# Builds, runs the test targets named, and sums up: tools/check.sh TARGET...
#
# Each target prints `NAME: N passed, N failed[, N skipped]` as its last such line. A target that
# ends without one, or with a bad exit status and no failure in its line, counts as one failure.
# The last line is the sum. In: MAKE, MAKEFLAGS (the variables given to make), JOBS, BUILD.
set -u
make=${MAKE:-make}
logs=${BUILD:-build}/check
passed=0 failed=0 skipped=0
mkdir -p "$logs"

# run NAME COMMAND...: output to the terminal and to a log; exit status of the command.
run() {
    name=$1
    shift
    echo "== $name"
    { "$@" 2>&1 </dev/null; echo $? >"$logs/$name.status"; } | tee "$logs/$name.log"
    return "$(cat "$logs/$name.status")"
}

finish() {
    line="$passed passed, $failed failed"
    [ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
    echo
    echo "$line"
    [ "$failed" -eq 0 ]
    exit
}

if ! run build sh -c "$make --no-print-directory -k -j${JOBS:-2} all tests >'$logs/make.out' 2>&1 ||
    { cat '$logs/make.out'; exit 1; }"; then
    echo "the build failed"
    failed=1
    finish
fi

for target; do
    run "$target" sh -c "$make --no-print-directory $target"
    status=$?
    counts=$(sed -n 's/^[a-z0-9-]*: \([0-9]*\) passed, \([0-9]*\) failed\(, \([0-9]*\) skipped\)\{0,1\}$/\1 \2 \4/p' \
        "$logs/$target.log" | tail -n 1)
    # shellcheck disable=SC2086
    set -- $counts
    bad=${2:-1}
    if [ $status -ne 0 ] && [ "$bad" -eq 0 ]; then
        bad=1
    fi
    [ "$bad" -eq 0 ] || [ -n "$counts" ] || echo "$target: ended without a count"
    passed=$((passed + ${1:-0}))
    failed=$((failed + bad))
    skipped=$((skipped + ${3:-0}))
done
finish
