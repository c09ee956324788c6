# Slurm's commands fail, do not answer, answer nonsense: nothing is lost, nothing is started twice.
. "$CASE/slurm.inc"
cat >p.dag <<'DAG'
pipeline p {
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq 4" }
  stage work { in n: int  out m: int = <stdout | trim | int>  run "echo <n> >>$FAKE/ran; echo <n>" }
  nums.n -> work.n
  output ms: list<int> = <work.m>
}
DAG
expect 0 "$DAGCC" -q p.dag -o p
all() {
    says out 'ms: [1,2,3,4]'
    printf '1\n2\n3\n4\n' >all
    sort ran | cmp -s - all || fail "ran: $(cat ran)"
    rm -rf ran state/calls state/jobs/*
}

# Refused for good: the message is sbatch's.
echo 'refuse Batch job submission failed: Invalid account or account/partition combination specified' >state/sbatch.next
slurm 4 ./p
says err 'Invalid account'
[ "$(calls sbatch)" = 1 ] || fail "it was tried again"
rm -rf state/calls ran

# Slurm is busy: later. It cannot be reached: it is asked first whether it has taken the job.
cat >state/sbatch.next <<'TEXT'
refuse Slurm temporarily unable to accept job, sleeping and retrying
refuse Batch job submission failed: Unable to contact slurm controller (connect failure)
TEXT
slurm 0 ./p
[ "$(calls sbatch)" = 4 ] || fail "submissions: $(cat state/calls)"
all

# It has taken it, and says that it has not: once is enough, for a job and for an array.
cat >state/sbatch.next <<'TEXT'
accept Batch job submission failed: Socket timed out on send/recv operation
accept Batch job submission failed: Socket timed out on send/recv operation
TEXT
slurm 0 ./p
[ "$(calls sbatch)" = 2 ] || fail "submissions: $(cat state/calls)"
all

# Arrays no longer than Slurm takes them, told by its configuration or by its refusal.
echo 'MaxArraySize = 3' >state/config
slurm 0 ./p -j 9
called '[--array=0-2]'
[ "$(calls sbatch)" = 3 ] || fail "submissions: $(cat state/calls)"
all
echo nonsense >state/config
cat >state/sbatch.next <<'TEXT'
print
refuse Batch job submission failed: Invalid job array specification
TEXT
sed -i 1d state/sbatch.next
cat >q.dag <<'DAG'
pipeline q {
  input all: list<int> = [1, 2, 3, 4]
  stage nums { out n: stream<int> = <input.all> }
  stage work { in n: int  out m: int = <stdout | trim | int>  run "echo <n> >>$FAKE/ran; echo <n>" }
  nums.n -> work.n
  output ms: list<int> = <work.m>
}
DAG
expect 0 "$DAGCC" -q q.dag -o q
slurm 0 ./q -j 9
called '[--array=0-3]'
called '[--array=0-1]'
all

# A full queue: when nothing of ours is in it, smaller pieces.
echo 'refuse Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user size and/or time limits)' >state/sbatch.next
slurm 0 ./q -j 9
called '[--array=0-1]'
all

# squeue fails for a while, prints nonsense, has forgotten everything: jobs that leave a record do not care.
cat >w.dag <<'DAG'
pipeline w {
  stage s { out n: int = <stdout | trim | int>  run "until test -e $FAKE/go; do sleep 0.05; done; echo run >>$FAKE/ran; echo 7" }
  output n: int = <s.n>
}
DAG
expect 0 "$DAGCC" -q w.dag -o w
for answer in 'refuse Unable to contact slurm controller' 'print slurm is down for maintenance' \
    'print 101|N/A|CANCELLED' 'nothing'; do
    rm -rf go ran state/calls
    for _ in 1 2 3; do echo "$answer"; done >state/squeue.next
    [ "$answer" != nothing ] || echo nothing >state/squeue.next
    ./w --executor slurm --queue-poll 100ms >out 2>err &
    pid=$!
    until_true "the queue was asked" test -f state/squeue.next -a ! -s state/squeue.next
    touch go
    wait $pid || fail "status $? with: $answer"
    says out 'n: 7'
    [ "$(cat ran)" = run ] || fail "ran: $(cat ran)"
done

# A job that is gone from the queue for good, without a word, has crashed; one that has ended and was
# forgotten at once has not.
touch state/forgets
rm -f go
touch go
slurm 0 ./w
cat >v.dag <<'DAG'
pipeline v { stage s { run "touch $FAKE/begun; finish FAILED" } }
DAG
expect 0 "$DAGCC" -q v.dag -o v
slurm 4 ./v
says err 'left no record (it has left the queue)'
rm state/forgets

# A job that is started a second time (requeued) does not run its body again.
rm -f ran
slurm 0 ./w
job=$(ls -d .dag/work/*/slurm-jobs/1 | tail -n 1)
sh "$job/script" 2>again && fail "it was carried out again"
says again 'begun before'
[ "$(cat ran)" = run ] || fail "ran: $(cat ran)"

# No Slurm here.
PATH=/usr/bin:/bin
if ! command -v sbatch >/dev/null; then
    slurm 4 ./w
    says err 'sbatch cannot be started: No such file or directory (are Slurm'
fi
