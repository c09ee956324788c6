/* A pipeline compiled from its text, for tests of what comes behind the checker. */
#ifndef DAG_TESTS_COMPILED_H
#define DAG_TESTS_COMPILED_H

#include "back/graph.h"

typedef struct Compiled {
    Front *front;
    Graph *graph; /* NULL: there were errors; they have been printed */
    const dag_program *program;
} Compiled;

/* Compiles; a failure of the current test when there are errors. Free it in any case. */
Compiled compiled_new(const char *text);
void compiled_free(Compiled *compiled);

/* What an emitter prints. Lives until the pipeline is freed. */
typedef void Emitter(Front *front, const Graph *graph, FILE *out);
const char *compiled_print(const Compiled *compiled, Emitter *emit);

/* The line of the text that begins, after spaces, with `start`: what follows that. "" without. */
const char *compiled_line(const Compiled *compiled, const char *text, const char *start);

/* Does the text contain the part? */
bool text_has(const char *text, const char *part);

#endif
