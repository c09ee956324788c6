/*
 * memory.c - see memory.h. The files are described in proc(5).
 */
#include "exec/memory.h"

#include <stdlib.h>
#include <string.h>

#include "exec/proc.h"

/* No process lives on less: such numbers are meant for the scheduler alone. */
enum { LEAST = 1 << 20 };

int64_t resource_asked(const Attempt *attempt, const char *name) {
    const dag_program *program = attempt->program;
    const dag_stage *stage = attempt->stage;
    for (uint32_t i = stage->resource; i < stage->resource + stage->nresource; i++) {
        const dag_resource *row = &program->resources[i];
        if (strcmp(program->strings + row->name, name) != 0) {
            continue;
        }
        int64_t amount = row->amount;
        for (uint32_t n = 1; n < attempt->launch.attempt && row->grow > 1; n++) {
            if (__builtin_mul_overflow(amount, row->grow, &amount)) {
                return INT64_MAX;
            }
        }
        return amount;
    }
    return 0;
}

int64_t memory_limit(const Attempt *attempt) {
    int64_t amount = resource_asked(attempt, "memory");
    return amount < LEAST ? 0 : amount;
}

/* ---------------------------------------------------------------- of all processes */

int64_t memory_parse(const char *text) {
    static const char *const names[] = { "\nRssAnon:", "\nRssShmem:", "\nPss_Anon:",
                                         "\nPss_Shmem:" };
    int64_t bytes = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *at = strstr(text, names[i]);
        bytes += at ? strtoll(at + strlen(names[i]), NULL, 10) * 1024 : 0;
    }
    return bytes;
}

/* What is done with each process of a group. */
typedef struct Round {
    MemoryGroup *groups;
    void (*add)(const ProcEntry *entry, MemoryGroup *group);
} Round;

static bool add_to_group(const ProcEntry *entry, void *arg) {
    const Round *round = arg;
    MemoryGroup *group = round->groups;
    while (group && group->group != entry->group) {
        group = group->next;
    }
    if (group) {
        round->add(entry, group);
    }
    return true;
}

static void add_resident(const ProcEntry *entry, MemoryGroup *group) {
    char text[4096];
    if (proc_read(entry, "status", text, sizeof text)) {
        group->used += memory_parse(text);
    }
}

/* What is shared by several counts in parts. That is slower to find out, so only those are looked at
 * that may be over. */
static void add_share(const ProcEntry *entry, MemoryGroup *group) {
    char text[4096];
    if (group->used < 0) {
        return;
    }
    if (proc_read(entry, "smaps_rollup", text, sizeof text)) {
        group->used += memory_parse(text);
    } else {
        add_resident(entry, group);
    }
}

/* A process that forks and goes on has all of its pages twice for a moment. */
static void measure_exactly(MemoryGroup *groups) {
    Round round = { .groups = groups, .add = add_share };
    bool any = false;
    for (MemoryGroup *group = groups; group; group = group->next) {
        bool over = group->used > group->limit;
        any = any || over;
        group->used = over ? 0 : -group->used;
    }
    if (any) {
        proc_each(add_to_group, &round);
    }
    for (MemoryGroup *group = groups; group; group = group->next) {
        group->used = group->used < 0 ? -group->used : group->used;
    }
}

void memory_measure(MemoryGroup *groups) {
    Round round = { .groups = groups, .add = add_resident };
    for (MemoryGroup *group = groups; group; group = group->next) {
        group->used = 0;
    }
    if (proc_each(add_to_group, &round)) {
        measure_exactly(groups);
    }
}
