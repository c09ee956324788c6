# Scripts: inputs and outputs as typed JSON files, both ways; what is wrong is said; the lines in an
# interpreter's messages are those of the .dag file; nothing is left behind.
. "$CASE/cmdline.inc"

cat >s.dag <<'DAG'
type Row = { name: string, n: int, d: duration?, z: size }
pipeline s {
  input v: string
  input bytes: file
  stage a {
    in v: string = <input.v>
    in f: file = <input.bytes>
    in xs: list<int> = [1, 2, 3]
    in r: Row = { name: "q", n: 7, d: 1m30s, z: 4KB }
    in none: string?
    out got: json
    out each: stream<string>
    out made: file = "made.txt"
    out said: string = <stdout | trim>
    out code: int = <exit>
    out maybe: string?
    script "sh" '''
      case $(ls -l "$DAG_INPUT") in -rw-------*) ;; *) exit 9 ;; esac
      [ "$PWD" = "$DAG_WORKDIR" ] && [ "$(dirname "$DAG_INPUT")" != "$PWD" ] || exit 8
      printf '{"got": %s, "each": ["x", "", "\\u00e4"]}' "$(cat "$DAG_INPUT")" >"$DAG_OUTPUT"
      cat "$DAG_f" >made.txt
      echo "hello <not an expr> $HOME"
    '''
  }
  output got: json = <a.got>
  output each: list<string> = <a.each>
  output made: file = <a.made>
  output said: bool = <a.said | starts_with("hello \<not an expr>")>
  output code: int = <a.code>
  output maybe: string? = <a.maybe>
}
DAG
v='a'\''"$(touch pwned)`touch pwned`\ -n
<b>;&'
printf 'raw \377\000 bytes' >bytes
expect 0 "$DAGCC" s.dag
expect 0 ./s --json --out o --input "v=$v" --input bytes=bytes
says out '"got":{"v":"a'\''\"$(touch pwned)`touch pwned`\\ -n\n<b>;&","f":"/'
says out '"xs":[1,2,3],"r":{"name":"q","n":7,"d":90,"z":4000},"none":null}'
says out '"each":["x","","ä"]'
says out '"said":true,"code":0,"maybe":null'
cmp o/made.txt bytes || fail "bytes have changed"
[ -z "$(find . -name pwned -o -name input.json)" ] || fail "pwned, or inputs are left"

# A stage whose outputs come out wrong: body STDOUT-OF-SCRIPT MESSAGE
wrong() {
    cat >w.dag <<DAG
pipeline w {
  stage a {
    out n: int
    out when: duration?
    out each: stream<int>  out said: string = <stdout>
    script "sh" '''
$1
'''
  }
  output n: int = <a.n>
  output when: duration? = <a.when>
  output each: list<int> = <a.each>
  output said: string = <a.said>
}
DAG
    expect 0 "$DAGCC" w.dag
    expect "${3:-1}" ./w
    says err "$2"
    [ -z "$(find .dag -name input.json)" ] || fail "inputs are left"
}
put() { echo "printf '%s' '$1' >\$DAG_OUTPUT"; }
wrong "$(put '{"n": 1, "each": [], "when": 5}')" '' 0
wrong "$(put '{"n": "x", "each": []}')" 'output n: $: expected int, found string "x"'
wrong "$(put '{"n": 1, "each": [1, null]}')" 'output each: element 1:'
wrong "$(put '{"n": 1, "each": null}')" 'output each: it is null; a list of its elements is wanted'
wrong "$(put '{"n": 1}')" 'output each: the script did not write it to $DAG_OUTPUT'
wrong "$(put '{"n": 1, "each": [], "wen": 5}')" '$DAG_OUTPUT has "wen", which is no output of the stage; did you mean when?'
wrong "$(put '{"n": 1, "each": [], "said": ""}')" '$DAG_OUTPUT has "said", an output whose value the pipeline says itself'
wrong "$(put '[1]')" '$DAG_OUTPUT holds [1]'
wrong "$(put '{"n": 1')" '$DAG_OUTPUT is no valid JSON'
wrong ':' 'output n: the script wrote no $DAG_OUTPUT'
wrong "$(put '{"n": NaN}')" 'NaN, which is no JSON, at line 1'
wrong "$(put '{"n": -Infinity}')" '-Infinity, which is no JSON, at line 1'
wrong "printf '\\357\\273\\277{\"n\": 1}' >\$DAG_OUTPUT" 'a byte order mark, which no JSON text has'
wrong 'mkdir $DAG_OUTPUT' '$DAG_OUTPUT is no file that can be read'
wrong "printf '{\"n\": \"\\377\"}' >\$DAG_OUTPUT" '$DAG_OUTPUT is no valid JSON'
wrong 'echo no >&2; exit 3' 'exit status 3: no'
wrong "kill -9 \$\$" 'killed by SIGKILL' 4

# Line 8 of w.dag, whatever the language.
line() {
    sed -i "s|script \"sh\"|script \"$1\"|" w.dag
    expect 0 "$DAGCC" w.dag
    expect 1 ./w
    grep -q "$2" err || fail "no \`$2\` in err"
}
wrong "$(printf '\nnosuchcommand || exit 1')" 'w.dag: 8: '
wrong 'x' 'exit status 127'
sed -i 's/^x$/BEGIN {\n  exit 3 )/' w.dag
line 'awk -f' 'w\.dag:\( line \)\{0,1\}8:' # mawk, gawk
if command -v perl >/dev/null; then
    wrong 'x' 'exit status 127'
    sed -i 's/^x$/\ndie "no"/' w.dag
    line 'perl -w' 'w.dag line 8'
fi
# A #! line stays the first one: it would mean nothing elsewhere.
wrong "$(printf '#!/bin/sh\nnosuchcommand || exit 1')" 'w.dag: 2: '

# Many values: as elements of a list, never as one text in the environment.
cat >m.dag <<'DAG'
pipeline m {
  stage gen { out x: stream<int> = <stdout | lines | int>  run "seq 50000" }
  stage all {
    fan aggregate
    in xs: list<int>
    out n: stream<int>
    script "sh" '''
      tr -d '{}' <"$DAG_INPUT" | sed 's/"xs"/{"n"/; s/$/}/' >"$DAG_OUTPUT"
    '''
  }
  stage last { fan aggregate  in ns: list<int>  out n: int? = <ns | last>  out many: int = <ns | length> }
  gen.x -> all.xs
  all.n -> last.ns
  output n: int? = <last.n>
  output many: int = <last.many>
}
DAG
expect 0 "$DAGCC" m.dag
expect 0 ./m --json
says out '"n":50000,"many":50000'

cat >e.dag <<'DAG'
pipeline e { stage a { out n: int  script "nosuchinterpreter" 'x' }  output n: int = <a.n> }
DAG
expect 0 "$DAGCC" e.dag
expect 4 ./e
says err 'cannot start nosuchinterpreter'
expect 0 "$DAGCC" --check -Wprogram e.dag
says err 'there is no program `nosuchinterpreter`'
