#!/bin/sh
# Null tasks in process, beside Taskflow, oneTBB and OpenMP in the same run: `make bench-sched`.
#
# In: BUILD, TASKS (100000), ROUNDS (3), TASKFLOW (a folder with taskflow/taskflow.hpp, unless it is
# installed). Each figure is the median over interleaved rounds of the best of five runs; columns are
# ns per task to build the graph (dagcc: dag_run_new; the tables are there), ns per task to run it,
# and bytes per task (peak of resident memory). A peer that is not installed is left out, and named.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
tasks=${TASKS:-100000}
rounds=${ROUNDS:-3}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

${CC:-cc} -O2 -std=c11 -D_GNU_SOURCE -pthread -iquote "$root/runtime" -iquote "$root/compiler" \
    -iquote "$build/gen" -iquote "$here" "$here/sched.c" "$build/lib/libdagfront.a" \
    "$build/lib/libdag.a" -lcjson -lsqlite3 -lutf8proc -ltre -lxxhash -lm -o "$tmp/sched"

# has FLAGS HEADER: does it compile?
has() {
    # shellcheck disable=SC2086
    echo "#include <$2>" | ${CXX:-g++} -std=c++20 $1 -x c++ -E - >/dev/null 2>&1
}

flags='-fopenmp' libs='' missing=''
if has "${TASKFLOW:+-I$TASKFLOW}" taskflow/taskflow.hpp; then
    flags="$flags -DHAVE_TASKFLOW ${TASKFLOW:+-I$TASKFLOW}"
else
    missing="$missing Taskflow (set TASKFLOW to its folder)"
fi
if has '' oneapi/tbb/task_group.h; then
    flags="$flags -DHAVE_TBB" libs=-ltbb
else
    missing="$missing oneTBB (libtbb-dev)"
fi
# shellcheck disable=SC2086
${CXX:-g++} -O2 -std=c++20 -pthread $flags -iquote "$here" "$here/sched_peers.cpp" $libs \
    -o "$tmp/peers"

# measure NAME COMMAND...: one line `build run bytes` into NAME.
measure() {
    name=$1
    shift
    "$@" >>"$tmp/$name" || [ $? -eq 3 ]
}

for _ in $(seq "$rounds"); do
    for shape in wide chain grid layered; do
        measure "$shape.dagcc" "$tmp/sched" $shape "$tasks"
        [ $shape = wide ] || measure "$shape.dagcc-order" "$tmp/sched" $shape "$tasks" order
        for peer in walk taskflow tbb flow openmp; do
            measure "$shape.$peer" "$tmp/peers" $peer $shape "$tasks"
        done
    done
done

# median FILE COLUMN
median() { awk -v c="$2" '{ print $c }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

echo "null tasks, $tasks of them; ns per task to build and to run, bytes per task"
printf '%-9s %-12s %9s %9s %7s %9s\n' graph with build run bytes 'run/dagcc'
for shape in wide chain grid layered; do
    base=$(median "$tmp/$shape.dagcc" 2)
    for who in dagcc dagcc-order walk taskflow tbb flow openmp; do
        [ -s "$tmp/$shape.$who" ] || continue
        run=$(median "$tmp/$shape.$who" 2)
        printf '%-9s %-12s %9s %9s %7s %9s\n' $shape $who "$(median "$tmp/$shape.$who" 1)" "$run" \
            "$(median "$tmp/$shape.$who" 3)" "$(echo "$run $base" | awk '{ printf "%.2f", $1 / $2 }')"
    done
done
[ -z "$missing" ] || echo "left out:$missing"
