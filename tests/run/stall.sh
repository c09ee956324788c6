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

# Limits that end beyond all time never come.
cat >forever.dag <<'DAG'
pipeline forever {
  timeout 2500000h
  stall_grace 2500000h
  stage a { timeout 2500000h  out v: int = <stdout | int>  run "echo 7" }
  stage b { in v: int  out v: int = <v> }
  stage c = call sub { in v: int = <a.v> }
  a.v -> b.v
  output v: int = <b.v>
  output w: int = <c.v>
}
pipeline sub {
  timeout 2500000h
  input v: int
  stage a { out v: int = <stdout | int>  run "echo <input.v>" }
  output v: int = <a.v>
}
DAG
expect 0 "$DAGCC" --pipeline forever forever.dag -o forever
expect 0 ./forever
says out 'v: 7'
expect 0 ./forever --timeout 2500000h --kill-grace 2500000h
says out 'w: 7'
