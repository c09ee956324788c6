# explain names the first component that differs, with what it was and is, for every component there
# is; and what a task waits for, in a run at work, a paused one, one that failed.
. "$CASE/cmdline.inc"

# ---------------------------------------------------------------- what has changed
cat >half.c <<'C'
#include "half.h"
#include "what.dag.h"
int half(dag_ctx *ctx, const code_in *in, code_out *out) { (void)ctx; out->n2 = in->n / HALF; return 0; }
C
echo '#define HALF 2' >half.h
cat >what.dag <<'DAG'
plugin say(word: string) { in n: string  out t: string = <stdout>  run "echo <word> <n>" }
pipeline inner { cacheable
  input n: int
  stage one { in n: int = <input.n>  in by: int = 2  out m: int = <stdout | int>  run "echo $((<n> * <by>))" }
  stage two { in m: int  out m2: int = <m | add(1)> }
  one.m -> two.m where it > 0
  output m: int? = <two.m2>
}
pipeline what { cacheable
  input who: string
  input f: file
  input d: dir
  input k: secret
  input n: int = 4
  config quality: string = "low"
  stage body { in w: string = <input.who>  out t: string = <stdout>  run """
      echo first
      echo <w>
    """ }
  stage conf { out t: string = <stdout>  run "echo <config.quality>" }
  stage env  { out t: string = <stdout>  run "echo $LEVEL"  env LEVEL = "1" }
  stage plug = say(word: "hello")
  stage text { in n: int = <input.n>  out o: string  script "sh" 'echo "{\"o\":\"x\"}" > $DAG_OUTPUT' }
  stage file { out t: string = <stdout>  run "cat <input.f>" }
  stage dir  { in d: dir = <input.d>  out t: string = <stdout>  run "ls <d>" }
  stage key  { out t: string = <stdout>  run "echo \"$KEY\" | wc -c"  env KEY = <input.k> }
  stage code { in n: int = <input.n>  out n2: int  native "half.c" half }
  stage sub  = call inner { in n: int = <input.n> }
  body.t -> plug.n
  output t: string = <plug.t>
}
DAG
mkdir d
echo one >d/a
echo two >d/b
echo text >f
usual='--input who=me --input f=f --input d=d --input k=hush-1'
expect 0 "$DAGCC" -Wno-all what.dag -o what
expect 0 ./what $usual
cp what.dag what.first

# changed STAGE WORDS… : explain of the stage says all of these
changed() {
    stage=$1
    shift
    expect 0 ./what explain "$stage" --input k="${key:-hush-1}"
    for words; do says out "$words"; done
    [ -z "${edited:-}" ] || { cp what.first what.dag; expect 0 "$DAGCC" -Wno-all what.dag -o what; }
}
edit() { sed "$1" what.first >what.dag; cmp -s what.dag what.first && fail "no edit: $1"; expect 0 "$DAGCC" -Wno-all what.dag -o what; edited=yes; }

changed body 'body [-] is cached: same definition and inputs as in run'
edit 's/echo first/echo second/'
changed body 'its body changed since run' '- echo first' '+ echo second'
edit 's/"low"/"high"/'
changed conf 'its config quality changed' '- low' '+ high'
edit 's/LEVEL = "1"/LEVEL = "2"/'
changed env 'its environment LEVEL changed' '- "1"' '+ "2"'
edit 's/word: "hello"/word: "good day"/'
changed plug 'its argument word changed' '- hello' '+ good day'
edit 's/ > $DAG_OUTPUT/  > $DAG_OUTPUT/'
changed text 'its body changed' '+ echo'
edit 's/native "half.c" half/c "out->n2 = 1;"/'
changed code 'its source flags changed'
edit 's/in by: int = 2/in by: int = 3/'
changed sub 'its pipeline inner (how its stages are wired) changed'
edit 's/<n> [*] <by>/<by> * <n>/'
changed sub 'its body of stage one of inner changed'
edit 's/it > 0/it > 1/'
changed sub 'its pipeline inner (how its stages are wired) changed'
edit 's/stage file { out t: string/stage file { out t: string?/'
changed file 'its outputs changed' '- t: string = stdout' '+ t: string? = stdout'
edited=
echo '#define HALF 4' >half.h
expect 0 "$DAGCC" -Wno-all what.dag -o what
changed code 'its source half.h changed' '- (15 bytes, ' '+ (15 bytes, '
echo '#define HALF 2' >half.h
sed -i 's/ctx; out/ctx;  out/' half.c
expect 0 "$DAGCC" -Wno-all what.dag -o what
changed code 'its source half.c changed' '- (146 bytes, ' '+ (147 bytes, '
echo longer >f
changed file 'its run input f changed' "- $PWD/f (5 bytes, " "+ $PWD/f (7 bytes, "
echo TWO >d/b
changed dir 'its input d changed' '- b (4 bytes, ' '+ b (4 bytes, '
echo two >d/b
mv d/b d/c
changed dir '- b (4 bytes, ' '+ c (4 bytes, '
mv d/c d/b
chmod +x d/b
changed dir ', executable)'
chmod -x d/b
expect 0 ./what explain body --input who=you --input k=hush-1
says out 'its input w changed' && says out '- "me"' && says out '+ "you"'
key=hush-2
changed key 'its run input k changed' 'is not shown'
key=
! grep -rqa 'hush' .dag || fail "a secret is in the store"
expect 0 ./what explain body --input who=you --input k=hush-1 --json
says out '"part":"input w","before":"\"me\"","now":"\"you\""'
# What stands behind a stage that would run names the cause.
expect 0 ./what explain plug --input who=you --input k=hush-1
says out 'maybe, unless what `body` gives comes out unchanged'
says out 'behind `body`: run, its input w changed'
expect 2 ./what explain bodi
says err 'did you mean `body`'

# ---------------------------------------------------------------- what it waits for
cat >wait.dag <<'DAG'
pipeline wait {
  stage nums  { out n: stream<int> = <stdout | lines | int>  run "seq 3" }
  stage work  { in n: int  out m: int = <stdout | int>  max_parallel 1
                run "echo <n> >> $ROOT/ran; while [ -e $ROOT/hold ]; do sleep 0.02; done; [ ! -e $ROOT/bad ]; echo <n>" }
  stage each  { in m: int  out s: string = <stdout>  run "echo <m>" }
  stage total { fan aggregate  in ms: list<int>  out t: string = <stdout>  run "echo <ms>" }
  stage after { run "true" }
  stage retry { run "echo >> $ROOT/tried; exit 3"  retry 1 backoff 1h  may_fail }
  nums.n -> work.n
  work.m -> each.m, total.ms
  total => after
  output text: list<string> = <each.s>
}
DAG
export ROOT=$PWD
expect 0 "$DAGCC" -Wno-all wait.dag -o wait
touch hold ran tried
./wait -j 4 >bg.out 2>bg.err &
pid=$!
# The records of what has happened are committed soon after.
soon() {
    tries=0
    until expect 0 ./wait explain "$1" ${3:+$3} && grep -Fq -e "$2" out; do
        tries=$((tries + 1))
        [ $tries -lt 6000 ] || { cat out; fail "explain $1 does not say: $2"; }
        kill -0 $pid 2>/dev/null || fail "ended: $(cat bg.err)"
        sleep 0.02
    done
}
soon retry 'its attempt 2, after a pause: attempt 1 failed'
soon work 'running): running'
soon each 'waits at its input `m` for `work` [0], which is running' 0
says out 'running): pending'
soon each 'waits at its input `m` for `work`, which is running'
soon total 'waits at its input `ms` for `work`, which is running'
soon after 'waits at `=> on success` for `total`, which is pending'
expect 0 ./wait explain after --json
says out '"waits":[{"at":"`=> on success`","stage":"total","key":null,"state":"pending"}]'
# Paused while a retry waits for its time: nothing but the running task is waited for.
expect 0 ./wait pause last
rm hold
wait $pid && fail "it was to be paused"
expect 0 ./wait runs
says out paused
expect 0 ./wait explain work 2
says out '(paused): pending'
says out 'waits for the run, which is paused'
# Cancelled while a retry waits: at once.
touch hold
./wait resume last -j 4 >bg.out 2>bg.err &
pid=$!
soon each 'waits at its input `m` for `work`' 1
expect 0 ./wait cancel last
wait $pid
[ $? = 130 ] || fail "cancelled: $(cat bg.err)"
rm hold
# Failed: what is behind it was skipped, and why.
touch bad
sed -i 's/backoff 1h/backoff 1ms/; s/\[ ! -e/[ ! -e/; s/; echo <n>" }/ \&\& echo <n>" }/' wait.dag
expect 0 "$DAGCC" -Wno-all wait.dag -o wait
expect 1 ./wait --continue-on-error
expect 0 ./wait explain work 1
says out '(failed): failed, exit: '
expect 0 ./wait explain total
says out '(failed): skipped, `work` did not complete for all keys'
says out 'uncacheable'
expect 0 ./wait explain each 9
says out 'no task with this key'
