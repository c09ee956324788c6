#!/bin/sh
# The compiler's command line: help, and mistakes in it.
. "$CASE/cmdline.inc"
hello hello.dag

expect 0 "$DAGCC" --help
says out 'dagcc fmt [--check]'
says out '--emit=KIND'
silent err
[ "$(wc -l <out)" -le 50 ] || fail "help does not fit a screen"
[ "$(wc -L <out)" -le 90 ] || fail "help is too wide"
expect 0 "$DAGCC" -h
expect 0 "$DAGCC" --version
says out 'dagcc '

expect 2 "$DAGCC"
says err 'no file to compile'
expect 2 "$DAGCC" --chek hello.dag
says err 'unknown option --chek; did you mean --check?'
expect 2 "$DAGCC" -O7 hello.dag
says err 'there are -O0'
expect 2 "$DAGCC" --emit=grpah hello.dag
says err 'did you mean graph?'
expect 2 "$DAGCC" --diagnostics=xml hello.dag
says err 'text|json|sarif'
expect 2 "$DAGCC" --check=yes hello.dag
says err 'takes no value'
expect 2 "$DAGCC" hello.dag -o
says err '-o FILE'
expect 2 "$DAGCC" -Dnovalue hello.dag
says err 'NAME=VALUE'
expect 2 "$DAGCC" --error-limit=few hello.dag
says err 'wants a number'
expect 2 "$DAGCC" -Wunused-inputs hello.dag
says err 'did you mean `unused-input`?'
expect 2 "$DAGCC" a.dag b.dag
says err 'one file at a time'
expect 2 "$DAGCC" fmtt a.dag
says err 'did you mean fmt?'
expect 2 "$DAGCC" fmt
expect 2 "$DAGCC" fmt -o x hello.dag
says err 'has no option -o'
expect 2 "$DAGCC" - <hello.dag
says err 'name the output with -o'
expect 2 "$DAGCC" doc
says err 'takes one file'

expect 4 "$DAGCC" nowhere.dag
says err 'cannot read nowhere.dag: No such file or directory'
expect 4 "$DAGCC" --check .
says err 'Is a directory'

# Options may follow the file, and `--` ends them.
expect 0 "$DAGCC" hello.dag --check
expect 0 "$DAGCC" --check -- hello.dag
cp hello.dag ./-odd.dag
expect 0 "$DAGCC" --check -- -odd.dag

expect 0 "$DAGCC" pipes
says out 'numbers'
grep -Eq '^  truncate +' out || fail "no row for truncate"
expect 2 "$DAGCC" pipes x

expect 0 "$DAGCC" --explain E0904
says out 'E0904: nothing to build'
expect 0 "$DAGCC" --explain=unused-input
expect 2 "$DAGCC" --explain E9999
says err 'E9999'

for kind in c header ir ast tokens graph; do
    expect 0 "$DAGCC" --emit=$kind hello.dag
    [ -s out ] || fail "--emit=$kind prints nothing"
    expect 0 "$DAGCC" --emit=$kind hello.dag -o emitted
    silent out
    cp emitted first
    expect 0 "$DAGCC" --emit=$kind hello.dag
    cmp -s out first || fail "--emit=$kind to a file differs"
done
if [ -c /dev/full ]; then
    "$DAGCC" --emit=c hello.dag >/dev/full 2>err
    [ $? -eq 4 ] || fail "a full disk is not noticed"
fi
