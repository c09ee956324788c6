#!/bin/sh
# Null jobs per second through Slurm: a loop of `sbatch --wrap`, one array, and a fan-out of dagcc.
#
# Starts a cluster of its own on this machine (tests/slurm/cluster.sh), so what is measured is Slurm's part
# as much as ours. In: BUILD, N (jobs, 200), ROUNDS (3). Exit status 77: there is no Slurm here.
set -u
N=${N:-200}
build=$(CDPATH='' cd -- "${BUILD:-build}" && pwd)
cluster=$(CDPATH='' cd -- "$(dirname -- "$0")/../tests/slurm" && pwd)/cluster.sh
top=$(mktemp -d "${TMPDIR:-/tmp}/dagslurm.XXXXXX") || exit 1
trap 'sh "$cluster" down "$top/c"; rm -rf "$top"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$top/c" "$top/w"
sh "$cluster" up "$top/c" || exit $?
. "$top/c/env"
cd "$top/w" || exit 1
cat >nothing.dag <<'DAG'
pipeline nothing {
  input n: int
  stage nums { in n: int = <input.n>  out i: stream<int> = <stdout | lines | int>  run "seq <n>" }
  stage work { in i: int  exec "/bin/true" }
  nums.i -> work.i
}
DAG
"$build/dagcc" -q nothing.dag -o nothing || exit 1

now() { date +%s%N; }
drained() { while [ -n "$(squeue -h)" ]; do sleep 0.05; done; }
report() { awk -v n="$N" -v what="$1" -v ns=$(($3 - $2)) 'BEGIN { printf "%-28s %6.2f s %8.1f jobs per second\n", what, ns / 1e9, n * 1e9 / ns }'; }

for round in $(seq "${ROUNDS:-3}"); do
    begun=$(now)
    for i in $(seq "$N"); do
        sbatch -Q -o /dev/null --wrap true
    done
    drained
    report "sbatch --wrap, $N times" "$begun" "$(now)"
    begun=$(now)
    sbatch -Q -o /dev/null --array=1-"$N" --wrap true
    drained
    report "sbatch --array=1-$N" "$begun" "$(now)"
    begun=$(now)
    ./nothing -q --executor slurm --input n="$N" || exit 1
    report "dagcc, a fan-out of $N" "$begun" "$(now)"
    drained
done
