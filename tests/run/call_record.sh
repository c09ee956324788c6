# Stages that call a pipeline: the record, resume, pause, gc, the cache.
. "$CASE/call.inc"
export LOG

# ---------------------------------------------------------------- the record, resume, gc
cat >again.dag <<'DAG'
pipeline step {
  input n: int
  stage first { in n: int = <input.n>  out v: int = <n>  run "echo first <n> >> $LOG" }
  stage second {
    in  v: int
    out w: int = <v | mul(10)>
    run "echo second <v> >> $LOG; [ <v> != 2 ] || [ -e $LOG.go ]"
  }
  first.v -> second.v
  output w: int = <second.w>
}
pipeline steps {
  input l: list<int>
  stage all = map step over n { in n: list<int> = <input.l> }
  output w: list<int> = <all.w>
}
pipeline again {
  stage deep = call steps { in l: list<int> = [1, 2, 3] }
  output w: list<int> = <deep.w>
}
DAG
"$DAGCC" again.dag -o again
LOG=$PWD/again.log
./again -q --json --continue-on-error >again.json 2>again.err && fail "it did not fail"
expect 'in steps, stage all: element 1: in step, stage second: ' again.json
./again runs >runs.txt
[ "$(wc -l <runs.txt)" = 1 ] || fail "children are listed as runs"
./again show last/deep.-/all.-.2 >show.txt
expect 'outputs  {"w":30}' show.txt
./again show last/deep.-/all.-.1 second >show.txt
expect 'attempt 1 failed' show.txt
code=0
./again resume last/deep.- 2>resume.err || code=$?
[ $code = 2 ] || fail "exit $code when a part of a run is resumed"
expect 'is a part of run' resume.err
touch again.log.go
./again resume last -q --json >again.json
expect '"outputs":{"w":[10,20,30]}' again.json
[ "$(grep -c first again.log)" = 3 ] || fail "what was completed in a child runs again"
[ "$(grep -c 'second 2' again.log)" = 2 ] || fail "what had failed does not run again"
[ "$(grep -c 'second [13]' again.log)" = 2 ] || fail "completed children run again"
./again show last/deep.-/all.-.1 second >show.txt
expect 'attempt 2 completed' show.txt
find .dag/work -path '*deep/-/1/all/-/1/1/second/-/2' | grep -q . || fail "no folder of its own"

cat >pause.dag <<'DAG'
pipeline one {
  input n: int
  stage s { in n: int = <input.n>  out v: int = <n>  run "echo <n> >> $LOG; sleep 0.3" }
  output v: int = <s.v>
}
pipeline pause {
  stage all = map one over n { in n: list<int> = [1, 2, 3, 4, 5] }
  output v: list<int> = <all.v>
}
DAG
"$DAGCC" pause.dag -o pause
LOG=$PWD/pause.log
./pause -q -j1 >pause.out 2>pause.err &
pid=$!
for _ in $(seq 100); do
    [ "$(cat pause.log 2>/dev/null | wc -l)" = 2 ] && break
    sleep 0.02
done
kill -USR1 $pid
code=0
wait $pid || code=$?
[ $code = 3 ] || { cat pause.err; fail "exit $code of a run that was paused"; }
[ "$(wc -l <pause.log)" -lt 5 ] || fail "elements start in a paused run"
./pause resume last -q --json >pause.json
expect '"v":[1,2,3,4,5]' pause.json
[ "$(sort pause.log | uniq -d | wc -l)" = 0 ] || fail "elements run twice"

LOG=$PWD/again.log
./again -q >again.out
./again gc --keep 1 2>gc.err
[ "$(./again runs | wc -l)" = 1 ] || fail "gc leaves runs"

# ---------------------------------------------------------------- the cache
cat >cached.dag <<'DAG'
pipeline one {
  input n: int
  stage s { in n: int = <input.n>  out v: int = <n>  cacheable  run "echo <n> >> $LOG" }
  output v: int = <s.v>
}
pipeline cached {
  input l: list<int>
  stage inner = map one over n { in n: list<int> = <input.l> }
  stage whole = call one { in n: int = 9  cacheable }
  output inner: list<int> = <inner.v>
  output whole: int = <whole.v>
}
DAG
"$DAGCC" cached.dag -o cached
LOG=$PWD/cached.log
./cached -q --json --input l='[1,2]' >cached.json
./cached -q --json --input l='[3,1,2]' >cached.json
expect '"outputs":{"inner":[3,1,2],"whole":9}' cached.json
expect '"whole":{"state":"cached"' cached.json
./cached explain inner --input l='[1,2]' >explain.txt
expect 'it calls `one`, whose cacheable stages are looked up one by one' explain.txt
./cached explain whole --input l='[1,2]' >explain.txt
expect 'whole [-] is cached' explain.txt
[ "$(sort cached.log | tr '\n' ' ')" = "1 2 3 9 " ] || { cat cached.log; fail "not what is new"; }

# ---------------------------------------------------------------- killed in the middle of a map
cat >killed.dag <<'DAG'
pipeline one {
  input n: int
  stage first { in n: int = <input.n>  out v: int = <n>  run "echo first <n> >> $LOG" }
  stage second { in v: int  out w: int = <v | mul(10)>  run "echo second <v> >> $LOG; while [ <v> -gt 30 ] && [ ! -e $LOG.go ]; do sleep 0.02; done" }
  first.v -> second.v
  output w: int = <second.w>
}
pipeline killed {
  input l: list<int>
  stage all = map one over n { in n: list<int> = <input.l> }
  output w: list<int> = <all.w>
}
DAG
"$DAGCC" killed.dag -o killed
LOG=$PWD/killed.log
./killed -q -j2 --input l="[$(seq -s, 1 80)]" >killed.out 2>&1 &
pid=$!
until ./killed show last --json >killed.json 2>show.err &&
    [ "$(grep -o '"pipeline":"one","status":"completed"' killed.json | wc -l)" -ge 20 ]; do sleep 0.02; done
kill -9 $pid
wait $pid || true
touch $LOG.go
./killed show last --json >killed.json
cp killed.log before.log
tries=0
until ./killed resume last -q --json >again.json 2>resume.err; do # its watcher may still be there
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { cat resume.err; fail "it does not go on"; }
    sleep 0.1
done
expect "\"w\":[$(seq -s, 10 10 800)]" again.json
grep -o '"element":[0-9]*,"pipeline":"one","status":"completed"' killed.json | grep -o '[0-9]*' >done.txt
while read -r element; do
    n=$(grep -cx "second $((element + 1))" killed.log)
    [ "$n" = 1 ] || fail "element $element was committed, and ran again"
done <done.txt
[ "$(sort -u killed.log | wc -l)" = 160 ] || fail "something did not run"
[ "$(sort killed.log | uniq -c | awk '$1 > 2' | wc -l)" = 0 ] || fail "something ran three times"
