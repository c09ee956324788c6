# Nothing runs for longer than `stall_grace`, for what is left waits for a back-off: the run says
# once who waits, at which gate, and what stands behind it; and goes on.
. "$CASE/cmdline.inc"
cat >stall.dag <<'DAG'
pipeline stall {
  stall_grace 100ms
  stage flaky { out v: int = <stdout | trim | int>  run "test <task.attempt> = 2 && echo 7"  retry 1 backoff 1s }
  stage after { in v: int = <flaky.v>  out w: int = <v> }
  stage stop { barrier  in v: int = <flaky.v>  run "true" }
  stage last { run "true" }
  after => last on always
  output w: int = <after.w>
}
DAG
expect 0 "$DAGCC" stall.dag -o stall
expect 0 ./stall
grep -A4 '^stall: ' err | sed 's/for [0-9ms]*,/for Nms,/; s/in [0-9ms]*$/in Nms/' >seen
cat >expected <<'TEXT'
stall: nothing has run for Nms, these stages wait:
  `flaky` waits for its back-off: task - failed, attempt 2 begins in Nms
  `after` waits at its input `v` for `flaky`, which is running
  `stop` waits at its barrier for `flaky`, which is running
  `last` waits at `=> on always` for `after`, which is pending
TEXT
diff expected seen
[ "$(grep -c '^stall: ' err)" = 1 ] || fail "told more than once"
says out 'w: 7'
