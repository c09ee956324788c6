# Files that bodies make: what is no file is refused, and nobody ever sees half a one.
. "$CASE/cmdline.inc"
cat >odd.dag <<'DAG'
pipeline odd {
  input how: string
  stage a {
    in how: string = <input.how>
    out f: file = "out"
    run '''
      case $DAG_how in
        away) ln -s /etc/passwd out ;;
        up) echo x >../../stray; ln -s ../../stray out ;;
        inner) echo x >real; ln -s real out ;;
        dangling) ln -s nothing out ;;
        loop) ln -s out out ;;
        pipe) mkfifo out ;;
        folder) mkdir out ;;
        device) ln -s /dev/zero out ;;
      esac
    '''
  }
  output f: file = <a.f>
}
DAG
expect 0 "$DAGCC" odd.dag
odd() {
    expect 1 ./odd --input how="$1"
    says err "$2"
}
odd away '"out" is a link that leaves the task'\''s directory'
odd up '"out" is a link that leaves the task'\''s directory'
odd device '"out" is a link that leaves the task'\''s directory'
odd dangling 'there is no file "out" (No such file or directory)'
odd loop 'there is no file "out" ('
odd pipe '"out" is a pipe, not a file'
odd folder '"out" is a folder, not a file'
odd none 'there is no file "out"'
expect 0 ./odd --input how=inner --out o
[ "$(cat o/f)" = x ] || fail "a link inside of the directory"

# Names of any kind, through glob.
cat >names.dag <<'DAG'
pipeline names {
  input how: string
  stage a {
    in how: string = <input.how>
    out f: stream<file> = glob "*"
    run '''
      touch plain
      case $DAG_how in
        line) touch "$(printf 'a\nb')" ;;
        bytes) touch "$(printf 'a\377b')" ;;
        others) mkfifo pipe; mkdir folder; ln -s nothing dangling ;;
      esac
    '''
  }
  stage b { in f: file  out n: string = <stdout>  run 'cat "$DAG_f"; printf %s "${DAG_f##*/}"' }
  a.f -> b.f
  output n: list<string> = <b.n>
}
DAG
expect 0 "$DAGCC" names.dag
expect 0 ./names --json --input how=line
says out '"n":["a\nb","plain"]'
expect 0 ./names --json --input how=others
says out '"n":["plain"]'
expect 1 ./names --json --input how=bytes
says err 'not valid UTF-8'
! LC_ALL=C grep -q "$(printf '\377')" err || fail "a raw byte in the message"

# What stands below `out` is whole: it has that name in one step, when the body has succeeded. Paths that the
# body has written into its files stay good, and what others are told is the new name.
cat >named.dag <<'DAG'
pipeline named {
  input status: int
  stage make {
    in status: int = <input.status>
    out f: file = "f"
    out said: dir = <stdout | trim>
    out own: string = "<out.f>"
    run '''
      mkdir d; echo text >d/g
      ls .. >d/before
      echo "$PWD/d/g" >f
      ln -s "$PWD/f" d/link
      echo "$PWD/d"
      exit $DAG_status
    '''
  }
  stage see {
    in f: file
    in d: dir
    out s: string = <stdout>
    run '''cat "$(cat "$DAG_f")" "$(cat "$DAG_d/link")"; cd "$DAG_d/.."; ls; ls ..; cat d/before'''
  }
  make.f -> see.f
  make.said -> see.d
  output s: string = <see.s>
  output own: string = <make.own>
  output d: dir = <make.said>
}
DAG
expect 0 "$DAGCC" named.dag
expect 1 ./named --input status=7
[ -z "$(find .dag -path '*/make/-/1/out')" ] || fail "what has failed has the name of what is whole"
expect 0 ./named --json --input status=0
says out '"s":"text\ntext\nd\nf\nout\nstderr\nstdout\nwork\nstderr\nstdout\nwork\n"'
says out '/make/-/1/out/f"'
says out '/make/-/1/out/d"'

# A body that dies in the middle of its files: the next attempt begins with none, consumers see what a
# body has made that came to its end; so does what is resumed after the executable was killed.
cat >half.dag <<'DAG'
pipeline half {
  input files: int = 3
  stage make {
    out f: file = "f"
    out many: stream<file> = glob "part.*"
    out d: dir = "d"
    retry 1 on crashed
    run '''
      mkdir d
      echo half >f; echo half >part.1; echo half >part.old; echo half >d/old
      if [ -e "$MARK" ]; then rm "$MARK"; kill -9 $$; fi
      if [ -e "$WAIT" ]; then rm "$WAIT"; kill -9 "$(cat "$PARENT")"; sleep 1000; fi
      rm d/old part.old
      for f in f part.1 part.2 d/new; do echo whole >$f; done
    '''
  }
  stage see {
    in f: file
    in d: dir
    in many: list<file>
    fan aggregate
    out s: string = <stdout>
    run "cat <f>; ls <d>; cat <d>/* <many>"
  }
  make.f -> see.f
  make.d -> see.d
  make.many -> see.many
  output s: string = <see.s>
}
DAG
expect 0 "$DAGCC" half.dag
want='"s":"whole\nnew\nwhole\nwhole\nwhole\n"'
MARK=$PWD/mark WAIT=$PWD/wait PARENT=$PWD/parent
export MARK WAIT PARENT
touch mark
expect 0 ./half --json
says out "$want"
touch wait
sh -c 'echo $$ >"$PARENT"; exec ./half --json' >out 2>err
got=$?
[ $got -eq 137 ] || fail "status $got of what was killed"
./half show last make >shown
grep -q 'whole' shown && fail "what was not made is shown"
for _ in $(seq 100); do # what watches over the children may still hold the run
    ./half resume last --json >out 2>err && break
    sleep 0.1
done
says out "$want"

# An output that is missing is the run's error, also where the stage that should give it may fail.
cat >missing.dag <<'DAG'
pipeline missing {
  stage c { may_fail  out v: int = <stdout | int>  run "exit 3" }
  output v: int = <c.v>
  output w: int? = <c.v>
}
DAG
expect 0 "$DAGCC" missing.dag
expect 1 ./missing
says err 'error in c (output): output v is missing: `c` failed'
expect 1 ./missing --json
says out '"outputs":{"w":null},"error":{"stage":"c","key":null,"type":"output","message":"output v is missing: `c` failed"}'

# Where the way to it stayed empty, the first stage is named to which nothing came.
cat >empty.dag <<'DAG'
pipeline empty {
  input n: int = 0
  input big: bool = false
  stage give { out v: stream<int> = <stdout | lines | int>  in n: int = <input.n>  run "seq <n>" }
  stage twice { in v: int  out w: int = <v | mul(2)> }
  stage sum { fan aggregate  in all: list<int> = <twice.w>  out n: int = <all | length> }
  stage large { when input.big  out x: int = 1 }
  stage after { in x: int = <large.x>  in y: int? = <sum.n>  out z: int = <x> }
  stage door { gate  in x: int = <sum.n>  run "exit 1" }
  give.v -> twice.v where it > 1
  output n: int = <sum.n>
  output z: int = <after.z>
  output d: int = <door.x>
}
DAG
expect 0 "$DAGCC" empty.dag
expect 1 ./empty
says err 'output n is missing: `sum` was filtered, as nothing came from `give.v` to `twice.v` (`where it > 1`)'
expect 1 ./empty --input n=2
says err 'output z is missing: `after` was filtered, as `when input.big` of `large` does not hold'
expect 1 ./empty --input n=2 --input big=true
says err 'output d is missing: `door` was filtered, as the gate `door` let nothing through'

# An expression that looks for a file works in a folder named after its own key, and names no log.
cat >relative.dag <<'DAG'
pipeline relative {
  stage give { out name: stream<string> = ["a", "b"] }
  stage look { in name: string = <give.name>  out f: file = <name> }
  output f: list<file> = <look.f>
}
DAG
expect 0 "$DAGCC" relative.dag
expect 1 ./relative
says err 'error in look [0] (output): output f: there is no file "a"'
says err '  inputs: {"name":"a"}'
grep -q 'log:' err && fail "a log that is not there: $(cat err)"
[ -d .dag/work/*/look/0/1 ] || fail "no folder of the key: $(ls .dag/work/*/look)"
./relative show last >shown && says shown 'error in look [0]'
