#!/bin/sh
# A compiled pipeline explains itself: inputs as they are declared, commands, what each of them takes.
. "$CASE/cmdline.inc"
cat >h.dag <<'DAG'
## Counts things.
pipeline h {
  input width: int = 320 where it >= 16 and it <= 4096  ## how wide
  input name: string
  stage a { out x: string = "<input.name> <input.width>" }
  output x: string = <a.x>
}
DAG
expect 0 "$DAGCC" h.dag -o h

expect 0 ./h --help
says out 'h: Counts things.'
says out 'width: int = 320 where it >= 16 and it <= 4096  how wide'
says out 'name: string  (required)'
says out '  explain    why it would run again'
says out '-j, --jobs N'
says out './h resume last'
silent err
[ "$(wc -l <out)" -le 48 ] || fail "help does not fit a screen"
[ "$(wc -L <out)" -le 90 ] || fail "help is too wide"
cp out help.txt
expect 0 ./h help
cmp out help.txt || fail "help and --help differ"

expect 0 ./h help run
says out '--exclude-tags TAG,TAG'
expect 0 ./h help gc
says out '--keep N'
grep -q -e --only out && fail "gc does not select"
# `COMMAND --help` is the same; it fits a screen and has an example that begins as one writes it.
for command in run plan explain resume replay batch submit serve show logs gc; do
    expect 0 ./h help $command
    cp out help.txt
    expect 0 ./h $command --help
    cmp out help.txt || fail "help $command and $command --help differ"
    [ "$(wc -l <out)" -le 45 ] || fail "help $command does not fit a screen"
    grep -q "^  .*\./h $command" out || fail "help $command has no example"
done
expect 0 ./h submit --help
says out 'name: string  (required)'
expect 0 ./h batch --help
says out './h batch lines.jsonl --max-runs 4'
grep -q 'name: string' out && fail "batch has no --input"
expect 2 ./h rnu --help
says err 'there is no command `rnu`'
expect 2 ./h help rnu
says err 'there is no command `rnu`'

# an option that a command does not know is refused, whichever comes first
expect 2 ./h runs -j 3
says err '`runs` takes no --jobs; that is for: run plan resume replay'
expect 2 ./h --keep 3
says err '`run` takes no --keep; that is for: gc'

# What users of other tools type is answered with what it is here.
expect 2 ./h --name=x
says err 'unknown option `--name=x`: an input is given as `--input name=VALUE`'
expect 2 ./h -name x
says err 'unknown option `-name`: an input is given as `--input name=VALUE`'
expect 2 ./h name=x
says err 'inputs are given as `--input name=x`'
expect 2 ./h a
says err '`a` is a stage, no command: `--until a` runs it'
expect 2 ./h -resume
says err 'unknown option `-resume`: `resume last` goes on with the last run'
expect 2 ./h --cores 4
says err 'unknown option `--cores`: `-j N`'
expect 2 ./h -c4
says err 'unknown option `-c`: `-j N`'
expect 2 ./h --verbos
says err 'unknown option `--verbos`; did you mean `--verbose`?'
expect 2 ./h -jx4 -Z
says err 'unknown option `-Z`; --help lists them'
echo 'name: x' >inputs.yaml
expect 2 ./h --inputs inputs.yaml
says err 'inputs.yaml: inputs are read from JSON, not from YAML: '
[ "$(wc -l <err)" -eq 1 ] || fail "more than one error: $(cat err)"

# `show` is about the last run; `logs` says where a cached result has its log.
cat >c.dag <<'DAG'
pipeline c { cacheable  stage a { out x: string = <stdout>  run "echo hello" }  output x: string = <a.x> }
DAG
expect 0 "$DAGCC" c.dag
expect 0 ./c -q
expect 0 ./c -q
expect 0 ./c show
says out '1 cached'
expect 0 ./c logs last a
says err 'a [-] cached (same definition and inputs as in run '
exit 0
