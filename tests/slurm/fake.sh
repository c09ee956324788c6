#!/bin/sh
# A Slurm of one file: runs jobs on this machine, keeps its queue in files, and fails as it is told.
#
# Installed under the names of Slurm's commands, and of those that stand for the machine room:
#
#   sbatch squeue scancel scontrol   what the executor calls, as far as it uses them
#   element ID INDEX SCRIPT LOG      one job, a session of its own
#   finish STATE [KILL]              called by a body: its job ends so, all of it but for us with SIGKILL
#                                    (or SIGTERM first)
#   release                          starts what was held
#
# Everything is in state/, beside the folder of the commands:
#
#   calls              a line for each call, arguments in brackets
#   jobs/ID.INDEX/     state, name, node, verdict (what the job will have ended as), session
#   NAME.next          what the command NAME does instead: the first line is taken off at each call
#                        sbatch: `refuse TEXT`, `accept TEXT` (does it, and says that it has failed)
#                        squeue: `refuse TEXT`, `print TEXT`, `nothing`
#                        scancel: `refuse TEXT`
#   hold               jobs wait while it exists
#   slow               sbatch waits while it exists
#   forgets            jobs vanish from the queue when they end
#   config             what scontrol prints
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
state=$here/../state
name=$(basename -- "$0")

# One of the callers at a time.
lock() { exec 9>"$state/lock" && flock 9; }
unlock() { exec 9>&-; }

note() {
    line=$name
    for word; do line="$line [$word]"; done
    echo "$line" >>"$state/calls"
}

# Takes the first line off $name.next into $next.
take_next() {
    next=
    [ -s "$state/$name.next" ] || return 0
    next=$(head -n 1 "$state/$name.next")
    sed -i 1d "$state/$name.next"
}

# say DIR FILE TEXT: in one step, for those who read meanwhile.
say() {
    echo "$3" >"$1/$2.new" && mv "$1/$2.new" "$1/$2"
}

begin() ( # begin DIR
    id=${1##*/}
    say "$1" state RUNNING
    setsid "$here/element" "${id%.*}" "${id#*.}" "$(cat "$1/script")" "$(cat "$1/log")" \
        </dev/null >/dev/null 2>&1 9>&- &
)

# Who is in the job's session, but for its first process, which tells how it ends.
members() { ps -o pid= -s "$1" 2>/dev/null | awk -v first="$1" '$1 != first { print $1 }'; }

end_all() { # end_all SIGNAL DIR [EXCEPT]
    for pid in $(members "$(cat "$2/session")"); do
        [ "$pid" = "${3:-}" ] || kill "-$1" "$pid" 2>/dev/null
    done
}

sbatch() {
    array=N/A job_name=none log=/dev/null
    for word; do
        case $word in
        --array=*) array=${word#*=} ;;
        --job-name=*) job_name=${word#*=} ;;
        --output=*) log=$(echo "${word#*=}" | sed 's/%%/%/g') ;;
        esac
        script=$word
    done
    while [ -e "$state/slow" ]; do sleep 0.02; done
    lock
    id=$(($(cat "$state/last") + 1))
    echo $id >"$state/last"
    cp "$script" "$state/script.$id"
    for i in $(case $array in N/A) echo N ;; *) seq "${array%-*}" "${array#*-}" ;; esac); do
        dir=$state/jobs/$id.$i
        mkdir "$dir"
        echo "$job_name" >"$dir/name"
        echo "$state/script.$id" >"$dir/script"
        echo "$log" >"$dir/log"
        echo "node$((id % 2 + 1))" >"$dir/node"
        say "$dir" state PENDING
        [ -e "$state/hold" ] || begin "$dir"
    done
    unlock
    case $next in
    accept*) echo "sbatch: error: ${next#accept }" >&2; exit 1 ;;
    esac
    echo $id
}

squeue() {
    case $next in
    refuse*) echo "slurm_load_jobs error: ${next#refuse }" >&2; exit 1 ;;
    print*) echo "${next#print }"; exit 0 ;;
    nothing) exit 0 ;;
    esac
    echo '999999|N/A|RUNNING|node9|None|some|one else'
    for dir in "$state"/jobs/*; do
        [ -e "$dir/state" ] || continue
        id=${dir##*/}
        i=${id#*.}
        [ "$i" != N ] || i=N/A
        read -r now <"$dir/state" && read -r node <"$dir/node" && read -r job_name <"$dir/name" &&
            echo "${id%.*}|$i|$now|$node|None|$job_name"
    done
}

cancel_one() { # cancel_one DIR
    [ -e "$1/state" ] || return 0
    case $(cat "$1/state") in
    PENDING) say "$1" state CANCELLED ;;
    RUNNING)
        say "$1" verdict CANCELLED
        until [ -s "$1/session" ]; do sleep 0.01; done
        end_all "$signal" "$1"
        ;;
    esac
}

scancel() {
    signal=TERM
    for word; do
        case $word in
        --signal=*) signal=${word#*=} ;;
        *_*) cancel_one "$state/jobs/$(echo "$word" | tr _ .)" ;;
        *) for dir in "$state/jobs/$word".*; do cancel_one "$dir"; done ;;
        esac
    done
}

element() {
    dir=$state/jobs/$1.$2
    say "$dir" session $$
    SLURM_JOB_ID=$1 FAKE_JOB=$dir
    export SLURM_JOB_ID
    if [ "$2" != N ]; then
        SLURM_ARRAY_JOB_ID=$1 SLURM_ARRAY_TASK_ID=$2
        export SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID
    fi
    SLURM_FAKE_JOB=$FAKE_JOB
    export SLURM_FAKE_JOB
    verdict=COMPLETED
    cd / && sh "$3" >>"$4" 2>&1 || verdict=FAILED
    [ ! -e "$dir/verdict" ] || verdict=$(cat "$dir/verdict")
    end_all KILL "$dir"
    if [ -e "$state/forgets" ]; then rm -r "$dir"; else say "$dir" state "$verdict"; fi
}

finish() {
    dir=$SLURM_FAKE_JOB
    say "$dir" verdict "$1"
    [ "${2:-KILL}" = KILL ] || { end_all "$2" "$dir" $$; sleep 0.2; }
    end_all KILL "$dir" $$
    kill -KILL $$
}

release() {
    rm -f "$state/hold"
    for dir in "$state"/jobs/*; do
        [ "$(cat "$dir/state")" != PENDING ] || begin "$dir"
    done
}

case $name in
sbatch | squeue | scancel | scontrol)
    lock
    note "$@"
    take_next
    unlock
    ;;
esac
case $name:${next:-} in
sbatch:refuse* | scancel:refuse*) echo "$name: error: ${next#refuse }" >&2; exit 1 ;;
esac
case $name in
scontrol) cat "$state/config" ;;
*) "$name" "$@" ;;
esac
