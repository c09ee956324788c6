#!/bin/sh
# Outputs marked `temp`: deleted when their last consumer has finished, made again when needed, and only
# then; plan and explain say so before.
set -eu
fail() { echo "$1"; exit 1; }
same() { test "$2" = "$3" || fail "$1: expected '$2', got '$3'"; }
export LOG="$PWD/log"
: > log
# FLAGS: what has run since last asked, in order of names: "make use use".
ran() { sort log | tr '\n' ' '; : > log; }
left() { find .dag/work -type f -name '*.tmp' | wc -l | tr -d ' '; }
actions() { ./$1 plan --json | tr '{}' '\n\n' | sed -n 's/^"slug":"\([a-z]*\)","action":"\([a-z]*\)".*/\1=\2/p' | tr '\n' ' '; }
states() { ./$1 show last --json | tr '{}' '\n\n' | sed -n 's/^"completed":\([0-9]*\),"cached":\([0-9]*\),.*/\1+\2/p' | tr '\n' ' '; }

# A chain of two temporary files, one with two consumers; a change of one consumer.
cat > chain.dag <<'DAG'
pipeline chain {
  cacheable
  stage make { out a: file temp = "a.tmp"  run "echo make >> $LOG; seq 5 > a.tmp" }
  stage pack { in a: file  out b: file temp = "b.tmp"  run "echo pack >> $LOG; tac <a> > b.tmp" }
  stage side { in a: file  out n: int = <stdout | int>  run "echo side >> $LOG; wc -l \< <a>" }
  stage last { in b: file  out t: string = <stdout | trim>  run "echo last >> $LOG; head -n 1 <b>" }
  stage size { in a: file  out t: string = "<a.size> <a.name>" }
  make.a -> pack.a, side.a, size.a
  pack.b -> last.b
  output n: int = <side.n>
  output t: string = <last.t>
  output s: string = <size.t>
}
DAG
"$DAGCC" chain.dag -o chain
want='n: 5 t: 5 s: 10 a.tmp '
same "first run" "$want" "$(./chain -q | tr '\n' ' ')"
same "first run" "last make pack side " "$(ran)"
same "all deleted" 0 "$(left)"
./chain show last make | grep -q '^    deleted .*a.tmp (temporary' || fail "show does not say so"
./chain show last --json | grep -q '"deleted":\["[^"]*a.tmp"\]' || fail "show --json does not say so"
file=$(./chain show last --json | tr '"' '\n' | grep -m 1 '/a.tmp$')
./chain show --provenance "$file" | grep -q '^.*a.tmp (temporary, deleted after use)$' || fail "provenance"

# Nothing has changed: nothing runs, the size of what is gone is known.
same "plan" "make=cached pack=cached side=cached size=run last=cached " "$(actions chain)"
same "second run" "$want" "$(./chain -q | tr '\n' ' ')"
same "second run" "" "$(ran)"

# The last of the chain changes: both files are made again; what came out of them otherwise stays.
sed 's/head -n 1/head  -n 1/' chain.dag > chain2.dag
"$DAGCC" chain2.dag -o chain
same "plan" "make=run pack=run side=cached size=run last=run " "$(actions chain)"
./chain plan | grep -q '^make .*its temporary output is needed again by `pack`' || fail "plan's reason"
./chain plan | grep -q '^pack .*its temporary output is needed again by `last`' || fail "plan's reason"
./chain explain pack | grep -q 'would run: its temporary output is needed again by `last`' || fail "explain"
same "third run" "$want" "$(./chain -q --events events | tr '\n' ' ')"
same "third run" "last make pack " "$(ran)"
same "all deleted again" 0 "$(left)"
grep -q '"stage":"make","key":"-","attempt":1,"state":"running","reason":"its temporary output is needed' events || fail "no event"
same "states" "1+0 1+0 0+1 1+0 1+0 " "$(states chain)"
same "plan" "make=cached pack=cached side=cached size=run last=cached " "$(actions chain)"

# The head of the chain changes, what it gives does not: the wave stops there.
sed 's/seq 5/seq  5/' chain2.dag > chain3.dag
"$DAGCC" chain3.dag -o chain
same "plan" "make=run pack=maybe side=maybe size=run last=maybe " "$(actions chain)"
./chain -q > out
same "cut off" "make " "$(ran)"
same "cut off" 0 "$(left)"
same "full" "$want" "$(./chain -q --full | tr '\n' ' ')"
same "full" "last make pack side " "$(ran)"
same "full" 0 "$(left)"

# A replay makes again what the named stage needs; --only too.
./chain replay last --rerun last -q > out
same "replay" "last make pack " "$(ran)"
./chain replay last --rerun side -q > out
same "replay" "make side " "$(ran)"
./chain --only side --full -q > out
same "only" "make side " "$(ran)"
same "replays" 0 "$(left)"

# A consumer fails: the file stays for it, also for a retry; a resume deletes it.
cat > fails.dag <<'DAG'
pipeline fails {
  input n: int = 3
  on_error continue
  stage make { out part: stream<file> temp = glob "*.tmp"  run "echo make >> $LOG; for i in $(seq <input.n>); do echo $i > $i.tmp; done" }
  stage use { in f: file  out n: int = <stdout | int>  retry 1
              run "echo use >> $LOG; cat <f>; test -e $LOG.good || test <f.stem> != 2" }
  stage sum { fan aggregate  in n: list<int>  out t: string = <n | string | join("+")> }
  make.part -> use.f
  use.n -> sum.n
  output t: string = <sum.t>
}
DAG
"$DAGCC" fails.dag -o fails
./fails -q > out 2> err && fail "it should fail"
same "failed" "make use use use use " "$(ran)"
same "one is kept" 1 "$(left)"
touch log.good
same "resumed" "t: 1+2+3" "$(./fails resume last -q)"
same "resumed" "use " "$(ran)"
same "resumed" 0 "$(left)"
# The same in a new run, whose parts are all its own.
rm log.good
./fails -q > out 2> err && fail "it should fail"
ran > out
test "$(left)" = 1 || fail "one is kept"

# What a task gives to others without looking at it: gates, expressions, folders, lists, calls.
cat > flow.dag <<'DAG'
pipeline inner {
  input f: file
  cacheable
  stage read { in f: file = <input.f>  out t: string = <stdout | trim>  run "echo inner >> $LOG; cat <f>" }
  output t: string = <read.t>
}
pipeline flow {
  cacheable
  stage make { out f: stream<file> temp = glob "*.tmp"  out d: dir temp = "d"
               run "echo make >> $LOG; echo 1 > 1.tmp; echo 2 > 2.tmp; mkdir d; echo 3 > d/3.tmp" }
  stage odd { gate  in f: file  run "echo odd >> $LOG; test <f.stem> != 9" }
  stage pick { in f: file  out p: { at: file } = { at: <f> } }
  stage all { fan aggregate  in f: list<file>  out t: string = <stdout | trim>  run "echo all >> $LOG; cat <f> | paste -sd," }
  stage use { in p: { at: file }  out t: string = <stdout | trim>  run "echo use >> $LOG; cat <p.at>" }
  stage tree { in d: dir  out t: string = <stdout | trim>  run "echo tree >> $LOG; cat <d>/3.tmp" }
  stage sub = call inner
  stage each = map inner over f
  make.f -> odd.f
  odd.f -> pick.f
  pick.p -> use.p
  make.f -> all.f
  make.f -> sub.f
  make.d -> tree.d
  stage list { fan aggregate  in f: list<file>  out fs: list<file> = <f> }
  make.f -> list.f
  list.fs -> each.f
  output one: list<string> = <use.t>
  output all: string = <all.t>
  output tree: string = <tree.t>
  output sub: list<string> = <sub.t>
  output each: list<string> = <each.t>
}
DAG
"$DAGCC" flow.dag -o flow
want='one: ["1","2"] all: 1,2 tree: 3 sub: ["1","2"] each: ["1","2"] '
same "flow" "$want" "$(./flow -q -j 3 | tr '\n' ' ')"
same "flow" "all inner inner inner inner make odd odd tree use use " "$(ran)"
find .dag/work -name '*.tmp' | grep -v '/fails\|/make/-/1/out/2.tmp' | grep '/flow' && fail "left"
test "$(left)" = 1 || fail "flow: $(find .dag/work -name '*.tmp')"
same "flow again" "$want" "$(./flow -q | tr '\n' ' ')"
case $(ran) in *make* | *use* | *all* | *tree* | *inner*) fail "flow: something runs again" ;; esac
sed 's/cat <p.at>/cat  <p.at>/' flow.dag > flow2.dag
"$DAGCC" flow2.dag -o flow
same "flow changed" "$want" "$(./flow -q | tr '\n' ' ')"
case $(ran) in *all* | *tree* | *inner*) fail "flow: too much runs" ;; *make*use*) ;; *) fail "flow: make did not run" ;; esac
test "$(left)" = 1 || fail "flow: $(find .dag/work -name '*.tmp')"

# Without a store it is deleted, too; the run's folder is temporary itself.
same "memory" "$want" "$(./flow -q --state :memory: | tr '\n' ' ')"
