/*
 * sched.c - null tasks through dag_run: ns and bytes per task.
 *
 *   sched SHAPE N [EDGES]    SHAPE: wide, chain, grid, layered; EDGES: data (default), order
 *
 * The pipeline is written as text, compiled in this process, and run on the tables: what a compiled
 * binary does without a store, with expression stages as tasks. Prints one line per phase on
 * stdout: `build NS`, `run NS`, `bytes B`, each per task; the best of five runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "back/graph.h"
#include "base/front.h"

#include "check/front_check.h"
#include "shapes.h"
#include "syntax/front_parse.h"

enum { ROUNDS = 5 };

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---------------------------------------------------------------- the text */

static void write_wide(FILE *out, uint32_t n) {
    fprintf(out, "  stage source { out v: stream<int> = [");
    for (uint32_t i = 0; i < n; i++) {
        fprintf(out, "%s%u", i ? "," : "", i % 10);
    }
    fprintf(
        out,
        "] }\n"
        "  stage work { in v: int = <source.v>  out w: int = <v> }\n"
        "  stage sink { fan aggregate  in w: list<int> = <work.w>  out n: int = <w | length> }\n"
        "  output n: int = <sink.n>\n");
}

static void write_graph(FILE *out, const Shape *shape, bool data) {
    for (uint32_t i = 0; i < shape->n; i++) {
        uint32_t from = shape->first[i], to = shape->first[i + 1];
        fprintf(out, "  stage s%u {", i);
        for (uint32_t k = from; data && k < to; k++) {
            fprintf(out, " in i%u: int = <s%u.o>", k - from, shape->before[k]);
        }
        fprintf(out, " out o: int = %s }\n", data && to > from ? "<i0>" : "1");
        for (uint32_t k = from; !data && k < to; k++) {
            fprintf(out, "  s%u => s%u\n", shape->before[k], i);
        }
    }
}

static const dag_program *compile(Front *front, const char *text, size_t n) {
    Source *source = source_from_text(&front->arena, &front->sources, "bench.dag", text, n);
    Model *model = front_check(front, front_parse(front, source));
    if (front->diags->nerrors > 0) {
        diags_print(front->diags, DIAG_TEXT, false, stderr);
        exit(1);
    }
    return &lower_model(front, model)->program;
}

/* ---------------------------------------------------------------- running */

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "sched: %s\n", what);
        exit(1);
    }
}

static void run_once(const dag_program *program, int64_t *build, int64_t *run) {
    dag_options options = { .retry = -1 };
    dag_error error;
    int64_t start = now();
    dag_run *r = dag_run_new(program, &options, &error);
    check(r != NULL, "no memory");
    int64_t made = now();
    check(dag_run_wait(r) == DAG_COMPLETED, "the run did not complete");
    int64_t end = now();
    dag_run_free(r);
    *build = made - start < *build ? made - start : *build;
    *run = end - made < *run ? end - made : *run;
}

int main(int argc, char **argv) {
    check(argc >= 3, "usage: sched SHAPE N [data|order]");
    uint32_t n = (uint32_t)atoi(argv[2]);
    bool data = argc < 4 || strcmp(argv[3], "data") == 0;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    fprintf(out, "pipeline bench {\n");
    if (strcmp(argv[1], "wide") == 0) {
        write_wide(out, n);
    } else {
        Shape shape = shape_new(argv[1], n);
        check(shape.n > 0, "no such shape");
        write_graph(out, &shape, data);
        n = shape.n;
    }
    fprintf(out, "}\n");
    fclose(out);
    Front *front = front_new();
    const dag_program *program = compile(front, text, size);
    int64_t build = INT64_MAX, run = INT64_MAX;
    memory_mark();
    run_once(program, &build, &run);
    double bytes = memory_since();
    for (int i = 1; i < ROUNDS; i++) {
        run_once(program, &build, &run);
    }
    printf("%.1f %.1f %.0f\n", (double)build / n, (double)run / n, bytes / n);
    front_free(front);
    free(text);
    return 0;
}
