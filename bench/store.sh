#!/bin/sh
# What durability costs: TASKS (100000) expression tasks with a store and in memory, beside a bare
# SQLite loop over the same rows in groups of GROUP (1000). Medians of ROUNDS (5) interleaved rounds.
#
# In: BUILD. The state stands in a folder below TMPDIR: on the disk that is to be measured.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
tasks=${TASKS:-100000} rounds=${ROUNDS:-5} group=${GROUP:-1000}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-store.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"

cat >many.dag <<DAG
pipeline many {
  stage nums { out n: stream<int> = <stdout | lines | int>  run "seq $tasks" }
  stage square { in n: int  out m: int = <n | mul(n)> }
  nums.n -> square.n
}
DAG
"$build/dagcc" -q many.dag -o many
${CC:-cc} -O2 -o store "$here/store.c" -lsqlite3
now() { date +%s%N; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for _ in $(seq "$rounds"); do
    rm -rf .dag bare.db*
    begin=$(now)
    ./many --quiet
    echo $(($(now) - begin)) >>durable
    begin=$(now)
    ./many --quiet --state :memory:
    echo $(($(now) - begin)) >>memory
    ./store bare.db "$tasks" "$group" >>bare
done
size=$(cat .dag/many.db* | wc -c)
awk -v n="$tasks" -v d="$(median durable)" -v m="$(median memory)" -v b="$(median bare)" -v s="$size" \
    -v g="$group" 'BEGIN {
        printf "%d expression tasks\n", n
        printf "  durable store            %8.0f /s  %6.2f us per task\n", n * 1e9 / d, d / n / 1e3
        printf "  --state :memory:         %8.0f /s  %6.2f us per task\n", n * 1e9 / m, m / n / 1e3
        printf "  durability               %8s     %6.2f us per task\n", "", (d - m) / n / 1e3
        printf "  bare SQLite, groups of %d %6.0f /s  %6.2f us per row\n", g, n * 1e9 / b, b / n / 1e3
        printf "  size of the store        %8.1f bytes per task\n", s / n }'
