#!/bin/sh
# Mistakes in the C code of a pipeline are shown where the user wrote them.
. "$CASE/cmdline.inc"
mkdir src
pipeline() {
    cat >src/x.dag <<DAG
pipeline x {
  stage twice {
    in n: int = 21
    out m: int
    $1
  }
  output m: int = <twice.m>
}
DAG
}
# at LINE COLUMN CODE
at() { says err "\"code\":\"$3\",\"message\":"; says err "\"line\":$1,\"column\":$2,"; }
check() { expect "$1" "$DAGCC" --diagnostics=json src/x.dag; }

pipeline "c '''
      int unused;
      out->m = 2 * in->n;
    '''"
check 0
at 6 11 W0880
expect 0 ./x
says out 42
expect 1 "$DAGCC" -Werror=c-code src/x.dag

pipeline "c ''' out->m = 2 * in->k; '''"
check 1
at 5 28 E0880
says err 'stage `twice`'

pipeline "c '''
      if (in->n > 0) {
        out->m = 1;
    '''"
check 1
at 6 22 E0883

pipeline "c ''' out->m = nothing_such(in->n); '''"
check 1
at 5 20 E0880

pipeline "c ''' extern int elsewhere; out->m = elsewhere; '''"
check 1
at 5 22 E0882

pipeline "c ''' out->m = \"text\"; '''"
check 1
says err E0880

pipeline 'native "x.c" twice'
cat >src/x.c <<'C'
#include "x.dag.h"
#include "x.h"
int twice(dag_ctx *ctx, const twice_in *in, twice_out *out) {
    (void)ctx;
    out->m = in->n * FACTOR;
    return 0;
}
C
echo '#define FACTOR 2' >src/x.h
check 0
silent err
expect 0 ./x
says out 42

expect 0 "$DAGCC" -MD src/x.dag
says x.d 'x: src/x.dag'
says x.d src/x.c
says x.d src/x.h
! grep -q /tmp x.d || fail "a temporary file is a dependency"
expect 0 "$DAGCC" -MF 'of x.d' -o 'a b' src/x.dag
says 'of x.d' 'a\ b: src/x.dag'
expect 0 "$DAGCC" --emit=deps src/x.dag
says out src/x.dag
says out src/x.c

sed 's/int twice/int thrice/' src/x.c >y && mv y src/x.c
check 1
at 5 18 E0881
sed 's/FACTOR;/FACTOR/; s/int thrice/int twice/' src/x.c >y && mv y src/x.c
check 1
says err '"file":"src/x.c","line":5'
says err E0880

pipeline "c ''' out->m = in->n; ''' link \"nosuchlibrary\""
check 1
says err E0884
pipeline "c ''' out->m = in->n; ''' pkg \"nosuchpackage\""
check 1
says err E0884
