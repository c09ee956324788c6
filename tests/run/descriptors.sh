#!/bin/sh
# More tasks at a time than there are descriptors for: the rest waits its turn, and can be stopped.
set -eu
cat >many.dag <<'DAG'
pipeline many {
  input pause: float = 0.05
  stage numbers { out n: stream<int> = <stdout | lines | int>  run "seq 60" }
  stage one { in n: int  in pause: float = <input.pause>  out m: int = <stdout | trim | int>
    run "sleep <pause>; echo <n>" }
  stage all { fan aggregate  in m: list<int>  out n: int = <m | length> }
  numbers.n -> one.n
  one.m -> all.m
  output n: int = <all.n>
}
DAG
"$DAGCC" many.dag -o many
ulimit -n 48
[ "$(./many -q -j 60)" = 'n: 60' ]
./many -q -j 60 --input pause=60 --timeout 1s 2>err && exit 1
grep -q timeout err || { cat err; exit 1; }
./many show last --json >shown
grep -q '"cancelled"' shown || { cat shown; exit 1; }
