#!/bin/sh
# Mistakes in the C code of a pipeline are shown where the user wrote them.
. "$CASE/cmdline.inc"
. "$CASE/cmdline_c.inc"

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
at 5 - E0880
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
