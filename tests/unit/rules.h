/*
 * rules.h - small plans for tests of the scheduler, whose tasks do what a few rules say.
 */
#ifndef DAG_TESTS_RULES_H
#define DAG_TESTS_RULES_H

#include "../model/sim.h"

/* Everything completes, unless a rule says what a task does. Element i of a stream is i. */
typedef struct Rule {
    uint32_t stage;
    const char *key; /* NULL: all */
    dag_state state;
    uint32_t attempts; /* for so many attempts; 0: always */
    uint32_t n;        /* COMPLETED: elements of each stream */
} Rule;

typedef struct Rules {
    const Rule *rules;
    uint32_t n;
} Rules;

/* A SimDecide; self: Rules. */
void rules_decide(void *self, uint32_t stage, const char *key, uint32_t attempt,
                  SimOutcome *outcome);

/* Finishes the plan and starts it. `rules` must outlive it. */
Sim *sim_of(Plan *plan, Rules *rules, uint32_t jobs);

/* The same, under two jobs, to its end. */
Sim *ran(Plan *plan, const Rule *rules, uint32_t n);

/* Frees both. */
void done(Sim *sim);

/* Launches what may start; how many. */
uint32_t launch_all(Sim *sim);

/* A new stage with one input fed by `from` (a port; DAG_NONE: none) and one plain output. */
uint32_t step(Plan *plan, dag_fan fan, uint32_t from, uint32_t *out);

/* A new stage with a stream. */
uint32_t source(Plan *plan, uint32_t *out);

#endif
