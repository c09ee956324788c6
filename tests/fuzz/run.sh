#!/bin/sh
# Fuzzes the front end: run.sh [SECONDS], called by `make fuzz TIME=60`.
#
# In: BUILD (the libraries, built with clang -fsanitize=fuzzer-no-link,$SAN), CLANG, SAN. The corpus
# stays in $BUILD/fuzz/corpus and grows from run to run. Ends with status 1 and
# the path of the input when something crashes, hangs for 30 seconds or takes 2 GB.
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
# … and what no sample has: deep nesting, tokens of a megabyte, NULs, bytes that are no UTF-8.
many() { awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) printf "%s", text }'; }
around() { printf '%s' "$1" && many "$2" "$3" && printf "$4"; } # BEFORE N TEXT BEHIND
for deep in '(' '[' '{' '<[' 'not ' '"<input.n | append(' 'list<' '{ a: ' 'a | '; do
    n=$((n + 1))
    around 'pipeline p { input n: string where ' 3000 "$deep" '\n}\n' >"$fuzz/seeds/deep-$n.dag"
done
around '# ' 1000000 'c' '\npipeline p { }\n' >"$fuzz/seeds/long-comment.dag"
around 'pipeline ' 1000000 'p' ' { }\n' >"$fuzz/seeds/long-name.dag"
around 'pipeline p { config n: int = ' 1000000 '9' '\n}\n' >"$fuzz/seeds/long-number.dag"
around 'pipeline p { stage a { run "' 1000000 'x' '" } }\n' >"$fuzz/seeds/long-string.dag"
around 'pipeline p { stage a { run "' 60000 '<input.n | upper>' '" } }\n' >"$fuzz/seeds/long-text.dag"
around 'pipeline p { ' 3000 'stage a { run "true" } ' '}\n' >"$fuzz/seeds/long-pipeline.dag"
printf 'pipeline p { stage a\000 { run "\000" } }\000\n\000\000' >"$fuzz/seeds/nul.dag"
printf 'pipeline p { stage a { run "\300\200 \355\240\200 \364\220\200\200 \377 \342\202" } # \360\237\n}\n' \
    >"$fuzz/seeds/bytes.dag"
printf '\377\376p\000i\000p\000e\000' >"$fuzz/seeds/utf16.dag"
$CLANG -std=c11 -iquote compiler -o "$fuzz/examples" tests/fuzz/examples.c
(cd "$fuzz/seeds" && "$fuzz/examples")

# The dictionary: keywords, attributes, pipes and signs, from the tables that the compiler reads.
{
    sed -n -e 's/^WORD("\([a-z_]*\)".*/\1/p' -e 's/^ATTR([A-Z_]*, "\([a-z_]*\)".*/\1/p' compiler/syntax/words.def compiler/syntax/attributes.def
    sed -n 's/^ATTR([A-Z_]*, "\([a-z_]*\)".*/\1/p' compiler/syntax/attributes.def
    sed -n 's/^PIPE("\([a-z_0-9]*\)".*/\1/p' runtime/pure/pipes.def
    echo 'bool int float string duration size file dir secret json list map stream enum'
    echo 'stdout stderr exit it run.id task.key true false null success failure always single'
    echo 'aggregate grouped cross <stdout|lines> <input.n> """ stream<int> 1h30m 4GB as(int)'
} | tr ' ' '\n' | sed 's/["\\]/\\&/g; s/.*/"&"/' >"$fuzz/words.dict"
printf '%s\n' '"->"' '"=>"' '"\x27\x27\x27"' '"\\<"' '"=="' '"<="' '"not in"' '"order by"' \
    '"\x00"' '"\xff"' '"\xef\xbb\xbf"' >>"$fuzz/words.dict"

cd "$fuzz/empty"
exec "$fuzz/front" -max_total_time="$time" -timeout=30 -rss_limit_mb=2048 -max_len=1100000 \
    -dict="$fuzz/words.dict" -artifact_prefix="$fuzz/found/" -print_final_stats=1 \
    "$fuzz/corpus" "$fuzz/seeds"
