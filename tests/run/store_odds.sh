#!/bin/sh
# What may happen to a store: folders that cannot be written, damage, a file system that machines share,
# a clock that was set back, what vanishes while a run goes on, many processes at once. A clear error or
# none, and nothing is lost.
. "$CASE/cmdline.inc"
cat >p.dag <<'DAG'
pipeline p {
  input n: int = 3
  stage nums { in n: int = <input.n>  out v: stream<int> = <stdout | lines | int>  run "seq <n>" }
  stage sq { in v: int  out f: file = "f"  run "echo $((<v> * <v>)) > f" }
  stage total { fan aggregate  in fs: list<file>  out t: string = <stdout | trim>
                run "cat <fs> | paste -sd, && case $(ls $ROOT/stop 2>/dev/null) in '') ;; *) sh $ROOT/recorded; kill -9 $PARENT; exit 1 ;; esac" }
  nums.v -> sq.v
  sq.f -> total.fs
  output t: string = <total.t>
}
DAG
# Waits until the results of the stage before are in the store.
cat >recorded <<'SH'
cd "$ROOT" || exit 1
until [ "$(./run show last --json | grep -o '"stage":"sq","key":"[0-9]*","state":"completed"' | wc -l)" = 3 ]; do
    sleep 0.02
done
SH
export ROOT=$PWD PARENT=0
expect 0 "$DAGCC" p.dag -o run
expect 0 ./run
cp out want
expect 0 ./run runs
cp out runs
cp -Rp .dag good
again() { rm -rf .dag && cp -Rp good .dag; }
well() { # what was there is there, and a run goes well
    expect 0 ./run runs
    grep -Fq -f runs out || fail "a run is lost"
    expect 0 ./run
    cmp -s out want || fail "another result"
}
# starts ARGUMENT...: a run in which the last task kills the process.
starts() {
    touch stop
    sh -c 'PARENT=$$; export PARENT; exec "$@"' sh ./run -q "$@" >out 2>err
    [ $? = 137 ] || fail "it was not killed"
    rm stop
}

# ---------------------------------------------------------------- read-only, for root too
: >file
expect 4 ./run --state file/dag
says err 'Not a directory'
# Another user, who may look into it.
open=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-odds.XXXXXX")
cp -Rp run .dag "$open"
chmod -R a+rX "$open"
other() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
if [ "$(id -u)" = 0 ] && other test -x "$open/run" 2>/dev/null; then
    inside() { (cd "$open" && other ./run "$@") }
    expect 4 inside
    says err 'make it writable'
    expect 0 inside runs
    cmp -s out runs || fail "the runs cannot be read"
    expect 0 inside show last
    expect 4 inside --state nowhere
    # A run that is at work is so for them, too.
    mkfifo speak
    cat >waits.dag <<'DAG'
pipeline waits { stage a { out v: string = <stdout | trim>  run "cat $ROOT/speak" }  output v: string = <a.v> }
DAG
    expect 0 "$DAGCC" waits.dag -o waits
    ./waits -q --state "$open/w" >waited &
    until ./waits show last --state "$open/w" 2>/dev/null | grep -q 'a  *running'; do sleep 0.02; done
    cp waits "$open/run"
    chmod -R a+rX "$open"
    expect 0 inside runs --state w
    says out ' running '
    expect 2 inside cancel last --state w
    says err 'cannot be signalled from here'
    echo said >speak
    wait
    says waited 'v: said'
    cp run "$open/run"
    # A path with characters that mean something in a URI.
    mkdir "$open/a%41?b#c"
    cp -Rp .dag "$open/a%41?b#c/state"
    chmod -R a+rX "$open"
    expect 0 inside runs --state "a%41?b#c/state"
    cmp -s out runs || fail "the runs at an odd path cannot be read"
fi
rm -rf "$open"

# ---------------------------------------------------------------- damage
# A page in the middle: what needs it says so, what does not works on.
again
damaged=0
for page in 1 2 3 4 5 6 7 8 9; do
    again
    head -c 600 /dev/zero | tr '\0' '\377' | dd of=.dag/p.db bs=1 seek=$((page * 4096)) conv=notrunc 2>/dev/null
    for command in '' runs 'show last' 'resume last'; do
        # shellcheck disable=SC2086
        ./run -q $command >out 2>err
        status=$?
        case $status in
        0 | 2) ;;
        4)
            says err 'malformed'
            says err 'move it away'
            damaged=$((damaged + 1))
            ;;
        *) fail "status $status of a damaged page $page: $command" ;;
        esac
    done
done
[ $damaged -gt 0 ] || fail "no damage was noticed"
# An empty file is a new store; a torn write-ahead log holds what was committed before.
again
: >.dag/p.db
expect 0 ./run
cmp -s out want || fail "another result"
again
starts
[ -s .dag/p.db-wal ] || fail "no write-ahead log"
head -c 300 /dev/zero | tr '\0' x >>.dag/p.db-wal
well
expect 0 ./run resume "$(./run runs | grep crashed | cut -d ' ' -f 1)"
cmp -s out want || fail "another result"
again
starts
size=$(wc -c <.dag/p.db-wal)
head -c $((size / 2)) .dag/p.db-wal >half && cp half .dag/p.db-wal
well
again
starts
head -c 4000 /dev/zero | dd of=.dag/p.db-wal bs=1 seek=24 conv=notrunc 2>/dev/null
rm -f .dag/p.db-shm
well

# ---------------------------------------------------------------- a link, and what vanishes
rm -rf .dag real
mkdir real
ln -s real .dag
expect 0 ./run
starts
expect 0 ./run resume last
cmp -s out want || fail "another result"
[ -s real/p.db ] || fail "the link was not followed"
rm -rf .dag real
again
starts
rm -rf .dag/work
expect 0 ./run resume last -v
says err 'is gone'
cmp -s out want || fail "another result"
cat >vanish.dag <<'DAG'
pipeline vanish {
  stage a { out f: file = "f"  run "echo 1 > f" }
  stage b { in f: file  out n: int = <stdout | int>  run "cat <f>; rm -rf $ROOT/$GONE" }
  stage c { in n: int  out f: file = "f"  run "echo <n> > f" }
  a.f -> b.f
  b.n -> c.n
  output f: file = <c.f>
}
DAG
expect 0 "$DAGCC" vanish.dag -o vanish
for GONE in .dag/work .dag; do
    export GONE
    rm -rf .dag
    ./vanish -q >out 2>err
    status=$?
    case $status:$GONE in
    0:.dag/work | 1:.dag/work | 4:*) ;;
    *) fail "status $status when $GONE vanishes" ;;
    esac
    [ $status = 0 ] || [ -s err ] || fail "no word"
    GONE=nothing expect 0 ./vanish -q
done

# The body says nothing that it would have to be asked for: the first error is that of the record.
cat >erase.dag <<'DAG'
pipeline erase {
  stage a { out n: int = <exit>  run "rm -rf $ROOT/.dag; true" }
  output n: int = <a.n>
}
DAG
expect 0 "$DAGCC" erase.dag -o erase
expect 4 ./erase
says err 'was deleted or replaced while the run went on'

# ---------------------------------------------------------------- another file system for the work
# What bodies have made is written out where it lies, not where the record lies.
cat >syncs.c <<'C'
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int syncfs(int fd) {
    char name[64], path[PATH_MAX];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof path - 1);
    FILE *log = fopen(getenv("SYNCS"), "a");
    if (log == NULL)
        return -1;
    fprintf(log, "%.*s\n", (int)(n > 0 ? n : 0), path);
    return fclose(log);
}
C
export ASAN_OPTIONS=verify_asan_link_order=0 # the shim comes first
if "$DAGCC" -q --dynamic p.dag -o dynamic 2>/dev/null &&
    ${CC:-cc} -D_GNU_SOURCE -shared -fPIC -o syncs.so syncs.c 2>/dev/null; then
    rm -rf .dag elsewhere syncs
    mkdir -p .dag elsewhere
    ln -s ../elsewhere .dag/work
    SYNCS=$PWD/syncs LD_PRELOAD=$PWD/syncs.so expect 0 ./dynamic
    [ "$(sort -u syncs)" = "$PWD/elsewhere" ] || fail "written out is $(cat syncs)"
    expect 0 ./dynamic gc --keep 1
fi

# ---------------------------------------------------------------- other machines
if "$DAGCC" -q --dynamic p.dag -o dynamic 2>/dev/null &&
    ${CC:-cc} -D_GNU_SOURCE -O1 -shared -fPIC -o odd.so "$CASE/odd_machine.c" -ldl 2>/dev/null; then
    # On NFS the journal is a file, for shared memory would not be shared; later it is one still.
    rm -rf .dag
    ODD_FS=0x6969 LD_PRELOAD=$PWD/odd.so expect 0 ./dynamic
    [ "$(dd if=.dag/p.db bs=1 skip=18 count=1 2>/dev/null | od -An -tu1 | tr -d ' ')" = 1 ] || fail "shared memory between machines"
    cp .dag/p.db nfs.db
    ODD_FS=0x6969 LD_PRELOAD=$PWD/odd.so expect 0 ./dynamic runs
    # A clock that is set back between a run and its resume, and between two runs.
    again
    touch stop
    sh -c 'PARENT=$$; export PARENT; ODD_CLOCK=7200 LD_PRELOAD=$PWD/odd.so exec ./dynamic -q' >out 2>err
    rm stop
    expect 0 ./run resume last
    cmp -s out want || fail "another result"
    expect 0 ./run show last --json
    if grep -q '"duration":-' out; then fail "time runs backwards"; fi
    ODD_CLOCK=-7200 LD_PRELOAD=$PWD/odd.so expect 0 ./dynamic
    expect 0 ./run runs --json
    if grep -q '"duration":-' out; then fail "time runs backwards"; fi
    [ "$(grep -o '"run":' out | wc -l)" = 3 ] || fail "not three runs"
fi

# ---------------------------------------------------------------- eight at once on one store
rm -rf .dag
for i in 1 2 3 4 5 6 7 8; do
    ./run -q --input n=40 >out.$i 2>err.$i &
    pids="${pids:-} $!"
done
for pid in $pids; do
    wait "$pid" || fail "one of eight fails: $(cat err.*)"
done
for i in 2 3 4 5 6 7 8; do cmp -s out.1 out.$i || fail "other results"; done
[ "$(./run runs | grep -c completed)" = 8 ] || fail "not eight runs"

# ---------------------------------------------------------------- one at a time on one run
cat >wait.dag <<'DAG'
pipeline wait {
  stage s { out n: int = <stdout | int>  run "touch $ROOT/on; while [ ! -e $ROOT/go ]; do sleep 0.02; done; echo 1" }
  output n: int = <s.n>
}
DAG
expect 0 "$DAGCC" wait.dag -o wait
./wait -q >waited 2>&1 &
pid=$!
while [ ! -e on ]; do sleep 0.02; done
./wait resume last -q >out 2>err && fail "two processes on one run"
says err "is being worked on by process $pid on "
touch go
wait $pid || fail "the run failed"
