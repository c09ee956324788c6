#!/bin/sh
# Kills a pipeline at every write to its store in turn, or lets the write fail; looks whether what is
# left can be read, and whether `resume` then gives what an undisturbed run gives: its outputs, its
# tasks in their states (those of called pipelines too), without repeating a task that was recorded as
# completed.
#
#   fault.sh [-s STEP] [-m "MODE…"] [-l LOG] [PIPELINE.dag…]     modes: kill torn full eio short,
#            nomem only when it is asked for (shim.c)
#
# In: DAGCC. Works in a temporary folder. STEP: only every STEP-th call. LOG: points that have passed
# are noted there and left out the next time. Ends with a line of counts; status 77 where pipelines
# cannot be linked dynamically.
#
# A pipeline's bodies append "STAGE RUN KEY" to $RAN each time they run. Comments in it may say:
#   # args: …     what it is run with
#   # before: …   it is run once with these before, undisturbed: results for its cache
set -u
here=$(cd "$(dirname "$0")" && pwd)
dagcc=${DAGCC:-$here/../../build/dagcc}
step=1 modes="kill torn full eio short" log=
while getopts s:m:l: option; do
    case $option in
    s) step=$OPTARG ;;
    m) modes=$OPTARG ;;
    l) case $OPTARG in /*) log=$OPTARG ;; *) log=$PWD/$OPTARG ;; esac ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- "$here"/*.dag
# The temporary folder is another one: names from here on are absolute.
for dag; do
    shift
    set -- "$@" "$(cd "$(dirname "$dag")" && pwd)/$(basename "$dag")"
done
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-fault.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp" || exit 1
export ASAN_OPTIONS=verify_asan_link_order=0 # the shim comes first
memory=
if nm "$dagcc" 2>/dev/null | grep -qE '__(tsan|asan)_'; then memory=-DNO_MEMORY; fi
# shellcheck disable=SC2086
${CC:-cc} -D_GNU_SOURCE $memory -O1 -shared -fPIC -o shim.so "$here/shim.c" -ldl 2>cc.err || {
    echo "no shared library can be made: $(head -n 1 cc.err)"
    exit 77
}
export RAN="$tmp/ran" FAULT_FILE="$tmp/reached"
passed=0 failed=0

bad() {
    failed=$((failed + 1))
    problem=yes
    echo "fault: $name, $mode at call $at: $*"
    sed 's/^/    /' err | head -n 5
}

# The tasks of the last run and of its children, as far as their bodies ever began: "STAGE RUN KEY
# STATE", RUN without the root's id. $1: a file of what ran.
tasks() {
    id=$(./run runs --json 2>/dev/null | grep -o '"run":"[^"]*"' | head -n 1 | cut -d '"' -f 4)
    [ -n "$id" ] || return 0
    { echo "$id"; cut -d ' ' -f 2 "$1" | grep "^$id/"; } | sort -u | while read -r each; do
        ./run show "$each" --json 2>/dev/null |
            grep -o '"stage":"[a-z]*","key":"[^"]*","state":"[a-z]*"' |
            sed 's|"stage":"\([a-z]*\)","key":"\([^"]*\)","state":"\([a-z]*\)"|\1 '"${each#"$id"}"'/ \2 \3|'
    done | sort
}

# What a file of what ran names, in the words of `tasks` without the state.
ran_tasks() {
    sed 's|^\([a-z]*\) [^/ ]*\([^ ]*\) \(.*\)$|\1 \2/ \3|' "$1" | sort
}

# What the run gives once it has been disturbed and resumed.
resumed() {
    if ! cmp -s out want; then
        bad "resumed to other results"
        return
    fi
    tasks ran | sed 's/ cached$/ completed/' >states
    cmp -s states want_states || {
        diff want_states states >err
        bad "resumed to other states"
        return
    }
    tail -c +$(($(wc -c <before) + 1)) ran >again
    ran_tasks again >ran_again
    twice=$(comm -12 done ran_again)
    [ -z "$twice" ] || bad "repeated: $twice"
}

# What is left of a run that a fault has ended, and what becomes of it.
look() {
    tasks ran | sed -n 's/ completed$//p; s/ cached$//p' >done
    cp ran before
    if ! ./run runs >runs 2>err; then
        bad "the store cannot be read"
    elif [ "$(grep -c . runs)" -eq "$runs_before" ] || grep -q '^no runs' runs; then
        # shellcheck disable=SC2086
        ./run -q $args >out 2>err || { bad "a new run fails"; return; }
        cmp -s out want || bad "a new run gives other results"
    elif head -n 1 runs | grep -q completed; then
        ./run resume last -q >out 2>err && bad "a completed run was resumed"
    elif ! ./run resume last -q >out 2>err; then
        bad "cannot be resumed: $(head -n 1 runs)"
    else
        resumed
    fi
    [ -z "$again_args" ] || [ -n "$problem" ] || {
        # shellcheck disable=SC2086
        ./run -q $args >out 2>err || { bad "one more run fails"; return; }
        cmp -s out want || bad "one more run gives other results"
    }
}

start() {
    rm -rf .dag reached
    [ ! -d made ] || cp -Rp made .dag
    : >ran
}

# One fault. Returns 1 when the run ended before the call was reached.
one() {
    start
    problem=
    # shellcheck disable=SC2086
    LD_PRELOAD=$tmp/shim.so FAULT_AT=$at FAULT_DO=$mode ./run -q -j 2 $args >out 2>err
    status=$?
    grep -q reached reached 2>/dev/null || return 1
    case $mode,$status in
    kill,137 | torn,137) ;;
    full,0 | eio,0 | short,0 | nomem,0) # it did without that call
        cmp -s out want || bad "other results, status 0" ;;
    full,4 | eio,4 | short,4 | nomem,[1-4]) [ -s err ] || bad "status $status without a word" ;;
    *) bad "status $status" ;;
    esac
    [ -n "$problem" ] || look
    [ -n "$problem" ] || {
        passed=$((passed + 1))
        [ -z "$log" ] || echo "$name $mode $at" >>"$log"
    }
    return 0
}

known() {
    [ -n "$log" ] && grep -qxF "$name $mode $at" "$log" 2>/dev/null
}

for dag; do
    name=$(basename "$dag" .dag)
    args=$(sed -n 's/^# args: //p' "$dag")
    before_args=$(sed -n 's/^# before: //p' "$dag")
    again_args=$before_args runs_before=0
    "$dagcc" --dynamic "$dag" -o run >out 2>err || {
        echo "fault: $name cannot be linked dynamically: $(head -n 1 err)"
        exit 77
    }
    rm -rf .dag made
    : >ran
    [ -z "$before_args" ] || {
        # shellcheck disable=SC2086
        ./run -q $before_args >out 2>err || { echo "fault: $name fails: $(cat err)"; exit 1; }
        mv .dag made
        runs_before=1
    }
    start
    # shellcheck disable=SC2086
    LD_PRELOAD=$tmp/shim.so FAULT_AT=0 ./run -q -j 2 $args >want 2>err || { echo "fault: $name fails: $(cat err)"; exit 1; }
    calls=$(sed -n 's/^calls //p' reached)
    tasks ran | sed 's/ cached$/ completed/' >want_states
    for mode in $modes; do
        at=1 points=0
        while known || one; do
            points=$((points + 1))
            at=$((at + step))
        done
        echo "fault: $name, $mode: $points points (an undisturbed run makes $calls calls)"
    done
done
echo "fault: $passed passed, $failed failed"
[ $failed -eq 0 ]
