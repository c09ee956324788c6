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

# A body that changes what is ours: its folder, the one beside it, its logs. It fails, nobody waits.
cat >ours.dag <<'DAG'
pipeline ours {
  input how: string
  stage a {
    in how: string = <input.how>
    out f: file = "f"
    out s: string = <stdout | trim>
    run '''
      echo x >f
      echo said
      case $DAG_how in
        linked) cd ..; mkdir -p ../away; mv work/f ../away; rmdir work; ln -s ../away work ;;
        file) rm f; cd ..; rmdir work; echo x >work ;;
        gone) cd ..; rm -r work ;;
        taken) mkdir ../out; touch ../out/x ;;
        pipe) rm ../stdout; mkfifo ../stdout ;;
        link) rm ../stdout; ln -s /dev/zero ../stdout ;;
        endless) rm ../stderr; mkfifo ../stderr; exit 3 ;;
      esac
    '''
  }
  stage found { out f: file = <stdout | trim>  run 'mkfifo p; echo p' }
  output f: file = <a.f>
  output found: file = <found.f>
}
DAG
expect 0 "$DAGCC" ours.dag
ours() {
    expect 1 ./ours --only a --input how="$1"
    says err "$2"
}
ours linked 'the directory where the body worked is none any more: it was replaced'
ours file 'the directory where the body worked is none any more: it was replaced'
ours gone 'there is no file "f"'
ours taken 'out: Directory not empty; the body has made that one'
ours pipe 'stdout: it is a pipe, a socket or a device'
ours link 'stdout: Too many levels of symbolic links'
ours endless 'exit status 3'
expect 0 ./ours logs last a
expect 1 ./ours --only found --input how=
says err 'output f: "p" is a pipe, not a file'

# Copies: names that are made on the way stand in nobody's; links that lead nowhere are links; what
# cannot be copied is named.
cat >copies.dag <<'DAG'
pipeline copies {
  input how: string = "plain"
  stage list { out f: stream<file> = glob "x*"  run 'for n in x x.part x.part.part; do echo "$n" >"$n"; done' }
  stage tree { in how: string = <input.how>  out d: dir = "d"
    run '''
      mkdir d; echo one >d/one; ln -s nowhere d/nothing; ln -s self d/self; ln -s one d/link
      case $DAG_how in
        pipe) mkfifo d/pipe ;;
        loop) mkdir d/e; ln -s .. d/e/up ;;
        endless) ln -s /dev/zero d/zero ;;
      esac
    ''' }
  output list: list<file> = <list.f>
  output tree: dir = <tree.d>
}
DAG
expect 0 "$DAGCC" copies.dag
for again in first second; do
    expect 0 ./copies --out c
    for n in x x.part x.part.part; do [ "$(cat c/list/$n)" = $n ] || fail "$again: $n"; done
    [ "$(ls -A c/list | wc -l)$(ls -A c/tree | wc -l)" = 34 ] || fail "$again: more than that"
    [ "$(readlink c/tree/nothing)$(readlink c/tree/self)$(cat c/tree/link)" = nowhereselfone ] || fail "$again: links"
done
copies() {
    expect 4 ./copies --out "c$1" --input how="$1"
    says err "$2"
    [ -s "c$1/list/x" ] || fail "$1: the others are there"
}
copies pipe 'out/d/pipe: it is a pipe, a socket or a device'
copies endless 'out/d/zero: it is a pipe, a socket or a device'
copies loop 'out/d/e/up: Too many levels of symbolic links'
# One name for two things.
cat >twice.dag <<'DAG'
pipeline twice {
  input n: int = 1
  stage a { out f: file = "f.json"  run 'echo "{}" >f.json' }
  output outputs: file = <a.f>
  output n: int = <input.n>
}
DAG
expect 0 "$DAGCC" twice.dag
expect 4 ./twice --out t
says err 't/outputs.json is the file of the output `outputs`'
[ "$(cat t/outputs.json)" = '{}' ] || fail "the file was overwritten"
expect 2 ./twice --out ''
says err '--out needs DIR, not an empty text'
expect 2 ./twice --state ''
says err '--state needs DIR, not an empty text'
expect 2 ./twice --events=
says err '--events needs FILE, not an empty text'
# A variable that is not set chooses no stage by mistake.
for option in only from until select types; do
    expect 2 ./copies "--$option="
    says err "--$option needs "
    expect 2 ./copies plan "--$option" ,
done
expect 2 ./copies replay last --rerun ''
says err '--rerun needs STAGE,STAGE, not an empty text'
expect 0 ./copies --exclude-tags ''
expect 4 env TMPDIR="$PWD/nowhere" ./copies --state :memory:
says err 'cannot make a temporary folder below $TMPDIR, or /tmp: No such file or directory'
