# plan counts the tasks of stages that wait for others, where each key is sure to get through.
. "$CASE/cmdline.inc"
cat >p.dag <<'DAG'
pipeline p {
  stage a { out x: stream<int> = <stdout | lines | int>  cacheable  run "seq 3" }
  stage b { in x: int  out y: int = <stdout | int>  run "echo <x>" }
  stage chain { in y: int  out z: int = <stdout | int>  run "echo <y>" }
  stage plus { in z: int  out z: int = <z | add(1)> }
  stage filtered { in z: int  out z: int = <stdout | int>  run "echo <z>" }
  stage paired { in z: int  in y: int  run "echo <z> <y>" }
  stage sometimes { in z: int  when z > 1  run "echo <z>" }
  stage streams { in z: int  out v: stream<int> = <stdout | lines | int>  run "echo <z>" }
  stage open { in v: int  run "echo <v>" }
  stage all { fan aggregate  in z: list<int>  out n: int = <stdout | int>  run "echo 3" }
  a.x -> b.x
  b.y -> chain.y -> plus.z
  plus.z -> paired.z, sometimes.z, streams.z, all.z
  plus.z -> filtered.z where it > 2
  b.y -> paired.y
  streams.v -> open.v
  output n: int = <all.n>
  output z: list<int> = <filtered.z>
}
DAG
expect 0 "$DAGCC" p.dag -o p
expect 0 ./p -q
expect 0 ./p plan
cp out plan
row() { grep -Eq "^$1 +$2 +$3  " plan || fail "not '$2 $3' of $1: $(grep "^$1 " plan)"; }
row a cached 1
row b run 3
row chain run 3
row plus run 3
row filtered maybe '\?'
row paired run '\?'
row sometimes maybe '\?'
row streams run 3
row open maybe '\?'
row all run 1
expect 0 ./p plan --json
says out '"slug":"chain","action":"run","reason":"after `b`; uncacheable: `b` before it is"'
[ "$(grep -o '"tasks":{"run":3,"cached":0,"skip":0,"filtered":0}' out | wc -l)" -eq 4 ] || fail "tasks of the document"
expect 0 ./p --json
cp out run
for stage in b chain plus streams; do
    grep -q "\"$stage\":{\"state\":\"completed\",\"tasks\":{\"completed\":3," run || fail "$stage has not run as planned"
done
