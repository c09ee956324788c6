#!/bin/sh
# What changed runs again, with what depends on it, and nothing else; plan says so before.
set -eu
fail() { echo "$1"; exit 1; }
mkdir texts
for name in a b c; do echo "one two $name" > texts/$name.txt; done
cat > words.dag <<'DAG'
pipeline words {
  input root: dir
  cacheable
  stage scan {
    out text: stream<file> = <stdout | lines>
    run "find <input.root> -name '*.txt' | LC_ALL=C sort"
  }
  stage count {
    in text: file
    out n: int = <stdout | trim | int>
    run "wc -w \< <text>"
    tags first
  }
  stage sum {
    fan aggregate
    in n: list<int>
    out total: int = <stdout | int>
    run "echo <n> | tr ' ' '+' | sed 's/.*/echo $((&))/' | sh"
  }
  scan.text -> count.text
  count.n   -> sum.n
  output total: int = <sum.total>
}
DAG
"$DAGCC" words.dag -o words
states() { ./words --quiet --json --input root=texts "$@" | tr '{}' '\n\n' | sed -n 's/^"completed":\([0-9]*\),"cached":\([0-9]*\),.*/\1+\2/p' | tr '\n' ' '; }
actions() { ./words plan --json --input root=texts "$@" | tr '{}' '\n\n' | sed -n 's/^"slug":"\([a-z]*\)","action":"\([a-z]*\)".*/\1=\2/p' | tr '\n' ' '; }
same() { test "$2" = "$3" || fail "$1: expected '$2', got '$3'"; }

same "first plan" "scan=run count=maybe sum=maybe " "$(actions)"
test ! -e .dag || fail "plan made a store"
same "first run" "1+0 3+0 1+0 " "$(states)"
same "second plan" "scan=cached count=cached sum=cached " "$(actions)"
same "second run" "0+1 0+3 0+1 " "$(states)"

# Touched only: the content is the same.
touch texts/*.txt
same "touched" "scan=cached count=cached sum=cached " "$(actions)"

# One text changes, its count does not: the wave stops there.
echo "two one b" > texts/b.txt
same "cut-off plan" "scan=run count=maybe sum=maybe " "$(actions)"
same "cut-off run" "1+0 1+2 0+1 " "$(states)"

# One text changes, and its count.
echo "one two three b" > texts/b.txt
same "changed" "1+0 1+2 1+0 " "$(states)"

# Back to what was before: every result is known.
echo "one two b" > texts/b.txt
same "back again" "0+1 0+3 0+1 " "$(states)"

# A change of the same size within the clock's granularity is seen.
echo "one owt b" > texts/b.txt
case $(actions) in *"scan=run"*) ;; *) fail "a quick change was missed" ;; esac
echo "one two b" > texts/b.txt

# Tags, comments and layout change nothing; the body does.
sed 's/tags first/tags second, third  # a comment/' words.dag > w2.dag
"$DAGCC" w2.dag -o words
same "metadata" "scan=cached count=cached sum=cached " "$(actions)"
sed 's/wc -w/wc  -w/' words.dag > w3.dag
"$DAGCC" w3.dag -o words
same "body plan" "scan=cached count=run sum=maybe " "$(actions)"
./words explain count 1 --input root=texts | grep -q 'its body changed since run' || fail "explain"
same "body run" "0+1 3+0 0+1 " "$(states)"
same "full" "1+0 3+0 1+0 " "$(states --full)"

# A new text adds one task.
echo "x" > texts/d.txt
same "new text" "1+0 1+3 1+0 " "$(states)"

# Failures are not cached.
sed 's/wc  *-w.*"/exit 3"/' words.dag > w4.dag
"$DAGCC" w4.dag -o words
./words --quiet --input root=texts 2> err && fail "it should fail"
./words --quiet --input root=texts 2> err && fail "it should fail again"

# Every reason in words: what fails, what is never reused and for whose sake, what is open and why.
cat > why.dag <<'DAG'
pipeline why {
  cacheable
  input s: string? = null
  stage fails { out o: string = <input.s | required> }
  stage behind { in o: string  out t: string = <stdout>  run "echo <o>" }
  stage first { out t: string = <stdout>  run "echo x" }
  stage door { gate  in t: string  run "true" }
  stage last { in t: string  out u: string = <stdout>  run "echo <t>" }
  stage alarm { run "true" }
  stage name { out i: string = "<run.id>" }
  stage named { in i: string  out z: string = <stdout>  run "echo <i>" }
  stage again { out z: string = <stdout>  run "echo <task.attempt>" }
  stage never { out z: string = <stdout>  run "true"  uncacheable }
  stage after { in z: string  out y: string = "<z>" }
  stage end { in y: string  out x: string = <stdout>  run "echo <y>" }
  fails.o -> behind.o
  first.t -> door.t
  door.t -> last.t
  last => alarm on failure
  name.i -> named.i
  never.z -> after.z
  after.y -> end.y
}
DAG
"$DAGCC" -Wno-all why.dag -o why
./why plan -k > reasons
why() { grep -Eq "^$1 +$2 +$3 +$4" reasons || { cat reasons; fail "not '$2 $3 $4' of $1"; }; }
why fails run 1 'fails: output o: required: the value is null'
why behind skip 1 '`fails` failed'
why first run 1 'never run before'
why door run 1 'after `first`; as it is defined now it never ran before'
why last maybe '\?' 'if the gate `door` opens'
why alarm maybe '\?' 'only if `last` fails'
why name run 1 'an expression: computed every time'
why named run 1 'uncacheable: `name` before it is'
why again run 1 'uncacheable: it mentions run.id or task.attempt'
why never run 1 'uncacheable: its results are never reused'
why after run 1 'an expression: computed every time, after `never`'
why end run 1 'after `after`; uncacheable: `never` before it is'
./why plan > reasons
why fails run 1 'fails: output o: required: the value is null'
why behind skip 1 '`fails` failed'
why first maybe 1 'cancelled if it has not begun when `fails` fails \(-k goes on\)'
exit 0
