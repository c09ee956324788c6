#!/bin/sh
# The trace of a run: JSON that a reader of the format takes, lanes, flows, counters; also of a run that
# was killed.
. "$CASE/cmdline.inc"
command -v python3 >/dev/null || { echo "needs python3"; exit 77; }
cat >t.dag <<'DAG'
pipeline t {
  resources gpu: 2
  stage make { out x: stream<int> = <[1, 2, 3, 4, 5, 6]> }
  stage work {
    in x: int
    out y: int = <stdout | trim | int>
    kind slow
    resources gpu: 1
    retry 2
    run "echo <x>; test $DAG_KEY != 3 || test $DAG_ATTEMPT -gt 1"
  }
  stage native { in y: int  out z: int  c "out->z = in->y * 2;" }
  stage sum { fan aggregate  in ns: list<int>  out n: int = <ns | length> }
  stage ys { fan aggregate  in a: list<int>  out a: list<int> = <a> }
  stage all = map sub over a
  stage bad { may_fail  run "exit 3" }
  make.x -> work.x
  work.y -> native.y, ys.a
  ys.a -> all.a
  native.z -> sum.ns
  output n: int = <sum.n>
  output b: list<int> = <all.b>
}
pipeline sub {
  input a: int
  stage s { out b: int = <stdout | trim | int>  run "echo <input.a>" }
  output b: int = <s.b>
}
DAG
cat >check.py <<'PY'
import collections, json, sys
text = open(sys.argv[1]).read()
whole = text.endswith("]\n")
events = json.loads(text if whole else text.rstrip().rstrip(",") + "]")
assert sys.argv[2] == ("whole" if whole else "cut"), whole
kinds = collections.Counter(e["ph"] for e in events)
lanes = collections.defaultdict(list)
for e in events:
    if e["ph"] == "X":
        lanes[e["pid"], e["tid"]].append((round(e["ts"] * 1000), round((e["ts"] + e["dur"]) * 1000)))
        assert e["args"]["stage"] and e["args"]["key"] and e["dur"] >= 0
for lane, slices in lanes.items():
    slices.sort()
    for a, b in zip(slices, slices[1:]):
        assert a[1] <= b[0] + 1, (lane, a, b)
named = {(e["pid"], e.get("tid")) for e in events if e["ph"] == "M"}
assert all(lane in named for lane in lanes), "lanes without names"
PY
expect 0 "$DAGCC" --pipeline t t.dag -o t

for state in .dag :memory:; do
    expect 0 ./t -j 3 --state $state --trace t.json
    expect 0 python3 - <<'PY'
import sys
sys.argv = ["check", "t.json", "whole"]
exec(open("check.py").read())
x = [e for e in events if e["ph"] == "X"]
def of(stage): return [e for e in x if e["args"]["stage"] == stage]
assert len(of("work")) == 7, "six tasks, one of them twice"
again = sorted(of("work"), key=lambda e: (e["args"]["key"], e["args"]["attempt"]))
failed = [e for e in of("work") if e["args"]["state"] == "failed"]
assert [(e["args"]["key"], e["args"]["attempt"], e["args"]["exit"]) for e in failed] == [("3", 1, 1)]
assert all(e["args"]["rss"] > 0 and e["args"]["cpu"] >= 0 for e in of("work"))
assert len(of("s")) == 6 and all("/all.-." in e["args"]["run"] for e in of("s")), "children"
assert of("bad")[0]["args"]["exit"] == 3 and of("work")[0]["cat"] == "slow"
assert len({e["tid"] for e in x if e["pid"] == 1}) <= 3, "more lanes than slots"
# flows: from make to each work, from each work to its native and to the map, from native to sum
starts = {e["id"]: e for e in events if e["ph"] == "s"}
ends = {e["id"]: e for e in events if e["ph"] == "f"}
assert starts.keys() == ends.keys()
def at(e):
    here = [s for s in x if (s["pid"], s["tid"]) == (e["pid"], e["tid"])
            and s["ts"] <= e["ts"] + 0.001 and e["ts"] <= s["ts"] + s["dur"] + 0.001]
    return {(s["args"]["stage"]) for s in here}
pairs = [(at(starts[i]), at(ends[i])) for i in starts]
for a, b, n in ("make", "work", 6), ("work", "native", 6), ("native", "sum", 6), ("work", "ys", 6), ("ys", "all", 1):
    assert sum(a in f and b in t for f, t in pairs) >= n, (a, b, pairs)
counters = collections.defaultdict(list)
for e in events:
    if e["ph"] == "C":
        counters[e["name"]].append(e["args"]["n"])
assert counters["running tasks"][-1] == 0 and 0 < max(counters["running tasks"]) <= 3
assert counters["gpu"][-1] == 0 and 0 < max(counters["gpu"]) <= 2, counters["gpu"]
assert min(counters["gpu"]) == 0
PY
done

# functions that line up for one slot: one lane
cat >line.dag <<'DAG'
pipeline line {
  stage make { out x: stream<string> = <stdout | lines>  run "seq 2000" }
  stage f { in x: string = <make.x>  out y: int  c "out->y = in->x[0];" }
  output y: list<int> = <f.y>
}
DAG
expect 0 "$DAGCC" line.dag -o line
expect 0 ./line -q -j 1 --state :memory: --trace line.json
expect 0 python3 - <<'PY'
import sys
sys.argv = ["check", "line.json", "whole"]
exec(open("check.py").read())
x = [e for e in events if e["ph"] == "X" and e["args"]["stage"] == "f"]
assert len(x) == 2000 and len({e["tid"] for e in x}) == 1
PY

# killed: what is there is whole lines
cat >k.dag <<DAG
pipeline k {
  stage a { run "true" }
  stage b { run "touch $PWD/ready; sleep 600" }
  a => b
}
DAG
expect 0 "$DAGCC" k.dag -o k
./k -q --trace k.json >/dev/null 2>&1 &
pid=$!
until [ -e ready ]; do
    kill -0 $pid || fail "it ended by itself"
    sleep 0.02
done
until grep -q '"stage":"a"' k.json; do
    kill -0 $pid || fail "it ended by itself"
    sleep 0.02
done
kill -KILL $pid
wait $pid 2>/dev/null
expect 0 python3 check.py k.json cut

expect 2 ./t --trace /nonexistent/t.json
says err '--trace /nonexistent/t.json: No such file'
exit 0
