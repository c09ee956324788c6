#!/bin/sh
# Nothing to do: a run whose TASKS (10000 100000) tasks are all up to date, each with an input file and
# an output file, beside ninja and make with as many edges, and beside a loop that only looks at every
# file (the limit). Medians of ROUNDS (5) interleaved rounds: wall and CPU time, memory.
#
# In: BUILD. Needs GNU time. A peer that is not installed is left out. What ninja would read of its log
# it does not read here (`generator`), which is in its favour.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
rounds=${ROUNDS:-5}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-noop.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"

cat >noop.dag <<'DAG'
pipeline noop {
  input files: list<file>
  stage scan { in l: list<file> = <input.files>  out f: stream<file> = <l> }
  stage work { in f: file  out g: file  cacheable
    c '''
    char *path = dag_printf(ctx, "%s/g", dag_workdir(ctx));
    FILE *f = fopen(path, "w");
    if (!f || fclose(f) != 0) return dag_fail(ctx, "io", "no file");
    out->g = path;
    '''
  }
  scan.f -> work.f
}
DAG
cat >limit.c <<'C'
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
int main(void) {
    char name[256], path[300];
    struct stat status;
    long found = 0;
    while (fgets(name, sizeof name, stdin)) {
        name[strcspn(name, "\n")] = 0;
        snprintf(path, sizeof path, "in/%s", name);
        found += stat(path, &status) == 0;
        snprintf(path, sizeof path, "out/%s", name);
        found += stat(path, &status) == 0;
    }
    return found == 0;
}
C
"$build/dagcc" -q -Wno-unused-stage noop.dag -o noop
${CC:-cc} -O2 limit.c -o limit

# timed NAME COMMAND…: appends "wall user+system memory" in ms and KB to NAME.t.
timed() {
    name=$1
    shift
    command time -f '%e %U %S %M' -o time.out "$@" >log.out 2>&1 </dev/stdin || { cat log.out; exit 1; }
    awk '{ print $1 * 1000, ($2 + $3) * 1000, $4 }' time.out >>"$name.t"
}
median() { sort -n -k "$2,$2" "$1.t" | awk -v c="$2" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'; }
line() {
    [ -s "$1.t" ] || return 0
    printf '  %-28s %6.0f ms   %6.0f ms CPU   %4d MiB\n' "$2" "$(median "$1" 1)" "$(median "$1" 2)" \
        $(($(median "$1" 3) / 1024))
}
has() { command -v "$1" >/dev/null 2>&1; }

for n in ${TASKS:-10000 100000}; do
    rm -rf in out .dag ./*.t
    mkdir in out
    seq "$n" >names
    (cd in && xargs touch <../names)
    awk -v d="$tmp" 'BEGIN { printf "{\"files\":[" } { printf "%s\"%s/in/%s\"", c, d, $1; c = "," }
        END { print "]}" }' names >in.json
    { echo 'rule cp'; echo '  command = cp $in $out'; echo '  generator = 1'
      sed 's|.*|build out/&: cp in/&|' names; } >build.ninja
    { printf 'all:'; sed 's|.*| out/&|' names | tr -d '\n'; echo
      sed 's|.*|out/&: in/&\n\tcp $< $@|' names; } >Makefile
    sleep 3 # a file as young as the clock's granularity is read again
    (cd out && xargs touch <../names)
    ./noop -q --inputs in.json
    first=$(cat .dag/noop.db* | wc -c)
    ./noop -q --inputs in.json
    second=$(cat .dag/noop.db* | wc -c)
    for _ in $(seq "$rounds"); do
        timed dagcc ./noop -q --inputs in.json
        has ninja && timed ninja ninja
        has make && timed make make -rRs
        timed limit ./limit <names
    done
    echo "nothing to do, $n tasks"
    line dagcc dagcc
    line ninja ninja
    line make 'make -rR'
    line limit 'a loop of 2 stat per task'
    printf '  store: %d bytes per task that ran, %d per task that was cached\n' $((first / n)) \
        $(((second - first) / n))
done
