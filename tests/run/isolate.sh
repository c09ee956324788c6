# Isolated functions: what they give comes through; a crash, an exit, an endless loop is the task's
# end and not the pipeline's.
. "$CASE/cmdline.inc"
# A child of fork has the memory of threads that it has not: no leaks (AddressSanitizer).
export ASAN_OPTIONS=detect_leaks=0
cat >i.dag <<'DAG'
type Row = { name: string, e: enum(a, b), d: duration, z: size?, j: json, xs: list<map<int>> }
pipeline i {
  input mode: string = "well"
  input text: string = "hello"
  stage f {
    isolate
    retry 1 on crashed
    timeout 2s
    in mode: string = <input.mode>
    in row: Row = { name: "q", e: "b", d: 90s, z: null, j: { k: [1, null] }, xs: [{ u: 1 }] }
    in text: string = <input.text>
    out row: Row
    out same: string
    out each: stream<float>
    out made: file
    out attempt: int
    c '''
      #include <alloca.h>
      #include <assert.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <unistd.h>
      #include <signal.h>
      dag_log(ctx, "attempt %u, mode %s", dag_attempt_number(ctx), in->mode);
      dag_progress(ctx, 1, 2);
      if (strcmp(in->mode, "crash") == 0) { volatile int *p = NULL; *p = 1; }
      if (strcmp(in->mode, "once") == 0 && dag_attempt_number(ctx) == 1) abort();
      if (strcmp(in->mode, "print") == 0) { printf("to stdout\n"); fprintf(stderr, "to stderr\n"); }
      if (strcmp(in->mode, "deep") == 0) { char *p = alloca(64000000); for (size_t i = 64000000; i-- > 0;) ((volatile char *)p)[i] = 1; }
      if (strcmp(in->mode, "abort") == 0) assert(in->mode[0] == 'x');
      if (strcmp(in->mode, "exit") == 0) exit(3);
      if (strcmp(in->mode, "loop") == 0) for (;;) pause();
      if (strcmp(in->mode, "heed") == 0) { while (!dag_cancelled(ctx)) usleep(1000); return dag_fail(ctx, "heeded", "x"); }
      if (strcmp(in->mode, "fail") == 0) return dag_fail(ctx, "odd", "it is odd");
      if (strcmp(in->mode, "status") == 0) return 5;
      if (strcmp(in->mode, "utf8") == 0) { out->row = in->row; out->same = "\xff"; return 0; }
      if (strcmp(in->mode, "early") == 0) { if (fork() > 0) { dag_log(ctx, "parent"); } else { for (;;) pause(); } }
      out->row = in->row;
      out->same = in->text;
      for (int i = 0; i < 3; i++) dag_emit_each(ctx, i / 2.0);
      FILE *o = fopen(dag_printf(ctx, "%s/made", dag_workdir(ctx)), "w");
      fputs(in->text, o);
      fclose(o);
      out->made = "made";
      out->attempt = dag_attempt_number(ctx);
    '''
  }
  output row: Row = <f.row>
  output same: string = <f.same>
  output each: list<float> = <f.each>
  output made: file = <f.made>
  output attempt: int = <f.attempt>
}
DAG
expect 0 "$DAGCC" i.dag
run() { want=$1; shift; expect "$want" ./i --json --kill-grace 200ms "$@"; }
run 0
says out '"row":{"name":"q","e":"b","d":90,"z":null,"j":{"k":[1,null]},"xs":[{"u":1}]},"same":"hello","each":[0.0,0.5,1.0]'
grep -q 'attempt 1, mode well' .dag/work/*/f/-/1/stderr || fail "no log"
head -c 3000000 /dev/zero | tr '\0' x >large
run 0 --out o --input text=@large
cmp o/made large || cmp o/made* large || fail "a large value has changed"
run 0 --input mode=once
says out '"attempt":2'
run 0 --input mode=early --input text=mark-$$
run 4 --input mode=crash
says out '"type":"signal","message":"the function was killed by SIGSEGV: attempt 2, mode crash"'
run 0 --input mode=print
[ "$(head -c 1 out)" = '{' ] || fail "the function prints among our results"
grep -qx 'to stdout' .dag/work/*/f/-/1/stdout || fail "what it printed is nowhere"
grep -qx 'to stderr' .dag/work/*/f/-/1/stderr || fail "what it printed is nowhere"
run 4 --input mode=deep
says out '"type":"signal","message":"the function was killed by SIGSEGV'
run 4 --input mode=abort
says out 'killed by SIGABRT'
says out 'Assertion'
run 4 --input mode=exit
says out '"type":"exit","message":"the function ended its process with status 3"'
run 1 --input mode=loop --input text=mark-$$
says out '"type":"timeout"'
run 1 --input mode=heed
says out '"type":"timeout"'
run 1 --input mode=fail
says out '"type":"odd","message":"it is odd"'
run 1 --input mode=status
says out '"message":"the function returned 5"'
run 1 --input mode=utf8
says out '"type":"output","message":"output same: '
! pgrep -f "[m]ode=.*text=mark-$$" || fail "a process is left"

# exit() in a function that is not isolated ends all of us: never with the status of success. A signal that an
# isolated one sends itself is its own end, not ours.
cat >exit.dag <<'DAG'
pipeline exit {
  input how: enum(exit, term, later)
  stage first { out n: int = 1 }
  stage f { in n: int  out m: int  when input.how == "exit"
    c '''
      #include <stdlib.h>
      exit(0);
    '''
  }
  stage g { in n: int  out m: int  when input.how == "term"  isolate
    c '''
      #include <signal.h>
      raise(SIGTERM);
    '''
  }
  first.n -> f.n, g.n
  output m: int? = <f.m>
  output g: int? = <g.m>
}
DAG
expect 0 "$DAGCC" exit.dag
expect 4 ./exit --input how=exit
says err 'error: something called exit() while the run was at work'
expect 0 ./exit runs
says out crashed
expect 4 ./exit resume last
expect 4 ./exit --input how=term
says err 'the function was killed by SIGTERM'
expect 0 ./exit --input how=later

# A function that ends its thread ends its task; the thread's other tasks are not lost.
cat >thread.dag <<'DAG'
pipeline thread {
  stage f { out m: int  may_fail
    c '''
      #include <pthread.h>
      pthread_exit(NULL);
    '''
  }
  stage g { out n: int  may_fail
    c '''
      #include <pthread.h>
      dag_log(ctx, "and again");
      pthread_exit(NULL);
    '''
  }
  stage h { out k: int  c "out->k = 3;" }
  f => h on always
  g => h on always
  f => g on always
  output k: int = <h.k>
}
DAG
expect 0 "$DAGCC" -Wno-unused-stage thread.dag
# AddressSanitizer takes the frames that such a function leaves behind for those that come there next.
jobs='1 2'
if nm "$DAGCC" 2>/dev/null | grep -q __asan_; then jobs=; fi
for n in $jobs; do
    expect 0 ./thread -j "$n"
    [ "$(cat out)" = 'k: 3' ] || fail "$(cat out)"
    says err 'f [-] crashed: the function has ended its thread'
    says err 'g [-] crashed: the function has ended its thread'
done
