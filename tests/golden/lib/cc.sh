#!/bin/sh
# Stands in for a C compiler: prints what one has said of a file, from lib/c/$SAID.FILE.txt, `link` when
# it links and `types` for -fsyntax-only; @DIR@ there is the folder of the result. Fails when that
# has an error. Writes the dependencies in lib/c/$SAID.FILE.deps.
name=link out='' deps=''
while [ $# -gt 0 ]; do
    case $1 in
    -o) out=$2 && shift ;;
    -MF) deps=$2 && shift ;;
    -fsyntax-only) name=types ;;
    -*) ;;
    *.c) [ $name = types ] || name=${1##*/} ;;
    esac
    shift
done
said=lib/c/$SAID.$name
[ ! -f "$said.deps" ] || cp "$said.deps" "$deps"
[ -f "$said.txt" ] || exit 0
sed "s|@DIR@|${out%/*}|g" "$said.txt" >&2
! grep -Eq 'error|undefined|multiple definition|cannot find' "$said.txt"
