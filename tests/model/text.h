/*
 * text.h - a plan written as a pipeline and compiled: the scheduler then runs what checker and
 * lowering have made of it, the reference still reads the plan.
 */
#ifndef TESTS_MODEL_TEXT_H
#define TESTS_MODEL_TEXT_H

#include "plan.h"

typedef struct Text {
    struct Front *front;
    char *source;    /* the pipeline */
    bool impossible; /* a stage can never run: dead[] */
    bool dead[PLAN_STAGES];
} Text;

/* Writes and compiles a finished plan; plan->program are the compiled tables then. False: `wrong`
 * says what the compiler said, or `impossible` is set and the plan is as it was. */
bool text_compile(Text *text, Plan *plan, char *wrong, size_t size);
void text_free(Text *text);

#endif
