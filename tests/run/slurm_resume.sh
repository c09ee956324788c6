# The controller dies, jobs go on: `resume` finds them again, whatever they have come to meanwhile, and
# starts none twice.
. "$CASE/slurm.inc"
cat >p.dag <<'DAG'
pipeline p {
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq 3" }
  stage work {
    in n: int
    out m: int = <stdout | trim | int>
    out f: file = "made"
    run "echo <n> <task.attempt> >>$FAKE/ran; until test -e $FAKE/go<n>; do sleep 0.05; done; echo <n> | tee <out.f>"
  }
  stage last { fan aggregate  in ms: list<int>  out t: string = <stdout | trim>  run "echo <ms>" }
  nums.n -> work.n
  work.m -> last.ms
  output t: string = <last.t>
}
DAG
expect 0 "$DAGCC" -q p.dag -o p

# begin: a run whose three jobs have begun; ended: kills it, as nobody can refuse.
begin() {
    rm -rf go? ran state/jobs/* state/calls
    ./p -q --executor slurm --queue-poll 100ms -j 9 >out 2>err &
    pid=$!
    until_true "three bodies run" ran_lines 3
    until_true "the ids are known" ids 2
    until_true "the store knows it" knows
}
ran_lines() { [ -e ran ] && [ "$(wc -l <ran)" -ge "$1" ]; }
knows() { ./p show last --json 2>/dev/null | grep -Eq '"nums":.."?state"?:?"?"completed|"stage":"nums","key":"-","state":"completed"'; }
ids() { [ "$(cat "$(ls -dt .dag/work/* | head -n 1)"/slurm-jobs/*/id 2>/dev/null | wc -l)" = "$1" ]; }
kill_it() {
    kill -KILL $pid
    wait $pid 2>/dev/null
    cp state/calls before
}
resumed() {
    expect 0 ./p resume last -q --queue-poll 100ms
    says out 't: 1 2 3'
}
submitted() { [ "$(($(calls sbatch) - $(grep -c ^sbatch before)))" = "$1" ] || fail "submitted anew: $(cat state/calls)"; }

# They still run; then one has ended, one runs: they are waited for. No --executor is needed.
begin
kill_it
job_states RUNNING 3 || fail "jobs do not outlive their controller"
touch go1
until_true "one has ended" job_states RUNNING 2
(sleep 0.5; touch go2 go3) &
resumed
wait
submitted 1
sort ran >seen
printf '1 1\n2 1\n3 1\n' | cmp -s - seen || fail "ran: $(cat ran)"
expect 0 ./p show last --json
says out '"status":"completed"'
says out '"exit":0'

# All have ended, and Slurm has forgotten them.
begin
kill_it
touch go1 go2 go3
until_true "all have ended" job_states RUNNING 0
rm -rf state/jobs/*
resumed
submitted 1

# They wait in the queue still, and the answer of sbatch was lost with the controller.
touch state/hold
rm -rf go? ran state/jobs/* state/calls
./p -q --executor slurm --queue-poll 100ms -j 9 >out 2>err &
pid=$!
until_true "the first waits" job_states PENDING 1
bin/release
until_true "three bodies run" ran_lines 3
until_true "the store knows it" knows
kill_it
rm -f .dag/work/*/slurm-jobs/*/id
touch go1 go2 go3
resumed
submitted 1

# Two are gone without a trace: those are done anew, with a number of their own; one was found.
begin
kill_it
for dir in state/jobs/*.1 state/jobs/*.2; do
    for pid in $(ps -o pid= -s "$(cat "$dir/session")"); do kill -KILL "$pid"; done
    rm -rf "$dir"
done
touch go1 go2 go3
resumed
sort ran >seen
printf '1 1\n2 1\n2 2\n3 1\n3 2\n' | cmp -s - seen || fail "ran: $(cat ran)"
expect 0 ./p logs last work 0

# A machine has failed meanwhile: that is what became of it, and who says so is asked for a retry.
begin
kill_it
dir=$(ls -d state/jobs/*.1)
echo NODE_FAIL >"$dir/verdict"
for pid in $(ps -o pid= -s "$(cat "$dir/session")"); do
    [ "$pid" = "$(cat "$dir/session")" ] || kill -KILL "$pid"
done
until_true "it has failed" job_states NODE_FAIL 1
touch go1 go2 go3
expect 4 ./p resume last --queue-poll 100ms
says err 'its machine has failed'
resumed

# Killed behind the end of a body, at any call: what was published is found, or published again.
begin
touch go1 go2 go3
kill_it
resumed
submitted 1
begin
kill_it
touch go1 go2 go3
until_true "all have ended" job_states RUNNING 0
for key in 0 1 2; do
    dir=$(ls -d .dag/work/*/work/$key/1 | tail -n 1)
    mv "$dir/work" "$dir/out"
    ln -s out "$dir/work"
done
resumed

# Locally, if the user says so.
begin
kill_it
touch go1 go2 go3
until_true "all have ended" job_states RUNNING 0
expect 0 ./p resume last -q --executor local
says out 't: 1 2 3'
submitted 0
