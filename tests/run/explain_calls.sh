# explain goes into called pipelines, by the names that logs and ids have: the task that would run in an
# element, why, what it waits for; what is not there says so.
. "$CASE/cmdline.inc"
cat >n.dag <<'DAG'
pipeline leaf { cacheable
  input v: int
  input by: int = 2
  stage mul { in v: int = <input.v>  in by: int = <input.by>  out m: int = <stdout | int>
              run "while [ -e $ROOT/hold ]; do sleep 0.02; done; [ ! -e $ROOT/bad ] && echo $((<v> * <by>))" }
  stage add { in m: int  out n: int = <stdout | int>  run "echo $((<m> + 1))" }
  mul.m -> add.m
  output n: int = <add.n>
}
pipeline mid {
  input vs: map<int>
  input by: int
  stage each = map leaf over v { in v: map<int> = <input.vs>  in by: int = <input.by> }
  output ns: map<int> = <each.n>
}
pipeline top {
  input vs: list<map<int>> = <'[{"a":1,"b/c":2},{"d":3}]' | json | as(list<map<int>>)>
  input by: int = 2
  stage slow { out k: int = <stdout | int>  run "echo 5" }
  stage all  = map mid over vs { in vs: list<map<int>> = <input.vs>  in by: int = <input.by>  retry 1 }
  stage once = call leaf { in v: int = <input.by> }
  stage late = call leaf { in v: int = <slow.k> }
  output all: list<map<int>> = <all.ns>
  output once: int = <once.n>
  output late: int = <late.n>
}
DAG
export ROOT=$PWD
expect 0 "$DAGCC" n.dag
expect 0 ./n explain all.0/each.a/mul
says out 'all.-.0/each.-.a/mul [-] would run: never run before'
expect 0 ./n -q
expect 0 ./n explain all
says out 'inside: ./n explain all.-.0/each'
expect 0 ./n explain all.-.0/each.-.b%2Fc/mul
says out 'all.-.0/each.-.b%2Fc/mul [-] is cached: '
expect 0 ./n explain all.1/each
says out 'inside: ./n explain all.-.1/each.-.d/mul'
expect 0 ./n explain all.1/each.d/add - --input by=3
says out 'all.-.1/each.-.d/add: maybe, unless what `mul` gives comes out unchanged'
says out 'behind `mul`: run, its input by changed'
for stage in once/mul once.mul once.-/mul; do
    expect 0 ./n explain $stage --input by=4 --json
    says out '"stage":"mul","within":"once.-","beyond":null,"key":null,"action":"run"'
    says out '"part":"input v","before":"2","now":"4"'
done
# What goes in is not known before `slow` has run.
expect 0 ./n explain late/mul
says out 'late/mul: what goes in there is not known yet'
says out 'late: run, after `slow`'
says out 'behind `slow`: run'

# plan, of the run that an element would be.
expect 0 ./n plan all.0/each.a
grep -q '^mul *cached *1 *same definition and inputs' out || fail "mul is not cached"
expect 0 ./n plan all.0/each.a --input by=3
grep -q '^mul *run *1 *its input by changed' out || fail "mul does not run"
grep -q '^add *maybe ' out || fail "add is not maybe"
expect 0 ./n plan once --input by=4 --json
says out '{"stages":[{"slug":"mul","action":"run","reason":"its input v changed'
expect 0 ./n plan once --full
grep -q '^mul *run ' out || fail "mul does not run with --full"
expect 0 ./n plan late
says out 'late: what goes in there is not known yet'
expect 2 ./n plan once/mul
says err 'stage `mul` calls no pipeline'

bad() { # bad PLACE WORDS
    expect 2 ./n explain "$1"
    says err "$2"
}
bad all/each '`all` goes over its input `vs`: say which element, as in all.-.0'
bad all.2/each 'all.-.2: there is no element 2; there are 2'
bad all.0/each.x/mul 'each.-.x: there is no element x; there are 2'
bad slow/mul 'stage `slow` calls no pipeline'
bad all.0/eech 'there is no stage `eech` in `mid`, which all.-.0 calls; did you mean `each`?'
bad al.0/each 'there is no stage `al`; did you mean `all`?'
bad once. 'there is no stage `once.`'

# What became of it in the last run: of a call that was repeated, the last time.
touch bad
expect 1 ./n -q --only all --continue-on-error --input by=7
expect 0 ./n explain all.-.0/each.-.a/mul --input by=7
says out '/all.-.0~2/each.-.a ('
says out '): failed, exit: exit status 1'
says out 'all.-.0/each.-.a/mul [-] would run: its input by changed'
expect 0 ./n explain all.-.0/each.-.a/add --input by=7
says out '(failed): skipped, '
rm bad

# At work: what it waits for.
touch hold
./n -j 1 --only once --input by=9 >bg.out 2>bg.err &
pid=$!
tries=0
until expect 0 ./n explain once.add && grep -Fq 'waits at its input `m` for `mul`' out; do
    tries=$((tries + 1))
    [ $tries -lt 6000 ] || fail "explain does not say what it waits for"
    kill -0 $pid 2>/dev/null || fail "ended: $(cat bg.err)"
    sleep 0.02
done
says out '/once.- (running): pending'
expect 0 ./n explain all.0/each
says out '(running) has not come to all.-.0'
rm hold
wait $pid || fail "$(cat bg.err)"
