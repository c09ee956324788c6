# As the first process of a container: orphans are reaped, groups that were asked to end are seen to have
# ended, signals arrive, the exit code is that of the run.
. "$CASE/cmdline.inc"
contained="unshare --user --map-root-user --pid --fork --mount-proc"
$contained true 2>/dev/null || { echo "this machine lets us make no process namespace"; exit 77; }
cat >orphans.dag <<'DAG'
pipeline orphans {
  input seconds: int = 0
  stage a {
    in seconds: int = <input.seconds>
    out processes: string = <stdout>
    run '''
      setsid sh -c 'sh -c "exit 0" &' &
      wait
      touch "$MARK"
      sleep $DAG_seconds
      for _ in $(seq 200); do
        ps -e -o stat= | grep -q '^Z' || break
        sleep 0.05
      done
      ps -e -o stat=,args=
    '''
  }
  stage slow {
    timeout 300ms
    may_fail
    run "sh -c 'sleep 100 & sleep 100'"
  }
  output processes: string = <a.processes>
}
DAG
expect 0 "$DAGCC" orphans.dag
MARK=$PWD/mark
export MARK
begin=$(date +%s)
expect 0 $contained ./orphans --kill-grace 600s
[ $(($(date +%s) - begin)) -lt 300 ] || fail "the grace of 600 s was waited for, though nobody was left"
says out ' ps -e'
! grep -q '^\(processes: \)\?Z' out || fail "a zombie was left"
says err 'slow [-] failed: timed out'

# Where another one is the first process and reaps nobody's children but its own, zombies do not count.
if command -v perl >/dev/null; then
    begin=$(date +%s)
    expect 0 $contained perl -e 'exit(system("./orphans --kill-grace 600s") >> 8)'
    [ $(($(date +%s) - begin)) -lt 300 ] || fail "the grace of 600 s was waited for a zombie"
    says err 'slow [-] failed: timed out'
fi

# Exit codes and signals come through.
expect 2 $contained ./orphans --input seconds=many
rm -f mark
$contained ./orphans --input seconds=1000 >out 2>err &
while [ ! -e mark ]; do sleep 0.05; done
run=$(pgrep -f '^./orphans --input seconds=1000' | head -n 1)
kill -TERM "$run"
wait $! && fail "it went on after SIGTERM"
says err cancelled
