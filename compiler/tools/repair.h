/*
 * repair.h - applies the fixes that are certain to a text.
 */
#ifndef DAGCC_REPAIR_H
#define DAGCC_REPAIR_H

#include "base/options.h"

/* A text after its fixes. */
typedef struct Repair {
    const char *text; /* size bytes and a NUL */
    size_t size;
    unsigned nfixes;
    Front *rest; /* the compilation of that text, with what is left; free it */
} Repair;

/* Checks the text as the options say (-I, -D, -W) and applies what is certain, again and again until
 * nothing is: a fix may uncover the next mistake. Each one is told to `log` ("PATH:LINE:COLUMN: write
 * `==` [E0107]"; NULL: untold). What touches the place of another fix waits for the next round. NULL
 * without memory; the rest lives in `arena`. */
Repair *repair_text(Arena *arena, const Source *source, const Options *options, FILE *log);

#endif
