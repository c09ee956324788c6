# What is printed arrives, or it is said: stdout full or closed, files that may not grow, standard streams
# that are closed from the start.
. "$CASE/cmdline.inc"
cat >p.dag <<'DAG'
pipeline p {
  input j: json = null
  stage a { out v: string = <stdout>  run "echo hi; cat >big; kill -0 $$" }
  stage c { in j: json = <input.j>  out v: string  c ''' printf("printed\n"); out->v = "x"; ''' }
  output v: string = <a.v>
  output c: string = <c.v>
}
DAG
expect 0 "$DAGCC" p.dag
expect 0 ./p -q
[ -c /dev/full ] || { echo "there is no /dev/full"; exit 77; }
lost() { # lost COMMAND...: what it prints is lost
    "./p" "$@" >/dev/full 2>err
    got=$?
    [ $got = 4 ] || fail "status $got: $* >/dev/full"
    says err 'error: stdout: '
    "./p" "$@" >&- 2>err
    got=$?
    [ $got = 4 ] || fail "status $got: $* >&-"
    says err 'error: stdout: '
}
lost
lost run --json
lost plan
lost plan --json
lost explain a
lost runs
lost runs --json
lost show last
lost show last --json
lost logs last a
lost graph
lost graph --format svg
lost schema
lost metrics
lost submit
lost help run
lost --help
lost --version

# No file gets the number of a stream: what is printed does not end up in it.
./p --events events --trace trace --report page <&- >&- 2>&-
[ $? = 4 ] || fail "status $? without streams"
! grep -q 'printed\|hi$\|completed in' events trace || fail "something was printed into a file"
[ "$(head -c 1 events)$(head -n 1 trace)" = '{[' ] || fail "events or trace are damaged"
expect 0 ./p show last
./p -q 2>&- >out || fail "without stderr"
says out 'v: hi'
expect 2 ./p --input j=- <&-
says err 'Bad file descriptor'

# A file that may grow no further: an error, not the end by a signal; a body still gets that signal.
expect 0 ./p -q --state s
limited() { (ulimit -f "$1" && shift && exec "$@"); }
if ! nm "$DAGCC" 2>/dev/null | grep -q __tsan_; then # ThreadSanitizer writes a file before main begins
    { limited 0 ./p -q --state s 2>&1 || echo "status $?"; } | cat >err # what stands in a file may not grow either
    says err 'error: '
    says err 'status 4'
fi
head -c 3000 /dev/zero | tr '\0' x >big
cat >q.dag <<'DAG'
pipeline q {
  stage a { out n: int = <exit>  run "head -c 20000000 /dev/zero; echo $?" }
  output n: int = <a.n>
}
DAG
expect 0 "$DAGCC" q.dag
expect 0 ./q -q --state s
expect 4 limited 16000 ./q --state s
says err 'killed by SIGXFSZ'

# So it is with what the compiler prints, be it more than a buffer or less.
for kind in ir c; do
    "$DAGCC" -q --emit=$kind p.dag >/dev/full 2>err
    got=$?
    [ $got = 4 ] || fail "status $got of --emit=$kind >/dev/full"
    says err 'cannot write to standard output'
done
