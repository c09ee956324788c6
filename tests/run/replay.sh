# A replay is a new run that takes over what an old one has, but for the stages that are named: also
# of a run that failed, and of stages that call a pipeline.
. "$CASE/cmdline.inc"
cat >r.dag <<'DAG'
pipeline inner { cacheable
  input n: int
  stage one { in n: int = <input.n>  out m: int = <stdout | int>  run "echo inner <n> >> $ROOT/ran; echo $((<n> * $(cat $ROOT/factor)))" }
  output m: int = <one.m>
}
pipeline r { cacheable
  stage nums { out n: stream<int> = <stdout | lines | int>  run "echo nums >> $ROOT/ran; seq $(cat $ROOT/count)" }
  stage calc = call inner
  stage door { gate  in m: int  run "echo door <m> >> $ROOT/ran; [ <m> -ne 4 ]" }
  stage late { in m: int  out t: string = <stdout | trim>  run "echo late <m> >> $ROOT/ran; [ ! -e $ROOT/bad ] && echo <m>" }
  stage sum  { fan aggregate  in ts: list<string>  out t: string = <stdout | trim>  run "echo sum >> $ROOT/ran; echo <ts>" }
  nums.n -> calc.n
  calc.m -> door.m
  door.m -> late.m -> sum.ts
  output t: string = <sum.t>
}
DAG
sed -i 's/late.m -> sum.ts/late.m\n  late.t -> sum.ts/' r.dag
export ROOT=$PWD
expect 0 "$DAGCC" -Wno-all r.dag -o r
echo 3 >count
echo 2 >factor
: >ran
# did STATUS WORDS OPTIONS…: a replay with these options runs exactly these tasks
did() {
    status=$1 words=$2
    shift 2
    : >ran
    expect "$status" ./r replay "$@" -j 1
    now=$(sort ran | tr '\n' ',')
    [ "$now" = "$words" ] || fail "replay $*: ran '$now' instead of '$words'"
}

# Of a run that failed: what has no result runs, as what is named.
touch bad
expect 1 ./r -q --continue-on-error -j 1
failed=$(ls .dag/work | head -n 1)
rm bad
did 0 'inner 1,inner 2,inner 3,late 2,late 6,nums,sum,' last --rerun nums,calc
says out 't: 2 6'
did 0 'late 2,late 6,nums,sum,' "$failed" --rerun nums
did 0 'sum,' last --rerun sum
expect 0 ./r show last --json
says out '"status":"completed"'

# Only what is named, though it gives something else now; with --downstream all that depends on it.
echo 3 >factor
did 0 'inner 1,inner 2,inner 3,' last --rerun calc
says out 't: 2 6'
did 0 'door 3,door 6,door 9,inner 1,inner 2,inner 3,late 3,late 6,late 9,sum,' last --rerun calc --downstream
says out 't: 3 6 9'
# What it gave is what later runs use.
: >ran
expect 0 ./r -q -j 1
says out 't: 3 6 9'
[ ! -s ran ] || fail "it is known: $(cat ran)"
# New keys have no result to be taken over.
echo 4 >count
did 0 'door 12,inner 4,late 12,nums,' last --rerun nums
says out 't: 3 6 9'

# A stage that has changed since cannot be taken over, nor what it calls; what is named may change.
expect 0 ./r -q -j 1 --full
sed 's/echo <ts>/echo  <ts>/' r.dag >changed.dag
expect 0 "$DAGCC" -Wno-all changed.dag -o r
expect 2 ./r replay last --rerun calc
says err 'stage `sum` has changed since'
did 0 'sum,' last --rerun sum
sed 's/one.m>/one.m | add(1)>/' r.dag >changed.dag
expect 0 "$DAGCC" -Wno-all changed.dag -o r
expect 2 ./r replay last --rerun nums
says err 'stage `calc` has changed since'
sed 's/stage sum /stage new { run "true" }\n  stage sum /' r.dag >changed.dag
expect 0 "$DAGCC" -Wno-all changed.dag -o r
expect 2 ./r replay last --rerun nums
says err 'stage `new` has come since'
# A part of a run is replayed with it.
expect 0 ./r runs
expect 2 ./r replay "$failed/calc.0.0" --rerun one
