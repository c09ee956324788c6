#!/bin/sh
# The Slurm executor against a real Slurm, started on this machine (cluster.sh): what the fake of
# `make check` only claims. Takes a minute or two. `make slurm` installs Slurm and runs this.
#
# In: DAGCC. Exit status 77: there is no Slurm here.
CASE=$(CDPATH='' cd -- "$(dirname -- "$0")/../run" && pwd)
cluster=$CASE/../slurm/cluster.sh
. "$CASE/cmdline.inc"
top=$(mktemp -d "${TMPDIR:-/tmp}/dagslurm.XXXXXX") || exit 1
trap 'sh "$cluster" down "$top/c"; rm -rf "$top"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$top/c" "$top/w"
sh "$cluster" up "$top/c" || exit $?
. "$top/c/env"
cd "$top/w" || exit 1
FAKE=$PWD
export FAKE

step() { echo "slurm: $*"; }
slurm() {
    status=$1
    shift
    expect "$status" "$@" --executor slurm --queue-poll 1s
}
until_true() {
    what=$1 n=0
    shift
    until "$@"; do
        n=$((n + 1))
        [ $n -lt 900 ] || { squeue -t all; fail "not so after 90 s: $what"; }
        sleep 0.1
    done
}
jobs_in() { [ "$(squeue -h -r -t "$1" | wc -l)" = "$2" ]; }
lines() { [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; }

step "an array, what it asks for, what its tasks see"
cat >p.dag <<'DAG'
pipeline p {
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq 20" }
  stage work {
    in n: int
    out m: int = <stdout | trim | int>
    run "echo $SLURM_CPUS_PER_TASK $SLURM_MEM_PER_NODE ${SLURM_ARRAY_TASK_ID:-none} >&2; echo <n>"
    resources cpu: 2, memory: 100MB, gpu: 1
  }
  nums.n -> work.n
  output ms: list<int> = <work.m>
}
DAG
expect 0 "$DAGCC" -q p.dag -o p
slurm 0 ./p
says out 'ms: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]'
expect 0 ./p logs last work 7
says err '2 96 7'
expect 0 ./p show last --json
says out '"rss":'

step "failures: exit, no such program, memory, sbatch's refusal"
cat >f.dag <<'DAG'
pipeline f {
  stage says { run "echo no luck >&2; exit 7"  may_fail }
  stage none { exec "no-such-program-here"  may_fail }
  stage fat { run "x=$(head -c 90000000 /dev/zero | tr '\\0' x); sleep 30; echo ${#x}"  resources memory: 40MB  may_fail }
}
DAG
expect 0 "$DAGCC" -q f.dag -o f
slurm 0 ./f
expect 0 ./f show last --json
says out 'exit status 7: no luck'
says out 'cannot start no-such-program-here'
says out '"type":"oom"'
SBATCH_PARTITION=nowhere ./f --executor slurm >out 2>err
says err 'Invalid partition name specified'

step "the controller is killed, and its jobs are found again"
cat >r.dag <<'DAG'
pipeline r {
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq 12" }
  stage work { in n: int  out m: int = <stdout | trim | int>
    run "echo <n> >>$FAKE/ran; until test -e $FAKE/go; do sleep 0.1; done; echo <n>" }
  nums.n -> work.n
  output ms: list<int> = <work.m>
}
DAG
expect 0 "$DAGCC" -q r.dag -o r
./r -q --executor slurm >out 2>err &
pid=$!
until_true "eight run" lines ran 8
until_true "four wait" jobs_in PENDING 4
kill -KILL $pid
wait $pid 2>/dev/null
before=$(squeue -h -t all -o %F | sort -n | tail -n 1)
touch go
expect 0 ./r resume last
says out 'ms: [1,2,3,4,5,6,7,8,9,10,11,12]'
[ "$(squeue -h -t all -o %F | sort -n | tail -n 1)" = "$before" ] || fail "jobs were submitted again"
[ "$(sort -n ran | uniq -d | wc -l)" = 0 ] || fail "tasks have run twice"

step "SIGINT ends what runs and what waits"
rm -f go ran
env --default-signal=INT ./r -q --executor slurm --kill-grace 1s --queue-poll 1s >out 2>err &
pid=$!
until_true "eight run" lines ran 8
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "not cancelled"
until_true "nothing is left" jobs_in PENDING,RUNNING,COMPLETING 0
env --default-signal=INT ./r -q --executor slurm --kill-grace 1s --queue-poll 1s >out 2>err &
pid=$!
until_true "eight run" lines ran 16
kill -INT $pid
kill -INT $pid
wait $pid
[ $? = 130 ] || fail "not cancelled at once"
until_true "nothing is left" jobs_in PENDING,RUNNING,COMPLETING 0

step "slurmctld is away for a while"
rm -f go ran
./r -q --executor slurm --queue-poll 1s >out 2>err &
pid=$!
until_true "eight run" lines ran 8
kill "$(cat "$top/c/slurmctld.pid")"
sleep 3
touch go
sleep 2
slurmctld -f "$SLURM_CONF"
wait $pid || fail "status $?"
says out 'ms: [1,2,3,4,5,6,7,8,9,10,11,12]'

step "a node dies: crashed, and tried again elsewhere"
cat >n.dag <<'DAG'
pipeline n {
  stage s {
    out node: string = <stdout | trim>
    run "echo $SLURM_JOB_NODELIST >>$FAKE/nodes; test <task.attempt> -gt 1 || sleep 1000; echo $SLURM_JOB_NODELIST"
    retry 1 on crashed
  }
  output node: string = <s.node>
}
DAG
expect 0 "$DAGCC" -q n.dag -o n
rm -f nodes
./n -q --executor slurm --queue-poll 1s >out 2>err &
pid=$!
until_true "it runs" lines nodes 1
node=$(cat nodes)
sh "$cluster" lose "$top/c" "${node#node}"
wait $pid || fail "status $?"
grep -q "$node" out && fail "it ran on the dead node"
expect 0 ./n show last --json
says out '{"n":1,"state":"crashed"'
says out '{"n":2,"state":"completed"'
step "all is well"
