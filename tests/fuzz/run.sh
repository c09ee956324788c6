#!/bin/sh
# Fuzzes the front end: run.sh [SECONDS], called by `make fuzz TIME=60`.
#
# In: BUILD (the libraries, built with clang -fsanitize=fuzzer-no-link,$SAN), CLANG, SAN. The corpus
# stays in $BUILD/fuzz/corpus and grows from run to run. Ends with status 1 and
# the path of the input when something crashes, hangs for 10 seconds or takes 2 GB.
set -eu
time=${1:-60}
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$BUILD" && pwd)
fuzz=$build/fuzz
mkdir -p "$fuzz/corpus" "$fuzz/seeds" "$fuzz/found" "$fuzz/empty"
cd "$root"

$CLANG -std=c11 -D_GNU_SOURCE -O1 -g -fsanitize="fuzzer,$SAN" -fno-sanitize-recover=all -iquote runtime -iquote compiler \
    -iquote "$build/gen" -o "$fuzz/front" tests/fuzz/front.c "$build/lib/libdagfront.a" \
    "$build/lib/libdagpure.a" -lcjson -lutf8proc -ltre -lm

# Seeds: every sample, and every example of errors.def.
n=0
for f in tests/cases/*.dag tests/golden/*.dag tests/golden/lib/*.dag examples/*.dag; do
    [ -f "$f" ] || continue
    n=$((n + 1))
    cp "$f" "$fuzz/seeds/sample-$n.dag"
done
$CLANG -std=c11 -iquote compiler -o "$fuzz/examples" tests/fuzz/examples.c
(cd "$fuzz/seeds" && "$fuzz/examples")

# The dictionary: keywords, attributes, pipes and signs, from the tables that the compiler reads.
{
    sed -n 's/^ *{ "\([a-z_]*\)", TOK_.*/\1/p' compiler/words.c
    sed -n 's/^ATTR([A-Z_]*, "\([a-z_]*\)".*/\1/p' compiler/attributes.def
    sed -n 's/^PIPE("\([a-z_0-9]*\)".*/\1/p' runtime/pure/pipes.def
    echo 'bool int float string duration size file dir secret json list map stream enum'
    echo 'stdout stderr exit it run.id task.key true false null success failure always single'
    echo 'aggregate grouped cross <stdout|lines> <input.n> """ stream<int> 1h30m 4GB as(int)'
} | tr ' ' '\n' | sed 's/["\\]/\\&/g; s/.*/"&"/' >"$fuzz/words.dict"
printf '%s\n' '"->"' '"=>"' '"\x27\x27\x27"' '"\\<"' '"=="' '"<="' '"not in"' '"order by"' \
    '"\x00"' '"\xff"' '"\xef\xbb\xbf"' >>"$fuzz/words.dict"

cd "$fuzz/empty"
exec "$fuzz/front" -max_total_time="$time" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
    -dict="$fuzz/words.dict" -artifact_prefix="$fuzz/found/" -print_final_stats=1 \
    "$fuzz/corpus" "$fuzz/seeds"
