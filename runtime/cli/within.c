/*
 * within.c - see within.h.
 *
 * Each task that calls on the way is explained as a run would meet it; what it would hand in are the
 * inputs of the next pipeline.
 */
#include "cli/within.h"

#include <string.h>

/* The cache for a run that is called, by what one for its caller is. */
static dag_reuse *cache_within(Within *way, const CalledStep *step) {
    const dag_program *called = step->program->subs[step->program->stages[step->stage].sub];
    if (way->cache == NULL || way->cache->child == NULL)
        return NULL;
    return way->caches[way->ncaches++] = way->cache->child(way->cache->self, way->id, called);
}

static int go_in(Within *way, const CalledStep *step, Explanation *at) {
    Arena *arena = &way->cli->arena;
    const char *slash = strchr(way->id, '/');
    *at = (Explanation){ .cli = way->cli,
                         .program = step->program,
                         .stage = step->stage,
                         .key = step->key,
                         .beyond = way->cli->words[0],
                         .within = slash == NULL ? "" : slash + 1 };
    if (!explain_now(at, way->inputs, way->cache))
        return EXIT_CRASHED;
    way->stopped = at->inputs == NULL;
    if (way->stopped)
        return EXIT_COMPLETED;
    way->inputs = called_inputs(way->cli, step, at->inputs);
    way->id = arena_printf(arena, "%s/%s", way->id, called_name(arena, step));
    way->cache = cache_within(way, step);
    return way->inputs == NULL ? EXIT_USAGE : EXIT_COMPLETED;
}

int within_enter(Within *way, const CalledPlace *place, Explanation *at) {
    int code = EXIT_COMPLETED;
    for (size_t i = 0; i < place->nsteps && i < CALL_DEPTH && !way->stopped; i++) {
        code = go_in(way, &place->steps[i], at);
        if (code != EXIT_COMPLETED)
            break;
    }
    return code;
}

void within_free(Within *way) {
    while (way->ncaches > 0) {
        dag_reuse *cache = way->caches[--way->ncaches];
        if (cache != NULL)
            cache->free(cache->self);
    }
}
