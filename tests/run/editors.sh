#!/bin/sh
# What the plugins for editors can be asked without these: their JSON is JSON, and Vim, where it is
# installed, sees the words of a file as what they are and ends no file inside a string.
. "$CASE/cmdline.inc"
root=$CASE/../..
export EDITORS="$root/editors" DUMP="$PWD/dump"

command -v python3 >/dev/null && for f in "$EDITORS"/*/*.json "$EDITORS"/*/*/*.json; do
    python3 -m json.tool "$f" >/dev/null || fail "$f is not JSON"
done

vim --version 2>/dev/null | grep -q '+syntax' || {
    echo "no vim here that highlights"
    exit 77
}
# seen FILE: what Vim makes of it, in `dump`.
seen() {
    rm -f dump
    SOURCE=$1 HOME=$PWD vim -es -u NONE -S "$CASE/../editors/highlight.vim" </dev/null >vim.log 2>&1
    [ -s dump ] || { cat vim.log; fail "vim says nothing of $1"; }
}
seen "$CASE/../editors/sample.dag"
diff "$CASE/../editors/sample.words" dump || fail "vim sees other words (tests/editors/sample.words)"

# The brace that ends a file belongs to nothing that was opened before.
for f in "$root"/examples/*.dag; do
    [ "$(tail -n 1 "$f")" = '}' ] || continue
    seen "$f"
    last=$(wc -l <"$f")
    grep -q "^$last " dump && fail "vim is still inside something at the end of $f"
done

# `=` leaves the layout of `dagcc fmt` as it is.
for f in "$root"/examples/*.dag; do
    cp "$f" indented.dag
    SOURCE=indented.dag HOME=$PWD vim -es -u NONE -c 'set nocompatible' -c "set runtimepath^=$EDITORS/vim" \
        -c 'filetype plugin indent on' -c 'syntax on' -c "edit indented.dag" -c 'normal gg=G' -c 'wq!' </dev/null >vim.log 2>&1
    diff "$f" indented.dag >difference || { cat difference; fail "vim indents $f otherwise"; }
done
exit 0
