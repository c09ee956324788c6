/*
 * driver.pml - the protocol between the driver of a run, the threads that carry out native
 * functions, and requests from other threads: runtime/core/run_loop.c, run.c, exec/exec_native.c.
 *
 * One driver, NW workers, NT tasks with up to two attempts, one thread that asks to cancel or to
 * pause at any moment. What is inside of the pool's mutex is one atomic step.
 *
 * Tasks line up: beyond JOBS, the driver may hand out one more, which takes the slot of one that has
 * ended (run_line.c). What ends while the driver is busy does not wake it (`asks`).
 *
 * What holds: no task is launched or carried out twice at the same time, none is launched after
 * it has ended or after a cancel or pause was seen, no more than JOBS run, nothing in line begins
 * behind a failure that the driver has not seen, and nobody sleeps for ever: a lost wake-up is an
 * invalid end state.
 *
 *   -DCANCEL  the request cancels. Tasks may run until they are stopped, retries never fall due:
 *             without the wake-up nothing would end.
 *   -DPAUSE   the request pauses. Retries never fall due.
 *   neither   no request: all tasks end, retries fall due.
 *   -DBROKEN=n  a mistake that must be found: 1 requests are not looked at again before waiting,
 *             2 whether the driver asks is looked at before the mutex is taken, 3 a cancelled task in the
 *             queue is not taken out of it, 4 a worker decides to sleep outside of the mutex, 5 a
 *             worker takes from the line without looking whether a slot is free, 6 the
 *             line is not halted by a failure, 7 nobody wakes a worker when the line goes on after a halt.
 */
#ifndef BROKEN
#define BROKEN 0
#endif
#define NT 3
#define NW 2
#ifndef JOBS
#define JOBS 2
#endif

mtype = { READY, RUNNING, RETRY, DONE, CANCELLED };

mtype state[NT] = READY;
byte tries[NT];
byte held[NT];      /* who has the attempt: at most one of queue, worker, ended, taken */
bool stop[NT];      /* Attempt.cancelled */
bool failed[NT];    /* outcome of the last attempt */

/* exec_native.c: Pool, under its mutex */
bool waiting[NT], line[NT], ended[NT];
byte nwaiting, nline, nended, idle, nworkers;
byte nactive, slots;
bool asks = true, halted;
bool asleep[NW], closing, ended_fd;
byte gone;

/* exec_native.c, run.c: the driver's own */
bool taken[NT];
byte running; /* launched: running - beyond take slots */
byte beyond;
bool unseen[NT]; /* a ghost: it has failed, and the driver has not taken it back */

/* run.c: requests */
bool cancel_asked, pause_asked, wake_made, wake_fd;

#if BROKEN == 5
#define LINE_MOVES (nline > 0 && !halted)
#else
#define LINE_MOVES (nline > 0 && !halted && nactive < slots)
#endif
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
            nwaiting--;
            nactive++
        :: nwaiting == 0 && LINE_MOVES ->
            t = 0;
            do
            :: !line[t] -> t++
            :: else -> break
            od;
            assert(!unseen[0] && !unseen[1] && !unseen[2]);
            line[t] = false;
            nline--;
            nactive++
        :: nwaiting == 0 && !(LINE_MOVES) && closing -> goto out
        :: nwaiting == 0 && !(LINE_MOVES) && !closing ->
#if BROKEN == 4
            goto sleepy
#else
            idle++;
            asleep[id] = true;
            goto sleep
#endif
        fi
    }
    assert(held[t] == 1 && state[t] == RUNNING && nactive <= JOBS);
    /* carry_out */
    if
    :: failed[t] = false
    :: failed[t] = true
#ifdef CANCEL
    :: true -> stop[t]; failed[t] = true /* runs until it is asked to stop */
#endif
    fi;
#if BROKEN == 2
    seen = asks;
#endif
    atomic {
        assert(!ended[t]);
#if BROKEN != 2
        seen = asks;
#endif
        if
        :: seen -> ended_fd = true; asks = false
        :: else -> skip
        fi;
#if BROKEN != 6
        halted = halted || failed[t];
#endif
        unseen[t] = failed[t];
        nactive--;
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
        assert(state[t] == READY && held[t] == 0 && running - beyond < JOBS);
        assert(!cancelled && !pausing);
        state[t] = RUNNING;
        tries[t]++;
        running++;
        held[t]++;
        waiting[t] = true;
        nwaiting++;
        slots++;
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

/* No slot is free, and one is taken by something that runs or is about to. */
inline line_up(t) {
    atomic {
        assert(state[t] == READY && held[t] == 0 && !cancelled && !pausing);
        state[t] = RUNNING;
        tries[t]++;
        running++;
        beyond++;
        held[t]++;
        line[t] = true;
        nline++;
        if
        :: idle > 0 && LINE_MOVES -> wake_one()
        :: else -> skip
        fi
    }
}

inline give_up_slots() {
    if
    :: nactive + nwaiting + nline < slots -> slots = nactive + nwaiting + nline
    :: else -> skip
    fi
}

/* What is in line has not begun: it is ready again. */
inline clear_line() {
    i = 0;
    do
    :: i < NT ->
        atomic {
            if
            :: line[i] ->
                line[i] = false;
                nline--;
                give_up_slots();
                held[i]--;
                tries[i]--;
                running--;
                state[i] = READY
            :: else -> skip
            fi
        }
        i++
    :: else -> break
    od;
    beyond = running - slots
}

inline stop_all() {
    clear_line();
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
                    give_up_slots();
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
    :: pause_asked && !pausing -> pausing = true; clear_line()
    :: else -> skip
    fi
}

inline take_ended() {
    atomic {
        if
        :: nended > 0 ->
            more = true;
            nended = 0;
            give_up_slots();
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
        :: else ->
            more = false;
            ended_fd = false;
            asks = true;
            halted = false;
#if BROKEN != 7
            if
            :: idle > 0 && LINE_MOVES -> wake_one()
            :: else -> skip
            fi
#endif
        fi
    }
}

inline finish(t) {
    unseen[t] = false;
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

/* Until nothing is there. */
inline reap() {
    do
    :: take_ended();
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
        od;
        if
        :: more -> skip
        :: else -> break
        fi
    od;
    beyond = running - slots
}

#define RETRIES (state[0] == RETRY || state[1] == RETRY || state[2] == RETRY)
#define OVER(t) (state[t] == DONE || state[t] == CANCELLED)
#define ALL_OVER (OVER(0) && OVER(1) && OVER(2))

proctype Driver() {
    byte i, j;
    bool moved, busy, more;
    do
    :: moved = false;
        take_requests();
        reap();
        j = 0;
        do
        :: j < NT ->
            if
            :: state[j] == READY && running - beyond < JOBS && !cancelled && !pausing && !REQUESTS ->
                start(j);
                moved = true
            :: state[j] == READY && running - beyond >= JOBS && slots > 0 && !cancelled &&
                    !pausing && !REQUESTS ->
                line_up(j);
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
    assert(nwaiting == 0 && nline == 0 && nended == 0 && slots == 0 && nactive == 0)
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
