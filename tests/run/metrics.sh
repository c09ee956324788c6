#!/bin/sh
# The counts of a store in Prometheus' format, by its own checker where there is one and by the rules.
. "$CASE/cmdline.inc"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
cat >m.dag <<'DAG'
pipeline m {
  input fail: bool = false
  stage make { out x: stream<int> = <[1, 2, 3]> }
  stage work { in x: int = <make.x>  out y: int = <stdout | trim | int>  cacheable  run "echo <x>" }
  stage slow { timeout 50ms  may_fail  run "sleep 30" }
  stage bad { when input.fail  run "exit 3" }
  stage one = map sub over a
  stage ys { fan aggregate  in a: list<int>  out a: list<int> = <a> }
  work.y -> ys.a
  ys.a -> one.a
  output b: list<int> = <one.b>
}
pipeline sub { input a: int  stage s { out b: int = <stdout | trim | int>  run "echo <input.a>" }  output b: int = <s.b> }
DAG
cat >check.py <<'PY'
import math, re, sys
NAMES = {"dag_runs_total": "counter", "dag_runs_active": "gauge", "dag_runs_queued": "gauge",
         "dag_tasks_total": "counter", "dag_task_duration_seconds": "histogram",
         "dag_stage_timeouts_total": "counter", "dag_orphans_total": "counter"}
text = open("out").read()
assert text.endswith("\n")
helps, types, samples, current, seen = set(), {}, {}, None, []
label = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
for line in text[:-1].split("\n"):
    if m := re.fullmatch(r"# HELP (\w+) ([^\n]+)", line):
        assert m[1] not in helps
        helps.add(m[1])
    elif m := re.fullmatch(r"# TYPE (\w+) (counter|gauge|histogram)", line):
        assert m[1] in helps and m[1] not in types
        types[m[1]] = m[2]
        current = m[1]
    else:
        m = re.fullmatch(r"(\w+)\{(%s(?:,%s)*)\} (\S+)" % (label, label), line)
        assert m, line
        base = re.sub("_(bucket|sum|count)$", "", m[1]) if types[current] == "histogram" else m[1]
        assert base == current, (line, current)
        key = m[1], tuple(sorted(re.findall(label, m[2])))
        assert key not in samples, line
        samples[key] = float(m[3])
assert types == NAMES, types
def of(name, **labels):
    want = {'%s="%s"' % item for item in labels.items()}
    return sum(v for (n, l), v in samples.items() if n == name and want <= set(l))
series = {}
for (n, l), v in samples.items():
    if n.endswith("_bucket"):
        rest = tuple(x for x in l if not x.startswith("le="))
        le = next(x for x in l if x.startswith("le="))[4:-1]
        series.setdefault(rest, []).append((math.inf if le == "+Inf" else float(le), v))
for rest, buckets in series.items():
    buckets.sort()
    values = [v for _, v in buckets]
    assert values == sorted(values), rest
    assert buckets[-1][0] == math.inf and buckets[-1][1] == samples["dag_task_duration_seconds_count", rest]
    assert samples["dag_task_duration_seconds_sum", rest] >= 0
exec(sys.argv[1])
PY
holds() {
    expect 0 ./m metrics
    silent err
    cp out metrics.txt
    if command -v promtool >/dev/null; then
        promtool check metrics <metrics.txt >promtool.log 2>&1 || fail "$(cat promtool.log)"
    fi
    python3 check.py "$1" >check.log 2>&1 || { cat check.log; fail "does not hold: $1"; }
}
expect 0 "$DAGCC" --pipeline m m.dag -o m

# nothing has run yet
holds 'assert of("dag_runs_total") == 0 and of("dag_runs_active") == 0 and of("dag_runs_queued") == 0'

expect 0 ./m -q
expect 0 ./m -q
expect 1 ./m -q --input fail=true
holds '
assert of("dag_runs_total", pipeline="m", status="completed") == 2
assert of("dag_runs_total", pipeline="m", status="failed") == 1
assert of("dag_tasks_total", pipeline="m", stage="work", state="completed") == 3
assert of("dag_tasks_total", pipeline="m", stage="work", state="cached") >= 3
assert of("dag_tasks_total", pipeline="m", stage="bad", state="failed") == 1
assert of("dag_tasks_total", pipeline="sub", stage="s") >= 3
assert of("dag_task_duration_seconds_count", stage="work") == 3
assert of("dag_task_duration_seconds_bucket", stage="work", le="86400") == 3
assert of("dag_task_duration_seconds_bucket", stage="slow", le="0.01") == 0
late = of("dag_task_duration_seconds_count", stage="slow")
assert late >= 2 and of("dag_stage_timeouts_total", stage="slow") == late
assert of("dag_task_duration_seconds_sum", stage="slow") >= 0.05 * late
assert of("dag_orphans_total") == 0'

# a run that goes on; killed it is an orphan; resumed it ends once more, and nothing becomes less
cat >m.dag <<DAG
pipeline m {
  stage a { run "test -e $PWD/go || { touch $PWD/ready; sleep 600; }" }
}
DAG
rm -rf .dag
expect 0 "$DAGCC" m.dag -o m
./m -q >/dev/null 2>&1 &
pid=$!
until [ -e ready ]; do
    kill -0 $pid || fail "it ended by itself"
    sleep 0.02
done
holds 'assert of("dag_runs_active") == 1 and of("dag_runs_total") == 0'
kill -KILL $pid
wait $pid 2>/dev/null
holds 'assert (of("dag_runs_active"), of("dag_orphans_total"), of("dag_runs_total", status="crashed")) == (0, 1, 1)'
touch go
expect 0 ./m resume last -q
holds '
assert (of("dag_orphans_total"), of("dag_runs_total", status="crashed")) == (1, 1)
assert of("dag_runs_total", status="completed") == 1'

expect 2 ./m metrics --state :memory:
says err 'keeps no runs'
exit 0
