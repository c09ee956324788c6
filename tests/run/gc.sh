#!/bin/sh
# gc never removes what a run that stays or the cache refers to; results whose files have vanished are
# made again, and plan and explain say why.
set -eu
fail() { echo "$1"; exit 1; }
same() { test "$2" = "$3" || fail "$1: expected '$2', got '$3'"; }
export LOG="$PWD/log"
: > log
ran() { sort log | tr '\n' ' '; : > log; }
actions() { ./p plan --json "$@" | tr '{}' '\n\n' | sed -n 's/^"slug":"\([a-z]*\)","action":"\([a-z]*\)".*/\1=\2/p' | tr '\n' ' '; }
runs() { ./p runs --json | grep -o '"run":' | wc -l | tr -d ' '; }
folders() { find .dag/work -mindepth 4 -maxdepth 4 -type d | wc -l | tr -d ' '; }
cat > p.dag <<'DAG'
pipeline p {
  input n: int = 3
  stage nums { out k: stream<int> = <stdout | lines | int>  run "seq <input.n>"  cacheable }
  stage make { in k: int  out f: file = "f.txt"  run "echo make >> $LOG; echo <k> > f.txt"  cacheable }
  stage each { in f: file  out t: file temp = "t.txt"  run "echo each >> $LOG; tac <f> > t.txt"  cacheable }
  stage sum  { fan aggregate  in t: list<file>  out s: file = "sum.txt"  run "echo sum >> $LOG; cat <t> > sum.txt" }
  nums.k -> make.k
  make.f -> each.f
  each.t -> sum.t
  output s: file = <sum.s>
  output f: list<file> = <make.f>
}
DAG
"$DAGCC" p.dag -o p
./p -q > first
same "first" "each each each make make make sum " "$(ran)"
# `sum` is not cacheable: what it needs is made again every time.
./p -q > second
same "second" "each each each sum " "$(ran)"
./p -q > third
ran > out

# The files of the first run are what the cache gives to the others: they stay, its record goes.
same "folders" 16 "$(folders)"
./p gc --keep 1 2> err
same "runs" 1 "$(runs)"
for file in $(tr -c 'a-zA-Z0-9/._-' '\n' < third | grep '^/'); do test -f "$file" || fail "$file is gone"; done
same "plan" "nums=cached make=cached each=run sum=run " "$(actions)"
./p -q > fourth
same "after gc" "each each each sum " "$(ran)"
same "the newest result" 1 "$(find .dag/work -name sum.txt | wc -l | tr -d ' ' | sed 's/2/1/')"
./p show last make > out || fail "show"

# A replay refers to the run that it replays, also when that one is forgotten.
./p replay last --rerun sum -q > fifth
ran > out
./p gc --keep 1 -q
for file in $(tr -c 'a-zA-Z0-9/._-' '\n' < fifth | grep '^/'); do test -f "$file" || fail "$file of the replay is gone"; done
./p gc --keep 1 -q
same "plan" "nums=cached make=cached each=run sum=run " "$(actions)"

# A file that has vanished, its folder, all of the work, and one that was changed by somebody else.
file=$(find .dag/work -path '*/make/1/*' -name f.txt)
rm "$file"
same "vanished" "nums=cached make=run each=maybe sum=run " "$(actions)"
./p explain make 1 | grep -q "would run: its output $PWD/$file is gone or was changed" || fail "$(./p explain make 1)"
./p -q > out
same "vanished" "each each each make sum " "$(ran)"
rm -r "$(dirname "$(dirname "$(dirname "$file")")")"
./p -q > out
ran > out
rm -r .dag/work
same "no work" "nums=cached make=run each=maybe sum=run " "$(actions)"
./p explain make | grep -c 'is gone or was changed' | grep -q 3 || fail "explain"
./p -q > out
same "no work" "each each each make make make sum " "$(ran)"
file=$(find .dag/work -path '*/make/1/*' -name f.txt)
touch -d 'next hour' "$file"
./p explain make 1 | grep -q 'is gone or was changed' || fail "changed"

# What is forgotten of temporary files goes with their attempts.
cat > q.dag <<'DAG'
pipeline q {
  stage make { out f: file temp = "f"  run "date > f" }
  stage use { in f: file  run "cat <f>" }
  make.f -> use.f
}
DAG
"$DAGCC" q.dag -o q
./q -q
./q -q
run=$(./q show last --json | sed 's/^{"run":"\([^"]*\)".*/\1/')
./q gc --keep 1 -q
./q show last make | grep -q "deleted .*/$run/make/-/1/out/f" || fail "of a run that stays it is known"

# A link that a body has put in the place of one of our folders: what it leads to is not ours.
cat > planted.dag <<'DAG'
pipeline planted {
  stage a { run "cd ../../../..; mv a old; ln -s $ROOT/precious a" }
}
DAG
"$DAGCC" planted.dag -o planted
export ROOT=$PWD
mkdir -p precious/key/1
echo kept > precious/key/1/file
./planted -q || :
./planted -q || :
./planted gc --keep 1 -q
[ "$(cat precious/key/1/file)" = kept ] || fail "gc has followed a link"
