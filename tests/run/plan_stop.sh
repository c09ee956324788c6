# A stage that is known to fail: under `on_error stop` what might not have begun by then is uncertain,
# with -k all goes on, as in a run.
set -eu
cat >p.dag <<'DAG'
pipeline p {
  input t: string
  stage given { out t: string = <input.t> }
  stage bad { in t: string  out n: int = <t | int> }
  given -> bad
  stage use { in n: int = <bad.n>  run "echo <n>" }
  stage other { out s: string = <stdout>  run "true" }
  stage third { in s: string = <other.s>  run "echo <s>" }
  stage rescue { out r: string = <stdout>  run "true" }
  stage rescued { in r: string = <rescue.r>  run "echo <r>" }
  stage unless { in n: int? = <bad.n>  run "true" }
  bad => rescue on failure
}
DAG
"$DAGCC" -q p.dag -o p
sed 's/stage bad {/stage bad { may_fail /' p.dag >forgiven.dag
"$DAGCC" -q forgiven.dag -o forgiven
said() { sed -n 's/^\([a-z]*\)  *\([a-z]*\)  .*/\1 \2/p' | grep -v action | LC_ALL=C sort | tr '\n' ' '; }
same() {
    [ "$1" = "$2" ] || { printf 'expected %s\n     got %s\n' "$1" "$2"; exit 1; }
}

all='bad run given run other run rescue run rescued run third run unless run use skip '
same "$(echo "$all" | sed 's/other run/other maybe/; s/third run/third maybe/')" "$(./p plan --input t=x | said)"
same "$all" "$(./p plan -k --input t=x | said)"
same "$all" "$(./forgiven plan --input t=x | said)"
same "$(echo "$all" | sed 's/rescue run rescued run/rescue skip rescued skip/; s/use skip/use run/')" \
    "$(./p plan --input t=3 | said)"

# What is said to run does so.
states() {
    python3 -c 'import json, sys
for name, stage in sorted(json.load(sys.stdin)["stages"].items()):
    print(name, {"completed": "run", "failed": "run", "skipped": "skip"}.get(stage["state"], stage["state"]), end=" ")'
}
same "$all" "$(./p run -k --input t=x --json -q | states)"
./p run --input t=x --json -q | states >seen
for stage in 'bad run' 'given run' 'rescue run' 'rescued run' 'unless run' 'use skip'; do
    grep -q "$stage" seen || { echo "not: $stage"; cat seen; exit 1; }
done
