# Hostile values through every kind of body: what comes out is what went in, or the error is clear;
# nothing is ever run that the author did not write.
. "$CASE/cmdline.inc"
cat >h.dag <<'DAG'
pipeline sub {
  input v: string
  stage sh { in v: string = <input.v>  out v: string = <stdout>  run "printf %s <v>" }
  output v: string = <sh.v>
}
pipeline h {
  input v: string
  stage expr { in v: string = <input.v>  out v: string = <v> }
  stage text { out v: string = "<input.v>" }
  stage sh { out v: string = <stdout>  run "printf %s <input.v>" }
  stage double { out v: string = <stdout>  run "printf '%s' \"<input.v>\"" }
  stage plain { in v: string = <input.v>  out v: string = <stdout>  run 'printf %s "$DAG_v"' }
  stage exec { out v: string = <stdout>  exec "printf", "%s", "<input.v>" }
  stage env { out v: string = <stdout>  run 'printf %s "$V"'  env V = "<input.v>" }
  stage err { out v: string = <stderr>  run "printf %s <input.v> >&2" }
  stage script {
    in v: string = <input.v>
    out v: string
    script "cat" '''
    '''
  }
  stage c { in v: string = <input.v>  out v: string  c ''' out->v = in->v; ''' }
  stage isolated { isolate  in v: string = <input.v>  out v: string  c ''' out->v = dag_strdup(ctx, in->v); ''' }
  stage file { in v: string = <input.v>  out f: file = "f"  run 'printf %s "$DAG_v" >f' }
  stage call = call sub { in v: string = <input.v> }
  stage map = map sub over v { in v: list<string> = <[input.v]> }
  stage here { out v: string = <stdout>  run """
    cat \<\<END | head -c -1
    <input.v>
    END
  """ }
  stage emit { in v: string = <input.v>  out v: stream<string>  c ''' dag_emit_v(ctx, in->v); ''' }
  stage all { fan aggregate  in v: list<string>  out v: string = <v | join("")> }
  emit.v -> all.v
  output expr: string? = <expr.v>
  output text: string? = <text.v>
  output sh: string? = <sh.v>
  output double: string? = <double.v>
  output plain: string? = <plain.v>
  output exec: string? = <exec.v>
  output env: string? = <env.v>
  output err: string? = <err.v>
  output script: string? = <script.v>
  output c: string? = <c.v>
  output isolated: string? = <isolated.v>
  output all: string? = <all.v>
  output file: file? = <file.f>
  output call: string? = <call.v>
  output map: list<string>? = <map.v>
  output here: string? = <here.v>
}
DAG
# The script copies $DAG_INPUT to $DAG_OUTPUT: the same JSON is its output.
sed -i "s/script \"cat\" '''/script \"sh\" '''\n      exec cp \"\$DAG_INPUT\" \"\$DAG_OUTPUT\"/" h.dag
expect 0 "$DAGCC" h.dag

# through FILE: its bytes, as text, come out of every stage, once each.
through() {
    rm -rf o
    expect 0 ./h --json --state :memory: --out o --input "v=@$1"
    cmp "$1" o/file || fail "the file of $1 differs"
    cat >>"$1.json" <o/outputs.json
    [ "$(tr -d '\n ' <o/outputs.json | grep -o '"[a-z]*":' | wc -l)" -ge 12 ] || fail "$(cat o/outputs.json)"
    # all fifteen are the same
    sed 's/.*"expr":\("\([^"\\]\|\\.\)*"\).*/\1/' <out >first
    n=$(grep -oF -f first out | wc -l)
    [ "$n" -ge 15 ] || fail "$1 came out as it is only $n times"
}
printf '%s' "a'\"\$(touch pwned)\`touch pwned\`" >quotes
printf '%s' '-n -e --help' >dash
printf '%s' '--' >dashes
printf 'two\nlines\n\ttab %%s %%n \\n \\0 *?[a] ~ !! #x' >lines
printf '%s' '<input.v> <script> &amp; "; rm -rf "$HOME"' >angle
printf '\303\244\342\202\254\360\237\230\200\302\205\357\273\277' >unicode
printf ' ' >blank
head -c 100000 /dev/zero | tr '\0' '"' >hundred
for f in quotes dash dashes lines angle unicode blank; do through "$f"; done
[ -z "$(find . -name pwned)" ] || fail "something was run"

# Interpreters that people use, those that this machine has: JSON in, JSON out.
interpreter() { # interpreter PROGRAM TEXT
    command -v "${1%% *}" >where || return 0
    {
        echo 'pipeline i { input v: string'
        echo "  stage s { in v: string = <input.v>  out v: string  script \"$1\" '''"
        printf '%s\n' "$2" "''' } output v: string = <s.v> }"
    } >i.dag
    expect 0 "$DAGCC" i.dag
    for f in quotes dash dashes lines angle unicode blank large; do
        rm -rf oi oh
        expect 0 ./i -q --state :memory: --input "v=@$f" --out oi
        expect 0 ./h -q --state :memory: --only expr --input "v=@$f" --out oh
        sed -n 's/.*"expr"\(: *"\([^"\\]\|\\.\)*"\).*/"v"\1/p' <oh/outputs.json >want
        [ -s want ] && grep -qF -f want oi/outputs.json ||
            fail "$1: $f came out as $(head -c 200 oi/outputs.json)"
    done
}
head -c 200000 /dev/zero | tr '\0' x >large
interpreter python3 'import json, os
v = json.load(open(os.environ["DAG_INPUT"], encoding="utf-8"))["v"]
json.dump({"v": v}, open(os.environ["DAG_OUTPUT"], "w"))'
interpreter perl 'use JSON::PP; local $/;
open(my $in, "<", $ENV{DAG_INPUT}); my $v = decode_json(<$in>)->{v};
open(my $out, ">", $ENV{DAG_OUTPUT}); print $out encode_json({v => $v});'
interpreter "awk -f" 'BEGIN { getline text < ENVIRON["DAG_INPUT"]; print text > ENVIRON["DAG_OUTPUT"] }'
interpreter node 'const fs = require("fs"), e = process.env;
fs.writeFileSync(e.DAG_OUTPUT, JSON.stringify({v: JSON.parse(fs.readFileSync(e.DAG_INPUT)).v}));'

# stage NAME STATUS TEXT: that stage alone, given 200 kB.
head -c 200000 /dev/zero | tr '\0' x >large
large() {
    expect "$2" ./h --json --state :memory: --only "$1" --input v=@large
    says err "$3"
    [ "$2" -ne 0 ] || [ "$(grep -o "\"$1\":\"x*\"" out | wc -c)" -gt 200000 ] || fail "$1 lost some"
}
for stage in expr text script c isolated; do large $stage 0 "$stage completed"; done
large sh 1 'a value is too long for a command line'
large exec 1 'a value is too long for a command line'
large env 1 'the value of env V is too long: 200003 bytes'
large plain 1 'input v is too long for the environment'

# Bytes that are no text: in a value they are refused where they enter, in files and logs kept.
cat >b.dag <<'DAG'
pipeline b {
  input how: enum(whole, lines, json, script, c, log, file, nul) = whole
  stage whole { when input.how == "whole"  out v: string = <stdout>  run 'printf "a\377b"' }
  stage lines { when input.how == "lines"  out v: stream<string> = <stdout | lines>  run 'printf "a\nb\377\n"' }
  stage json { when input.how == "json"  out v: json = <stdout | json>  run 'printf "\"\377\""' }
  stage script { when input.how == "script"  out v: string  script "sh" ''' printf '{"v":"\377"}' >$DAG_OUTPUT ''' }
  stage c { when input.how == "c"  out v: string  c ''' out->v = "\xff"; ''' }
  stage nul { when input.how == "nul"  out v: string = <stdout>  run 'printf "a\000b"' }
  stage log { when input.how == "log"  out n: int = <exit>  run 'printf "\377\033[31m" >&2' }
  stage file { when input.how == "file"  out f: file = "raw"  run 'printf "\377\000" >raw' }
  output log: int? = <log.n>
  output file: file? = <file.f>
  output w: string? = <whole.v>
  output l: list<string> = <lines.v>
  output j: json? = <json.v>
  output s: string? = <script.v>
  output c: string? = <c.v>
  output n: string? = <nul.v>
}
DAG
expect 0 "$DAGCC" b.dag
for how in whole lines json script c nul; do
    expect 1 ./b --input how=$how
    grep -Eq "UTF-8|NUL" err || fail "$how: no word about UTF-8 or NUL"
    ! LC_ALL=C grep -q "$(printf '\377')" err || fail "$how: a raw byte in the message"
done
expect 0 ./b --input how=log
expect 0 ./b --input how=file --out raw
printf '\377\000' | cmp - raw/file || fail "a file's bytes changed"

# Names of files that a shell would trip over, through glob, lists and exec.
cat >g.dag <<'DAG'
pipeline g {
  stage make { out f: stream<file> = glob "**/*.t"
    run '''
      mkdir -p "d d"
      for n in 'a b' '-n' '$(touch pwned)' "q'\"" '*' 'd d/x'; do printf %s "$n" >"$n.t"; done
      touch .hidden.t x.other
    ''' }
  stage read { in f: file  out s: string = <stdout>  run "cat <f>" }
  stage all { fan aggregate  in fs: list<file>  in ss: list<string>
    out n: string = <stdout>
    exec "cat", "--", <fs> }
  make.f -> read.f
  make.f -> all.fs
  read.s -> all.ss
  output all: string = <all.n>
  output each: list<string> = <read.s>
  output dir: list<string> = <make.f | basename>
}
DAG
expect 0 "$DAGCC" g.dag
expect 0 ./g --json
says out '"each":["$(touch pwned)","*","-n","a b","d d/x","q'\''\""]'
says out '"all":"$(touch pwned)*-na bd d/xq'\''\""'
[ -z "$(find . -name pwned)" ] || fail "something was run"
