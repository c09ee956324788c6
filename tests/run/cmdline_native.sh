#!/bin/sh
# Stages in C files: compiled and linked in, mistakes shown where they are, dependencies for make.
. "$CASE/cmdline.inc"
. "$CASE/cmdline_c.inc"

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
! grep -q dagcc- x.d || fail "a temporary file is a dependency"
expect 0 "$DAGCC" -MF 'of x.d' -o 'a b' src/x.dag
says 'of x.d' 'a\ b: src/x.dag'
expect 0 "$DAGCC" --emit=deps src/x.dag
says out src/x.dag
says out src/x.c

sed 's/int twice/int thrice/' src/x.c >y && mv y src/x.c
check 1
at 5 18 E0881
sed 's/FACTOR;/FACTORY;/; s/int thrice/int twice/' src/x.c >y && mv y src/x.c
check 1
says err '"file":"src/x.c"'
says err E0880
sed 's/FACTORY/FACTOR/' src/x.c >y && mv y src/x.c

# A function of another type: shown where it is, with what is expected.
sed 's/const twice_in/twice_in/' src/x.c >y && mv y src/x.c
check 1
says err '"file":"src/x.c","line":3'
says err 'int twice(dag_ctx *ctx, const twice_in *in, twice_out *out)'
says err E0886
cp src/x.c src/good.c
cat >src/x.c <<'C'
#include "dag.h"
typedef struct In { double n; } In;
int twice(dag_ctx *ctx, const In *in, long *out) { (void)ctx; *out = (long)in->n; return 0; }
C
check 1
says err '"file":"src/x.c","line":3'
says err E0886
says err 'int twice(dag_ctx *ctx, const twice_in *in, twice_out *out)'
# What goes wrong inside such a function follows from its type, and is not reported beside it; what is
# wrong elsewhere is. clang does not say in which function it is.
if ! ${CC:-cc} -dM -E - </dev/null | grep -q __clang__; then
    cat >src/x.c <<'C'
#include "x.dag.h"
int twice(dag_ctx *ctx, const twice_out *in, twice_out *out) { (void)ctx; out->m = in->n + in->n; return 0; }
int other(void) { return nowhere; }
C
    check 1
    says err E0886
    says err "'nowhere' undeclared"
    ! grep -q 'no member' err || fail "what follows from the type is reported"
fi
sed 's/twice_in/const twice_in/' src/good.c >src/x.c

# A header that was printed once and is another now would be found before ours.
expect 0 "$DAGCC" --emit=header src/x.dag -o src/x.dag.h
check 0
echo '/* old */' >>src/x.dag.h
check 1
says err E0885
rm src/x.dag.h

pipeline 'native "x.c" twice link "nosuchlibrary"'
check 1
says err E0884
pipeline 'native "x.c" twice pkg "nosuchpackage"'
check 1
says err E0884
