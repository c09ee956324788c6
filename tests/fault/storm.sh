#!/bin/sh
# Kills a running pipeline at random moments, as often as it takes, and resumes it to the end: the
# result is what an undisturbed run gives, and no task that was recorded as completed runs again.
#
#   storm.sh [-n KILLS] [-s SEED] [PIPELINE.dag]
#
# In: DAGCC. KILLS (200): over as many runs as that takes. The pipelines are those of fault.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
dagcc=${DAGCC:-$here/../../build/dagcc}
kills=200 seed=1
while getopts n:s: option; do
    case $option in
    n) kills=$OPTARG ;;
    s) seed=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
dag=${1:-$here/files.dag}
dag=$(cd "$(dirname "$dag")" && pwd)/$(basename "$dag")
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dagcc-storm.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tmp" || exit 1
export RAN="$tmp/ran"
"$dagcc" -q "$dag" -o run || exit 1
args=$(sed -n 's/^# args: //p' "$dag")
: >ran
# shellcheck disable=SC2086
begin=$(date +%s%N) && ./run -q $args >want || exit 1
span=$((($(date +%s%N) - begin) / 1000))

# "STAGE RUN KEY" of what is recorded as completed, in the words of $RAN.
completed() {
    { echo "$id"; cut -d ' ' -f 2 ran | grep "^$id/"; } | sort -u | while read -r each; do
        ./run show "$each" --json 2>/dev/null |
            grep -o '"stage":"[a-z]*","key":"[^"]*","state":"completed"' |
            sed 's|"stage":"\([a-z]*\)","key":"\([^"]*\)".*|\1 '"$each"' \2|'
    done | sort
}

fail() {
    echo "storm: seed $seed, after $killed kills: $*"
    sed 's/^/    /' err | head -n 5
    exit 1
}

# The pauses before each kill, in microseconds: from nothing to a little longer than the run takes.
awk -v n="$kills" -v s="$seed" -v m="$span" 'BEGIN { srand(s); for (i = 0; i < 50 * n; i++) print int(rand() * m * 1.1) }' >pauses
killed=0 runs=0 id=
while [ "$killed" -lt "$kills" ] && read -r pause; do
    : >err
    if [ -z "$id" ]; then
        rm -rf .dag
        : >ran
        # shellcheck disable=SC2086
        ./run -q $args >out 2>err &
    else
        ./run resume "$id" -q >out 2>err &
    fi
    pid=$!
    sleep "$(awk -v p="$pause" 'BEGIN { printf "%.6f", p / 1e6 }')"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    status=$?
    if [ $status -eq 137 ]; then
        killed=$((killed + 1))
        [ -n "$id" ] || id=$(./run runs --json 2>/dev/null | grep -o '"run":"[^"]*"' | head -n 1 | cut -d '"' -f 4)
        # What is done stays done: it is recorded still, and its body has not run again.
        # `frozen`: what is recorded, with how often each body has run.
        if [ -n "$id" ]; then
            completed >done
            [ ! -s first ] || comm -23 first done >lost
            [ ! -s lost ] || fail "recorded no more: $(head -n 3 lost)"
            cp done first
            sort ran | uniq -c | awk '{ print $2, $3, $4, $1 }' | sort >counts
            touch frozen
            again=$(comm -23 frozen counts)
            [ -z "$again" ] || fail "ran again: $again"
            awk 'NR == FNR { d[$0] = 1; next } ($1 " " $2 " " $3) in d' done counts >frozen
        fi
        continue
    fi
    if [ $status -eq 0 ]; then
        cmp -s out want || fail "another result: $(cat out)"
    else # it was killed when it had recorded its end and not yet said so
        grep -q 'is completed' err || fail "status $status"
    fi
    runs=$((runs + 1)) id=
    rm -f first frozen lost
done <pauses
[ -z "$id" ] || ./run resume "$id" -q >out 2>err || [ "$(./run show "$id" --json | grep -c '"status":"completed"')" = 1 ] || fail "cannot be finished"
echo "storm: $killed kills in $runs finished runs of $(basename "$dag" .dag), no task ran again"
