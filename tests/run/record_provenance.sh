#!/bin/sh
# Where a file comes from and what it became; runs exported; logs followed; space given back.
. "$CASE/cmdline.inc"
cat >p.dag <<'DAG'
pipeline p {
  input word: string = "x"
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq 2" }
  stage work { in n: int  in w: string = <input.word>  out f: file = "out.txt"  run "echo <w> <n> > out.txt" }
  stage upper { in f: file  out g: file = "up.txt"  run "cat <f> | tr a-z A-Z > up.txt" }
  stage total { fan aggregate  in gs: list<file>  out t: string = <stdout | trim>  run "cat <gs> | paste -sd," }
  nums.n -> work.n
  work.f -> upper.f
  upper.g -> total.gs
  output text: string = <total.t>
}
DAG
expect 0 "$DAGCC" p.dag -o run
expect 0 ./run
file=$(find .dag/work -path '*/upper/1/*' -name up.txt)
expect 0 ./run show --provenance "$file"
says out 'made as upper[1].g'
says out '  work[1].f = '
says out '    input word = "x"'
says out '    nums.n[1] = 2'
says out '  total [-] completed, as its input gs'
says out '    result of the pipeline: text'
if grep -q 'work\[0\]' out; then fail "an artifact that it does not come from"; fi
expect 2 ./run show last --provenance p.dag
says err 'no task'

# Exported, the documents follow their standards; who used and made what is in them.
"${CC:-cc}" -O1 -o check "$CASE/provenance_check.c" -lcjson || fail "no checker"
follows() { # follows FORMAT: `out`
    cp out document
    expect 0 ./check "$1" <document
    cp document out
}
expect 0 ./run show last --format prov
follows prov
says out '"run:upper/1/g":{"prov:label":"upper[1].g","prov:value"'
says out '{"prov:activity":"run:work/1","prov:entity":"run:nums/-/n/1"}'
says out '{"prov:activity":"run:work/1","prov:entity":"run:inputs/word"}'
says out '{"prov:generatedEntity":"run:outputs/text","prov:usedEntity":"run:total/-/t"}'
says out '{"prov:activity":"run:upper/0","prov:agent":"dag:dagcc","prov:plan":"run:plan/upper"}'
expect 0 ./run show --provenance "$file" --format prov
follows prov
if grep -q 'run:work/0' out; then fail "an artifact that it does not come from"; fi
expect 0 ./run show --provenance "$file" --format openlineage
follows openlineage
[ "$(wc -l <out)" = 10 ] || fail "not two events of the run and of four tasks"
says out '"eventType":"COMPLETE"'
says out '"inputs":[{"namespace":"file","name":"'
expect 2 ./run show last --format xml

# Of a run with retries, a failure, a gate, called pipelines and odd names, too; and of one that takes all
# of it from the cache.
cat >all.dag <<'DAG'
pipeline one {
  input n: int
  stage make { in n: int = <input.n>  out f: file = "f"  cacheable  run "echo <n> > f" }
  output f: file = <make.f>
}
pipeline all {
  input word: string = "a b/%é[1]"
  cacheable
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq 2" }
  stage left { in n: int  out f: file = "l"  run "echo <n> > l" }
  stage right { in n: int  out f: file = "r"  run "echo '<input.word>' > r" }
  stage join { in a: file  in b: file  out c: file = "c d"  run "cat <a> <b> > 'c d'" }
  stage open { gate passthrough  in c: file  run "test -s <c>" }
  stage flaky { in c: file  out x: int = <stdout | int>  uncacheable  run "test <task.attempt> -gt 1 && echo 4"  retry 2 }
  stage bad { in x: int  may_fail  uncacheable  run "exit 3" }
  stage list { fan aggregate  in n: list<int>  out l: list<int> = <n> }
  stage sub = map one over n
  stage sum { in fs: list<file>  out t: string = <stdout | trim>  run "cat <fs> | paste -sd+" }
  nums.n -> left.n
  nums.n -> right.n
  left.f -> join.a
  right.f -> join.b
  join.c -> open.c
  open.c -> flaky.c
  flaky.x -> bad.x
  nums.n -> list.n
  list.l -> sub.n
  sub.f -> sum.fs
  output t: string = <sum.t>
  output c: list<file> = <join.c>
}
DAG
expect 0 "$DAGCC" all.dag -o all
for round in first cached; do
    expect 0 ./all -q
    for format in prov openlineage; do
        expect 0 ./all show last --format $format
        follows $format
    done
    says out '"eventType":"FAIL"'
    says out '"message":"exit: '
done
id=$(./all runs --json | grep -o '"run":"[^"]*"' | tail -n 1 | cut -d '"' -f 4)
expect 0 ./all show "$id/sub.-.1" --format prov
follows prov
one=$(find .dag/work -path '*/join/1/1/*' -name 'c d')
expect 0 ./all show "$id" --provenance "$one"
says out '  left[1].f = '
says out '    nums.n[1] = 2'
says out '  right[1].f = '
says out '    input word = '
says out '  open [1] completed, as its input c'
says out '    flaky [1] completed, as its input c'
says out '  result of the pipeline: c'

# A replay hands on what it has from the old run: the file is still known by its maker there.
expect 0 ./run replay last --rerun total
expect 0 ./run show last --provenance "$file"
says out 'made as upper[1].g'

# logs -f: as it is printed, until the task has ended.
cat >slow.dag <<'DAG'
pipeline slow {
  stage s { run "echo one; while [ ! -e $ROOT/go ]; do sleep 0.02; done; echo two; echo three >&2" }
}
DAG
export ROOT=$PWD
expect 0 "$DAGCC" slow.dag -o slow
./slow -q &
pid=$!
until ./slow logs last s 2>/dev/null | grep -q one; do sleep 0.05; done
./slow logs last s -f >followed 2>errors &
reader=$!
until grep -q one followed; do sleep 0.05; done
touch go
wait $pid || fail "the run failed"
wait $reader || fail "logs -f failed"
printf 'one\ntwo\n' | cmp -s - followed || fail "followed: $(cat followed)"
grep -q three errors || fail "no standard error"

# gc gives the space back.
for i in 1 2 3; do expect 0 ./run -q --full; done
expect 0 ./run gc --keep 1
[ "$(find .dag/work -name out.txt | wc -l)" = 2 ] || fail "files are left: $(find .dag/work -name out.txt)"
expect 0 ./run show last
