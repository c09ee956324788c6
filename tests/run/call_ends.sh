# Stages that call a pipeline: elements that fail, are late, are stopped.
. "$CASE/call.inc"

# ---------------------------------------------------------------- an element that fails
cat >bad.dag <<'DAG'
pipeline one {
  input n: int where it < 100
  stage sum {
    in  n: int = <input.n>
    out v: int = <stdout | trim | int>
    run "echo <n> >> $LOG; [ <n> != 3 ] || { echo no three >&2; exit 7; }; echo <n>"
  }
  output v: int = <sum.v>
}
pipeline bad {
  input xs: list<int>
  stage all = map one over n { in n: list<int> = <input.xs>  retry 1 }
  stage after { in v: list<int>  out n: int = <v | length> }
  all.v -> after.v
  output n: int = <after.n>
}
DAG
"$DAGCC" bad.dag -o bad
LOG=$PWD/bad.log
export LOG
code=0
./bad --json -j1 --input xs='[1,2,3,4,5,6,7,8,9]' >bad.json 2>bad.err || code=$?
[ $code = 1 ] || fail "exit $code of a run whose element fails"
expect '"stage":"all","key":"-","type":"exit","message":"element 2: in one, stage sum: ' bad.json
expect 'log: ' bad.err
# in their order, none after the one that fails, and the whole task again
[ "$(tr '\n' ' ' <bad.log)" = '1 2 3 1 2 3 ' ] || { cat bad.log; fail "elements do not start in their order"; }
rm bad.log
./bad -q --json --continue-on-error --retry 0 --input xs='[1,2,3,4,5]' >bad.json 2>bad.err &&
    fail "it did not fail"
grep -q 5 bad.log || fail "--continue-on-error does not reach the elements"
./bad -q --json --input xs='[1,500]' >bad.json 2>bad.err && fail "500 is taken"
expect 'element 1: in one: input n: 500: `where it < 100` does not hold' bad.json

# ---------------------------------------------------------------- time-outs and cancelling reach in
cat >slow.dag <<'DAG'
pipeline nap {
  input n: int
  stage sleep { in n: int = <input.n>  out v: int = <n>  run "echo $$ >> $LOG; exec sleep 1000" }
  output v: int = <sleep.v>
}
pipeline naps {
  input n: int
  stage two { in n: int = <input.n>  out l: list<int> = <[n, n]> }
  stage both = map nap over n
  two.l -> both.n
  output v: list<int> = <both.v>
}
pipeline slow {
  stage outer = call naps { in n: int = 1  TIMEOUT }
  output v: list<int> = <outer.v>
}
DAG
gone() { # all that have written their number
    while read -r pid; do
        if kill -0 "$pid" 2>/dev/null; then fail "process $pid lives on"; fi
    done <"$LOG"
    [ "$(wc -l <"$LOG")" = 2 ] || fail "not two processes"
}
sed 's/TIMEOUT/timeout 1s/' slow.dag >late.dag
"$DAGCC" late.dag -o late
LOG=$PWD/late.log
code=0
./late --json -q -j2 >late.json 2>late.err || code=$?
[ $code = 1 ] || fail "exit $code of a call that is too slow"
expect '"type":"timeout","message":"timed out after 1s"' late.json
gone

sed 's/TIMEOUT//' slow.dag >stop.dag
"$DAGCC" stop.dag -o stop
LOG=$PWD/stop.log
./stop --json -q -j2 --events stop.jsonl >stop.json 2>stop.err &
pid=$!
for _ in $(seq 100); do
    [ "$(cat stop.log 2>/dev/null | wc -l)" = 2 ] && break
    sleep 0.05
done
kill -INT $pid
code=0
wait $pid || code=$?
[ $code = 130 ] || fail "exit $code of a run that was cancelled"
gone
[ "$(grep -c '"event":"run".*"state":"cancelled"' stop.jsonl)" = 4 ] ||
    fail "not all runs are cancelled"

