# How jobs end: a machine that fails, want of memory, time limits, preemption, somebody's scancel, a job
# that leaves no word. Each is what it is called, and is tried again by those who say so.
. "$CASE/slurm.inc"
cat >p.dag <<'DAG'
pipeline p {
  input end: string
  stage first {
    out n: int = <stdout | trim | int>
    run "if mkdir $FAKE/once; then echo last words >&2; case <input.end> in self) kill -9 $$ ;; *) finish <input.end> ;; esac; fi; echo <task.attempt>"
    retry 2 backoff 10ms on crashed
    resources memory: 64MB grow 2
  }
  output n: int = <first.n>
}
DAG
sed 's/on crashed/on oom/' p.dag >oom.dag
sed 's/on crashed/on timeout/' p.dag >time.dag
for name in p oom time; do expect 0 "$DAGCC" -q $name.dag -o $name; done

# ends NAME END TYPE PART: NAME tries again once the job has ended so; one that does not says why.
ends() {
    rm -rf once state/jobs/*
    slurm 0 ./"$1" --input end="$2" --json
    says out '"n":2'
    expect 0 ./"$1" show last --json
    says out '"n":1'
    says out '"n":2'
    # want of memory is a crash, too
    case $1 in p) other=oom ;; oom) other=time ;; time) other=p ;; esac
    rm -rf once
    "./$other" --input end="$2" --json --executor slurm --queue-poll 100ms >out 2>err
    says out "\"type\":\"$3\""
    says err "$4"
}
ends p NODE_FAIL signal 'its machine has failed (NODE_FAIL)'
ends p PREEMPTED signal 'another job has taken its place (PREEMPTED)'
ends p CANCELLED signal 'somebody has cancelled it (CANCELLED)'
ends p FAILED spawn 'left no record (FAILED)'
ends p self signal 'killed by SIGKILL'
ends oom OUT_OF_MEMORY oom 'for want of memory; it may have 64 MB'
ends time TIMEOUT timeout "Slurm's time limit"
says err 'job 1'
says err 'on node'

# On the next attempt more is asked for.
rm -rf once state/calls
slurm 0 ./oom --input end=OUT_OF_MEMORY
called '[--mem=62M]'
called '[--mem=123M]'

# The body alone is killed, and only Slurm knows why.
cat >k.dag <<'DAG'
pipeline k {
  stage s { run "echo $VERDICT >$SLURM_FAKE_JOB/verdict; kill -9 $$"  env VERDICT = <input.verdict> }
  input verdict: string
}
DAG
expect 0 "$DAGCC" -q k.dag -o k
slurm 4 ./k --input verdict=OUT_OF_MEMORY --json
says out '"type":"oom"'
slurm 1 ./k --input verdict=TIMEOUT --json
says out '"type":"timeout"'

# A stage's own time-out is kept where the body runs, counts from when it begins, and ends all of it.
cat >t.dag <<'DAG'
pipeline t {
  stage late { run "sleep 1000 & wait"  timeout 300ms  may_fail }
  stage deaf { run "trap '' TERM; sleep 1000"  timeout 300ms  may_fail }
  stage fine { run "true"  timeout 30s }
}
DAG
expect 0 "$DAGCC" -q t.dag -o t
touch state/hold
./t --kill-grace 300ms --json --executor slurm --queue-poll 100ms -j 3 >out 2>err &
pid=$!
until_true "three jobs wait" job_states PENDING 3
sleep 1 # longer than two of the time-outs: waiting does not count
job_states PENDING 3 || fail "time in the queue has counted"
bin/release
wait $pid || fail "status $?"
says out '"completed":1'
expect 0 ./t show last --json
says out 'timed out after 300ms'
until_true "all jobs have ended" job_states RUNNING 0

# Memory is looked at where the body runs, as on this machine.
cat >m.dag <<'DAG'
pipeline m { stage s { run "x=$(head -c 60000000 /dev/zero | tr '\\0' x); sleep 60; echo ${#x}"  resources memory: 20MB } }
DAG
expect 0 "$DAGCC" -q m.dag -o m
slurm 4 ./m --json
says out '"type":"oom"'
says out 'and may have 20 MB'
