# Stages that call a pipeline: nested, over maps, over nothing, over much; failing, late, stopped.
set -eu
fail() { echo "call.sh: $*" >&2; exit 1; }
expect() { # expect TEXT FILE
    grep -qF -e "$1" "$2" || { cat "$2"; fail "no $1 in $2"; }
}

# ---------------------------------------------------------------- nested, with files and defaults
cat >nested.dag <<'DAG'
pipeline line {
  input text: string
  input mark: string = "!"
  stage write { in text: string = <input.text>  out f: file = "line.txt"  run "echo <text> > <out.f>" }
  stage loud { in f: file  out s: string = <stdout | trim | append(input.mark)>  run "tr a-z A-Z \< <f>" }
  write.f -> loud.f
  output loud: string = <loud.s>
  output made: file = <write.f>
}
pipeline page {
  input lines: map<string>
  stage each = map line over text { in text: map<string> = <input.lines> }
  output loud: map<string> = <each.loud>
  output files: map<file> = <each.made>
}
pipeline book {
  stage text { out m: map<string> = <'{"b":"two","a/x":"one"}' | json | as(map<string>)> }
  stage first = call page
  text.m -> first.lines
  stage two { out pages: list<map<string>> = <[first.loud, first.loud]> }
  stage all = map page over lines
  two.pages -> all.lines
  output once: map<string> = <first.loud>
  output files: map<file> = <first.files>
  output twice: list<map<string>> = <all.loud>
}
DAG
"$DAGCC" nested.dag -o nested
./nested -q --json -j3 --events nested.jsonl >nested.json
expect '"once":{"b":"TWO!","a/x":"ONE!"}' nested.json
expect '"twice":[{"b":"TWO!!","a/x":"ONE!!"},{"b":"TWO!!","a/x":"ONE!!"}]' nested.json
expect '/first/-/1/each/-/1/b/write/-/1/out/line.txt' nested.json
expect '/first/-/1/each/-/1/a%2Fx/write/-/1/out/line.txt' nested.json
expect '/first.-/each.-.b","event":"task","stage":"loud"' nested.jsonl
expect '/all.-.1","event":"run"' nested.jsonl
[ "$(grep -c '"event":"run".*"state":"completed"' nested.jsonl)" = 10 ] || fail "not ten runs"

# ---------------------------------------------------------------- nothing to go over
cat >empty.dag <<'DAG'
pipeline one {
  input n: int
  stage a { in n: int = <input.n>  out v: int = <n> }
  output v: int = <a.v>
}
pipeline none {
  input l: list<int> = []
  stage m { out none: map<int> = <'{}' | json | as(map<int>)> }
  stage x = map one over n { in n: list<int> = <input.l> }
  stage y = map one over n
  m.none -> y.n
  output x: list<int> = <x.v>
  output y: map<int> = <y.v>
}
DAG
"$DAGCC" empty.dag -o empty
./empty -q --json >empty.json
expect '"outputs":{"x":[],"y":{}}' empty.json

# ---------------------------------------------------------------- a thousand elements, two at a time
cat >many.dag <<'DAG'
pipeline one {
  input n: int
  stage sum { in n: int = <input.n>  out v: int = <stdout | trim | int>  run "echo $((<n> + 1))" }
  stage add { in v: int  out w: int = <v | add(1)> }
  sum.v -> add.v
  output w: int = <add.w>
}
pipeline many {
  stage list { out xs: list<int> = <stdout | lines | int>  run "seq 1000" }
  stage all = map one over n { max_parallel 2 }
  list.xs -> all.n
  output xs: list<int> = <all.w>
}
DAG
"$DAGCC" many.dag -o many
./many -q --json -j2 >many.json
expect "\"xs\":[$(seq -s, 3 1002)]" many.json

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
[ "$(grep -c 3 bad.log)" = 2 ] || fail "the whole task is not tried again"
grep -q 9 bad.log && fail "elements start after one has failed"
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
[ "$(sort cached.log | tr '\n' ' ')" = "1 2 3 9 " ] || { cat cached.log; fail "not what is new"; }
