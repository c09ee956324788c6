#!/bin/sh
# The graph in each format: what the compiler says, what Graphviz reads, an SVG that is XML.
. "$CASE/cmdline.inc"
cat >g.dag <<'DAG'
## Says "<b>" & goes.
pipeline g {
  input n: int = 3
  ## Numbers, </title> and all.
  stage numbers { kind make  tags quick  out x: stream<int> = <[1, 2, 3]> }
  stage odd { gate  in x: int = <numbers.x>  when x != 2 }
  stage double { in x: int = <odd.x>  out y: int = <x | mul(input.n)> }
  stage sum { fan aggregate  in ys: list<int>  out n: int = <ys | length> }
  stage twice { in a: int = <sum.n>  out b: int  call sub }
  stage clean { run "true" }
  double.y -> sum.ys where it > 2 and "\<|`#;%" != "\"" order by it desc take 2
  sum => clean on always
  output n: int = <twice.b>
}
pipeline sub { input a: int  stage s { out b: int = <input.a> }  output b: int = <s.b> }
DAG
expect 0 "$DAGCC" --pipeline g g.dag -o g

expect 0 ./g graph --format json
cp out binary.json
expect 0 "$DAGCC" --pipeline g --emit=graph g.dag
cmp out binary.json || fail "compiler and pipeline print different graphs"
expect 0 ./g graph --json
cmp out binary.json || fail "--json is not --format json"

expect 0 ./g graph
cp out g.dot
expect 0 ./g graph --format dot
cmp out g.dot || fail "dot is not the default"
says out 'digraph "g"'
says out 'calls sub'
if command -v dot >/dev/null; then
    expect 0 dot -Tsvg g.dot
    says out '<svg'
    silent err
fi

expect 0 ./g graph --format mermaid
says out 'flowchart TD'
says out 'gate when x != 2'

expect 0 ./g graph --format svg
says out '</svg>'
says out 'Numbers, &lt;/title&gt; and all.'
grep -q -e '<script' -e 'href' -e 'url(' out && fail "the drawing needs something"
if command -v python3 >/dev/null; then
    cp out g.svg
    expect 0 python3 -c 'import xml.dom.minidom; print(len(xml.dom.minidom.parse("g.svg").getElementsByTagName("path")))'
fi

expect 2 ./g graph --format png
says err 'graph --format takes dot, mermaid, svg or json, not `png`'
expect 2 ./g graph numbers
exit 0
