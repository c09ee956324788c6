# A pipeline with so many stages that its tables are for the assembler: it runs like a small one,
# statically linked or not, with a native stage in it or not.
set -eu

# chain N EXTRA: N stages in a row, each adds one; EXTRA goes before the output.
chain() {
    echo "pipeline large {"
    echo "  stage s0 { out x: int = 0 }"
    i=1
    while [ $i -le "$1" ]; do
        echo "  stage s$i { in x: int  out x: int = <x | add(1)>  timeout 1m }"
        echo "  s$((i - 1)).x -> s$i.x where it != -1"
        i=$((i + 1))
    done
    echo "$2"
    echo "  output sum: int = <s$1.x>"
    echo "}"
}

chain 1200 "" >large.dag
chain 1200 "  stage c { in x: int  out y: int  c ''' out->y = 2 * in->x; ''' }  s1200.x -> c.x
  output twice: int = <c.y>" >native.dag

"$DAGCC" --emit=c large.dag | grep -q '__asm__' || { echo "not dense"; exit 1; }
for options in "" --dynamic; do
    "$DAGCC" $options large.dag -o large
    ./large --json --state :memory: 2>log >result || { cat log; exit 1; }
    grep -q '"outputs":{"sum":1200}' result
done
"$DAGCC" native.dag -o native
./native --json --state :memory: 2>log >result || { cat log; exit 1; }
grep -q '"outputs":{"twice":2400,"sum":1200}' result

# Tables that cannot be named to the assembler stand in the C text.
mkdir 'a "b'
TMPDIR="$PWD/a \"b" "$DAGCC" large.dag -o quoted
./quoted --json --state :memory: 2>log >result || { cat log; exit 1; }
grep -q '"outputs":{"sum":1200}' result
