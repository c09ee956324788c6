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
says out '    result of the pipeline: total.t'
if grep -q 'work\[0\]' out; then fail "an artifact that it does not come from"; fi
expect 2 ./run show last --provenance p.dag
says err 'no task'

# PROV: what is used and generated is there. OpenLineage: one event per task, with data sets.
expect 0 ./run show last --format prov
says out '"run:upper[1].g":{"prov:value"'
says out '"prov:entity":"run:nums.n[1]"'
says out '"wasGeneratedBy":{'
expect 0 ./run show --provenance "$file" --format openlineage
[ "$(wc -l <out)" = 4 ] || fail "not four tasks"
says out '"eventType":"COMPLETE"'
says out '"inputs":[{"namespace":"file","name":"'
expect 2 ./run show last --format xml

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
