#!/bin/sh
# What a task costs that does nothing: bench/native.sh (called by `make bench`), beside a plain C loop
# that calls the same function through a pointer. In: BUILD, ROUNDS (5), TASKS (200000).
#
# The cost per task is the time of a run with TASKS of them less that of a run with none, over TASKS:
# medians over interleaved rounds.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
rounds=${ROUNDS:-5}
tasks=${TASKS:-200000}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"

# pipeline NAME BODY: TASKS tasks with that body, behind a native stage that emits them.
pipeline() {
    cat >"$1.dag" <<DAG
pipeline $1 {
  input n: int
  stage many { in n: int = <input.n>  out i: stream<int>  c ''' for (int64_t i = 0; i < in->n; i++) dag_emit_i(ctx, i); ''' }
  stage nothing { in i: int  out o: int $2 }
  many.i -> nothing.i
}
DAG
    "$build/dagcc" -Wno-all "$1.dag" -o "$1"
}
pipeline expression '= <i>'
pipeline native "c ''' out->o = in->i; '''"
pipeline isolated "isolate c ''' out->o = in->i; '''"

cat >loop.c <<'C'
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
typedef struct In { int64_t i; } In;
typedef struct Out { int64_t o; } Out;
static int body(void *ctx, const In *in, Out *out) { (void)ctx; out->o = in->i; return 0; }
int (*volatile call)(void *, const In *, Out *) = body;
int main(int argc, char **argv) {
    (void)argc;
    int64_t n = atoll(argv[1]), sum = 0;
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int64_t i = 0; i < n; i++) { In in = { i }; Out out; call(NULL, &in, &out); sum += out.o; }
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%.2f\n", ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / n);
    return sum == -1;
}
C
${CC:-cc} -O2 loop.c -o loop

# timed NAME COMMAND...: appends its wall time in ns to NAME.ns.
timed() {
    name=$1
    shift
    begin=$(date +%s%N)
    "$@" >log 2>&1 || { cat log; exit 1; }
    echo $(($(date +%s%N) - begin)) >>"$name.ns"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

few=$((tasks / 100))
for _ in $(seq "$rounds"); do
    for jobs in 1 2; do
        for kind in expression native; do
            timed $kind$jobs.none ./$kind -j$jobs --quiet --state :memory: --input n=0
            timed $kind$jobs ./$kind -j$jobs --quiet --state :memory: --input n="$tasks"
        done
    done
    timed isolated.none ./isolated -j2 --quiet --state :memory: --input n=0
    timed isolated ./isolated -j2 --quiet --state :memory: --input n="$few"
    ./loop 100000000 >>loop.ns
done

# row LABEL NAME TASKS
loop=$(median loop.ns)
row() {
    awk -v label="$1" -v t="$(median "$2.ns")" -v none="$(median "$2.none.ns")" -v n="$3" -v loop="$loop" \
        'BEGIN { c = (t - none) / n; printf "  %-36s %9.0f ns  %9.0f times the loop\n", label, c, c / loop }'
}
echo "a task that does nothing (of $tasks, store in memory)"
printf '  %-36s %9.2f ns\n' 'C loop, call through a pointer' "$loop"
row 'expression stage, -j1' expression1 "$tasks"
row 'native stage, -j1' native1 "$tasks"
row 'native stage, -j2' native2 "$tasks"
row "native stage, isolated, -j2 (of $few)" isolated "$few"
