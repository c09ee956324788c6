# What a file or folder is, for what runs again: content, however quickly or slyly it was changed;
# links, modes, names; what a task made and what it only found; changed while a task reads it.
. "$CASE/cmdline.inc"
cat >files.dag <<'DAG'
pipeline files { cacheable
  input f: file
  input d: dir
  stage cat  { out t: string = <stdout>  run "echo cat >> $ROOT/ran; cat <input.f>" }
  stage tree { in d: dir = <input.d>  out t: string = <stdout>  run "echo tree >> $ROOT/ran; cat <d>/* 2>/dev/null || :" }
  stage make { in t: string  out m: dir = "made"  run "echo make >> $ROOT/ran; mkdir <out.m>; echo <t> > <out.m>/x; echo y > <out.m>/y" }
  stage use  { in m: dir  out t: string = <stdout>  run "echo use >> $ROOT/ran; cat <m>/x <m>/y" }
  cat.t -> make.t
  make.m -> use.m
  output t: string = <cat.t>
  output u: string = <use.t>
}
DAG
export ROOT=$PWD
expect 0 "$DAGCC" -Wno-all files.dag -o files
mkdir d
echo one >f
echo a >d/a
# ran WORDS: what a run runs now, in order of names; plan has said so before
ran() {
    expect 0 ./files plan --json --input f=f --input d=d ${flags:-}
    planned=$(tr '{' '\n' <out | sed -n 's/^"slug":"\([a-z]*\)","action":"\(run\|maybe\)".*/\1/p' | sort | tr '\n' ' ')
    : >ran
    expect 0 ./files --quiet --input f=f --input d=d ${flags:-}
    did=$(sort -u ran | tr '\n' ' ')
    [ "$did" = "${1:+$1 }" ] || fail "${2:-}: ran '$did' instead of '$1'"
    for stage in $did; do
        case " $planned" in *" $stage "*) ;; *) fail "$stage was not planned: $planned" ;; esac
    done
    [ -n "$did" ] || [ -z "$planned" ] || fail "planned in vain: $planned"
}
ran 'cat make tree use' 'at first'
ran '' 'nothing changed'

# The same size, at once, with the same time; a new file of the same name, size and time.
for text in two 333 abc; do
    touch -r f before
    echo $text >f
    touch -r before f
    ran 'cat make use' "content changed behind the same time ($text)"
done
echo xyz >g
touch -r f g
mv g f
ran 'cat make use' 'replaced by another of the same time and size'
touch -d '2001-01-01' f
ran '' 'an old time'
touch -d '2101-01-01' f
ran '' 'a time that is to come'
echo abd >f
touch -d '2101-01-01' f
ran 'cat make use' 'changed, with a time that is to come'
echo abe >f
touch -d '2101-01-01' f
ran 'cat make use' 'changed again behind that time'

# A folder by its tree.
echo b >d/b && ran 'tree' added
mv d/b d/c && ran 'tree' renamed
mkdir d/sub && ran 'tree' 'an empty folder'
echo deep >d/sub/x && ran 'tree' 'deep'
chmod +x d/c && ran 'tree' 'may be executed'
chmod g+w d/c && ran '' 'any other mode'
ln -s a d/link && ran 'tree' 'a link'
echo A >d/a && ran 'tree' 'what a link leads to'
ln -sfn sub d/link && ran 'tree' 'a link to a folder'
ln -sfn nowhere d/link && ran 'tree' 'a link to nothing'
rm d/link && ran 'tree' removed
touch d/a d && ran '' 'touched'
mv d e && mkdir d && mv e/* d && ran '' 'another folder, the same tree'

# What tasks made: deleted or damaged, it is made again; its consumers run only if it came out
# another.
made=$(ls -td .dag/work/*/make/-/*/out/made | head -n 1)
rm "$made/y" && ran 'make' 'a file of a folder that a task made is gone'
made=$(ls -td .dag/work/*/make/-/*/out/made | head -n 1)
echo damaged >"$made/x" && ran 'make' 'damaged'
made=$(ls -td .dag/work/*/make/-/*/out/made | head -n 1)
echo more >"$made/z" && ran 'make' 'something more in it'
rm -rf .dag/work/*/make && ran 'make' 'all gone'

# By size and time alone.
flags=--fingerprint=stat
ran 'cat tree use' 'other fingerprints'
ran '' 'known'
touch -d '2002-02-02' f && ran 'cat' 'touched'
touch -r f before && echo abf >f && touch -r before f && ran '' 'the same size and time'
flags=

# Found files: the finder does not run again for what they hold, who reads them does; the same files
# at another place are found there.
cat >found.dag <<'DAG'
pipeline found { cacheable
  input root: dir
  stage find { in r: dir = <input.root>  out f: stream<file> = <stdout | lines>  run "echo find >> $ROOT/ran; ls <r>/*" }
  stage fix  { out f: file = <stdout | trim>  run "echo fix >> $ROOT/ran; echo $ROOT/fixed" }
  stage read { in f: file  out t: string = <stdout>  run "echo read >> $ROOT/ran; cat <f>" }
  stage look { in f: file  out t: string = <stdout>  run "echo look >> $ROOT/ran; cat <f>" }
  find.f -> read.f
  fix.f -> look.f
  output t: list<string> = <read.t>
  output l: string = <look.t>
}
DAG
expect 0 "$DAGCC" -Wno-all found.dag -o found
mkdir -p one/in two/in
echo 1 >one/in/x
echo 1 >two/in/x
echo fixed >fixed
found() {
    : >ran
    expect 0 ./found --quiet --json --input root="$1"
    did=$(sort ran | tr '\n' ' ')
    [ "$did" = "${2:+$2 }" ] || fail "$3: ran '$did' instead of '$2'"
}
found one/in 'find fix look read' 'at first'
found one/in '' 'again'
echo 'other' >fixed
found one/in 'look' 'what a found file holds'
says out 'other'
echo 2 >one/in/x
found two/in 'find' 'the same files elsewhere'
says out '"t":["1\n"]'
rm fixed
expect 1 ./found --quiet --input root=two/in
echo back >fixed
found two/in 'look' 'it is back'

# Changed while a task reads it: the result is not kept, for nobody knows what it saw.
cat >late.dag <<'DAG'
pipeline late { cacheable
  input f: file
  stage slow { out t: string = <stdout>  run "cat <input.f>; : > $ROOT/reading; while [ ! -e $ROOT/go ]; do sleep 0.02; done; cat <input.f>" }
  output t: string = <slow.t>
}
DAG
expect 0 "$DAGCC" late.dag -o late
echo old >h
./late --quiet --input f=h >first 2>&1 &
pid=$!
while [ ! -e reading ]; do
    kill -0 $pid || fail "ended: $(cat first)"
    sleep 0.02
done
echo new >h
touch go
wait $pid || fail "it failed: $(cat first)"
echo old >h
expect 0 ./late --quiet --input f=h
says out 'old'
! grep -q new out || fail "a mixed result was kept"

# The folder that the run stands in counts without its record, which is another one each time.
cat >here.dag <<'DAG'
pipeline here {
  cacheable
  input here: dir = "."
  stage list { in here: dir = <input.here>  out n: int = <stdout | trim | int>  run "ls <here> | wc -l" }
  output n: int = <list.n>
}
DAG
mkdir here && mv here.dag here && cd here
"$DAGCC" here.dag
expect 0 ./here -q
expect 0 ./here -q --json
says out '"cached":1'
touch more
expect 0 ./here -q --json
says out '"completed":1'
cd ..
