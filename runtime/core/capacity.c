/*
 * capacity.c - see capacity.h.
 */
#include "core/capacity.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "core/executor.h"
#include "core/reuse.h"
#include "core/sched.h"

/* ---------------------------------------------------------------- what there is */

/* Processors that this process may use. */
static int64_t machine_cpus(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        return CPU_COUNT(&set);
    }
    return (int64_t)sysconf(_SC_NPROCESSORS_ONLN);
}

static bool is_memory(const char *name) {
    return strcmp(name, "memory") == 0;
}

static bool is_gpu(const char *name) {
    return strcmp(name, "gpu") == 0;
}

/* -1: a machine knows nothing of that name. */
static int64_t machine_has(const char *name) {
    if (is_memory(name)) {
        return (int64_t)sysconf(_SC_PHYS_PAGES) * (int64_t)sysconf(_SC_PAGESIZE);
    }
    return strcmp(name, "cpu") == 0 ? machine_cpus() : -1;
}

/* By the program or, where it says nothing, by those that it calls; -1: none lists it. */
static int64_t listed(const dag_program *program, const char *name) {
    for (uint32_t i = 0; i < program->ncapacity; i++) {
        const dag_resource *row = &program->resources[program->capacity + i];
        if (strcmp(program->strings + row->name, name) == 0) {
            return row->amount;
        }
    }
    int64_t has = -1;
    for (uint32_t i = 0; has < 0 && i < program->nsubs; i++) {
        has = listed(program->subs[i], name);
    }
    return has;
}

typedef struct Has {
    int64_t amount;  /* -1: nobody says */
    const char *who; /* for messages */
} Has;

static Has capacity_of(const dag_program *program, const dag_options *options, const char *name) {
    for (size_t i = 0; i < options->nresources; i++) {
        if (strcmp(options->resource_names[i], name) == 0) {
            return (Has){ options->resources[i].amount, "--resources gives" };
        }
    }
    int64_t amount = listed(program, name);
    if (amount >= 0) {
        return (Has){ amount, "the pipeline has" };
    }
    const ExecutorKind *kind = executor_kind(options->executor);
    bool asked_elsewhere = kind && kind->jobs > 0 && (machine_has(name) >= 0 || is_gpu(name));
    return asked_elsewhere ? (Has){ INT64_MAX, "" }
                           : (Has){ machine_has(name), "this machine has" };
}

/* ---------------------------------------------------------------- what is asked for */

typedef struct Capacities {
    const dag_program *root;
    const dag_options *options;
    Arena *arena;
    dag_resource *rows;
    size_t n;
    const char *refusal; /* NULL: all fits so far */
} Capacities;

/* How often a task of the stage may start. */
static uint32_t attempts_of(const dag_stage *stage, const dag_options *options) {
    return 1 + (options->retry >= 0 ? (uint32_t)options->retry : stage->retry);
}

/* What a task asks for on its n-th attempt; saturates. */
static int64_t asks_on(const dag_resource *row, uint32_t attempt) {
    int64_t amount = row->amount;
    for (uint32_t i = 1; i < attempt && row->grow > 1 && amount > 0; i++) {
        if (__builtin_mul_overflow(amount, row->grow, &amount)) {
            return INT64_MAX;
        }
    }
    return amount;
}

/* 2, 64GB, 8326MB: as --resources takes it. What is not round is so many MB, or one more. */
static const char *amount_text(Arena *arena, const char *name, int64_t amount, bool up) {
    static const struct {
        const char *name;
        int64_t size;
    } units[] = { { "TB", 1000000000000 },
                  { "GiB", INT64_C(1) << 30 },
                  { "GB", 1000000000 },
                  { "MiB", INT64_C(1) << 20 },
                  { "MB", 1000000 } };
    for (size_t i = 0; is_memory(name) && amount > 0 && i < sizeof units / sizeof *units; i++) {
        if (amount % units[i].size == 0 || units[i].size == 1000000) {
            int64_t n = amount / units[i].size + (up && amount % units[i].size != 0);
            return arena_printf(arena, "%lld%s", (long long)n, units[i].name);
        }
    }
    return arena_printf(arena, "%lld", (long long)amount);
}

static void refuse(Capacities *all, const dag_stage *stage, const dag_resource *request, Has has) {
    Arena *arena = all->arena;
    const char *strings = all->root->strings;
    const char *name = strings + request->name;
    uint32_t attempt = 1;
    while (has.amount >= 0 && asks_on(request, attempt) <= has.amount) {
        attempt++;
    }
    int64_t most = asks_on(request, attempts_of(stage, all->options));
    const char *line =
        arena_printf(arena, "stage `%s` asks for %s: %s", strings + stage->slug, name,
                     amount_text(arena, name, asks_on(request, attempt), true));
    if (attempt > 1) {
        line = arena_printf(arena, "%s on attempt %u", line, attempt);
    }
    if (has.amount >= 0) {
        line = arena_printf(arena, "%s, %s %s", line, has.who,
                            amount_text(arena, name, has.amount, false));
    } else {
        line = arena_printf(arena, "%s, and nobody says how much there is", line);
    }
    line = arena_printf(arena, "%s (to start it anyway: --resources %s=%s)", line, name,
                        amount_text(arena, name, most, true));
    all->refusal = all->refusal ? arena_printf(arena, "%s\n%s", all->refusal, line) : line;
}

static bool has_row(const Capacities *all, dag_name name) {
    for (size_t i = 0; i < all->n; i++) {
        if (all->rows[i].name == name) {
            return true;
        }
    }
    return false;
}

static void take_request(Capacities *all, const dag_stage *stage, const dag_resource *request) {
    const char *name = all->root->strings + request->name;
    Has has = capacity_of(all->root, all->options, name);
    if (asks_on(request, attempts_of(stage, all->options)) > has.amount) {
        refuse(all, stage, request, has);
    } else if (!has_row(all, request->name)) {
        all->rows[all->n++] = (dag_resource){ request->name, has.amount, 1 };
    }
}

static size_t count_requests(const dag_program *program) {
    size_t n = 0;
    for (uint32_t i = 0; i < program->nstages; i++) {
        n += program->stages[i].nresource;
    }
    for (uint32_t i = 0; i < program->nsubs; i++) {
        n += count_requests(program->subs[i]);
    }
    return n;
}

static bool makes_temporary(const dag_program *program, const dag_stage *stage) {
    bool temp = false;
    for (uint32_t i = 0; i < stage->nout; i++) {
        temp |= (program->ports[stage->out + i].flags & DAG_PORT_TEMP) != 0;
    }
    return temp;
}

/* Does no task of it ever start? What is not selected may have to make a temporary file again. */
static bool is_idle(const Capacities *all, const dag_program *program, uint32_t stage) {
    const dag_stage *row = &program->stages[stage];
    return (row->flags & DAG_STAGE_OFF) != 0 ||
           (program == all->root && !reuse_may_run(all->options->reuse, stage) &&
            !makes_temporary(program, row));
}

/* Is it called by a stage that runs? */
static bool is_called(const Capacities *all, const dag_program *program, uint32_t sub) {
    bool called = false;
    for (uint32_t i = 0; i < program->nstages && !called; i++) {
        called = program->stages[i].sub == sub && !is_idle(all, program, i);
    }
    return called;
}

/* The requests of the program's stages and of those that it calls. A call itself holds nothing. */
static void take_requests(Capacities *all, const dag_program *program) {
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *stage = &program->stages[i];
        bool idle = is_call(stage) || is_idle(all, program, i);
        for (uint32_t k = 0; !idle && k < stage->nresource; k++) {
            take_request(all, stage, &program->resources[stage->resource + k]);
        }
    }
    for (uint32_t i = 0; i < program->nsubs; i++) {
        if (is_called(all, program, i)) {
            take_requests(all, program->subs[i]);
        }
    }
}

bool capacity_take(const dag_program *program, const dag_options *options, Arena *arena,
                   const dag_resource **rows, size_t *n, dag_error *error) {
    Capacities all = { .root = program, .options = options, .arena = arena };
    all.rows = ARENA_ARRAY(arena, count_requests(program), dag_resource);
    take_requests(&all, program);
    if (all.refusal) {
        *error = (dag_error){ "limit", all.refusal };
        return false;
    }
    *rows = all.rows;
    *n = all.n;
    return true;
}
