#!/bin/sh
# Runs are recorded, resumed where they stood, replayed, shown, and forgotten.
. "$CASE/cmdline.inc"
cat >p.dag <<'DAG'
pipeline p {
  input flag: string
  stage nums { out n: stream<int> = <stdout | lines | int>  run "echo nums >> $ROOT/ran; seq 3" }
  stage sq { in n: int  out m: int = <n | mul(n)> }
  stage work { in m: int  out f: file = "out.txt"  run "echo work <m> >> $ROOT/ran; echo <m> > out.txt; echo said <m> >&2" }
  stage total { fan aggregate  in fs: list<file>  out t: string = <stdout | trim>
                run "echo total >> $ROOT/ran; cat <fs> | paste -sd, && test -e <input.flag>" }
  nums.n -> sq.n
  sq.m -> work.m
  work.f -> total.fs
  output text: string = <total.t>
}
DAG
export ROOT=$PWD
expect 0 "$DAGCC" p.dag -o run

# A failed run names the command that resumes it; that runs what is missing, and nothing else.
expect 1 ./run --input flag="$PWD/ok"
says err 'to go on: ./run resume '
id=$(sed -n 's/^to go on: .* resume //p' err)
touch ok
cp ran before
expect 0 ./run resume "$id"
says out 'text: 1,4,9'
echo total >>before
cmp -s before ran || fail "resume ran other tasks: $(cat ran)"
expect 0 ./run show "$id" --json
says out '"status":"completed"'
says out '"stage":"total","key":"-","state":"completed"'
says out '{"n":2,"state":"completed"'
says out '"outputs":{"text":"1,4,9"}'
expect 2 ./run resume "$id"
says err 'is completed'
expect 2 ./run resume nothing
says err 'there is no run `nothing`'
expect 2 ./run resume

# The beginning of an id will do; `last` too. Logs are there.
expect 0 ./run show "$(echo "$id" | cut -c1-20)" work
says out 'work [1] completed'
expect 0 ./run logs last work 1
says err 'said 4'
expect 2 ./run logs last wrok
says err 'did you mean `work`'
expect 0 ./run runs --json
says out '"status":"completed"'

# A replay runs the named stages again, and with --downstream what depends on them.
cp ran before
expect 0 ./run replay last --rerun total
echo total >>before
cmp -s before ran || fail "replay ran other tasks"
expect 0 ./run replay "$id" --rerun work --downstream --json
says out '"summary":{"stages":4,"tasks":8,"completed":4,"cached":4'
expect 2 ./run replay "$id" --rerun wrok
says err 'did you mean `work`'
expect 2 ./run replay "$id"

# Vanished outputs are made again, and a changed program is refused by the name of the stage.
rm ok
expect 1 ./run --input flag="$PWD/ok"
rm -rf .dag/work/*/work/1
touch ok
: >ran
expect 0 ./run resume last -v
says err 'is gone'
printf 'work 4\ntotal\n' | cmp -s - ran || fail "ran $(cat ran)"
rm ok
expect 1 ./run --input flag="$PWD/ok"
sed 's/| paste/| cat | paste/' p.dag >q.dag
expect 0 "$DAGCC" q.dag -o run
expect 2 ./run resume last
says err 'stage `total` has changed'
expect 2 ./run replay last --rerun work
says err 'stage `total` has changed'
touch ok
expect 0 ./run replay last --rerun total

# gc keeps what the runs that stay refer to: the last one took its files from others.
expect 0 ./run gc --keep 1
expect 0 ./run replay last --rerun total
says out 'text: 1,4,9'
expect 2 ./run gc
[ "$(./run runs | wc -l)" = 2 ] || fail "not two runs"

# An attempt that was killed before it was recorded keeps its number and its log.
cat >kill.dag <<'DAG'
pipeline kill {
  stage s { out n: int = <stdout | int>  retry 9
            run "echo said <task.attempt> >&2; case $(ls $ROOT/killed 2>/dev/null) in '') test <task.attempt> -gt 1 && touch $ROOT/killed && kill -9 $PARENT; exit 1 ;; esac; echo 7" }
  output n: int = <s.n>
}
DAG
expect 0 "$DAGCC" kill.dag -o kill
sh -c 'PARENT=$$ exec ./kill -q' 2>err
[ $? = 137 ] || fail "it was not killed"
expect 0 ./kill resume last -q
says out 'n: 7'
expect 0 ./kill logs last s
for n in 1 2 3; do says err "said $n"; done
expect 0 ./kill show last --json
says out '{"n":3,"state":"completed"'
[ "$(grep -o '"n":[0-9]*,"state"' out | sort -u | wc -l)" = 3 ] || fail "not three attempts"
