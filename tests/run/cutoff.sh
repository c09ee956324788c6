# An output of any type that comes out the same stops the wave; one that differs does not. A secret
# counts by a digest that tells nothing without the store's key.
. "$CASE/cmdline.inc"
cat >c.dag <<'DAG'
type Size = { w: int, h: float, name: string?, unit: enum(px, cm) }
pipeline c { cacheable
  input mark: string = "m"
  stage give {
    in mark: string = <input.mark>
    out i: int  out f: float  out b: bool  out s: string  out none: string?  out d: duration  out z: size
    out l: list<int?>  out e: list<string>  out m: map<list<string>>  out r: Size  out j: json
    script "sh" 'cat "$ROOT/value" > "$DAG_OUTPUT"'
  }
  stage int    { in v: int               out o: string = <stdout>  run "echo int >> $ROOT/ran" }
  stage float  { in v: float             out o: string = <stdout>  run "echo float >> $ROOT/ran" }
  stage bool   { in v: bool              out o: string = <stdout>  run "echo bool >> $ROOT/ran" }
  stage string { in v: string            out o: string = <stdout>  run "echo string >> $ROOT/ran" }
  stage none   { in v: string?           out o: string = <stdout>  run "echo none >> $ROOT/ran" }
  stage dur    { in v: duration          out o: string = <stdout>  run "echo dur >> $ROOT/ran" }
  stage size   { in v: size              out o: string = <stdout>  run "echo size >> $ROOT/ran" }
  stage list   { in v: list<int?>        out o: string = <stdout>  run "echo list >> $ROOT/ran" }
  stage empty  { in v: list<string>      out o: string = <stdout>  run "echo empty >> $ROOT/ran" }
  stage map    { in v: map<list<string>> out o: string = <stdout>  run "echo map >> $ROOT/ran" }
  stage record { in v: Size              out o: string = <stdout>  run "echo record >> $ROOT/ran" }
  stage json   { in v: json              out o: string = <stdout>  run "echo json >> $ROOT/ran" }
  give.i -> int.v      give.f -> float.v
  give.b -> bool.v     give.s -> string.v
  give.none -> none.v  give.d -> dur.v
  give.z -> size.v     give.l -> list.v
  give.e -> empty.v    give.m -> map.v
  give.r -> record.v   give.j -> json.v
}
DAG
tr '\n' '~' <c.dag | sed 's/  *give\.\([befjlmrsz]\|none\|[a-z]\) ->/~  give.\1 ->/g' | tr '~' '\n' >c2.dag && mv c2.dag c.dag
export ROOT=$PWD
expect 0 "$DAGCC" -Wno-all c.dag -o c
first='{"i":1,"f":0.5,"b":true,"s":"","none":null,"d":1.5,"z":10,"l":[1,null,2],"e":[],"m":{"a":["x"],"b":[]},"r":{"w":1,"h":2,"name":null,"unit":"px"},"j":{"k":[1,{"n":null}]}}'
mark=0
# gives JSON NAMES: with these outputs, what depends on `give` and runs
gives() {
    mark=$((mark + 1))
    printf '%s' "$1" >value
    : >ran
    expect 0 ./c -q --input mark=$mark
    did=$(sort ran | tr '\n' ' ')
    [ "$did" = "${2:+$2 }" ] || fail "ran '$did' instead of '$2' for $1"
}
changed() { gives "$(printf '%s' "$first" | sed "$1")" "$2"; gives "$first" ''; }
gives "$first" 'bool dur empty float int json list map none record size string'
gives "$first" ''
gives "$(printf '%s' "$first" | sed 's/,/ , /g; s/:/ : /g')" ''
changed 's/"i":1/"i":-1/' int
changed 's/0.5/0.5000001/' float
changed 's/true/false/' bool
changed 's/"s":""/"s":"null"/' string
changed 's/"none":null/"none":"null"/' none
changed 's/"none":null/"none":""/' none
changed 's/"d":1.5/"d":1.500000001/' dur
changed 's/"z":10/"z":11/' size
changed 's/\[1,null,2\]/[1,2,null]/' list
changed 's/\[1,null,2\]/[1,null]/' list
changed 's/"e":\[\]/"e":[""]/' empty
changed 's/"b":\[\]/"b":["x"]/' map
changed 's/"a":\["x"\],"b":\[\]/"a":[],"b":["x"]/' map
changed 's/"name":null/"name":"a"/' record
changed 's/"unit":"px"/"unit":"cm"/' record
changed 's/{"n":null}/{"n":0}/' json
changed 's/{"n":null}/{}/' json
changed 's/"k":\[1/"k":["1"/' json

cat >s.dag <<'DAG'
pipeline s { cacheable
  input k: secret
  input more: list<secret> = []
  stage use { in k: secret = <input.k>  in more: list<secret> = <input.more>  out n: int
              script "sh" 'echo >> $ROOT/used; printf "{\"n\":%d}" ${#DAG_k} > $DAG_OUTPUT' }
  output n: int = <use.n>
}
DAG
expect 0 "$DAGCC" -Wno-all s.dag -o s
# used N OPTIONS…: with these secrets it has run N times so far
used() {
    n=$1
    shift
    expect 0 ./s -q "$@"
    [ "$(wc -l <used)" -eq "$n" ] || fail "ran $(wc -l <used) times instead of $n: $*"
}
used 1 --input k=1234
used 1 --input k=1234
used 2 --input k=1235
used 2 --input k=1234
used 3 --input k=1234 --input 'more=["12","34"]'
used 4 --input k=1234 --input 'more=["1","234"]'
used 5 --input k=1234 --state other
[ "$(stat -c %a .dag/key)" = 600 ] || fail "others may read the key"
# The same secret, another digest: the key is the store's own.
digests() { grep -aoh '"input k","[0-9a-f]*"' "$1"/s.db* | sort -u; }
digests .dag >one
digests other >two
[ -s one ] && [ -s two ] || fail "no digests are kept"
[ -z "$(comm -12 one two)" ] || fail "a digest of a secret can be found by trying"
# Without the key nothing that a secret is part of is known.
rm .dag/key
used 6 --input k=1234
