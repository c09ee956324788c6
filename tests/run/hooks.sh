#!/bin/sh
# Hooks: when they run, in which order, what they are told; and that they change nothing.
set -eu
fail() { echo "$1"; exit 1; }
same() { test "$2" = "$3" || fail "$1: expected '$2', got '$3'"; }
cat > hooked.dag <<'DAG'
pipeline inner {
  input n: int
  hook start run "echo 'inner' >> $LOG"
  stage s { in n: int = <input.n>  out m: int = <stdout | int>  run "echo <n>" }
  output m: int = <s.m>
}
pipeline hooked {
  input word: string
  input key: secret
  config place: string = "here"
  hook finish run "echo \"finish $DAG_HOOK <run.status> $DAG_RUN_STATUS\" >> $LOG"
  hook start run "echo 'start <input.word> <config.place> <run.status>' >> $LOG; pwd > where"
  hook start run "echo second >> $LOG; echo $DAG_RUN_ID $DAG_WORKDIR"
  hook success run "echo success >> $LOG; exit 7"
  hook failure run "echo 'failure <run.error | default("none")>' >> $LOG; echo \"broken: <input.word>\" >&2; exit 8"
  stage work {
    out n: int = 4
    run "echo work >> $LOG; case <input.word> in bad) exit 3 ;; wait) touch $LOG.up; sleep 1000 ;; esac"
  }
  stage sub = call inner
  stage use { in n: int  run "test $SECRET = hidden"  env SECRET = <input.key> }
  work.n -> sub.n
  sub.m -> use.n
}
DAG
"$DAGCC" hooked.dag -o hooked
export LOG="$PWD/log"
run() { : > log; status=0; ./hooked --input key=hidden "$@" 2> err > out || status=$?; got=$(tr '\n' ';' < log); }

./hooked plan --input word=fine --input key=hidden > out
./hooked --dry-run --input word=fine --input key=hidden > out
test ! -e log || fail "plan runs hooks"

# A quote in a value is no shell. A hook that fails is told, and changes nothing.
run --input word="it's"
same "status" 0 $status
same "order" "start it's here running;second;work;success;finish finish completed completed;" "$got"
grep -q '^warning: hook success: exit status 7 (log: ' err || fail "no warning: $(cat err)"
log=$(sed -n 's/^warning: .*(log: \(.*\))$/\1/p' err)
test -f "$log" || fail "no log"
dir=$(dirname "$(dirname "$(dirname "$(dirname "$log")")")")
same "folder" "$dir/hook-start/1/1/work" "$(cat "$dir/hook-start/1/1/work/where")"
same "output" "${dir##*/} $dir/hook-start/2/1/work" "$(cat "$dir/hook-start/2/1/stdout")"

run --input word=bad
same "status" 1 $status
same "failure" "start bad here running;second;work;failure exit status 3;finish finish failed failed;" "$got"
grep -q '^warning: hook failure: exit status 8: broken: bad' err || fail "no warning: $(cat err)"

# A resumed run starts and ends once more.
: > log
./hooked resume last --input key=hidden 2> err && fail "it should fail again"
same "resume" "start bad here running;second;work;failure exit status 3;finish finish failed failed;" "$(tr '\n' ';' < log)"
dir=$(sed -n 's/^warning: .*(log: \(.*\)\/hook-failure.*)$/\1/p' err)
test -d "$dir/hook-start/1/2" || fail "the log of the first start is gone"

# A run that is refused has not started.
run --input word=1 --input key=x --inputs missing.json
same "refused" "2 " "$status $got"

# Ctrl-C: failure and finish.
: > log
env --default-signal=INT ./hooked --input word=wait --input key=hidden --kill-grace 1s 2> err &
pid=$!
n=0
until test -e log.up; do n=$((n + 1)); test $n -lt 600 || fail "it does not start"; sleep 0.1; done
kill -INT $pid
status=0; wait $pid || status=$?
same "status" 130 $status
same "cancelled" "start wait here running;second;work;failure none;finish finish cancelled cancelled;" "$(tr '\n' ';' < log)"

# Without a store they run too.
run --input word=fine --state :memory:
same "memory" "0 start fine here running;second;work;success;finish finish completed completed;" "$status $got"
same "no log is left" "warning: hook success: exit status 7" "$(grep '^warning' err)"

# -q leaves out the progress, not the warning.
run -q --input word=fine
grep -q '^warning: hook success: exit status 7 (log: ' err || fail "no warning with -q: $(cat err)"
same "quiet" 1 "$(wc -l <err)"
