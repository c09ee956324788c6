/*
 * million.c - a fan-out of many small expression tasks: what one of them holds in memory.
 *
 *   million SHAPE N    SHAPE: numbers, texts, chain, filtered, loose (see shapes below)
 *
 * Prints one line: ns per task, bytes of state per pending task (what comes to be between the end of
 * the stage that emits and the start of the first task), and the peak of memory over the whole run,
 * bytes per element beyond the input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "back/graph.h"
#include "base/front.h"

#include "check/front_check.h"
#include "pure/value.h"
#include "shapes.h"
#include "syntax/front_parse.h"

/* Behind a stage `source` that emits N numbers. */
static const struct {
    const char *name;
    int ntasks; /* per element */
    const char *stages;
} shapes[] = {
    { "numbers", 1,
      "stage a { in i: int = <source.i>  out o: int = <i> }\n"
      "stage all { fan aggregate  in o: list<int> = <a.o>  out n: int = <o | length> }" },
    { "texts", 1,
      "stage a { in i: int = <source.i>  out o: string = \"number <i>\" }\n"
      "stage all { fan aggregate  in o: list<string> = <a.o>  out n: int = <o | length> }" },
    { "chain", 3,
      "stage a { in i: int = <source.i>  out o: string = \"number <i>\" }\n"
      "stage b { in s: string = <a.o>  out o: string = <s | upper> }\n"
      "stage c { in s: string = <b.o>  out o: int = <s | length> }\n"
      "stage all { fan aggregate  in o: list<int> = <c.o>  out n: int = <o | length> }" },
    { "filtered", 2,
      "stage a { in i: int = <source.i>  out o: string = \"number <i>\" }\n"
      "stage b { in s: string  out o: int = <s | length> }\n"
      "a.o -> b.s where it != \"number 5\"\n"
      "stage all { fan aggregate  in o: list<int> = <b.o>  out n: int = <o | length> }" },
    { "loose", 2,
      "stage a { in i: int = <source.i>  out o: string = \"number <i>\" }\n"
      "stage b { in s: string = <a.o>  out o: string = <s | upper> }\n"
      "stage all { out n: int = 1 }  b => all" },
};
enum { NSHAPES = sizeof shapes / sizeof *shapes };

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "million: %s\n", what);
        exit(1);
    }
}

static const dag_program *compile(Front *front, const char *stages) {
    char text[2048];
    int n = snprintf(text, sizeof text,
                     "pipeline million {\n"
                     "input numbers: list<int>\n"
                     "stage source { out i: stream<int> = <input.numbers> }\n%s\n"
                     "output n: int = <all.n> }\n",
                     stages);
    Source *source =
        source_from_text(&front->arena, &front->sources, "million.dag", text, (size_t)n);
    Model *model = front_check(front, front_parse(front, source));
    if (front->diags->nerrors > 0) {
        diags_print(front->diags, DIAG_TEXT, false, stderr);
        exit(1);
    }
    return &lower_model(front, model)->program;
}

/* Memory before and after the tasks have come to be. */
typedef struct Pending {
    double before, after;
} Pending;

static void hear(void *self, const dag_event *event) {
    Pending *pending = self;
    if (event->scope == DAG_SCOPE_TASK && event->stage == 0 && event->state == DAG_COMPLETED) {
        pending->before = memory_status("VmRSS");
    } else if (event->scope == DAG_SCOPE_TASK && event->stage == 1 && pending->after == 0) {
        pending->after = memory_status("VmRSS");
    }
}

static void run_once(const dag_program *program, const dag_value *input, const dag_sink *sink) {
    dag_options options = { .retry = -1, .inputs = input, .sinks = sink, .nsinks = sink != NULL };
    dag_error error = { NULL, NULL };
    options.max_value = INT64_C(1) << 30;
    dag_run *run = dag_run_new(program, &options, &error);
    check(run != NULL, error.message ? error.message : "no memory");
    check(dag_run_wait(run) == DAG_COMPLETED, "the run did not complete");
    dag_run_free(run);
}

int main(int argc, char **argv) {
    check(argc == 3, "usage: million SHAPE N");
    uint32_t n = (uint32_t)atoi(argv[2]), shape = 0;
    while (shape < NSHAPES && strcmp(shapes[shape].name, argv[1]) != 0) {
        shape++;
    }
    check(shape < NSHAPES && n > 0, "no such shape");
    Front *front = front_new();
    const dag_program *program = compile(front, shapes[shape].stages);
    dag_value *numbers = calloc(n, sizeof *numbers);
    check(numbers != NULL, "no memory");
    for (uint32_t i = 0; i < n; i++) {
        numbers[i] = value_int(DAG_INT, i % 10);
    }
    dag_value input = value_list(numbers, n);
    memory_mark();
    int64_t start = now();
    run_once(program, &input, NULL);
    int64_t end = now();
    double peak = memory_since();
    Pending pending = { 0, 0 };
    dag_sink sink = { .self = &pending, .event = hear };
    run_once(program, &input, &sink);
    printf("%.0f %.1f %.0f\n", (double)(end - start) / n / shapes[shape].ntasks,
           (pending.after - pending.before) / n / shapes[shape].ntasks, peak / n);
    free(numbers);
    front_free(front);
    return 0;
}
