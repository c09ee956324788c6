#!/bin/sh
# Completion of command lines: what programs answer, and bash, zsh and fish with their scripts, in a
# terminal of their own. A shell that is not installed is passed over.
. "$CASE/cmdline.inc"
cat >count.dag <<'DAG'
pipeline count {
  input root: dir  ## where
  input mode: enum(fast, slow) = fast
  config quality: enum(low, high) = high
  resources gpu: 4
  stage scan { out text: stream<string> = ["a", "b"] tags io, cheap kind lister }
  stage measure { in text: string out n: int = <text | length> tags io }  ## Measures.
  scan.text -> measure.text
  output ns: list<int> = <measure.n>
  output q: string = "<config.quality> <input.root | string> <input.mode>"
}
DAG
expect 0 "$DAGCC" count.dag -o count
mkdir data 'two words'

# answers PROGRAM WORD...: what it says for them, without descriptions.
answers() {
    program=$1
    shift
    "$program" completion bash -- "$@" | cut -f 1 | sort -u | tr '\n' ' '
}
same() { [ "$1" = "$2" ] || fail "not \`$2\` but \`$1\`"; }
same "$(answers ./count exp)" 'explain '
same "$(answers ./count --input '')" 'mode= root= '
same "$(answers ./count --input mode=)" 'mode=fast mode=slow '
same "$(answers ./count --only scan,)" 'scan,measure '
same "$(answers ./count --select '')" 'kind:lister tag:cheap tag:io '
same "$(answers ./count show --format '')" 'openlineage prov text '
same "$(answers ./count graph --format '')" 'dot json mermaid svg '
same "$(answers ./count resume '')" ''
same "$(answers ./count --resources '')" 'gpu= '
same "$(answers "$DAGCC" fm)" ':files fmt '
same "$(answers "$DAGCC" count.dag -D '')" 'quality= '
same "$(answers "$DAGCC" count.dag -Dquality=)" '-Dquality=high -Dquality=low '
same "$(answers "$DAGCC" -D '')" ''
same "$(answers "$DAGCC" missing.dag -D '')" ''
same "$(answers "$DAGCC" --pipeline= count.dag --color=)" '--color=always --color=auto --color=never '

# runs, newest first, from the folder that is said; a damaged record only says nothing
./count --input root=data --state st >/dev/null 2>&1 || fail "no run"
id=$(./count runs --state st | cut -d ' ' -f 1)
same "$(./count completion bash -- --state st show '' | cut -f 1 | tr '\n' ' ')" "last $id "
same "$(answers ./count show --state=st "$id" me)" 'measure '
same "$(answers ./count logs --state st last measure '')" '0 1 '
same "$(answers ./count --state st resume '')" ''
mkdir bad
echo nonsense >bad/count.db
./count completion bash -- --state bad show '' >out 2>err
silent out

expect 2 ./count completion csh
says err 'bash|zsh|fish'
expect 2 "$DAGCC" completion csh
says err 'bash|zsh|fish'
expect 2 "$DAGCC" completion
expect 0 ./count --help
says out completion

# typed SHELL...: types lines of `lines` to an interactive shell, where `	` is the key; what becomes of
# each, word by word, is then in `got`. A line is carried out as arguments of printf.
cp count 'my count'
cat >lines <<'LINES'
./count expl	mea	
./count --input mo	fa	
./count plan --input=mo	sl	
./count --only scan,me	
./count --select tag:ch	
./count --select kind:	
./count --color=ne	
./count --state st show l	mea	
./my\ count gra	--form	mer	
DAGCC fm	count.	
DAGCC -Wno-unused-inp	
DAGCC count.dag -D quality=l	
DAGCC count.dag -Dqua	l	
LINES
cat >wanted <<'WANTED'
[./count][explain][measure]
[./count][--input][mode=fast]
[./count][plan][--input=mode=slow]
[./count][--only][scan,measure]
[./count][--select][tag:cheap]
[./count][--select][kind:lister]
[./count][--color=never]
[./count][--state][st][show][last][measure]
[./my count][graph][--format][mermaid]
[./dagcc][fmt][count.dag]
[./dagcc][-Wno-unused-input]
[./dagcc][count.dag][-D][quality=low]
[./dagcc][count.dag][-Dquality=low]
WANTED
ln -s "$DAGCC" dagcc
# The runtime is found beside dagcc itself; here only its command line is asked.
sed -i 's/DAGCC/.\/dagcc/' lines
export HOME="$PWD" XDG_CONFIG_HOME="$PWD" TERM=xterm
typed() {
    shell=$1
    command -v "${shell%% *}" >/dev/null || {
        echo "no ${shell%% *} here"
        return 0
    }
    command -v script >/dev/null || {
        echo "no \`script\` here, which makes terminals"
        return 0
    }
    : >got
    {
        echo "$2"
        while IFS= read -r line; do
            printf '%s\001printf "[%%s]" \005 >>got; echo >>got\n' "$line"
        done <lines
        echo exit
    } | script -qec "$shell" /dev/null >log 2>&1
    cmp -s got wanted || {
        diff wanted got
        fail "${shell%% *} completes otherwise"
    }
}
sources() { for p in ./count './my\ count' ./dagcc; do printf 'source <(%s completion %s); ' "$p" "$1"; done; }
typed 'bash --norc --noprofile -i' "$(sources bash)"
typed 'zsh -f -i' "autoload -Uz compinit; compinit -D -u; $(sources zsh)"

command -v fish >/dev/null || {
    echo "no fish here"
    exit 0
}
cat >ask.fish <<'FISH'
for program in ./count './my count' ./dagcc
    $program completion fish | source
end
for line in './count expl' './count --input mode=fa' './count --state ' './count --only scan,' './my\ count gra' './dagcc fm' './dagcc doc '
    complete -C $line
end
FISH
expect 0 fish --no-config ask.fish
tab=$(printf '\t')
for answer in "explain${tab}why" 'mode=fast' 'two words/' 'scan,measure' "graph${tab}" "fmt${tab}lay" 'count.dag'; do
    says out "$answer"
done
grep -q '^scan,scan\|^wanted' out && fail "fish offers too much"
exit 0
