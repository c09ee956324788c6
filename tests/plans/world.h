/* A random pipeline whose bodies leave a trace, what it reads, and changes of both. */
#ifndef DAG_TESTS_PLANS_WORLD_H
#define DAG_TESTS_PLANS_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "pure/arena.h"

enum { MOST_STAGES = 10, MOST_INS = 3, MOST_AXIS = 2, MOST_ORDERS = 4, MOST_ENTRIES = 4 };

typedef enum Body {
    BODY_SH,
    BODY_ARGV,
    BODY_JSON,
    BODY_NATIVE_C,
    BODY_VALUE,
    BODY_DOOR,
    BODY_SUB
} Body;
typedef enum Kind { KIND_TEXT, KIND_FILE, KIND_DIR } Kind; /* of one artifact */
typedef enum Fan { FAN_SINGLE, FAN_AGGREGATE, FAN_GROUPED, FAN_CROSS } Fan;
typedef enum Shape {
    SHAPE_FULL,
    SHAPE_FIRST,
    SHAPE_CONST
} Shape; /* what an output tells of its inputs */

typedef enum Join { JOIN_NOT, JOIN_MERGE, JOIN_ANY } Join;

typedef struct In {
    int from; /* a stage, or INPUT_* */
    Join join;
    int other; /* the stage that is joined to it */
    bool list, optional;
    int where; /* 0: none */
    int take;  /* 0: all */
} In;
enum { INPUT_TEXT = -1, INPUT_FILE = -2, INPUT_DIR = -3, INPUT_WORD = -4 };

typedef struct Unit {
    Body body;
    Kind kind;
    bool stream;
    Fan fan;
    Shape shape;
    In ins[MOST_INS];
    int nins;
    int axis[MOST_AXIS], depth; /* of the stage: stages whose streams it comes through */
    int version, env, argument; /* env, argument 0: none */
    bool config, uncacheable, may_fail, barrier;
    int when; /* 0: none */
    int orders[MOST_ORDERS], on[MOST_ORDERS], norders;
    int tag, retry, place; /* what must not matter */
    bool passthrough;
} Unit;

typedef struct Entry {
    int name, text;
} Entry;

typedef struct World {
    uint64_t state; /* of the random numbers */
    Unit stages[MOST_STAGES];
    int nstages;
    int text, word, config, file; /* values by number */
    Entry entries[MOST_ENTRIES];  /* of the folder */
    int nentries;
    bool fails[MOST_STAGES];
    int comment;
} World;

uint32_t world_pick(World *w, uint32_t n); /* in [0, n) */

void world_make(World *w, uint64_t seed);

/* The pipeline as text. */
const char *world_text(const World *w, Arena *arena);

/* Writes the files that it reads, below the current folder: `in/file`, `in/dir`, `flags`. What is
 * as it should be is left alone. */
void world_files(const World *w);

/* One random change, in words; *metadata: no result may be made again for it. */
const char *world_change(World *w, bool *metadata);

/* Is a stage, or what it depends on, never reused? */
bool world_uncached(const World *w, int stage);

#endif
