#!/bin/sh
# `submit` records runs, `serve` begins them: the oldest first, each by one server only, until SIGTERM.
. "$CASE/cmdline.inc"
cat >p.dag <<'DAG'
pipeline p {
  input n: int
  input page: file?
  stage work { in n: int = <input.n>  out m: int = <stdout | int>
    run "echo <n> >> $ROOT/began; while [ -e $ROOT/wait-<n> ]; do sleep 0.02; done; expr <n> + 1" }
  output next: int = <work.m>
}
DAG
export ROOT=$PWD
expect 0 "$DAGCC" p.dag -o run
: >began
pids=
trap 'kill -9 $pids 2>/dev/null' EXIT

# serve NAME ARGUMENT...: a server in the background. Its process: $pid.
serve() {
    name=$1
    shift
    ./run serve "$@" >"$name.out" 2>"$name.err" &
    pid=$!
    pids="$pids $pid"
}
# until_is RUN STATE
until_is() {
    until ./run show "$1" --json | grep -q "^{\"run\":\"$1\",\"pipeline\":\"p\",\"status\":\"$2\""; do sleep 0.02; done
}
began() { until grep -qx "$1" began; do sleep 0.02; done; }
ended() {
    wait "$1"
    got=$?
    [ $got -eq "$2" ] || fail "status $got instead of $2"
}

# What is wrong is said at once; what is right is queued.
expect 2 ./run submit --input n=x
says err 'input `n: int`'
expect 2 ./run submit
expect 2 ./run submit --input n=1 --input page=nowhere
expect 2 ./run submit --input n=1 --state :memory:
expect 0 ./run runs
silent err
says out 'no runs'
touch page
expect 0 ./run submit --input n=1 --input page=page
first=$(cat out)
expect 0 ./run submit --input n=2 --json
second=$(cut -d'"' -f4 out)
grep -qx "{\"run\":\"$second\",\"status\":\"queued\"}" out || fail "submit --json"
expect 0 ./run submit --input n=3 -q
third=$(cat out)
expect 0 ./run runs
[ "$(grep -c ' queued ' out)" -eq 3 ] || fail "not three queued"
expect 0 ./run show "$first"
says out queued
says out "\"page\":\"$PWD/page\""
expect 2 ./run pause "$first"
says err 'is queued'
expect 0 ./run cancel "$third"
expect 0 ./run runs
[ "$(grep -c ' cancelled ' out)" -eq 1 ] || fail "not cancelled"
expect 0 ./run gc --keep 1
expect 0 ./run runs
[ "$(grep -c ' queued ' out)" -eq 2 ] || fail "gc has dropped a queued run"

# Oldest first; from another folder, too. Those that come later are noticed.
mkdir elsewhere
(cd elsewhere && exec ../run serve --max-runs 1 --state ../.dag --json --out ../results >../a.out 2>../a.err) &
a=$!
pids="$pids $a"
until_is "$second" completed
[ "$(tr '\n' ' ' <began)" = "1 2 " ] || fail "order: $(cat began)"
grep -q '"next":3' results/"$second"/outputs.json || fail "--out"
expect 0 ./run submit --input n=4
until_is "$(cat out)" completed

# SIGTERM: what runs is finished, what is queued stays so.
touch wait-5
expect 0 ./run submit --input n=5
fifth=$(cat out)
began 5
expect 0 ./run submit --input n=6
sixth=$(cat out)
kill -TERM $a
kill -0 $a || fail "it did not wait for its run"
rm wait-5
ended $a 0
[ "$(grep -c '"status":"completed"' a.out)" -eq 4 ] || fail "documents"
until_is "$fifth" completed
until_is "$sixth" queued

# What has become wrong since ends as failed, and does not stay in the queue. `resume` begins one here.
touch gone
expect 0 ./run submit --input n=7 --input page=gone
seventh=$(cat out)
rm gone
expect 0 ./run resume "$sixth"
says out 'next: 7'
serve b --max-runs 2 -j 2
b=$pid
until_is "$seventh" failed
expect 0 ./run show "$seventh"
says out 'gone: No such file'

# A run is cancelled by name. Twice SIGTERM: all are.
touch wait-8 wait-9
expect 0 ./run submit --input n=8
eighth=$(cat out)
expect 0 ./run submit --input n=9
ninth=$(cat out)
began 8
began 9
expect 0 ./run cancel "$eighth"
until_is "$eighth" cancelled
until_is "$ninth" running
kill -TERM $b
until grep -q 'no further run is begun' b.err; do sleep 0.02; done
kill -TERM $b
ended $b 130
until_is "$ninth" cancelled
rm wait-8 wait-9

# Two servers never begin the same run. One is killed: what it ran has crashed and is resumed, what was
# queued is the other's.
serve c --max-runs 2 -j 2
c=$pid
serve d --max-runs 2 -j 2 --metrics d.prom
d=$pid
: >began
ids=
for n in 11 12 13 14 15 16 17 18; do
    touch wait-$n
    expect 0 ./run submit --input n=$n
    ids="$ids $(cat out)"
done
until [ "$(wc -l <began)" -eq 4 ]; do sleep 0.02; done
# The store knows of all four: a run whose beginning is not committed yet is still queued, and is the other's.
until [ "$(./run runs --json | grep -o '"status":"running"' | wc -l)" -eq 4 ]; do sleep 0.02; done
kill -9 $c
ended $c 137
rm wait-1?
crashed=0
for id in $ids; do
    until ./run runs --json | grep -o "\"run\":\"$id\",\"pipeline\":\"p\",\"status\":\"[a-z]*\"" | grep -qE 'completed|crashed'; do sleep 0.02; done
    if ./run show "$id" --json | grep -q '"status":"crashed"'; then
        crashed=$((crashed + 1))
        expect 0 ./run resume "$id"
    fi
done
[ $crashed -eq 2 ] || fail "$crashed crashed"
[ "$(sort began | uniq | wc -l)" -eq 8 ] && [ "$(wc -l <began)" -eq 10 ] || fail "began: $(sort began | uniq -c)"
kill -TERM $d
ended $d 0
pids=

grep -q '^dag_runs_active{pipeline="p"} 0$' d.prom || fail "metrics: $(cat d.prom)"
grep -q '^dag_runs_queued{pipeline="p"} 0$' d.prom || fail "metrics: $(cat d.prom)"
[ ! -e d.prom.new ] || fail "d.prom.new"
# A server that is stopped for a while keeps nobody else from the queue, and goes on.
serve e --max-runs 1 -j 1
e=$pid
until grep -q serving e.err; do sleep 0.02; done
kill -STOP $e
ids=
for n in 31 32; do
    expect 0 ./run submit --input n=$n
    ids="$ids $(cat out)"
done
serve f --max-runs 1 -j 1
f=$pid
for id in $ids; do until_is "$id" completed; done
kill -TERM $f
ended $f 0
kill -CONT $e
expect 0 ./run submit --input n=33
until_is "$(cat out)" completed
kill -TERM $e
ended $e 0
pids=

# A store that is taken away is served no more: nobody would find what is written there.
expect 0 ./run submit --input n=41 --state taken
serve g --max-runs 1 -j 1 --state taken
g=$pid
until grep -q 'completed in' g.err; do sleep 0.02; done
mv taken gone
ended $g 4
grep -q 'the state store in .*taken was moved, deleted or replaced; start the server again' g.err || fail "$(cat g.err)"
expect 0 ./run runs --state gone
says out completed
pids=

expect 2 ./run serve
says err '--max-runs'
expect 2 ./run serve --max-runs 1 --state :memory:

# A secret is never in the store: the file that it is read from is, until the run begins.
cat >q.dag <<'DAG'
pipeline q {
  input key: secret
  stage use { in key: secret = <input.key>  env KEY = <key>  out n: int = <stdout | int>  run "printf %s $KEY | wc -c" }
  output length: int = <use.n>
}
DAG
expect 0 "$DAGCC" q.dag -o q
expect 2 ./q submit --input key=hush
says err 'is a secret, which is not kept until the run begins'
echo '{"key": "hush"}' >in.json
expect 2 ./q submit --inputs in.json
says err '--input key=@FILE'
echo hush-hush >secret
expect 0 ./q submit --input key=@secret
id=$(cat out)
expect 0 ./q show "$id"
says out "{\"@file\":\"$PWD/secret\"}"
mkdir -p elsewhere
(cd elsewhere && ../q resume last --state ../.dag) >out 2>err || fail "not begun"
says out 'length: 9'
! grep -rq hush-hush .dag || fail "the secret is in the store"
