#!/bin/sh
# How long the front end takes for 1k, 10k and 100k stages, beside ninja reading a build file with as
# many edges: bench/front.sh (called by `make bench-front` and bench/run.sh).
# Then ns per evaluation of one expression, beside C written by hand and Python.
#
# In: BUILD, ROUNDS (5), SIZES. Medians over interleaved rounds, as in run.sh.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
dagcc=$build/dagcc
rounds=${ROUNDS:-5}
sizes=${SIZES:-1000 10000 100000}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-front.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"

# A pipeline of N stages: each reads the one before it and one further back, by edge and expression.
pipeline() {
    awk -v n="$1" 'BEGIN {
        print "pipeline big {\n  stage s0 { out v: int = 1 }"
        for (i = 1; i < n; i++) {
            far = int(i / 2)
            printf "  stage s%d {\n    in a: int\n    out v: int = <a | add(s%d.v)>\n  }\n", i, far
            printf "  s%d.v -> s%d.a\n", i - 1, i
        }
        printf "  output last: int = <s%d.v>\n}\n", n - 1 }'
}

ninja_file() {
    awk -v n="$1" 'BEGIN {
        print "rule null\n  command = /bin/true $in"
        print "build s0: null"
        for (i = 1; i < n; i++) printf "build s%d: null s%d s%d\n", i, i - 1, int(i / 2) }'
}

# timed NAME COMMAND...: appends its wall time in microseconds to NAME.us.
timed() {
    name=$1
    shift
    begin=$(date +%s%N)
    "$@" >"$name.out" 2>&1 || { echo "bench: $name failed:"; tail -n 5 "$name.out"; exit 1; }
    echo $((($(date +%s%N) - begin) / 1000)) >>"$name.us"
}
median() { sort -n "$1.us" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for n in $sizes; do
    pipeline "$n" >"p$n.dag"
    mkdir "n$n"
    ninja_file "$n" >"n$n/build.ninja"
done
for _ in $(seq "$rounds"); do
    for n in $sizes; do
        timed "check$n" "$dagcc" --check "p$n.dag"
        # A target that is there already: ninja reads the file, and has nothing to do.
        if command -v ninja >/dev/null; then timed "ninja$n" ninja -C "n$n" -t targets rule none; fi
        if command -v samu >/dev/null; then timed "samu$n" samu -C "n$n" -t targets rule none; fi
    done
done
echo "front end of pipelines with two inputs per stage (ms; ninja: reads a file with as many edges)"
printf '  %9s %10s %14s %10s %8s %10s\n' stages check 'µs per stage' ninja ratio 'peak MiB'
for n in $sizes; do
    peak=$(command -v /usr/bin/time >/dev/null && /usr/bin/time -f %M "$dagcc" --check "p$n.dag" 2>&1 | tail -n 1 || echo 0)
    awk -v n="$n" -v d="$(median "check$n")" -v k="$([ -s "ninja$n.us" ] && median "ninja$n" || echo 0)" \
        -v m="$peak" 'BEGIN {
        printf "  %9d %10.1f %14.2f %10.1f %8.2f %10.1f\n", n, d / 1000, d / n, k / 1000, k ? d / k : 0, m / 1024 }'
done

echo "ns per evaluation of <p | basename | upper | replace(\"A\", \"B\") | truncate(20)>"
[ ! -x "$build/bench/expr" ] || "$build/bench/expr" | sed 's/^/  /'
if command -v python3 >/dev/null; then
    python3 - <<'PYTHON'
import os.path, timeit
p = "/srv/media/incoming/a holiday in albania.mkv"
n = 200000
t = timeit.timeit(lambda: os.path.basename(p).upper().replace("A", "B")[:20], number=n)
print("  Python          %7.0f ns" % (t / n * 1e9))
PYTHON
fi
