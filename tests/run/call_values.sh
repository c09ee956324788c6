# Stages that call a pipeline: nested, over maps, over nothing, over much.
. "$CASE/call.inc"

# ---------------------------------------------------------------- nested, with files and defaults
cat >nested.dag <<'DAG'
pipeline line {
  input text: string
  input mark: string = "!"
  stage write { in text: string = <input.text>  out f: file = "line.txt"  run "echo <text> > <out.f>" }
  stage loud { in f: file  out s: string = <stdout | trim | append(input.mark)>  run "tr a-z A-Z \< <f>" }
  write.f -> loud.f
  output loud: string = <loud.s>
  output made: file = <write.f>
}
pipeline page {
  input lines: map<string>
  stage each = map line over text { in text: map<string> = <input.lines> }
  output loud: map<string> = <each.loud>
  output files: map<file> = <each.made>
}
pipeline book {
  stage text { out m: map<string> = <'{"b":"two","a/x":"one"}' | json | as(map<string>)> }
  stage first = call page
  text.m -> first.lines
  stage two { out pages: list<map<string>> = <[first.loud, first.loud]> }
  stage all = map page over lines
  two.pages -> all.lines
  output once: map<string> = <first.loud>
  output files: map<file> = <first.files>
  output twice: list<map<string>> = <all.loud>
}
DAG
"$DAGCC" nested.dag -o nested
./nested -q --json -j3 --events nested.jsonl >nested.json
expect '"once":{"b":"TWO!","a/x":"ONE!"}' nested.json
expect '"twice":[{"b":"TWO!!","a/x":"ONE!!"},{"b":"TWO!!","a/x":"ONE!!"}]' nested.json
expect '/first/-/1/each/-/1/b/write/-/1/out/line.txt' nested.json
expect '/first/-/1/each/-/1/a%2Fx/write/-/1/out/line.txt' nested.json
expect '/first.-/each.-.b","event":"task","stage":"loud"' nested.jsonl
expect '/all.-.1","event":"run"' nested.jsonl
[ "$(grep -c '"event":"run".*"state":"completed"' nested.jsonl)" = 10 ] || fail "not ten runs"

# ---------------------------------------------------------------- nothing to go over
cat >empty.dag <<'DAG'
pipeline one {
  input n: int
  stage a { in n: int = <input.n>  out v: int = <n> }
  output v: int = <a.v>
}
pipeline none {
  input l: list<int> = []
  stage m { out none: map<int> = <'{}' | json | as(map<int>)> }
  stage x = map one over n { in n: list<int> = <input.l> }
  stage y = map one over n
  m.none -> y.n
  output x: list<int> = <x.v>
  output y: map<int> = <y.v>
}
DAG
"$DAGCC" empty.dag -o empty
./empty -q --json >empty.json
expect '"outputs":{"x":[],"y":{}}' empty.json

# ---------------------------------------------------------------- a thousand elements, two at a time
cat >many.dag <<'DAG'
pipeline one {
  input n: int
  stage sum { in n: int = <input.n>  out v: int = <stdout | trim | int>  run "echo $((<n> + 1))" }
  stage add { in v: int  out w: int = <v | add(1)> }
  sum.v -> add.v
  output w: int = <add.w>
}
pipeline many {
  stage list { out xs: list<int> = <stdout | lines | int>  run "seq 1000" }
  stage all = map one over n { max_parallel 2 }
  list.xs -> all.n
  output xs: list<int> = <all.w>
}
DAG
"$DAGCC" many.dag -o many
./many -q --json -j2 >many.json
expect "\"xs\":[$(seq -s, 3 1002)]" many.json

