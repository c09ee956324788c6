#!/bin/sh
# A Slurm cluster for a test: its daemons on 127.0.0.1, all that they write below one folder.
#
#   cluster.sh up DIR     starts it; `. DIR/env` then makes Slurm's commands talk to it. 77: no Slurm here
#   cluster.sh down DIR   ends its jobs and daemons; the logs stay
#   cluster.sh lose DIR N node N dies: its daemon and all of its jobs at once
#
# Any user will do. In: CLUSTER_PORT (first of four TCP ports, 27900), CLUSTER_NODES (2).
#
# What took a while to find out: the daemons want short absolute paths without blanks; imaginary GPUs need a
# File= each, or count as none; memory is looked at only where JobAcctGather is on; a finished job is forgotten
# after MinJobAge; nodes are idle some seconds after their daemon runs; pid files outlive their daemons.
set -u
PATH=$PATH:/usr/sbin:/sbin
nodes=${CLUSTER_NODES:-2}
port=${CLUSTER_PORT:-27900}

say() { echo "cluster: $*" >&2; }

# The process of a pid file, if it is a daemon of that name (and no zombie).
running() {
    pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] || return 1
    case $(ps -o stat=,comm= -p "$pid") in
    Z*) return 1 ;;
    *" $2"*) echo "$pid" ;;
    *) return 1 ;;
    esac
}

configure() {
    host=$(hostname -s)
    for n in 0 1; do
        mknod "$dir/gpu$n" c 1 3 2>/dev/null || : >"$dir/gpu$n"
    done
    for n in $(seq "$nodes"); do
        echo "NodeName=node$n Name=gpu File=$dir/gpu[0-1]"
    done >"$dir/gres.conf"
    cat >"$dir/slurm.conf" <<CONF
ClusterName=dagtest
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$dir/munge.sock
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool.%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.%n.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MinJobAge=60
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=64
SlurmdParameters=config_overrides
GresTypes=gpu
ReturnToService=2
KillWait=2
SlurmctldTimeout=10
SlurmdTimeout=5
${CLUSTER_EXTRA:-}
CONF
    for n in $(seq "$nodes"); do
        echo "NodeName=node$n NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + n)) CPUs=4" \
            "RealMemory=2048 Gres=gpu:2 State=UNKNOWN"
    done >>"$dir/slurm.conf"
    echo "PartitionName=main Nodes=node[1-$nodes] Default=YES MaxTime=INFINITE State=UP" >>"$dir/slurm.conf"
    echo "SLURM_CONF='$dir/slurm.conf'; export SLURM_CONF" >"$dir/env"
}

# All nodes can take jobs.
ready() {
    [ "$(sinfo -h -N -o '%N %T' 2>/dev/null | grep -c -E ' (idle|mixed|allocated)$')" = "$nodes" ]
}

up() {
    for tool in slurmctld slurmd munged sbatch; do
        command -v $tool >/dev/null || { say "$tool is not installed"; exit 77; }
    done
    mkdir -p "$dir/state" || exit 1
    dir=$(cd "$dir" && pwd)
    configure
    SLURM_CONF=$dir/slurm.conf
    export SLURM_CONF
    (umask 077 && head -c 64 /dev/urandom >"$dir/munge.key")
    munged --force --key-file="$dir/munge.key" --socket="$dir/munge.sock" --pid-file="$dir/munged.pid" \
        --log-file="$dir/munged.log" --seed-file="$dir/munge.seed" || { say "munged did not start"; exit 1; }
    slurmctld -f "$SLURM_CONF" || { down; exit 1; }
    for n in $(seq "$nodes"); do
        mkdir -p "$dir/spool.node$n"
        slurmd -N "node$n" -f "$SLURM_CONF" || { down; exit 1; }
    done
    tries=0
    until ready; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { say "the nodes do not come up"; tail -n 20 "$dir"/*.log >&2; down; exit 1; }
        sleep 0.1
    done
}

end() { # end PIDFILE NAME
    pid=$(running "$1" "$2") || return 0
    kill "$pid"
    tries=0
    while running "$1" "$2" >/dev/null && [ $tries -lt 50 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    pid=$(running "$1" "$2") && kill -KILL "$pid"
    rm -f "$1"
}

# Jobs and the daemons of their steps have our SLURM_CONF in their environment.
jobs_of() { # jobs_of [NODE]
    for p in /proc/[0-9]*; do
        vars=$({ tr '\0' '\n' <"$p/environ"; } 2>/dev/null) || continue
        case "$vars" in *"$dir/slurm.conf"*) ;; *) continue ;; esac
        case "$(cat "$p/comm" 2>/dev/null) $vars" in
        slurmstepd* | *SLURM_JOB_ID=*) ;;
        *) continue ;;
        esac
        case "$vars" in *"SLURMD_NODENAME=${1:-}"*) echo "${p#/proc/}" ;; esac
    done
}

kill_all() {
    for pid; do
        [ "$pid" = $$ ] || kill -KILL "$pid" 2>/dev/null
    done
}

down() {
    [ -d "$dir" ] || return 0
    dir=$(cd "$dir" && pwd)
    SLURM_CONF=$dir/slurm.conf
    export SLURM_CONF
    timeout 5 scancel -u "$(id -u)" 2>/dev/null
    for file in "$dir"/slurmd.*.pid; do
        end "$file" slurmd
    done
    end "$dir/slurmctld.pid" slurmctld
    end "$dir/munged.pid" munged
    # shellcheck disable=SC2046
    kill_all $(jobs_of)
}

# A step's keeper knows no node's name; its children do.
lose() {
    dir=$(cd "$dir" && pwd)
    pid=$(running "$dir/slurmd.node$1.pid" slurmd) && kill -KILL "$pid"
    members=$(jobs_of "node$1")
    keepers=
    for pid in $members; do
        parent=$(ps -o ppid= -p "$pid" | tr -d " ")
        case $(ps -o comm= -p "${parent:-1}") in slurmstepd*) keepers="$keepers $parent" ;; esac
    done
    # shellcheck disable=SC2086
    kill_all $keepers $members
}

command=${1:-} dir=${2:-}
[ -n "$dir" ] || { say "usage: cluster.sh up|down|lose DIR [N]"; exit 2; }
case $command in
up) up ;;
down) down ;;
lose) lose "$3" ;;
*) say "no command $command"; exit 2 ;;
esac
exit 0
