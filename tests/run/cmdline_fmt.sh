#!/bin/sh
# dagcc fmt: in place, as a filter, and --check.
. "$CASE/cmdline.inc"
hello hello.dag
"$DAGCC" fmt hello.dag || fail "fmt fails"
cp hello.dag good.dag
sed 's/^  stage/        stage/' good.dag >odd.dag
printf 'pipeline p { stage a { run "true"  \n' >bad.dag

expect 0 "$DAGCC" fmt --check good.dag
silent out
expect 1 "$DAGCC" fmt --check good.dag odd.dag
[ "$(cat out)" = odd.dag ] || fail "lists something else than odd.dag"
expect 1 "$DAGCC" fmt --check - <odd.dag
expect 0 "$DAGCC" fmt - <odd.dag
cmp -s out good.dag || fail "the filter lays out otherwise"

chmod 640 odd.dag
ln -s odd.dag link.dag
expect 0 "$DAGCC" fmt link.dag good.dag
cmp -s odd.dag good.dag || fail "not laid out in place"
[ -L link.dag ] || fail "replaced a symbolic link"
[ "$(stat -c %a odd.dag)" = 640 ] || fail "changed the mode"

cp bad.dag kept.dag
expect 1 "$DAGCC" fmt bad.dag
says err 'error['
cmp -s bad.dag kept.dag || fail "changed a file with errors"
expect 1 "$DAGCC" fmt - <bad.dag
silent out
# One bad file does not keep the others from being laid out.
sed 's/^  stage/        stage/' good.dag >odd.dag
expect 1 "$DAGCC" fmt bad.dag odd.dag
cmp -s odd.dag good.dag || fail "stopped at the first error"
expect 4 "$DAGCC" fmt nowhere.dag
