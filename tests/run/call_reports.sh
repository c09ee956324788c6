# Stages that call a pipeline: each of its runs stands in every report.
. "$CASE/call.inc"

cat >fleet.dag <<'DAG'
pipeline one {
  input n: int
  stage say { in n: int = <input.n>  out v: int = <n>  run "echo said <n>; [ <n> != 3 ] || { echo no three >&2; exit 7; }" }
  stage add { in v: int  out w: int = <v | add(1)> }
  say.v -> add.v
  output w: int = <add.w>
}
pipeline pair {
  input m: map<int>
  stage each = map one over n { in n: map<int> = <input.m> }
  output w: map<int> = <each.w>
}
pipeline fleet {
  input m: map<int>
  input l: list<int> = [7, 8]
  stage deep = call pair { in m: map<int> = <input.m> }
  stage flat = map one over n { in n: list<int> = <input.l> }
  stage own { run "true" }
  output deep: map<int> = <deep.w>
  output flat: list<int> = <flat.w>
}
DAG
"$DAGCC" fleet.dag -o fleet

counts='"cached":0,"failed":0,"crashed":0,"cancelled":0,"skipped":0,"filtered":0'
good() { # good RUNS TASKS: what a document counts of the runs of called pipelines
    echo "\"children\":{\"runs\":$1,\"completed\":$1,$counts,\"tasks\":{\"completed\":$2,$counts}}"
}
LONG=$(printf 'k%.0s' $(seq 150))
./fleet --json --input m="{\"a/b\":1,\"$LONG\":2}" >fleet.json 2>fleet.err
./fleet show last --json >shown.json
for f in fleet.json shown.json; do
    expect "$(good 3 5)}," $f              # deep: pair, and its two elements
    expect "$(good 2 4)}," $f              # flat
    expect "\"summary\":{\"stages\":3,\"tasks\":3,\"completed\":3,$counts,$(good 5 9)}" $f
    expect '/deep.-","parent":"2' $f
    expect '"stage":"deep","key":"-","element":null,"pipeline":"pair","status":"completed"' $f
    expect '/deep.-/each.-.a%2Fb","parent":"2' $f
    expect '"stage":"each","key":"-","element":"a/b","pipeline":"one","status":"completed"' $f
    expect '/deep.-","stage":"each","key":"-","element":' $f
    expect '"stage":"flat","key":"-","element":1,"pipeline":"one","status":"completed"' $f
done
expect "\"element\":\"$LONG\"" fleet.json
expect '/deep.-/each.-.%n1"' fleet.json
expect 'called runs: 5 completed' fleet.err
expect 'their tasks: 9 completed' fleet.err
expect 'flat completed, 2 runs with 4 tasks in' fleet.err
./fleet show last >show.txt
expect '1 completed, 3 runs with 5 tasks' show.txt
./fleet show last flat >show.txt
grep -q '^    run .*/flat.-.1 completed in' show.txt || fail "no child in $(cat show.txt)"

# What fails in a child is told at the child, at its caller and in the end.
./fleet --json --continue-on-error --input m='{"x":3,"y":4}' >bad.json 2>bad.err && fail "it did not fail"
expect '"status":"failed"' bad.json
expect '"error":{"stage":"say","key":"-","type":"exit","message":"exit status 7: no three"},"tasks":{"completed":0,"cached":0,"failed":1' bad.json
expect '"error":{"stage":"each","key":"-","type":"exit","message":"element \"x\": in one, stage say: ' bad.json
expect 'called runs: 3 completed, 2 failed' bad.err
expect 'deep.-/each.-.x: say [-] failed: exit status 7: no three' bad.err
./fleet show last --json >shown.json
expect '"error":{"stage":"say","key":"-","type":"exit","message":"exit status 7: no three"},"tasks":{"completed":0,"cached":0,"failed":1' shown.json

# Logs: of a task of a child, and of all that a stage has called.
./fleet logs last/deep.-/each.-.x say >logs.out 2>logs.err
[ "$(cat logs.out)" = 'said 3' ] || fail "$(cat logs.out)"
[ "$(cat logs.err)" = 'no three' ] || fail "$(cat logs.err)"
./fleet logs last deep >logs.out 2>logs.err
[ "$(sort logs.out | tr '\n' ,)" = 'said 3,said 4,' ] || fail "$(cat logs.out)"
expect '--- deep.-/each.-.x: say [-] attempt 1: failed' logs.err
./fleet logs last flat - >logs.out 2>logs.err
[ "$(sort logs.out | tr '\n' ,)" = 'said 7,said 8,' ] || fail "$(cat logs.out)"

# A child is a part of its run.
for command in pause cancel resume; do
    code=0
    ./fleet $command last/flat.-.1 2>part.err || code=$?
    [ $code = 2 ] || fail "exit $code of $command of a part"
    expect 'is a part of run' part.err
done

# ---------------------------------------------------------------- how far they have come
# Told by time: the function, and the last element, wait until it was.
cat >far.dag <<'DAG'
pipeline one {
  input n: int
  stage s { in n: int = <input.n>  out v: int = <n>  run "[ <n> != 3 ] || until grep -q progress.*all $EVENTS; do sleep 0.05; done" }
  output v: int = <s.v>
}
pipeline far {
  stage all = map one over n { in n: list<int> = [1, 2, 3] }
  stage count {
    out n: int
    c '''
      #include <unistd.h>
      dag_progress(ctx, 4, 9);
      const char *events = getenv("EVENTS");
      for (bool told = false; !told && !dag_cancelled(ctx); usleep(10000)) {
          char line[1000];
          FILE *in = fopen(events, "r");
          while (in && fgets(line, sizeof line, in)) told = told || strstr(line, "\"total\":9");
          if (in) fclose(in);
      }
      out->n = 1;
    '''
  }
  output v: list<int> = <all.v>
  output n: int = <count.n>
}
DAG
"$DAGCC" far.dag -o far
EVENTS=$PWD/far.jsonl ./far -q --json -j2 --events far.jsonl >far.json
grep -q '"event":"progress","stage":"count","key":"-","attempt":1,"state":"running","reason":null,"done":4,"total":9}' far.jsonl ||
    fail "no progress of a function"
grep -q '"event":"progress","stage":"all".*"total":3}' far.jsonl || fail "no progress of a map"
