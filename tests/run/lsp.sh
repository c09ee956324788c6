#!/bin/sh
# The language server: an editor's session, message by message, and sessions that go wrong.
. "$CASE/cmdline.inc"
printf '%s\n' '## Squares, where they are wanted.' 'pipeline p {' \
    '  input n: int = 3  ## how many' \
    '  stage list { out item: stream<int> = [1, 2, 3] }' \
    '  stage ß { in x: int }' \
    '  stage square { in x: int  out y: int = <x | mul(<x>)> }' \
    '  list.item -> square.x where it > input.n' \
    '  output ys: list<int> = <square.y>' '}' >bad.dag
cat >p.dag <<'DAG'
## Squares.
pipeline p {
  input n: int = 3  ## how many
  stage all { out item: stream<int> = [1, 2, 3] }
  stage square { in x: int  out y: int = <x | mul(2)> cacheable }
  all.item -> square.x where it < input.n
  output ys: list<int> = <square.y>
  output whole: string = "größe 😀 <input.n | uppercase>"
}
DAG

cat >c.dag <<'DAG'
plugin double {
  in n: int
  out m: int
  c '''out->m = 2 * in->n; /* n */'''
}
pipeline q {
  config quality: enum(low, high) = high
  stage twice = double { in n = 3 }
  output m: string = "<twice.m> <config.quality>"
}
DAG
# send JSON: one message to the session.
: >session
send() { printf 'Content-Length: %s\r\n\r\n%s' "$(printf %s "$1" | wc -c)" "$1" >>session; }
ask() { send "{\"jsonrpc\":\"2.0\",\"id\":$1,\"method\":\"$2\",\"params\":$3}"; }
tell() { send "{\"jsonrpc\":\"2.0\",\"method\":\"$1\",\"params\":$2}"; }
at() { echo "{\"textDocument\":{\"uri\":\"$uri\"},\"position\":{\"line\":$1,\"character\":$2}}"; }
text_of() { sed 's/\\/\\\\/g; s/"/\\"/g; s/$/\\n/' "$1" | tr -d '\n'; }
uri="file://$PWD/p.dag"

ask 1 initialize '{"capabilities":{}}'
tell initialized '{}'
tell textDocument/didOpen "{\"textDocument\":{\"uri\":\"$uri\",\"languageId\":\"dag\",\"version\":1,\"text\":\"$(text_of p.dag)\"}}"
ask 2 textDocument/hover "$(at 4 10)"           # stage square
ask 3 textDocument/hover "$(at 4 20)"           # in x
ask 4 textDocument/hover "$(at 5 8)"            # all.item in an edge
ask 5 textDocument/definition "$(at 5 22)"      # square.x
ask 6 textDocument/hover "$(at 4 47)"           # the pipe mul
ask 7 textDocument/documentSymbol "{\"textDocument\":{\"uri\":\"$uri\"}}"
ask 8 textDocument/formatting "{\"textDocument\":{\"uri\":\"$uri\"},\"options\":{}}"
ask 9 textDocument/completion "$(at 6 33)"      # behind `square.`
ask 10 textDocument/completion "$(at 4 47)"     # behind `|`
ask 11 textDocument/codeAction "{\"textDocument\":{\"uri\":\"$uri\"},\"range\":{\"start\":{\"line\":7,\"character\":0},\"end\":{\"line\":7,\"character\":60}},\"context\":{\"diagnostics\":[]}}"
tell textDocument/didChange "{\"textDocument\":{\"uri\":\"$uri\",\"version\":2},\"contentChanges\":[{\"range\":{\"start\":{\"line\":7,\"character\":46},\"end\":{\"line\":7,\"character\":55}},\"text\":\"string\"}]}"
ask 12 textDocument/unheard-of '{}'
ask 13 textDocument/hover '{"textDocument":{"uri":"file:///nowhere"},"position":{"line":0,"character":0}}'
named() { printf '%s' "$(at "$1" "$2" | sed 's/}$//'),\"newName\":\"$3\"}"; }
ask 20 textDocument/rename "$(named 2 8 count)"     # input n
ask 21 textDocument/rename "$(named 3 8 square)"    # stage all
ask 22 textDocument/rename "$(named 3 8 'a b')"
ask 23 textDocument/rename "$(named 5 24 x)"        # where
ask 24 textDocument/prepareRename "$(at 6 34)"      # square.y
ask 25 textDocument/references "$(at 4 10)"         # stage square
ask 26 textDocument/documentHighlight "$(at 6 33)"  # square.y
ask 27 textDocument/signatureHelp "$(at 4 50)"      # mul(
ask 28 textDocument/signatureHelp "$(at 4 30)"
ask 29 textDocument/foldingRange "{\"textDocument\":{\"uri\":\"$uri\"}}"
page=$uri
uri="file://$PWD/c.dag"
tell textDocument/didOpen "{\"textDocument\":{\"uri\":\"$uri\",\"languageId\":\"dag\",\"version\":1,\"text\":\"$(text_of c.dag)\"}}"
ask 30 textDocument/rename "$(named 2 7 width)"     # a port that C names
ask 31 textDocument/references "$(at 0 8)"          # a plugin
ask 32 textDocument/rename "$(named 6 10 low)"      # a config
uri=$page
ask 14 shutdown null
tell exit null
expect 0 "$DAGCC" lsp --stdio <session
tr '\r' '\n' <out | sed 's/Content-Length: [0-9]*$//' | grep '^{' >messages
reply() { grep "\"id\":$1," messages >answer; }
has() { grep -Fq -e "$2" answer || { cat answer; fail "no $2 in answer $1"; }; }
expect_in() { reply "$1"; has "$1" "$2"; }

expect_in 1 '"hoverProvider":true'
expect_in 2 'one task per artifact of `all.item`'
expect_in 2 'fan single'
expect_in 3 'axis: `all.item`'
expect_in 4 'out item: stream<int>'
expect_in 5 '"start":{"line":4,"character":20},"end":{"line":4,"character":21}'
expect_in 6 'mul'
expect_in 7 '"name":"square","kind":12'
expect_in 8 '"newText"'
expect_in 9 '"label":"y"'
expect_in 10 '"label":"replace"'
expect_in 11 '"newText":"upper"'
expect_in 12 '"code":-32601'
expect_in 13 '"code":-32602'
expect_in 20 '"character":42},"end":{"line":7,"character":43}},"newText":"count"'
[ "$(grep -o newText answer | wc -l)" = 3 ] || { cat answer; fail "the input has three uses"; }
expect_in 21 'declared twice'
expect_in 22 'names are made of letters'
expect_in 23 '"code":-32803'
expect_in 24 '"start":{"line":6,"character":33},"end":{"line":6,"character":34}'
expect_in 25 '"start":{"line":6,"character":26}'
[ "$(grep -o '"uri"' answer | wc -l)" = 2 ] || { cat answer; fail "square is used twice"; }
expect_in 26 '"end":{"line":4,"character":33}},"kind":3'
expect_in 27 '"label":"mul: amount (x: number) -> amount"'
expect_in 28 '"result":null'
expect_in 29 '{"startLine":1,"endLine":7}'
expect_in 30 '"start":{"line":3,"character":12},"end":{"line":3,"character":13}},"newText":"width"'
[ "$(grep -o newText answer | wc -l)" = 3 ] || { cat answer; fail "the port has three uses"; }
expect_in 31 '"line":7,"character":16'
expect_in 32 '"newText":"low"'
# columns count UTF-16 units: the smiley is two of them
grep -q '"version":1,"diagnostics":\[{"range":{"start":{"line":7,"character":46},"end":{"line":7,"character":55}},"severity":1,"code":"E0204"' messages ||
    fail "the mistake is not where it should be"
grep -q '"version":2,"diagnostics":\[\]' messages || { cat messages; fail "the change was not understood"; }

# an editor that dies, sends nonsense, or another text with every kind of mistake: never a crash
head -c 300 session >cut
expect 1 "$DAGCC" lsp <cut
printf 'Content-Length: 9\r\n\r\nnot json!' >nonsense
expect 1 "$DAGCC" lsp <nonsense
says out '"code":-32700'
expect 1 "$DAGCC" lsp </dev/null
expect 2 "$DAGCC" lsp p.dag
says err 'takes no file'
: >session
ask 1 initialize '{}'
tell textDocument/didOpen "{\"textDocument\":{\"uri\":\"$uri\",\"text\":\"$(text_of bad.dag)\"}}"
for line in 0 1 2 3 4 5 6 7 8 9; do
    for column in 0 5 12 20 30 45 99; do
        ask "1$line$column" textDocument/hover "$(at $line $column)"
        ask "2$line$column" textDocument/completion "$(at $line $column)"
    done
done
ask 3 shutdown null
tell exit null
expect 0 "$DAGCC" lsp <session
