#!/bin/sh
# Messages of dagcc: forms, colour, limits, -W, exit codes.
. "$CASE/cmdline.inc"
hello hello.dag
broken broken.dag
cat >warn.dag <<'DAG'
pipeline warn {
  input unused: int = 1
  stage greet { out text: string = <stdout | trim>  run "echo hello" }
  output text: string = <greet.text>
}
DAG
{
    echo 'pipeline many {'
    for i in 1 2 3 4 5; do
        echo "  stage s$i { out t: nonsense$i = \"x\"  run \"true\" }"
    done
    echo '}'
} >many.dag

expect 0 "$DAGCC" --check hello.dag
silent err
silent out
expect 1 "$DAGCC" --check broken.dag
silent out
says err 'error[E'
says err '  --> broken.dag:2:27'
says err '   |                           ^^^^^'
says err '1 error'

expect 1 "$DAGCC" --check --diagnostics=json broken.dag
[ "$(wc -l <err)" -eq 1 ] || fail "not one line per message"
says err '"file":"broken.dag","line":2,"column":27,"end_line":2,"end_column":32'
expect 0 "$DAGCC" --check --diagnostics=json hello.dag
silent err
expect 1 "$DAGCC" --check --diagnostics=sarif broken.dag
says err '"version":"2.1.0"'
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys; r = json.load(open("err"))["runs"][0]; d = r["tool"]["driver"]
assert d["rules"][r["results"][0]["ruleIndex"]]["id"] == r["results"][0]["ruleId"]' ||
        fail "not SARIF"
fi

expect 0 "$DAGCC" --check warn.dag
says err '[-Wunused-input]'
says err '1 warning'
for quiet in -q -Wno-unused-input; do
    expect 0 "$DAGCC" --check $quiet warn.dag
    silent err
done
for fatal in -Werror -Werror=unused-input; do
    expect 1 "$DAGCC" --check $fatal warn.dag
    says err 'error[W'
    says err '[-Werror=unused-input]'
done
expect 0 "$DAGCC" --check -Werror -Wno-error=unused-input warn.dag
sed 's/run/retry 0  run/' warn.dag >warns.dag
expect 1 "$DAGCC" --check -Werror warns.dag
says err '2 errors' # a promoted warning does not keep others from being looked for
expect 1 "$DAGCC" -Werror warn.dag
[ ! -e warn ] || fail "built something in spite of -Werror"

expect 1 "$DAGCC" --check --error-limit 2 many.dag
says err '… and 3 more errors'
says err '5 errors'
expect 1 "$DAGCC" --check --error-limit=0 many.dag
[ "$(grep -c '^error' err)" -eq 5 ] || fail "not all errors"

escape=$(printf '\033')
expect 1 "$DAGCC" --check broken.dag
! grep -q "$escape" err || fail "colour in a file"
expect 1 "$DAGCC" --check --color=always broken.dag
grep -q "$escape" err || fail "no colour"
if command -v script >/dev/null; then
    TERM=xterm script -qec "'$DAGCC' --check broken.dag" /dev/null >out </dev/null
    grep -q "$escape" out || fail "no colour on a terminal"
    NO_COLOR=1 TERM=xterm script -qec "'$DAGCC' --check broken.dag" /dev/null >out </dev/null
    ! grep -q "$escape" out || fail "NO_COLOR does not count"
fi
