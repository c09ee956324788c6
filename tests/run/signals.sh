#!/bin/sh
# SIGINT and SIGTERM end a run and its children; not even SIGKILL leaves a child behind.
set -eu
fail() { echo "$1"; exit 1; }
seconds=$((100000 + $$))
cat > sleepy.dag <<DAG
pipeline sleepy {
  stage shell { run "sleep $seconds & sleep $seconds" }
  stage plain { exec "sleep", "$seconds" }
}
DAG
"$DAGCC" sleepy.dag -o sleepy

# Are there processes that sleep for us, zombies not counted?
sleepers() { ps -eo stat=,args= | grep -v '^Z' | grep -c "^[^ ]* *sleep $seconds\$" || true; }

# Waits until the number of sleepers is what is given, for a minute at the most.
until_sleepers() {
    n=0
    while test "$(sleepers)" != "$1"; do
        n=$((n + 1))
        test $n -lt 600 || fail "$(sleepers) sleepers instead of $1: $2"
        sleep 0.1
    done
}

# ends SIGNAL STATUS...: the run that was started in the background ends with one of them.
ends() {
    status=0
    wait "$pid" || status=$?
    for expected in $2; do test $status = "$expected" && return; done
    fail "exit status $status after $1"
}

# Jobs in the background of a script start with SIGINT ignored, which only `env` undoes.
for signal in INT TERM KILL; do
    env --default-signal=INT ./sleepy -j 4 --kill-grace 1s --quiet 2> err &
    pid=$!
    until_sleepers 3 "at the start"
    kill -$signal $pid
    case $signal in
    INT | TERM) ends $signal 130 ;;
    KILL) ends KILL 137 ;;
    esac
    until_sleepers 0 "after SIG$signal"
done
