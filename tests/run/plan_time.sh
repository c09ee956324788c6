# With earlier runs a plan says what it is expected to take; what never ran is said to be unknown.
. "$CASE/cmdline.inc"
cat >t.dag <<'DAG'
pipeline t {
  resources gpu: 2
  input mark: string = "a"
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq 3" }
  stage work { in n: int  out m: int = <stdout | int>  resources gpu: 1, memory: 1MB  run "sleep 0.1; echo <n>" }
  stage sum  { fan aggregate  in ms: list<int>  out t: int = <stdout | int>  run "echo $(( 0 <ms | join(" + ") | prepend("+ ") | raw> ))" }
  nums.n -> work.n
  work.m -> sum.ms
  output total: int = <sum.t>
}
DAG
expect 0 "$DAGCC" -Wno-all t.dag -o t
expect 0 ./t plan
! grep -q expected out || fail "nothing is known yet"
expect 0 ./t plan --json
says out '"expected":null}'
expect 0 ./t -q
expect 0 ./t plan -j 2
says out 'with -j 2, by 1 earlier run'
says out '(nums -> work -> sum)'
says out 'peak: 2 tasks, gpu 2, memory 2MB'
! grep -q '^not known' out || fail "all is known"
expect 0 ./t plan -j 3 --json
# Three tasks, two at a time for want of a third gpu: at least twice 0.1 s.
awk 'match($0, /"expected":{"seconds":[0-9.]+,"jobs":3/) { found = 1; s = substr($0, RSTART + 22) + 0 }
    END { exit !(found && s >= 0.2) }' out || fail "expected less than it must take"
says out '"critical_path":["nums","work","sum"]'
says out '"unknown":[]'
says out '"gpu":2'
sed -i 's/stage sum /stage late { out x: string = <stdout> run "true" }\n  stage sum /' t.dag
expect 0 "$DAGCC" -Wno-all t.dag -o t
expect 0 ./t plan
says out 'expected: more than '
says out 'not known: late never completed before'
expect 0 ./t plan --json
says out '"unknown":["late"]'
# What a run would be refused for, its plan is refused for too.
expect 2 ./t plan --resources gpu=0
says err 'asks for gpu: 1'
