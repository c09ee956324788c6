#!/bin/sh
# The compiler and the compiled pipeline print the same schema of the inputs.
set -eu
cat > s.dag <<'DAG'
pipeline s {
  input n: int = 3
  input title: string?
  stage a { out t: string = "<input.title | default("-")> <input.n>" }
  output t: string = <a.t>
}
DAG
"$DAGCC" --emit=schema s.dag > compiler.json
"$DAGCC" s.dag -o s
./s schema > binary.json
cmp compiler.json binary.json
grep -q '2020-12' binary.json
