#!/bin/sh
# Kills a pipeline at every write to its store in turn, or lets the write fail; looks whether what is
# left can be read, and whether `resume` then gives what an undisturbed run gives, without repeating a
# task that was recorded as completed.
#
#   fault.sh [-s STEP] [-m "MODE…"] [PIPELINE.dag…]     modes: kill torn full eio short (shim.c)
#
# In: DAGCC. Works in a temporary folder. STEP: only every STEP-th call. Ends with a line of counts;
# status 77 where pipelines cannot be linked dynamically.
set -u
here=$(cd "$(dirname "$0")" && pwd)
dagcc=${DAGCC:-$here/../../build/dagcc}
step=1 modes="kill torn full eio short"
while getopts s:m: option; do
    case $option in
    s) step=$OPTARG ;;
    m) modes=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- "$here"/*.dag
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-fault.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp" || exit 1
${CC:-cc} -D_GNU_SOURCE -O1 -shared -fPIC -o shim.so "$here/shim.c" -ldl 2>cc.err || {
    echo "no shared library can be made: $(head -n 1 cc.err)"
    exit 77
}
export RAN="$tmp/ran" FAULT_FILE="$tmp/reached"
passed=0 failed=0

bad() {
    failed=$((failed + 1))
    echo "fault: $name, $mode at call $at: $*"
    sed 's/^/    /' err | head -n 5
}

# The tasks that the store has as completed by a body: "work 1" where the key is what was computed.
completed() {
    ./run show last --json 2>/dev/null | grep -o '"stage":"[a-z]*","key":"[^"]*","state":"completed"' |
        sed 's/"stage":"\([a-z]*\)","key":"\([^"]*\)".*/\1 \2/' | sort
}

# How often each (stage, key) of a body has run. The second word of a line is a value: 1 4 9 16.
runs_of() {
    while read -r stage value; do
        case $stage,$value in
        work,1) echo work 0 ;;
        work,4) echo work 1 ;;
        work,9) echo work 2 ;;
        work,16) echo work 3 ;;
        *) echo "$stage $value" ;;
        esac
    done <"$1" | sort
}

# One fault. Returns 1 when the run ended before the call was reached.
one() {
    rm -rf .dag reached
    : >ran
    LD_PRELOAD=$tmp/shim.so FAULT_AT=$at FAULT_DO=$mode ./run -q -j 2 >out 2>err
    status=$?
    grep -q reached reached 2>/dev/null || return 1
    case $mode,$status in
    kill,137 | torn,137) ;;
    full,0 | eio,0 | short,0) ;; # it did without that call
    full,4 | eio,4 | short,4)
        [ -s err ] || { bad "status $status without a word"; return 0; }
        ;;
    *) bad "status $status"; return 0 ;;
    esac
    [ $status -ne 0 ] || cmp -s out want || { bad "other results, status 0"; return 0; }
    completed >done
    cp ran before
    if ! ./run runs >runs 2>err; then
        bad "the store cannot be read"
    elif grep -q '^no runs' runs; then
        ./run -q >out 2>err || { bad "a new run fails"; return 0; }
        cmp -s out want || { bad "a new run gives other results"; return 0; }
        passed=$((passed + 1))
    elif grep -q completed runs; then
        passed=$((passed + 1))
    elif ! ./run resume last -q >out 2>err; then
        bad "cannot be resumed: $(cat runs)"
    elif ! cmp -s out want; then
        bad "resumed to other results"
    else
        tail -c +$(($(wc -c <before) + 1)) ran >again
        runs_of again >ran_again
        twice=$(comm -12 done ran_again)
        if [ -n "$twice" ]; then bad "repeated: $twice"; else passed=$((passed + 1)); fi
    fi
    return 0
}

for dag; do
    name=$(basename "$dag" .dag)
    "$dagcc" --dynamic "$dag" -o run >out 2>err || {
        echo "fault: $name cannot be linked dynamically: $(head -n 1 err)"
        exit 77
    }
    rm -rf .dag reached
    : >ran
    LD_PRELOAD=$tmp/shim.so FAULT_AT=0 ./run -q -j 2 >want 2>err || { echo "fault: $name fails: $(cat err)"; exit 1; }
    calls=$(sed -n 's/^calls //p' reached)
    for mode in $modes; do
        at=1 points=0
        while one; do
            points=$((points + 1))
            at=$((at + step))
        done
        echo "fault: $name, $mode: $points points (an undisturbed run makes $calls calls)"
    done
done
echo "fault: $passed passed, $failed failed"
[ $failed -eq 0 ]
