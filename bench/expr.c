/* ns per evaluation of <p | basename | upper | replace("A", "B") | truncate(20)>: by the run-time
 * evaluator over compiled tables, and by a C function written for just this. Prints two lines. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "back/graph.h"
#include "check/front_check.h"
#include "pure/expr.h"
#include "syntax/front_parse.h"

enum { TIMES = 1000000, TEXT_ROOM = 64 };

static const char pipeline[] = "pipeline p {\n  input p: string\n"
                               "  stage s { out t: string = <input.p | basename | upper | "
                               "replace(\"A\", \"B\") | truncate(20)> }\n"
                               "  output t: string = <s.t>\n}\n";
static const char path[] = "/srv/media/incoming/a holiday in albania.mkv";

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The same for ASCII, which this text is, into memory of its own. */
static __attribute__((noinline)) char *by_hand(const char *text, char *out) {
    const char *slash = strrchr(text, '/');
    const char *from = slash ? slash + 1 : text;
    size_t n = 0;
    for (; *from && n < 20; from++) {
        char c = (char)toupper((unsigned char)*from);
        out[n++] = c == 'A' ? 'B' : c;
    }
    out[n] = '\0';
    return out;
}

static void measure_hand(void) {
    char out[TEXT_ROOM];
    unsigned long sum = 0;
    double begin = now();
    for (int i = 0; i < TIMES; i++) {
        char *copy = strdup(by_hand(path, out));
        sum += copy ? (unsigned char)copy[i % 4] : 0;
        free(copy);
    }
    printf("hand-written C  %7.0f ns   (%s, %lu)\n", (now() - begin) / TIMES, out, sum % 10);
}

static void measure_tables(const dag_program *program) {
    dag_error error = { NULL, NULL };
    ExprProgram *exprs = expr_program_new(program, &error);
    if (!exprs) {
        abort();
    }
    dag_value input = { .kind = DAG_STRING, .len = sizeof path - 1, .u.text = path };
    dag_value result = { 0 };
    Arena arena = { 0 };
    ExprEnv env = { .run = &input, .arena = &arena };
    uint32_t expr = program->ports[program->stages[0].out].value;
    double begin = now();
    for (int i = 0; i < TIMES; i++) {
        arena_reset(&arena);
        if (!expr_eval(exprs, expr, &env, &result, &error)) {
            abort();
        }
    }
    printf("dagcc tables    %7.0f ns   (%s)\n", (now() - begin) / TIMES, result.u.text);
    arena_free(&arena);
    expr_program_free(exprs);
}

int main(void) {
    Front *front = front_new();
    if (!front) {
        return 1;
    }
    Source *source =
        source_from_text(&front->arena, &front->sources, "expr.dag", pipeline, sizeof pipeline - 1);
    Model *model = front_check(front, front_parse(front, source));
    if (front->diags->nerrors == 0) {
        measure_tables(&lower_model(front, model)->program);
    }
    measure_hand();
    front_free(front);
    return 0;
}
