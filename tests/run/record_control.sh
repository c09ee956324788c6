#!/bin/sh
# Runs are paused, cancelled, killed and resumed; two processes do not work on one run.
. "$CASE/cmdline.inc"
cat >p.dag <<'DAG'
pipeline p {
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq 4" }
  stage work { in n: int  out m: int = <stdout | int>
               run "echo <n> >> $ROOT/ran; while [ -e $ROOT/wait ]; do sleep 0.02; done; echo <n>" }
  stage total { fan aggregate  in ms: list<int>  out t: string = <ms | join(",")> }
  nums.n -> work.n
  work.m -> total.ms
  output text: string = <total.t>
}
DAG
export ROOT=$PWD
expect 0 "$DAGCC" p.dag -o run

# begin: a run in the background, with its first two tasks running. Its process: $pid.
begin() {
    : >ran
    touch wait
    ./run -j 2 >bg.out 2>bg.err &
    pid=$!
    while [ "$(wc -l <ran)" -lt 2 ]; do
        kill -0 $pid 2>/dev/null || fail "ended: $(cat bg.err)"
        sleep 0.02
    done
}
ended() {
    wait $pid
    got=$?
    [ $got -eq "$1" ] || fail "status $got instead of $1: $(cat bg.err)"
}

# Pause: what runs finishes. The rest is left for resume.
begin
expect 0 ./run runs
says out running
until ./run runs --json | grep -q '"status":"running",.*"duration":[0-9.]*[1-9]'; do sleep 0.02; done
expect 0 ./run pause last
rm wait
ended 3
says bg.err 'to go on: ./run resume'
[ "$(wc -l <ran)" = 2 ] || fail "started more: $(cat ran)"
expect 0 ./run runs
says out paused
expect 0 ./run resume last
says out 'text: 1,2,3,4'
[ "$(sort ran | tr -d '\n')" = 1234 ] || fail "ran $(cat ran)"
expect 2 ./run pause last
says err 'is not being worked on'

# Cancel: at once, with the grace of TERM.
begin
expect 0 ./run cancel last
ended 130
expect 0 ./run show last
says out 'cancelled'
rm wait
: >ran
expect 0 ./run resume last
says out 'text: 1,2,3,4'

# Killed: shown as crashed, its lock is free, its attempts are counted on.
begin
expect 2 ./run resume last
says err "is being worked on by process $pid"
until ./run show last --json | grep -q '"stage":"work","key":"[0-9]*","state":"running"'; do
    sleep 0.02 # until it is recorded that they run
done
kill -9 $pid
wait $pid
expect 0 ./run runs
says out crashed
expect 2 ./run cancel last
expect 0 ./run show last --json
says out '"status":"crashed"'
says out '"state":"crashed"'
rm wait
: >ran
expect 0 ./run resume last
says out 'text: 1,2,3,4'
[ "$(sort ran | tr -d '\n')" = 1234 ] || fail "ran $(cat ran)"
expect 0 ./run show last --json
says out '{"n":2,"state":"completed"'

# Two runs in one store at once.
./run -q >a 2>&1 &
one=$!
./run -q >b 2>&1 || fail "second run: $(cat b)"
wait $one || fail "first run: $(cat a)"
cmp -s a b || fail "different results"
