# Stages as jobs of a cluster: arrays for fan-outs, what stages ask for, values that come through
# unharmed, secrets that are nowhere, few questions. The cluster is a fake (tests/slurm/fake.sh).
. "$CASE/slurm.inc"
cat >p.dag <<'DAG'
pipeline p {
  resources gpu: 10
  input text: string
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq 5" }
  stage work {
    in n: int
    in text: string = <input.text>
    out f: file = "it's %x.txt"
    out said: string = <stdout>
    run "printf '%s\n' <text> \"$OWN\" | tee <out.f>; echo array $SLURM_ARRAY_TASK_ID in $PWD >&2"
    env OWN = <input.text>
    resources cpu: 3, memory: 100MB, gpu: 2
    timeout 90s
  }
  stage twice { in n: int  out m: int = <n | mul(2)> }
  stage all {
    fan aggregate
    in fs: list<file>
    in ms: list<int>
    out lines: int
    script "sh" '''
      printf '{"lines": %d}' "$(echo "$DAG_fs" | grep -o 'x.txt' | wc -l)" >"$DAG_OUTPUT"
    '''
  }
  nums.n -> work.n
  nums.n -> twice.n
  work.f -> all.fs
  twice.m -> all.ms
  output said: list<string> = <work.said>
  output lines: int = <all.lines>
}
DAG
expect 0 "$DAGCC" -q p.dag -o run
text=$(printf 'a "b" '\''c'\'' $d `e` \\ %%s\nsecond *')
expect 0 ./run --input text="$text" --json -j 50 --executor slurm --queue-poll 1h
printf '%s\n%s\n' "$text" "$text" >text
for key in 0 1 2 3 4; do
    cmp text ".dag/work/$(ls .dag/work)/work/$key/1/out/it's %x.txt" || fail "text of $key"
done
says out '"lines":5'
says out '"status":"completed"'

# One array for the fan-out, single jobs for the rest; nothing of the values among the arguments.
called '[--array=0-4]'
[ "$(grep -c -e --array state/calls)" = 1 ] || fail "several arrays"
[ "$(calls sbatch)" = 3 ] || fail "submissions: $(cat state/calls)"
for word in --cpus-per-task=3 --mem=96M --gres=gpu:2 --time=3 --no-requeue --parsable; do
    grep -e --array state/calls | grep -Fq -e "[$word]" || fail "no $word: $(cat state/calls)"
done
grep -v -e --array state/calls | grep -Fq -e --mem && fail "--mem for all"
says state/calls '[--job-name=work.'
grep -q 'second' state/calls && fail "a value is among the arguments"
[ "$(calls squeue)" = 0 ] || fail "what ends by itself needs no question: $(cat state/calls)"
expect 0 ./run show last work --json
says out '"exit":0'
grep -q '"cpu":0\.[0-9]*,"rss":[1-9]' out || fail "cpu and rss are missing"
expect 0 ./run logs last work 3
says err 'array 3 in'

# A script's files, secrets: in no script, no argument, no file that others may read; gone afterwards.
cat >s.dag <<'DAG'
pipeline s {
  input key: secret
  stage env { out n: int = <stdout | trim | int>  run "echo \"$KEY\" >&2; touch $FAKE/began; until test -e $FAKE/go; do sleep 0.05; done; printf %s \"$KEY\" | wc -c"  env KEY = <input.key> }
  stage sh { in key: secret = <input.key>  out n: int  script "sh" '''
    key=$(sed 's/.*"key":"\([^"]*\)".*/\1/' "$DAG_INPUT"); printf '{"n": %d}' ${#key} >"$DAG_OUTPUT"
  ''' }
  output env: int = <env.n>
  output sh: int = <sh.n>
}
DAG
expect 0 "$DAGCC" -q s.dag -o s
touch state/hold
printf hush-8c1f4e >key
./s --state sd --executor slurm --queue-poll 100ms --input key=@key >out 2>err &
pid=$!
until_true "two jobs wait" job_states PENDING 2
grep -rl 'hush-8c1f4e' sd state bin >found || fail "the secret is nowhere: the test is wrong"
while read -r f; do
    case $(stat -c %a "$f") in 600) ;; *) fail "$f may be read by others" ;; esac
done <found
grep -q 'hush' state/* 2>/dev/null && fail "Slurm was told the secret"
bin/release
until_true "the body runs" test -e began
! grep -rl 'hush-8c1f4e' sd/work/*/env/-/1/job 2>/dev/null || fail "the job's file is there while it runs"
touch go
wait $pid || fail "status $?"
says out 'env: 11'
says out 'sh: 11'
! grep -rl 'hush-8c1f4e' sd state || fail "the secret was left behind"
grep -rq '\*\*\*' sd/work/*/env/-/1/stderr || fail "the log is missing"

# What fails does so in the words of a local run.
cat >f.dag <<'DAG'
pipeline f {
  stage says { run "echo no luck >&2; exit 7"  may_fail }
  stage none { exec "no-such-program-here", "x"  may_fail }
  stage dies { run "kill -9 $$"  may_fail }
  stage file { out f: file = "missing"  run "true"  may_fail }
  stage env { out s: string = <stdout | trim>  run "echo $DAG_STAGE $DAG_KEY $DAG_ATTEMPT $HOME" }
  output s: string = <env.s>
}
DAG
expect 0 "$DAGCC" -q f.dag -o f
slurm 0 ./f --json --events ev
expect 0 ./f show last --json
says out 'exit status 7: no luck'
says out 'cannot start no-such-program-here'
says out 'killed by SIGKILL'
says out '"type":"signal"'
says out 'missing'
says out "env - 1 $HOME"

# The line to which options are held; what is refused before anything starts.
expect 2 ./f --executor slrum
says err 'there is no executor `slrum`; there are: local, slurm'
expect 2 ./f --executor slurm --state :memory:
says err 'needs --state DIR'
expect 0 ./f --help
expect 0 ./f help run
says out '--executor EXECUTOR'
cat >b.dag <<'DAG'
pipeline b { stage big { run "true"  resources cpu: 4000, memory: 9TB } }
DAG
expect 0 "$DAGCC" -q b.dag -o b
expect 2 ./b
slurm 0 ./b
called '[--cpus-per-task=4000] [--mem=8583069M]'
expect 0 ./b plan --executor slurm
