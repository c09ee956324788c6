# `resources memory` is a limit: who takes more is killed, and may have more at the next attempt.
. "$CASE/call.inc"
[ -r /proc/self/status ] || { echo "no /proc"; exit 77; }

# The first attempt ends by being killed, or never. What takes the memory is a child of the body.
cat >grow.dag <<'DAG'
pipeline grow {
  resources memory: 4GB
  stage eat {
    resources memory: 20MB grow 20
    retry 1 on oom
    run """
      (x=$(head -c 50000000 /dev/zero | tr '\\0' a); [ <task.attempt> = 2 ] || sleep 1000; echo "${#x}") & wait
    """
  }
  stage modest { resources memory: 20MB  run "head -c 60000000 /dev/zero > big; cat big > copy" }
}
DAG
"$DAGCC" grow.dag -o grow
./grow >grow.out 2>grow.err || { cat grow.err; fail "it failed"; }
./grow show last eat >show.txt
expect 'attempt 1 crashed' show.txt
grep -q 'oom: killed: it took [0-9]* MB of memory, and may have 20 MB' show.txt || { cat show.txt; fail "no oom"; }
expect 'attempt 2 completed' show.txt

# An isolated function: what it cannot have ends it.
cat >alloc.dag <<'DAG'
pipeline alloc {
  resources memory: 4GB
  stage eat {
    isolate
    resources memory: 30MB grow 20
    retry 1 on oom
    out attempt: int
    c '''
      char *most = dag_alloc(ctx, 60000000);
      memset(most, 1, 60000000);
      out->attempt = dag_attempt_number(ctx);
    '''
  }
  output attempt: int = <eat.attempt>
}
DAG
"$DAGCC" alloc.dag -o alloc
if ! nm -D alloc 2>/dev/null | grep -qE '__(tsan|asan)_'; then # their allocators end the process
    ./alloc -q >alloc.out || fail "it failed"
    expect 'attempt: 2' alloc.out
    ./alloc show last eat >show.txt
    expect 'oom: out of memory: it may have 30 MB (resources memory)' show.txt
fi

# Without a further attempt it is the run's error.
sed 's/retry 1 on oom/retry 1 on timeout/' grow.dag >over.dag
"$DAGCC" over.dag -o over 2>warnings
code=0
./over -q --json >over.json 2>over.err || code=$?
[ $code = 4 ] || fail "exit $code of a run out of memory"
expect '"error":{"stage":"eat","key":"-","type":"oom"' over.json
