#!/bin/sh
# Temporary files that are needed again: from another run, within limits, when making them fails or is
# interrupted, when they turn out differently.
set -eu
fail() { echo "$1"; exit 1; }
same() { test "$2" = "$3" || fail "$1: expected '$2', got '$3'"; }
export LOG="$PWD/log"
: > log
ran() { sort log | tr '\n' ' '; : > log; }
left() { find .dag/work -type f -name '*.tmp' | wc -l | tr -d ' '; }
id() { ./$1 show last --json | sed 's/^{"run":"\([^"]*\)".*/\1/'; }

# One slot and one licence for all of a chain of three.
cat > chain.dag <<'DAG'
pipeline chain {
  cacheable
  resources licence: 1
  stage a { out f: file temp = "a.tmp"  run "echo a >> $LOG; test ! -e $LOG.bad && { test ! -e $LOG.wait || sleep 1000; } && echo 1 > a.tmp"
            resources licence: 1 }
  stage b { in f: file  out g: dir temp = "b"  run "echo b >> $LOG; mkdir b; cp <f> b/b.tmp"  resources licence: 1  max_parallel 1 }
  stage c { in g: dir  out h: file temp = "c.tmp"  run "echo c >> $LOG; cp <g>/b.tmp c.tmp"  resources licence: 1 }
  stage d { in h: file  out n: int = <stdout | int>  run "echo d >> $LOG; cat <h>"  resources licence: 1 }
  stage e { in f: file  out n: int = <stdout | int>  run "echo e >> $LOG; cat <f>" }
  a.f -> b.f, e.f
  b.g -> c.g
  c.h -> d.h
  output n: int = <d.n>
  output m: int = <e.n>
}
DAG
"$DAGCC" chain.dag -o chain
./chain -q -j 1 > out
same "first" "a b c d e " "$(ran)"
same "first" 0 "$(left)"
./chain -q --fingerprint stat > out
ran > out
same "by size and time" "n: 1 m: 1 " "$(./chain -q --fingerprint stat | tr '\n' ' ')"
same "by size and time" "" "$(ran)"
version=1
change() { version=$((version + 1)); sed "s/cat <h>/cat <h> # $version/" chain.dag > next.dag; "$DAGCC" next.dag -o chain; }
change
./chain -q -j 1 > out
same "changed" "a b c d " "$(ran)"
same "changed" 0 "$(left)"
change
./chain replay last --rerun c -q -j 1 > out 2> err && fail "its stage has changed"
./chain -q > out
ran > out
./chain replay last --rerun c -q -j 1 > out
same "replayed" "a b c " "$(ran)"

# Making it again fails: what waits is skipped, the run fails for that; a resume goes on.
change
touch log.bad
./chain -q > out 2> err && fail "it should fail"
same "failed" "a " "$(ran)"
grep -q 'error in a (exit)' err || fail "not said: $(cat err)"
./chain show last d | grep -q 'skipped.*(`a` failed)' || fail "d: $(./chain show last d)"
rm log.bad
./chain resume last -q > out
same "resumed" "a b c d " "$(ran)"
same "resumed" 0 "$(left)"

# It is interrupted.
change
touch log.wait
env --default-signal=INT ./chain -q --kill-grace 1s > out 2> err &
pid=$!
n=0
until grep -q a log; do n=$((n + 1)); test $n -lt 600 || fail "it does not start"; sleep 0.1; done
kill -INT $pid
status=0; wait $pid || status=$?
same "interrupted" 130 $status
rm log.wait
ran > out
./chain resume last -q > out
same "resumed" "a b c d " "$(ran)"
same "resumed" 0 "$(left)"

# A run that failed keeps its file; another run takes it, and deletes nothing of the first.
cat > pair.dag <<'DAG'
pipeline pair {
  cacheable
  stage make { out f: file temp = "f.tmp"  run "echo make >> $LOG; date +%N > f.tmp" }
  stage use { in f: file  out n: int = <stdout | int>  run "echo use >> $LOG; wc -l \< <f>; test ! -e $LOG.bad" }
  stage also { in f: file  out t: string = <stdout>  run "echo also >> $LOG; cat <f>" }
  make.f -> use.f, also.f
  output n: int = <use.n>
  output t: string = <also.t>
}
DAG
"$DAGCC" pair.dag -o pair
touch log.bad
./pair -q > out 2> err && fail "it should fail"
rm log.bad
first=$(id pair)
case $(ran) in *make*) ;; *) fail "make did not run" ;; esac
same "kept" 1 "$(left)"
./pair -q > out
case $(ran) in *make*) fail "make runs again" ;; *use*) ;; *) fail "use did not run" ;; esac
same "of the first" 1 "$(find .dag/work -name f.tmp | grep -c "$first")"
same "of the second" 1 "$(left)"
./pair resume "$first" -q > out
same "all" 0 "$(left)"
ran > out

# What comes out differently is for those who have to run.
sed 's/wc -l/wc  -l/' pair.dag > pair2.dag
"$DAGCC" pair2.dag -o pair
./pair -q > out
same "different" "make use " "$(ran)"
# It stands for the result that is known: nothing more follows from it.
./pair -q > out
same "next" "" "$(ran)"
