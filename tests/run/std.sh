# The standard library: every plugin of std/, with names and contents that are hard to get right.
. "$CASE/cmdline.inc"
cat >s.dag <<'DAG'
import "std/net.dag"
import "std/hash.dag"
import "std/text.dag" as text
import "std/csv.dag" as csv
import "std/archive.dag" as archive
pipeline s {
  input url: string
  input sum: string = ""
  input separator: string = ","
  stage got = net.fetch
  stage from { out url: string = <input.url> }
  stage want { out sum: string = <input.sum | nonempty | default(sum.sum)> }
  stage sum = hash.sha256
  stage same = hash.verify
  stage lines = text.lines
  stage parts = text.split(lines: 2)
  stage whole = text.join
  stage again = text.join_lines
  stage table = csv.to_jsonl(separator: <input.separator>)
  stage pack = archive.pack
  stage unpack = archive.unpack
  from.url -> got.url
  got.file -> sum.file, same.file
  want.sum -> same.sum
  same.checked -> lines.file, parts.file, table.csv
  parts.part -> whole.files, pack.files
  lines.line -> again.lines
  pack.archive -> unpack.archive
  output sum: string = <sum.sum>
  output whole: file = <whole.file>
  output again: file = <again.file>
  output parts: list<string> = <parts.part | basename>
  output rows: int = <table.rows>
  output jsonl: file = <table.jsonl>
  output unpacked: list<string> = <unpack.file | basename>
  output archive: file = <pack.archive>
}
DAG
printf 'id,"a ""b"""\n1,"x,y"\n2,"two\nlines"\r\n3,\303\244\\\n' >'it'\''s a $(table).csv'
f=$(echo it*.csv)
expect 0 "$DAGCC" s.dag
expect 0 ./s --json --out o --input "url=file://$PWD/it's%20a%20\$(table).csv"
says out "\"sum\":\"$(sha256sum <"$f" | cut -d' ' -f1)\""
says out '"parts":["part.aaaaaa","part.aaaaab","part.aaaaac"]'
says out '"rows":3'
says out '"unpacked":["part.aaaaaa","part.aaaaab","part.aaaaac"]'
cmp o/whole* "$f" || fail "split and joined is not the same"
tr -d '\r' <"$f" | cmp - o/again* || fail "lines joined are not the same"
cat >want <<'JSON'
{"id":"1","a \"b\"":"x,y"}
{"id":"2","a \"b\"":"two\u000alines"}
{"id":"3","a \"b\"":"ä\\"}
JSON
cmp want o/jsonl.jsonl || fail "CSV: $(cat o/jsonl.jsonl)"
cp o/archive* one.tar.gz
expect 0 ./s --json --out p --input "url=file://$PWD/it's%20a%20\$(table).csv"
cmp one.tar.gz p/archive* || fail "the same files give another archive"

# A URL is one URL, whatever curl makes of brackets.
cp "$f" 'x[1-2]{a,b}.csv'
expect 0 ./s --json --input "url=file://$PWD/x[1-2]{a,b}.csv"
says out '"rows":3'

expect 1 ./s --input url=file:///no/such/file
says err 'error in got (exit): exit status 37: curl: (37)'
expect 1 ./s --input "url=file://$PWD/want" --input sum=00
says err 'error in same (exit): exit status 1: the SHA-256 of '
broken() {
    printf "$1" >bad.csv
    expect 1 ./s --continue-on-error --input "url=file://$PWD/bad.csv"
    says err 'table [-] failed: '
    says err "$2"
}
broken 'a,b\n1,2\n3\n' 'line 3: the number of fields is not that of the first row'
broken 'a\n1\n"2\n\n' 'line 3: a quote is not closed'
broken 'a\n\377\n' 'line 2: text that is not UTF-8'
expect 1 ./s --input "url=file://$PWD/want" --input separator=ab
says err 'the separator must be one character: "ab"'
# Installed, and from any folder: std is found beside the compiler; another file of that name goes first.
mkdir std && echo 'plugin x { out y: int = 1 }' >std/net.dag
expect 1 "$DAGCC" --check s.dag
says err '`fetch`'
rm -r std
expect 1 "$DAGCC" --check - <<'DAG'
import "std/nothing.dag"
pipeline p { }
DAG
says err 'there is no file `std/nothing.dag` to import'

# Imports: beside the importing file, then in the folders of -I in their order, then std; a plugin's C file
# stands beside the plugin, wherever that was found.
mkdir -p one/lib two/lib here
plugin() { # plugin FILE NUMBER
    echo "plugin give { out n: int  native \"give.c\" give }" >"$1"
    cat >"$(dirname "$1")/give.c" <<C
#include DAG_HEADER
int give(dag_ctx *ctx, const give_in *in, give_out *out) { (void)ctx; (void)in; out->n = $2; return 0; }
C
}
plugin one/lib/x.dag 1
plugin two/lib/x.dag 2
cat >here/i.dag <<'DAG'
import "lib/x.dag"
import "std/text.dag" as t
pipeline i {
  stage a = x.give
  output n: int = <a.n>
}
DAG
given() { # given NUMBER OPTION...
    number=$1
    shift
    expect 0 "$DAGCC" -Wno-unused-import "$@" here/i.dag -o i
    expect 0 ./i -q --state :memory:
    [ "$(cat out)" = "n: $number" ] || fail "$(cat out) with $*"
}
given 1 -I one -I two
given 2 -Itwo -Ione
mkdir here/lib
plugin here/lib/x.dag 3
given 3 -I one
rm -r here/lib
expect 1 "$DAGCC" --check here/i.dag
says err 'there is no file `lib/x.dag` to import'
