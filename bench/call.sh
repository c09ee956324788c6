#!/bin/sh
# What a called pipeline costs per element: `map` over ELEMENTS (100000) numbers with a pipeline of one
# expression stage, beside the same stage on a stream, and a plain C loop that fills the same list.
# Medians of ROUNDS (5) interleaved rounds; the cost of an empty list is taken off.
#
# In: BUILD.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
n=${ELEMENTS:-100000} rounds=${ROUNDS:-5}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-call.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"

# gen: the numbers as a list, or as a stream.
gen() {
    cat <<DAG
  input n: int
  stage gen {
    in  n: int = <input.n>
    out x: $1
    c ''' $2 '''
  }
DAG
}

cat >map.dag <<DAG
pipeline one {
  input x: int
  stage add { in x: int = <input.x>  out y: int = <x | add(1)> }
  output y: int = <add.y>
}
pipeline map_all {
$(gen 'list<int>' 'int64_t *x = dag_alloc(ctx, (size_t)in->n * sizeof *x);
       for (int64_t i = 0; i < in->n; i++) x[i] = i;
       out->x.items = x; out->x.len = (size_t)in->n;')
  stage all = map one over x
  gen.x -> all.x
  stage end { in y: list<int>  out n: int = <y | length> }
  all.y -> end.y
  output n: int = <end.n>
}
DAG
cat >stream.dag <<DAG
pipeline stream_all {
$(gen 'stream<int>' 'for (int64_t i = 0; i < in->n; i++) dag_emit_x(ctx, i);')
  stage add { in x: int  out y: int = <x | add(1)> }
  gen.x -> add.x
  stage end { fan aggregate  in y: list<int> = <list()>  out n: int = <y | length> }
  add.y -> end.y
  output n: int = <end.n>
}
DAG
cat >loop.c <<'C'
#include <stdio.h>
#include <stdlib.h>
__attribute__((noinline)) static long add(long x) { return x + 1; }
int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 0, *y = malloc((size_t)n * sizeof *y + 1);
    for (long i = 0; i < n; i++) y[i] = add(i);
    printf("n: %ld\n", n ? y[n - 1] : 0);
    free(y);
    return 0;
}
C
"$build/dagcc" map.dag -o map
"$build/dagcc" stream.dag -o stream
${CC:-cc} -O2 loop.c -o loop

now() { date +%s%N; }
timed() { # timed NAME COMMAND...
    name=$1
    shift
    begin=$(now)
    "$@" >"$name.out" 2>&1 || { cat "$name.out"; exit 1; }
    echo $((($(now) - begin) / 1000)) >>"$name.us"
}
median() { sort -n "$1.us" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for _ in $(seq "$rounds"); do
    timed map0 ./map -q --state :memory: --input n=0
    timed map ./map -q --state :memory: --input n="$n"
    rm -rf .dag
    timed kept ./map -q --input n="$n"
    timed stream0 ./stream -q --state :memory: --input n=0
    timed stream ./stream -q --state :memory: --input n="$n"
    timed loop0 ./loop 0
    timed loop ./loop "$n"
done
echo "a called pipeline of one expression stage, $n elements"
row() { # row TEXT NAME BASE
    awk -v t="$1" -v a="$(median "$2")" -v b="$(median "$3")" -v n="$n" \
        'BEGIN { printf "  %-34s %8.3f us per element\n", t, (a > b ? a - b : 0) / n }'
}
row "map, in memory" map map0
row "map, each a recorded run" kept map0
row "the stage on a stream, in memory" stream stream0
row "C loop" loop loop0
