# SIGINT, SIGTERM, `cancel`: jobs that run get SIGTERM and, when their grace is over, SIGKILL; those that
# wait leave the queue. Pausing lets them end.
. "$CASE/slurm.inc"
cat >p.dag <<'DAG'
pipeline p {
  stage one { run "trap 'echo bye >&2; exit 9' TERM; echo begun >>$FAKE/ran; sleep 1000 & wait" }
  stage two { run "trap 'echo bye >&2; exit 9' TERM; echo begun >>$FAKE/ran; sleep 1001 & wait" }
}
DAG
sed "s/echo bye >&2; exit 9//" p.dag >d.dag
for name in p d; do expect 0 "$DAGCC" -q $name.dag -o $name; done
begin() { # begin PROGRAM GRACE
    rm -rf ran state/jobs/*
    : >state/calls
    env --default-signal=INT "./$1" -j 4 --kill-grace "$2" --executor slurm --queue-poll 100ms >out 2>err &
    pid=$!
}
ran_lines() { [ -e ran ] && [ "$(wc -l <ran)" -ge "$1" ]; }
ends() {
    status=0
    wait $pid || status=$?
    [ $status = 130 ] || fail "exit status $status after $1"
    until_true "no job is left after $1" job_states RUNNING 0
    job_states PENDING 0 || fail "a job still waits after $1"
}
# Those that heed it have their grace; those that do not are killed behind it.
for case in INT:p:60s TERM:d:200ms; do
    signal=${case%%:*} name=${case#*:}
    name=${name%:*}
    begin "$name" "${case##*:}"
    until_true "both run" ran_lines 2
    until_true "both are recorded" test "$(ls .dag/work/*/slurm-jobs/*/id | wc -l)" -ge 2
    kill -$signal $pid
    ends $signal
    called 'scancel [1'
    expect 0 "./$name" show last --json
    says out '"status":"cancelled"'
    case $name in
    d) called 'scancel [--signal=KILL]' ;;
    p)
        expect 0 ./p logs last one
        says err bye
        ;;
    esac
done

# Before they begin, by name, from another terminal; Slurm cannot be reached at first.
touch state/hold
begin p 60s
until_true "both wait" job_states PENDING 2
echo 'refuse Unable to contact slurm controller' >state/scancel.next
expect 0 ./p cancel last
ends cancel
job_states CANCELLED 2 || fail "they were not cancelled"
[ ! -e ran ] || fail "they have run"

# What is cancelled while sbatch is at work is cancelled as soon as it is known.
touch state/slow
begin p 60s
until_true "sbatch was called" grep -q ^sbatch state/calls
kill -INT $pid
rm state/slow
ends "an early signal"
rm -f state/hold

# A failure elsewhere stops the run: what runs ends by itself (on_error stop).
cat >e.dag <<'DAG'
pipeline e {
  stage bad { run "exit 3" }
  stage good { run "sleep 0.5; echo done >>$FAKE/ran" }
}
DAG
expect 0 "$DAGCC" -q e.dag -o e
rm -f ran
slurm 1 ./e -j 2
[ "$(cat ran)" = done ] || fail "it was not let finish"

# A run's time-out ends jobs; a hook runs here, not there.
cat >t.dag <<'DAG'
pipeline t {
  stage s { run "sleep 1002" }
  hook finish run "echo hook ${SLURM_JOB_ID:-here} >&2; echo hook ${SLURM_JOB_ID:-here} >$FAKE/hook"
}
DAG
expect 0 "$DAGCC" -q t.dag -o t
slurm 1 ./t --timeout 1s
until_true "no job is left" job_states RUNNING 0
[ "$(cat hook)" = 'hook here' ] || fail "the hook: $(cat hook)"

# pause: running jobs finish.
cat >z.dag <<'DAG'
pipeline z {
  stage a { run "echo a >>$FAKE/ran; until test -e $FAKE/go; do sleep 0.05; done" }
  stage b { run "echo b >>$FAKE/ran" }
  a => b
}
DAG
expect 0 "$DAGCC" -q z.dag -o z
rm -f ran go
./z --executor slurm --queue-poll 100ms >out 2>err &
pid=$!
until_true "it runs" ran_lines 1
expect 0 ./z pause last
touch go
status=0
wait $pid || status=$?
[ $status = 3 ] || fail "status $status"
slurm 0 ./z resume last
[ "$(cat ran)" = "a
b" ] || fail "ran $(cat ran)"
