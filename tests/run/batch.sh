#!/bin/sh
# `batch`: a run for each line, so many at a time in one process, a result for each as it ends.
. "$CASE/cmdline.inc"
cat >p.dag <<'DAG'
pipeline p {
  input n: int where it >= 0
  input list: list<int> = []
  input page: file?
  resources licence: 1
  stage plain { in n: int = <input.n>  out m: int = <stdout | int>
                run "echo <n> >> $ROOT/began; while [ -e $ROOT/wait-<n> ]; do sleep 0.02; done; expr <n> + 1" }
  stage each { in e: int  out count: int = <stdout | int>
               run "echo x > on; mkdir -p $ROOT/on; touch $ROOT/on/<input.n>-<e>; sleep 0.05; ls $ROOT/on | wc -l; rm $ROOT/on/<input.n>-<e>" }
  stage one { resources licence: 1  in e: int  out count: int = <stdout | int>
               run "mkdir $ROOT/only && sleep 0.02 && rmdir $ROOT/only && echo 1" }
  stage elements { in l: list<int> = <input.list>  out e: stream<int> = <l> }
  elements.e -> each.e
  elements.e -> one.e
  output next: int = <plain.m>
  output counts: list<int> = <each.count>
  output ones: list<int> = <one.count>
}
DAG
export ROOT=$PWD
expect 0 "$DAGCC" p.dag -o run
# result N: the result of line N.
result() { grep "\"line\":$1}\$" out || fail "no result of line $1"; }

# Each line gets its own result; what is wrong with one is said there and nowhere else.
cat >lines <<'DAG'
{"n": 1}
{"n": "x"}

{"m": 1}
{"n": -1}
nonsense
{}
[1]
{"n": 2, "page": "not-there"}
{"n": 2}
DAG
printf '{"n": 3}' >>lines
expect 1 ./run batch lines --max-runs 2
[ "$(wc -l <out)" -eq 10 ] || fail "$(wc -l <out) results"
for good in 1 10 11; do
    result $good | grep -q '"status":"completed"' || fail "line $good"
done
result 11 | grep -q '^{"run":"2[-0-9a-f]*","pipeline":"p",.*"outputs":{"next":4,' || fail "line 11"
result 2 | grep -q '"run":null,.*"status":"failed",.*input `n: int`' || fail "line 2"
result 4 | grep -q 'there is no input `m`.*input `n: int`: required' || fail "line 4"
result 5 | grep -q 'input `n: int`: -1 does not satisfy' || fail "line 5"
result 6 | grep -q 'JSON' || fail "line 6"
result 7 | grep -q 'input `n: int`: required' || fail "line 7"
result 8 | grep -q 'one JSON object with the inputs is expected"' || fail "line 8"
result 9 | grep -q 'input `page: file?`: not-there: No such file' || fail "line 9"
says err 'line 2: failed: input `n: int`'
says err '10 runs, 3 completed'
expect 0 ./run runs
[ "$(wc -l <out)" -eq 3 ] || fail "not the three runs on record"

# A line longer than a value may be.
{ printf '{"n": 1, "list": ['; head -c 3000 /dev/zero | tr '\0' ' '; printf ']}\n{"n": 5}\n'; } >lines
expect 1 ./run batch lines --max-runs 1 --max-value 1KB --state :memory: -q
silent err
result 1 | grep -q 'longer than --max-value' || fail "long line"
result 2 | grep -q '"next":6,' || fail "behind a long line"

# No lines, no runs.
expect 0 ./run batch /dev/null --max-runs 3
silent out

# Jobs and resources are shared by all runs.
for n in 1 2 3 4; do echo "{\"n\": $n, \"list\": [1, 2, 3]}"; done >lines
expect 0 ./run batch lines --max-runs 4 -j 2
[ "$(grep -c '"ones":\[1,1,1\]' out)" -eq 4 ] || fail "two held the licence at once, or results are missing"
! grep -o '"counts":\[[0-9,]*\]' out | grep -q '[3-9]' || fail "more than two tasks at once"
expect 2 ./run batch lines --max-runs 4 --resources licence=0
says err 'licence'

# --out: a folder for each line. --events: of all runs.
expect 0 ./run batch lines --max-runs 2 --out o --events e --state :memory:
for n in 1 2 3 4; do
    grep -q "\"next\":$((n + 1))" o/$n/outputs.json || fail "o/$n"
done
[ "$(grep -c '"event":"run",.*"state":"completed"' e)" -eq 4 ] || fail "events"

# A stream: each result is there as soon as its run has ended, while more lines may come.
mkfifo in results
rm -f began
touch wait-1
./run batch - --max-runs 2 -j 2 <in >results 2>err &
pid=$!
exec 3>in 4<results
echo '{"n": 1}' >&3
echo '{"n": 2}' >&3
read -r line <&4
case $line in *'"next":3,'*'"line":2}') ;; *) fail "first result: $line" ;; esac
rm wait-1
read -r line <&4
case $line in *'"next":2,'*'"line":1}') ;; *) fail "second result: $line" ;; esac

# A run is cancelled, and one is paused, by name: the others do not notice.
touch wait-7 wait-8
echo '{"n": 7}' >&3
echo '{"n": 8}' >&3
until grep -q 7 began && grep -q 8 began; do sleep 0.02; done
id_of() { ./run runs --json | grep -o '"run":"[^"]*","pipeline":"p","status":"running"' | cut -d'"' -f4; }
set -- $(id_of)
[ $# -eq 2 ] || fail "running: $*"
expect 0 ./run cancel "$1"
read -r line <&4
case $line in *"\"run\":\"$1\""*'"status":"cancelled"'*) ;; *) fail "cancelled: $line" ;; esac
expect 0 ./run pause "$2"
rm wait-7 wait-8
read -r line <&4
case $line in *"\"run\":\"$2\""*'"status":"paused"'* | *"\"run\":\"$2\""*'"status":"completed"'*) ;; *) fail "paused: $line" ;; esac
echo '{"n": 9}' >&3
read -r line <&4
case $line in *'"next":10,'*) ;; *) fail "after it: $line" ;; esac
exec 3>&-
wait $pid
[ $? -eq 1 ] || fail "the batch ended otherwise"
exec 4<&-

# A signal ends all of them, also where lines may still come; they can be resumed.
touch wait-20 wait-21
rm -f began
./run batch - --max-runs 2 -j 2 <in >out 2>err &
pid=$!
exec 3>in
printf '{"n": 20}\n{"n": 21}\n{"n": 22}\n' >&3
until [ "$(wc -l 2>/dev/null <began)" = 2 ]; do sleep 0.02; done
kill -TERM $pid
wait $pid
[ $? -eq 130 ] || fail "not as cancelled"
exec 3>&-
[ "$(grep -c '"status":"cancelled"' out)" -eq 2 ] || fail "not two cancelled"
[ "$(wc -l <out)" -eq 2 ] || fail "another one was begun"
rm wait-20 wait-21
expect 0 ./run resume last

# Killed at any moment: a run whose result was told is recorded as it was told, on the disk.
rm -f began
yes '{"n": 40}' | ./run batch - --max-runs 4 -j 4 >out 2>err &
pid=$!
until [ "$(wc -l <out)" -ge 12 ]; do sleep 0.02; done
kill -9 $pid
wait $pid
[ $? -eq 137 ] || fail "not killed"
told=$(grep -o '^{"run":"[^"]*","pipeline":"p","status":"completed"' out | cut -d'"' -f4)
expect 0 ./run runs --json
for id in $told; do
    grep -q "\"run\":\"$id\",\"pipeline\":\"p\",\"status\":\"completed\"" out || fail "run $id was told and is not recorded"
done

# The record cannot be written any more: no further line is begun, and it is said once.
(
    trap '' XFSZ
    ulimit -f 600
    yes '{"n": 50}' | ./run batch - --max-runs 2 -j 2 --state full >out 2>err
    echo $? >status
)
[ "$(cat status)" -eq 4 ] || fail "status $(cat status) without a record"
[ "$(grep -c '^error: the state store in .* cannot be written' err)" -eq 1 ] || fail "$(cat err)"
told=$(grep -c '"status":"completed"' out)
expect 0 ./run runs --json --state full
[ "$(grep -o '"status":"completed"' out | wc -l)" -ge "$told" ] || fail "a run was told and is not recorded"

# Nobody takes the results any more: no further lines are taken, and it is said.
(yes '{"n": 30}' | ./run batch - --max-runs 2 --state :memory: 2>err; echo $? >status) | head -1 >out
[ "$(cat status)" -eq 4 ] || fail "status $(cat status) without a reader"
says err 'the results cannot be written'

# Warnings are told, of whatever run they are.
cat >h.dag <<'DAG'
pipeline h {
  hook start run "exit 3"
  stage one { out n: int = 1 }
  output n: int = <one.n>
}
DAG
expect 0 "$DAGCC" h.dag -o h
printf '{}\n{}\n' >two
expect 0 ./h batch two --max-runs 2 -j 2
[ "$(grep -c '^run 2.*: warning: hook start: exit status 3' err)" -eq 2 ] || fail "warnings"

expect 2 ./run batch lines
says err '--max-runs'
expect 2 ./run batch nowhere --max-runs 1
says err 'nowhere: No such file'
expect 2 ./run batch lines --max-runs 0
expect 2 ./run run --max-runs 2
(ulimit -n 64; expect 2 ./run batch lines --max-runs 100) || exit 1
