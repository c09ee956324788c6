# A task that sees what one before it saw is cached without a look into its files, and its row names the
# result instead of telling it again: what show, resume and gc say of such a run is the same.
. "$CASE/cmdline.inc"
cat >a.dag <<'DAG'
pipeline a {
  input files: list<file>
  cacheable
  stage scan { in l: list<file> = <input.files>  out f: stream<file> = <l> }
  stage copy { in f: file  out g: file = "g"  run "cp <f> g" }
  scan.f -> copy.f
}
DAG
expect 0 "$DAGCC" -Wno-all a.dag -o a
mkdir in other
for i in $(seq 40); do echo "text $i" >in/$i; done
touch -d '1 hour ago' in/*
list=$(seq 40 | sed 's|.*|"in/&"|' | paste -sd, -)
# run RAN CACHED ARGUMENTS…: so many of copy's tasks ran, so many were cached.
run() {
    ran=$1 cached=$2
    shift 2
    expect 0 ./a -q --json -j 1 --input "files=[$list]" "$@"
    tr '{}' '\n\n' <out | sed -n 's/^"completed":\([0-9]*\),"cached":\([0-9]*\),.*/\1 \2/p' | sed -n 2p >did
    [ "$(cat did)" = "$ran $cached" ] || fail "expected $ran $cached, got $(cat did)"
    : >out
}
values() { # what show says of copy, without states and times
    expect 0 ./a show last --json
    tr '{}' '\n\n' <out | grep -E '^"[fg]":"/' >"$1"
    : >out
}
run 40 0
values first
[ "$(wc -l <first)" = 80 ] || fail "show tells $(wc -l <first) values, not 80"
bytes() { cat .dag/a.db* | wc -c; }

before=$(bytes)
run 0 40
values again
cmp first again || fail "show tells other values of the cached run"
expect 0 ./a show last copy
says out 'same definition and inputs as in run'
: >out
run 0 40
[ $(($(bytes) - before)) -lt $((2 * 16 * 1024)) ] || fail "a run of 40 cached tasks takes $((($(bytes) - before) / 2)) bytes"

# The times are others, the text is not: it is read once, and known then.
touch -d '2 hours ago' in/7
run 0 40
run 0 40

# Same size and time of modification, another text.
echo 'text X' >in/9
touch -d '1 hour ago' in/9
run 1 39
run 0 40

# The same files at another place have the same result, and show tells where they are now.
cp -p in/* other/
list=$(seq 40 | sed 's|.*|"other/&"|' | paste -sd, -)
run 0 40
expect 0 ./a show last --json
says out '/other/12"'
: >out

# A result that is gone or was changed is made again.
out=$(find .dag/work -path '*/copy/20/*/out/g')
echo more >>"$out"
run 1 39
run 0 40

# The first runs may go: what the last one needs stays.
expect 0 ./a gc --keep 1
run 0 40
expect 0 ./a show last --json
says out '/other/12"' '/out/g"'
: >out
