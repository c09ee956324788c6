#!/bin/sh
# What dagcc writes: names, replacement of the old file, failures that leave it, the same bytes again.
. "$CASE/cmdline.inc"
mkdir folder tmp
hello folder/hello.dag
broken broken.dag
TMPDIR=$PWD/tmp
export TMPDIR

expect 0 "$DAGCC" folder/hello.dag
silent out
[ -x hello ] || fail "no executable file here, named as the .dag file"
[ ! -e folder/hello ] || fail "the output went beside the source"
expect 0 ./hello
says out hello

expect 0 "$DAGCC" folder/hello.dag -ofolder/run
cmp -s hello folder/run || fail "the same input gives other bytes"
mkdir other
for flags in '' -g '-O2 -g' --dynamic; do
    # shellcheck disable=SC2086
    expect 0 "$DAGCC" $flags folder/hello.dag -o a
    # shellcheck disable=SC2086
    TMPDIR=$PWD/other expect 0 "$DAGCC" $flags folder/hello.dag -o b
    cmp -s a b || fail "the same input with '$flags' gives other bytes"
    ! grep -aq "$PWD/tmp" a || fail "the temporary folder's name is in the program"
done
expect 0 "$DAGCC" -o c - <folder/hello.dag
expect 0 ./c

# Whatever fails, the old file stays.
printf old >kept
expect 1 "$DAGCC" broken.dag -o kept
expect 4 env CC=no-such-compiler "$DAGCC" folder/hello.dag -o kept
says err 'cannot run the C compiler `no-such-compiler`'
expect 4 env CFLAGS=-no-such-flag "$DAGCC" folder/hello.dag -o kept
says err CFLAGS
expect 4 env LDFLAGS=-lnosuchlibrary "$DAGCC" folder/hello.dag -o kept
expect 4 env CFLAGS="'open" "$DAGCC" folder/hello.dag -o kept
says err 'a quote is not closed'
expect 4 env DAGCC_HOME=/nowhere "$DAGCC" folder/hello.dag -o kept
says err DAGCC_HOME
mkdir 'a home'
ln -s "$(dirname "$DAGCC")"/* 'a home'
expect 0 env DAGCC_HOME="$PWD/a home" "$DAGCC" folder/hello.dag -o 'a run'
silent err
expect 0 './a run'
expect 4 env TMPDIR=/nowhere "$DAGCC" folder/hello.dag -o kept
says err 'temporary folder in /nowhere'
[ "$(cat kept)" = old ] || fail "the old output is gone"
expect 0 "$DAGCC" folder/hello.dag -o kept
expect 0 ./kept

expect 4 "$DAGCC" folder/hello.dag -o nowhere/run
says err 'there is no folder nowhere'
expect 4 "$DAGCC" folder/hello.dag -o folder
says err 'is a folder'
if [ "$(id -u)" -ne 0 ]; then
    mkdir readonly && chmod a-w readonly
    expect 4 "$DAGCC" folder/hello.dag -o readonly/run
fi
expect 0 "$DAGCC" folder/hello.dag -o /dev/null
[ -c /dev/null ] || fail "replaced /dev/null"
expect 2 "$DAGCC" folder/hello.dag -o folder/hello.dag
says err 'is what is compiled'
ln -s kept link
expect 0 "$DAGCC" folder/hello.dag -o link
[ -L link ] || fail "replaced a symbolic link"

expect 0 env CC="${CC:-cc} -DUNUSED='a b'" "$DAGCC" -v folder/hello.dag -o v
says err '+ '
says err "'-DUNUSED=a b'"
left=$(find tmp other -mindepth 1)
[ -z "$left" ] || fail "left behind: $left"
[ -z "$(find . -name '.*.??????')" ] || fail "left an unfinished output"
