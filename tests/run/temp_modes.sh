#!/bin/sh
# Temporary files under every way in which a task takes its inputs: all go in the end, and those that a
# failed consumer has looked at stay until a resume.
set -eu
fail() { echo "$1"; exit 1; }
same() { test "$2" = "$3" || fail "$1: expected '$2', got '$3'"; }
left() { find .dag/work -type f -name '*.tmp' 2>/dev/null | wc -l | tr -d ' '; }
# try NAME BODY: runs well, leaves nothing; with one consumer failing leaves what that one looked at (KEPT), and a resume finishes.
try() {
    rm -rf .dag bad; name=$1 kept=$2
    { echo "pipeline p {"; cat; echo "}"; } > p.dag
    "$DAGCC" -Wno-fan p.dag -o p || fail "$name does not compile"
    ./p -q > out 2> err || fail "$name fails: $(cat err)"
    same "$name: left" 0 "$(left)"
    rm -rf .dag; touch bad
    ./p -q --continue-on-error > out 2> err && fail "$name should fail"
    same "$name: kept $(find .dag -name '*.tmp')" "$kept" "$(left)"
    rm bad
    ./p resume last -q > out 2> err || fail "$name cannot be resumed: $(cat err)"
    same "$name: left after resume" 0 "$(left)"
}
W=$PWD
src='stage src { out k: stream<int> = [1, 2, 3]  out j: stream<int> = [1, 2] }
stage make { in k: int  out f: file temp = "f.tmp"  run "echo <k> > f.tmp" } src.k -> make.k
stage one { out f: file temp = "one.tmp"  run "echo 0 > one.tmp" }'
try single 1 <<D
$src
stage use { in f: file in g: file  run "cat <g>; test ! -e $W/bad || test \$(cat <f>) != 2" }
make.f -> use.f
stage ten { in k: int  out g: file temp = "g.tmp"  run "echo > g.tmp" } src.k -> ten.k
ten.g -> use.g where it.size > 100B
stage use2 { in f: file  run "test ! -e $W/bad || test \$(cat <f>) != 2" }
make.f -> use2.f
one.f -> use3.f
stage use3 { in f: file  run "cat <f>" }
D
try broadcast 2 <<D
$src
stage use { in f: file in o: file  run "cat <o>; test ! -e $W/bad || test \$(cat <f>) != 2" }
make.f -> use.f
one.f -> use.o
D
try aggregate 4 <<D
$src
stage use { fan aggregate in f: list<file> in o: file  run "cat <o> <f>; test ! -e $W/bad" }
make.f -> use.f
one.f -> use.o
D
try cross 4 <<D
$src
stage use { fan cross in f: file in j: int in o: file  run "cat <o> <f>; test ! -e $W/bad || test <j> = 1" }
make.f -> use.f
src.j -> use.j
one.f -> use.o
D
try merge 2 <<D
$src
stage also { in j: int  out f: file temp = "f.tmp"  run "echo <j> > f.tmp" } src.j -> also.j
stage use { in f: file merge run "cat <f>; test ! -e $W/bad || test \$(cat <f>) != 2" }
make.f -> use.f
also.f -> use.f
one.f -> o.x
stage o { in x: file run "cat <x>" }
D
try any 2 <<D
$src
stage gate1 { gate in f: file when f.size > 100B } make.f -> gate1.f
stage other { in k: int  out f: file temp = "other.tmp"  run "echo <k> > other.tmp" } src.k -> other.k
stage use { in f: file any run "test ! -e $W/bad || test \$(cat <f>) = 1" }
gate1.f -> use.f
other.f -> use.f
one.f -> o.x
stage o { in x: file run "cat <x>" }
D
try grouped 2 <<D
$src
stage sub { in k: int  out p: stream<file> temp = glob "*.tmp"  run "touch a.tmp b.tmp" } src.k -> sub.k
stage use { fan grouped in p: list<file> in k: int run "ls <p>; test ! -e $W/bad || test <k> != 2" }
sub.p -> use.p
src.k -> use.k
make.f -> o.o
one.f -> o.p
stage o { in o: file in p: file run "cat <o> <p>" }
D
try take 0 <<D
$src
stage use { fan aggregate in f: list<file> run "cat <f>" }
make.f -> use.f order by it.size desc take 2
stage bad { run "test ! -e $W/bad" }
one.f -> o.p
stage o { in p: file run "cat <p>" }
D
try short 4 <<D
$src
stage emit { out e: stream<int> = [1]  run "test ! -e $W/bad" }
stage use { in e: int in o: file in q: int run "cat <o>; echo <e>" }
emit.e -> use.e
one.f -> use.o
stage q { out q: int = 1 } q.q -> use.q
stage all { fan aggregate in f: list<file> in e: list<int> run "cat <f>" }
make.f -> all.f
emit.e -> all.e
D
