# Texts that are too large or too deep: they are made here. Long lines are cut.
cd "$TMP" || exit
says() {
    echo "=== $1"
    "$DAGCC" --check "$1" 2>&1
}
# many N TEXT: the text N times
many() { awk -v n="$1" -v text="$2" 'BEGIN { while (n-- > 0) printf "%s", text }'; }
{
    printf 'pipeline p {\n  input n: bool\n  output m: bool = <input.n'
    many 1100 ' | not'
    printf '>\n}\n'
} >pipes.dag
{
    printf 'pipeline p {\n  input n: int where '
    many 300 '('
    printf 'it > 3'
    many 300 ')'
    printf '\n}\n'
} >brackets.dag
{
    printf 'pipeline p {\n  input n: string\n  output m: string = '
    many 70 '"<input.n | append('
    printf '"x"'
    many 70 ')>"'
    printf '\n}\n'
} >strings.dag
{
    awk 'BEGIN { for (i = 70; i; i--) printf "pipeline p%d { stage a = call p%d }\n", i, i - 1 }'
    printf 'pipeline p0 { stage a { run "true" } }\n'
} >calls.dag
{
    printf 'type T = '
    many 5000 'list<'
    printf 'int'
    many 5000 '>'
    printf '\npipeline p { input t: T\n output t: T = <input.t> }\n'
} >types.dag
{
    printf 'pipeline p {\n  stage a { when '
    many 20000 'not '
    printf 'true run "true" }\n}\n'
} >nots.dag
truncate -s 1100M huge.dag
for f in pipes brackets strings calls types nots huge; do says $f.dag; done
awk 'BEGIN {
    for (i = 0; i < 1030; i++) {
        print "type T" i " = int" >"m" i ".dag"
        close("m" i ".dag")
        print "import \"m" i ".dag\"" >"many.dag"
    }
}'
echo "=== many.dag"
"$DAGCC" --check -Wno-all many.dag 2>&1 | sed -n '1,/help/p'
echo 'import "lost.dag"' >import.dag
echo "=== -I"
"$DAGCC" --check -I include import.dag
