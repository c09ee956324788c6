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
exit 0
