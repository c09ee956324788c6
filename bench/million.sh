#!/bin/sh
# A fan-out of a million small expression tasks, in process: `make bench-million`.
#
# In: BUILD, ELEMENTS (1000000), ROUNDS (3). Medians. What a shape is stands in bench/million.c.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
n=${ELEMENTS:-1000000}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck disable=SC2046
${CC:-cc} -O2 -std=c11 -D_GNU_SOURCE -pthread -iquote "$root/runtime" -iquote "$root/compiler" \
    -iquote "$build/gen" -iquote "$here" "$here/million.c" "$build/lib/libdagfront.a" \
    "$build/lib/libdag.a" -lcjson -lsqlite3 -lutf8proc -ltre -lxxhash -lm -o "$tmp/million"
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
echo "a stream of $n elements through expression stages"
printf '%-10s %10s %26s %28s\n' shape 'ns/task' 'bytes per pending task' 'peak, bytes per element'
for shape in numbers texts chain filtered loose; do
    for _ in $(seq "${ROUNDS:-3}"); do "$tmp/million" $shape "$n"; done >"$tmp/figures"
    printf '%-10s %10s %26s %28s\n' $shape "$(cut -d' ' -f1 "$tmp/figures" | median)" \
        "$(cut -d' ' -f2 "$tmp/figures" | median)" "$(cut -d' ' -f3 "$tmp/figures" | median)"
done
