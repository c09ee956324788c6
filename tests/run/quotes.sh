# Whatever quotes an expression of a `run` body stands in, its value comes through as it is, and
# nothing in it is run.
set -eu

cat >quotes.dag <<'DAG'
pipeline quotes {
  input v: string
  input w: list<string>
  stage a {
    out lines: list<string> = <stdout | lines>
    run """
      p() { printf '%s\n' "$@"; }
      p <input.v> "<input.v>" '<input.v>' x<input.v>y "x<input.v>y" 'x<input.v>y'
      p "$(p <input.v>)" "`p "<input.v>"`" ${none:-<input.v>} "${none:-<input.v>}"
      v=<input.v>; p "$v"   # it's <input.v> in a comment
      case <input.v> in <input.v>) p "$(case x in (x) p '<input.v>';; esac)";; esac
      cat \<\<END
      it's <input.v> $(p <input.v>)
      END
      p <input.w> $#
    """
  }
  output lines: list<string> = <a.lines>
}
DAG

# A value with everything in it that a shell could trip over.
cat >inputs.json <<'JSON'
{"v": "a  b'\"$(touch pwned)`touch pwned`*\\ ${x};#&|<>!", "w": ["1 2", "", "$(touch pwned)"]}
JSON
"$DAGCC" quotes.dag -o quotes
./quotes --json --state :memory: --inputs inputs.json 2>log >result || { cat log; exit 1; }
v=$(printf '%s' 'a  b'\''\"$(touch pwned)`touch pwned`*\\ ${x};#&|<>!')
want="\"lines\":[\"$v\",\"$v\",\"$v\",\"x${v}y\",\"x${v}y\",\"x${v}y\",\"$v\",\"$v\",\"$v\",\"$v\",\"$v\",\"$v\",\"it's $v $v\",\"1 2\",\"\",\"\$(touch pwned)\",\"0\"]"
grep -qF "$want" result || { echo "want $want"; cat result; exit 1; }
[ -z "$(find . -name pwned)" ]
