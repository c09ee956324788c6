# What no machine has is refused before the start: which stage, what it asks for, what there is,
# what to do; one line for each. `plan` says the same.
set -eu
cat >big.dag <<'DAG'
pipeline big {
  resources licence: 1
  stage wide { run "touch started"  resources cpu: 100000 }
  stage deep { run "true"  resources memory: 1PB grow 2 retry 2 }
  stage held { run "true"  resources licence: 1 grow 2 }
  stage card { run "true"  resources gpu: 1 }
}
DAG
"$DAGCC" -q -Wno-resource big.dag -o big

for command in 'run --retry 2' plan\ --retry\ 2 '--dry-run --retry 2'; do
    status=0
    # shellcheck disable=SC2086
    ./big $command >out 2>err || status=$?
    [ "$status" = 2 ] || { echo "$command: exit $status"; cat err; exit 1; }
    sed -e 's/this machine has [0-9]*[GM]\{0,1\}i\{0,1\}B\{0,1\} /this machine has N /' err >seen
    cat >expected <<'TEXT'
error: stage `wide` asks for cpu: 100000, this machine has N (to start it anyway: --resources cpu=100000)
error: stage `deep` asks for memory: 1000TB, this machine has N (to start it anyway: --resources memory=4000TB)
error: stage `held` asks for licence: 2 on attempt 2, the pipeline has 1 (to start it anyway: --resources licence=4)
error: stage `card` asks for gpu: 1, and nobody says how much there is (to start it anyway: --resources gpu=1)
TEXT
    diff expected seen || { echo "$command"; exit 1; }
done
[ ! -e .dag/work ] || [ -z "$(find .dag/work -name started)" ]

status=0
./big --retry 2 --resources cpu=100000,memory=4PB,licence=4,gpu=1 -q || status=$?
[ "$status" = 0 ]

# What is not selected does not start, and asks for nothing; nor what it would call. `plan` agrees. What may
# have to make a temporary file again is asked all the same.
cat >some.dag <<'DAG'
pipeline heavy {
  stage lift { run "true"  resources cpu: 100000 }
}
pipeline some {
  stage small { run "true" }
  stage wide { run "true"  resources cpu: 100000  tags far }
  stage all = call heavy { tags far }
  stage makes { out f: file temp = "f"  run "touch f"  resources licence: 1  tags far }
  stage reads { in f: file = <makes.f>  run "cat <f>"  tags far }
}
DAG
"$DAGCC" -q -Wno-resource some.dag -o some
for command in run plan; do
    for choice in '--only small' '--exclude-tags far'; do
        status=0
        # shellcheck disable=SC2086
        ./some $command $choice >out 2>err || status=$?
        [ "$status" = 2 ] && [ "$(grep -c . err)" = 1 ] && grep -q 'stage `makes` asks for licence: 1' err ||
            { echo "$command $choice: $status"; cat err; exit 1; }
        # shellcheck disable=SC2086
        ./some $command $choice -q --resources licence=1 >out 2>&1 ||
            { echo "$command $choice"; cat out; exit 1; }
    done
done
status=0
./some --only small,all >out 2>err || status=$?
[ "$status" = 2 ] && grep -q 'stage `lift` asks for cpu' err || { cat err; exit 1; }
