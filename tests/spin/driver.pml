/*
 * driver.pml - the protocol between the driver of a run, the threads that carry out native
 * functions, and requests from other threads: runtime/core/run_loop.c, run.c, exec/exec_native.c.
 *
 * One driver, NW workers, NT tasks with up to two attempts, one thread that asks to cancel or to
 * pause at any moment. What is inside of the pool's mutex is one atomic step.
 *
 * What holds: no task is launched or carried out twice at the same time, none is launched after
 * it has ended or after a cancel or pause was seen, no more than JOBS run, and nobody sleeps for
 * ever: a lost wake-up is an invalid end state.
 *
 *   -DCANCEL  the request cancels. Tasks may run until they are stopped, retries never fall due:
 *             without the wake-up nothing would end.
 *   -DPAUSE   the request pauses. Retries never fall due.
 *   neither   no request: all tasks end, retries fall due.
 *   -DBROKEN=n  a mistake that must be found: 1 requests are not looked at again before waiting,
 *             2 whether the queue was empty is asked before the mutex is taken, 3 a cancelled task in the
 *             queue is not taken out of it, 4 a worker decides to sleep outside of the mutex.
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#define NT 3
#define NW 2
#define JOBS 2

mtype = { READY, RUNNING, RETRY, DONE, CANCELLED };

mtype state[NT] = READY;
byte tries[NT];
byte held[NT];      /* who has the attempt: at most one of queue, worker, ended, taken */
bool stop[NT];      /* Attempt.cancelled */
bool failed[NT];    /* outcome of the last attempt */

/* exec_native.c: Pool, under its mutex */
bool waiting[NT], ended[NT];
byte nwaiting, nended, idle, nworkers;
bool asleep[NW], closing, ended_fd;
byte gone;

/* exec_native.c, run.c: the driver's own */
bool taken[NT];
byte running;

/* run.c: requests */
bool cancel_asked, pause_asked, wake_made, wake_fd;

#define REQUESTS ((cancel_asked && !cancelled) || (pause_asked && !pausing))

/* ---------------------------------------------------------------- workers */

inline wake_one() {
    if
    :: asleep[0] -> asleep[0] = false
    :: asleep[1] -> asleep[1] = false
    :: !asleep[0] && !asleep[1] -> skip
    fi
}

proctype Worker(byte id) {
    byte t, seen;
look:
    atomic {
        if
        :: nwaiting > 0 ->
            t = 0;
            do
            :: !waiting[t] -> t++
            :: else -> break
            od;
            waiting[t] = false;
            nwaiting--
        :: nwaiting == 0 && closing -> goto out
        :: nwaiting == 0 && !closing ->
#if BROKEN == 4
            goto sleepy
#else
            idle++;
            asleep[id] = true;
            goto sleep
#endif
        fi
    }
    assert(held[t] == 1 && state[t] == RUNNING);
    /* carry_out */
    if
    :: failed[t] = false
    :: failed[t] = true
#ifdef CANCEL
    :: true -> stop[t]; failed[t] = true /* runs until it is asked to stop */
#endif
    fi;
#if BROKEN == 2
    seen = nended;
#endif
    atomic {
        assert(!ended[t]);
#if BROKEN != 2
        seen = nended;
#endif
        if
        :: seen == 0 -> ended_fd = true
        :: else -> skip
        fi;
        ended[t] = true;
        nended++
    }
    goto look;
#if BROKEN == 4
sleepy:
    atomic { idle++; asleep[id] = true }
#endif
sleep:
    atomic { !asleep[id] -> idle-- }
    goto look;
out:
    gone++
}

/* ---------------------------------------------------------------- the driver */

bool cancelled, pausing;

inline start(t) {
    atomic {
        assert(state[t] == READY && held[t] == 0 && running < JOBS);
        assert(!cancelled && !pausing);
        state[t] = RUNNING;
        tries[t]++;
        running++;
        held[t]++;
        waiting[t] = true;
        nwaiting++;
        busy = nwaiting > idle;
        if
        :: idle > 0 -> wake_one()
        :: else -> skip
        fi
    }
    if
    :: busy && nworkers < NW -> run Worker(nworkers); nworkers++
    :: else -> skip
    fi
}

inline stop_all() {
    i = 0;
    do
    :: i < NT ->
        atomic {
            if
            :: state[i] == READY || state[i] == RETRY -> state[i] = CANCELLED
            :: state[i] == RUNNING ->
                stop[i] = true;
                if
                :: waiting[i] ->
#if BROKEN != 3
                    waiting[i] = false;
                    nwaiting--;
#endif
                    failed[i] = true;
                    taken[i] = true
                :: else -> skip
                fi
            :: else -> skip
            fi
        }
        i++
    :: else -> break
    od
}

inline take_requests() {
    if
    :: cancel_asked && !cancelled -> cancelled = true; stop_all()
    :: else -> skip
    fi;
    if
    :: pause_asked && !pausing -> pausing = true
    :: else -> skip
    fi
}

inline take_ended() {
    atomic {
        if
        :: nended > 0 ->
            nended = 0;
            ended_fd = false;
            i = 0;
            do
            :: i < NT ->
                if
                :: ended[i] -> ended[i] = false; taken[i] = true
                :: else -> skip
                fi;
                i++
            :: else -> break
            od
        :: else -> skip
        fi
    }
}

inline finish(t) {
    assert(state[t] == RUNNING && held[t] == 1);
    held[t]--;
    running--;
    moved = true;
    if
    :: failed[t] && cancelled -> state[t] = CANCELLED
    :: failed[t] && !cancelled && tries[t] < 2 -> state[t] = RETRY
    :: else -> state[t] = DONE
    fi
}

inline reap() {
    take_ended();
    j = 0;
    do
    :: j < NT ->
        atomic {
            if
            :: taken[j] -> taken[j] = false; finish(j)
            :: else -> skip
            fi
        }
        j++
    :: else -> break
    od
}

#define RETRIES (state[0] == RETRY || state[1] == RETRY || state[2] == RETRY)
#define OVER(t) (state[t] == DONE || state[t] == CANCELLED)
#define ALL_OVER (OVER(0) && OVER(1) && OVER(2))

proctype Driver() {
    byte i, j;
    bool moved, busy;
    do
    :: moved = false;
        take_requests();
        reap();
        j = 0;
        do
        :: j < NT ->
            if
            :: state[j] == READY && running < JOBS && !cancelled && !pausing && !REQUESTS ->
                start(j);
                moved = true
            :: else -> skip
            fi;
            j++
        :: else -> break
        od;
        if
        :: moved -> skip
        :: !moved && running == 0 && (ALL_OVER || pausing) -> break
        :: else ->
            wake_made = true;
            if
#if BROKEN != 1
            :: REQUESTS -> skip
#endif
            :: else ->
                if
                :: wake_fd -> wake_fd = false
                :: ended_fd -> skip
#if !defined(CANCEL) && !defined(PAUSE)
                :: RETRIES -> skip /* the time of one has come */
#endif
                fi
            fi;
#if !defined(CANCEL) && !defined(PAUSE)
            i = 0;
            do
            :: i < NT ->
                if
                :: state[i] == RETRY && !cancelled -> state[i] = READY
                :: state[i] == RETRY -> skip
                :: else -> skip
                fi;
                i++
            :: else -> break
            od
#endif
        fi
    od;
    atomic { closing = true; asleep[0] = false; asleep[1] = false }
    gone == nworkers;
    assert(ALL_OVER || pausing);
    assert(nwaiting == 0 && nended == 0)
}

/* dag_run_cancel, dag_run_pause: first the request, then the eventfd. */
active proctype Requester() {
#if defined(CANCEL)
    cancel_asked = true;
#elif defined(PAUSE)
    pause_asked = true;
#endif
#if defined(CANCEL) || defined(PAUSE)
    if
    :: wake_made -> wake_fd = true
    :: else -> skip
    fi
#endif
    skip
}

init { run Driver() }
