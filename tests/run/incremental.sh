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
exit 0
