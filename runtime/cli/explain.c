/*
 * explain.c - why a task would run again: the pipeline is gone through as `plan` does it, and where
 * the driver asks for the stage's known results, their fingerprints are compared with today's.
 */
#include "cli/explain.h"

#include <string.h>

#include "pure/nearest.h"
#include "store/store_cache.h"

typedef struct Explainer {
    dag_reuse table; /* asked in place of the cache, which it asks in turn */
    dag_reuse *cache;
    const dag_program *program;
    uint32_t stage;
    const char *key;
    uint32_t asked; /* tasks explained */
    FILE *out;
} Explainer;

/* Lines of `text` that `other` has not, each behind `mark`. */
static void print_lines(FILE *out, char mark, const char *text, const char *other) {
    for (const char *line = text; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        bool found = false;
        for (const char *p = other; *p != '\0' && !found;) {
            size_t m = strcspn(p, "\n");
            found = m == n && memcmp(p, line, n) == 0;
            p += m + (p[m] == '\n');
        }
        if (!found)
            fprintf(out, "  %c %.*s\n", mark, (int)n, line);
        line += n + (line[n] == '\n');
    }
}

static void print_difference(Explainer *e, const CacheDifference *difference) {
    const char *before = difference->before == NULL ? "" : difference->before;
    fprintf(e->out, "would run: its %s changed since run %s\n", difference->part, difference->run);
    if (strcmp(before, difference->now) == 0) {
        fprintf(e->out, "  %s: the same path, other content\n", difference->now);
        return;
    }
    print_lines(e->out, '-', before, difference->now);
    print_lines(e->out, '+', difference->now, before);
}

static void explain(Explainer *e, const ReuseQuestion *question, ReuseAnswer answer,
                    const char *reason) {
    CacheDifference difference = { 0 };
    bool readable = e->cache == NULL || store_cache_explain(e->cache, question, &difference);
    e->asked++;
    fprintf(e->out, "%s [%s] ", e->program->strings + e->program->stages[e->stage].slug,
            question->key);
    if (answer == REUSE_CACHED)
        fprintf(e->out, "is cached: %s\n", reason);
    else if (!readable)
        fprintf(e->out, "would run: a file of its inputs cannot be read\n");
    else if (e->cache != NULL && !difference.cacheable) {
        fprintf(e->out, "would run: results of the stage are never reused (uncacheable)\n");
    } else if (difference.part != NULL)
        print_difference(e, &difference);
    else
        fprintf(e->out, "would run: %s\n", reason != NULL ? reason : "it never ran before");
}

static ReuseAnswer ask(void *self, const ReuseQuestion *question, dag_value *outputs,
                       const char **reason) {
    Explainer *e = self;
    *reason = NULL;
    ReuseAnswer answer = REUSE_RUN;
    if (e->cache != NULL)
        answer = e->cache->ask(e->cache->self, question, outputs, reason);
    bool wanted =
        question->stage == e->stage && (e->key == NULL || strcmp(e->key, question->key) == 0);
    if (wanted && e->program->stages[e->stage].body != DAG_BODY_NONE) {
        explain(e, question, answer, *reason);
    }
    return answer;
}

static uint32_t find_stage(Cli *cli, const char *slug) {
    const dag_program *program = cli->program;
    Nearest nearest = nearest_to(slug);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const char *name = program->strings + program->stages[i].slug;
        if (strcmp(name, slug) == 0)
            return i;
        nearest_offer(&nearest, name);
    }
    if (nearest.best != NULL) {
        cli_complain(cli, "there is no stage `%s`; did you mean `%s`?", slug, nearest.best);
    } else {
        cli_complain(cli, "there is no stage `%s`", slug);
    }
    return DAG_NONE;
}

/* Nobody asked for it: something before it is not known, or it is none that is asked for. */
static void say_unasked(const Explainer *e) {
    const dag_stage *stage = &e->program->stages[e->stage];
    const char *slug = e->program->strings + stage->slug;
    if (stage->body == DAG_BODY_NONE) {
        fprintf(e->out, "%s is an expression stage: it is computed every time\n", slug);
    } else if (e->key != NULL) {
        fprintf(e->out, "%s has no task %s that is known before it runs\n", slug, e->key);
    } else {
        fprintf(e->out,
                "%s waits for stages before it that would run, or it has no tasks: see `plan`\n",
                slug);
    }
}

int explain_print(Cli *cli, const dag_value *inputs, dag_reuse *cache, const char *slug,
                  const char *key, FILE *out) {
    Explainer e = { .cache = cache, .program = cli->program, .key = key, .out = out };
    e.table = (dag_reuse){ .self = &e, .ask = ask };
    e.stage = find_stage(cli, slug);
    if (e.stage == DAG_NONE)
        return EXIT_USAGE;
    dag_options options = { .inputs = inputs,
                            .jobs = UINT32_MAX,
                            .continue_on_error = true,
                            .max_value = (uint64_t)cli->max_value,
                            .retry = -1,
                            .reuse = &e.table,
                            .plan = true };
    dag_error error = { 0 };
    dag_run *run = dag_run_new(cli->program, &options, &error);
    if (run == NULL) {
        fprintf(stderr, "error: %s\n", error.message == NULL ? "out of memory" : error.message);
        return EXIT_CRASHED;
    }
    dag_run_wait(run);
    dag_run_free(run);
    if (e.asked == 0)
        say_unasked(&e);
    return EXIT_COMPLETED;
}
