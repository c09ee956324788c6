# Many results are checked before they are asked for: what is changed meanwhile is noticed all the same,
# by a body, by a hook, or between two runs.
. "$CASE/cmdline.inc"
cat >a.dag <<'DAG'
pipeline a {
  input files: list<file>
  input wreck: string = ""
  input hooked: string = ""
  cacheable
  hook start run "sh -c '[ -z \"$0\" ] || cp /dev/null \"$0\"' <input.hooked>"
  stage scan { in l: list<file> = <input.files>  out f: stream<file> = <l> }
  stage first { in f: file  out g: file = "g"  run "cp <f> g" }
  stage spoil { in all: list<file>  fan aggregate
    run "sh -c '[ -z \"$0\" ] || cp /dev/null \"$0\"' <input.wreck>" }
  stage second { in g: file  out h: file = "h"  run "cp <g> h" }
  scan.f -> first.f
  first.g -> spoil.all
  first.g -> second.g
  spoil => second
  output all: list<file> = <second.h>
}
DAG
expect 0 "$DAGCC" -Wno-all a.dag -o a
N=200
mkdir in
for i in $(seq $N); do echo "$i" >in/$i; done
list=$(seq $N | sed 's|.*|"in/&"|' | paste -sd, -)
# run ARGUMENTS…: "RAN+CACHED RAN+CACHED" of first and second.
run() {
    expect 0 ./a -q --json -j 2 --input "files=[$list]" "$@"
    tr ',' '\n' <out | sed -n 's|.*"\(/.*/h\)".*|\1|p' >results
    tr '{}' '\n\n' <out | sed -n 's/^"completed":\([0-9]*\),"cached":\([0-9]*\),.*/\1+\2/p' | sed -n '2p;4p' | tr '\n' ' ' >did
    : >out
}
same() { [ "$(cat did)" = "$2 " ] || fail "$1: expected '$2', got '$(cat did)'"; }
result() { sed -n "$(($1 + 1))p" results; }
run; same 'first run' "$N+0 $N+0"
run; same 'nothing to do' "0+$N 0+$N"

echo changed >in/150
run; same 'an input' "1+$((N - 1)) 1+$((N - 1))"
run; same 'an input, known' "0+$N 0+$N"

echo longer than before >"$(result 177)"
rm "$(result 42)"
run; same 'two outputs' "0+$N 2+$((N - 2))"

# `spoil` runs behind `first`, when results of `second` may have been looked at already.
run --input wreck="$(result 133)"; same 'by a body' "0+$N 1+$((N - 1))"
run; same 'by a body, known' "0+$N 0+$N"

# The hook runs when the inputs have been looked at.
run --input hooked="$PWD/in/99"; same 'by a hook' "1+$((N - 1)) 1+$((N - 1))"
[ ! -s "$(result 98)" ] || fail "the result is not of what the hook wrote"
