#!/bin/sh
# dagcc fix: what is certain, in place, as a filter, and --check.
. "$CASE/cmdline.inc"
cat >bad.dag <<'DAG'
pipeline p {
  input n: int where it > 0 && it = 7 or !(it < 3)
  input m int
  stage one { out text: string = "x"; }
  stage two { in text: string = one.text  run "echo <text> <input.n> <input.m>"  timeout: 5s }
  output text: string == <one.text>
}
DAG
cat >good.dag <<'DAG'
pipeline p {
  input n: int where it > 0 and it == 7 or not (it < 3)
  input m: int
  stage one { out text: string = "x" }
  stage two { in text: string = <one.text>  run "echo <text> <input.n> <input.m>"  timeout 5s }
  output text: string = <one.text>
}
DAG
cp bad.dag x.dag
chmod 640 x.dag
ln -s x.dag link.dag

expect 1 "$DAGCC" fix --check x.dag
says out 'x.dag:2:29: write `and` [E0106]'
cmp -s bad.dag x.dag || fail "--check changed the file"
expect 0 "$DAGCC" fix link.dag
says out 'link.dag:3:10: insert `:` [E0105]'
says out 'remove `;` [E0003]'
silent err
cmp -s good.dag x.dag || fail "mended otherwise: $(diff good.dag x.dag)"
[ -L link.dag ] || fail "replaced a symbolic link"
[ "$(stat -c %a x.dag)" = 640 ] || fail "changed the mode"
expect 0 "$DAGCC" --check -Werror x.dag

# Once more changes nothing, and says nothing.
expect 0 "$DAGCC" fix x.dag
silent out
expect 0 "$DAGCC" fix --check x.dag
silent out

# The filter keeps to its streams.
expect 0 "$DAGCC" fix - <bad.dag
cmp -s good.dag out || fail "the filter mends otherwise"
says err '<stdin>:3:10: insert `:` [E0105]'
expect 0 "$DAGCC" fix -q - <bad.dag
silent err

# What is not certain stays, and is reported; what is certain beside it is mended.
cat >half.dag <<'DAG'
pipeline p {
  stage one { out text: strng = "x"; }
  output text: string = <one.text>
}
DAG
expect 1 "$DAGCC" fix half.dag
says out 'remove `;`'
says err 'did you mean `string`?'
grep -q 'strng = "x" }' half.dag || fail "changed something else"
expect 1 "$DAGCC" fix half.dag
silent out

# Redirections: a `<` that no name follows is none of an expression.
cat >less.dag <<'DAG'
pipeline p {
  input x: file
  stage one { out n: string = <stdout>  in x: file = <input.x>  run "wc -l < $DAG_x; wc </dev/null" }
  output n: string = <one.n>
}
DAG
expect 0 "$DAGCC" fix less.dag
grep -q 'wc -l \\< $DAG_x; wc \\</dev/null' less.dag || fail "not mended: $(cat less.dag)"
sed 's|wc </dev.*;|cat < file > other"|; s|\\<|<|g; s|wc -l .*null|cat < file > other|' less.dag >named.dag
expect 1 "$DAGCC" fix named.dag # an expression may have been meant
says err 'write `\<`'

# One bad file does not keep the others from being mended.
cp bad.dag y.dag
expect 1 "$DAGCC" fix half.dag y.dag
cmp -s good.dag y.dag || fail "stopped at the first error"
expect 4 "$DAGCC" fix nowhere.dag
says err nowhere.dag
expect 2 "$DAGCC" fix
expect 2 "$DAGCC" fix -o x y.dag
says err 'has no option -o'
expect 2 "$DAGCC" fix -Wunused-inptu y.dag
says err 'did you mean `unused-input`?'

expect 0 "$DAGCC" --help
says out 'dagcc fix [--check] FILE'
