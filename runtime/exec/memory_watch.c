/*
 * memory_watch.c - see memory_watch.h. The timer runs only while there is something to look at.
 */
#include "exec/memory_watch.h"

#include <signal.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* ns between two looks; where there are so many processes that a look takes long, they are rarer: at
 * most one part in SHARE of the time. */
enum { BETWEEN = 100 * 1000 * 1000, SHARE = 50 };
static const int64_t SECOND = 1000000000;

/* Once, in `ns`; 0: not at all. */
static void look_after(const MemoryWatch *watch, int64_t ns) {
    struct itimerspec once = { .it_value = { .tv_sec = (time_t)(ns / SECOND),
                                             .tv_nsec = (long)(ns % SECOND) } };
    timerfd_settime(watch->timer, 0, &once, NULL);
}

static int64_t processor_time(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

bool memory_watch_init(MemoryWatch *watch) {
    *watch = (MemoryWatch){ .timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK) };
    return watch->timer >= 0;
}

void memory_watch_free(MemoryWatch *watch) {
    if (watch->timer >= 0) {
        close(watch->timer);
    }
}

void memory_watch_add(MemoryWatch *watch, MemoryGroup *group) {
    if (!watch->groups) {
        look_after(watch, BETWEEN);
    }
    group->next = watch->groups;
    watch->groups = group;
}

void memory_watch_forget(MemoryWatch *watch, const MemoryGroup *group) {
    for (MemoryGroup **p = &watch->groups; *p; p = &(*p)->next) {
        if (*p == group) {
            *p = group->next;
            if (!watch->groups) {
                look_after(watch, 0);
            }
            return;
        }
    }
}

void memory_watch_look(MemoryWatch *watch) {
    uint64_t ticks;
    if (read(watch->timer, &ticks, sizeof ticks) < 0) {
        return;
    }
    int64_t began = processor_time();
    memory_measure(watch->groups);
    int64_t rest = SHARE * (processor_time() - began);
    look_after(watch, rest > BETWEEN ? rest : BETWEEN);
    for (MemoryGroup *group = watch->groups; group; group = group->next) {
        if (group->used > group->limit && group->killed_at == 0) {
            group->killed_at = group->used;
            kill(-group->group, SIGKILL);
        }
    }
}
