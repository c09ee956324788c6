#!/bin/sh
# Measures dagcc beside its peers, in one run, as ratios: bench/run.sh (called by `make bench`).
#
# In: BUILD, ROUNDS (5). Every figure is a median over interleaved rounds, so that a machine whose
# speed drifts slows all alike. Absolute figures are for the machine at hand; ratios are the result.
set -eu
build=$(cd "${BUILD:-build}" && pwd)
dagcc=$build/dagcc
here=$(cd "$(dirname "$0")" && pwd)
rounds=${ROUNDS:-5}
tasks=${TASKS:-2000}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-bench.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp"

now() { date +%s%N; }

# timed NAME COMMAND...: one run; appends its wall time in microseconds to NAME.us.
timed() {
    name=$1
    shift
    begin=$(now)
    "$@" >"$name.out" 2>&1 || { echo "bench: $name failed:"; tail -n 5 "$name.out"; exit 1; }
    echo $((($(now) - begin) / 1000)) >>"$name.us"
}

# median NAME: of all its runs, in microseconds.
median() { sort -n "$1.us" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# ---------------------------------------------------------------- compiling

compile_rounds() {
    for _ in $(seq "$rounds"); do
        timed check "$dagcc" --check "$here/../examples/licences.dag"
        timed compile "$dagcc" "$here/../examples/licences.dag" -o licences
        timed start ./licences --version
        timed empty ./empty --quiet --state :memory:
    done
}

cat >empty.dag <<'DAG'
pipeline empty { stage one { out n: int = 1 }  output n: int = <one.n> }
DAG

report_compile() {
    echo "compiling examples/licences.dag"
    awk -v f="$(median check)" -v t="$(median compile)" -v s="$(median start)" -v e="$(median empty)" \
        -v b="$(wc -c <licences)" 'BEGIN {
            printf "  front end alone          %8.1f ms (with start of the process)\n", f / 1000
            printf "  to the binary            %8.1f ms\n", t / 1000
            printf "  size of the binary       %8.2f MB\n", b / 1e6
            printf "  start of the binary      %8.1f ms (--version)\n", s / 1000
            printf "  a run of one null task   %8.1f ms (in memory)\n", e / 1000 }'
}

# ---------------------------------------------------------------- processes

# One program without a shell, and one command of a shell. GNU make starts no shell for the first, as
# `exec` does not; ninja always does.
cat >exec.dag <<DAG
pipeline processes {
  stage many { out n: stream<int> = <stdout | lines | int>  run "seq $tasks" }
  stage nothing { in n: int  exec "/bin/true" }
  many.n -> nothing.n
}
DAG
sed 's|exec "/bin/true"|run "exit 0"|' exec.dag >shell.dag

ninja_file() { # ninja_file COMMAND
    printf 'rule null\n  command = %s\n' "$1"
    for i in $(seq "$tasks"); do echo "build t$i: null"; done
}

make_file() { # make_file COMMAND
    echo "all: $(seq -f 't%.0f' "$tasks" | tr '\n' ' ')"
    echo ".PHONY: all $(seq -f 't%.0f' "$tasks" | tr '\n' ' ')"
    for i in $(seq "$tasks"); do printf 't%d:; @%s\n' "$i" "$1"; done
}

# Nothing is deleted between rounds: ext4 gives no inode number again that was freed in the last
# minutes, and searches past all of them for each new file. A run in memory deletes its folders itself:
# they stand in memory where there is a file system for that.
if [ -d /dev/shm ] && [ -w /dev/shm ]; then shm=/dev/shm; else shm=$tmp; fi

process_round() { # process_round KIND ROUND
    timed "$1.dag" "./$1" -j2 --quiet --state "state.$1.$2"
    timed "$1.memory" env TMPDIR="$shm" "./$1" -j2 --quiet --state :memory:
    if command -v ninja >/dev/null; then timed "$1.ninja" ninja -j2 --quiet -f "$1.ninja"; fi
    timed "$1.make" make -j2 -s -f "$1.mk"
    if [ "$1" = exec ] && [ -x "$build/bench/spawn" ]; then
        timed exec.limit "$build/bench/spawn" 2 "$tasks"
    fi
}

report_processes() { # report_processes KIND TITLE
    echo "$tasks tasks of $2, two at a time (tasks per second; ratio to the first)"
    base=$(median "$1.dag")
    for name in dag memory ninja make limit; do
        [ -s "$1.$name.us" ] || continue
        awk -v n="$name" -v us="$(median "$1.$name")" -v base="$base" -v tasks="$tasks" 'BEGIN {
            label["dag"] = "dagcc, durable store"; label["memory"] = "dagcc, --state :memory:"
            label["ninja"] = "ninja -j2"; label["make"] = "make -j2"
            label["limit"] = "C loop: vfork, exec, wait"
            printf "  %-26s %7.0f /s  %5.2f\n", label[n], tasks * 1e6 / us, base / us }'
    done
}

"$dagcc" empty.dag -o empty
for kind in exec shell; do
    if [ $kind = exec ]; then command=/bin/true; else command='exit 0'; fi
    "$dagcc" $kind.dag -o $kind
    ninja_file "$command" >$kind.ninja
    make_file "$command" >$kind.mk
done
compile_rounds
report_compile
for round in $(seq "$rounds"); do
    process_round exec "$round"
    process_round shell "$round"
done
report_processes exec 'exec "/bin/true"'
report_processes shell 'run "exit 0"'
