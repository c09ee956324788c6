/*
 * reference.h - the semantics of axes, keys and states, transcribed without regard for speed.
 *
 * From what was started and how it ended, everything else follows: ref_compute works it out anew
 * from nothing each time. Nothing here is shared with the real scheduler.
 *
 * Where the semantics leave a question open, this is what both do:
 *  - A key with two causes to be skipped with the key so far has one row.
 *  - A merge whose shared part is dead has one skipped task with that part; else one for each edge.
 *  - Behind a cross a short key is cut to what all crossed axes share. Lists by group that it covers
 *    are dead in every group, and so wait until nothing of that kind can come any more.
 *  - A list with a default is decided before its task is filtered: what is dead in it skips.
 *  - What an edge's condition fails on passes, and the task that takes it fails; it does not count
 *    for `take`. In an order what is dead comes last, as null does, also with desc.
 *  - Outputs of a stage with max_tasks are handed on when it can no longer be exceeded.
 *  - Under on_error stop a task is cancelled when it would start: what would be skipped or filtered
 *    without the failure still is. A rescue is a task that looks at something dead (or at a stage
 *    that is, by `on failure` or `on always`), or at the success of another one.
 *  - `take` into a list at the group's own axis is over the whole edge, as into a plain input.
 *  - A stage that is switched off has no rows; a passthrough gate that is hands on what enters.
 */
#ifndef TESTS_MODEL_REFERENCE_H
#define TESTS_MODEL_REFERENCE_H

#include "sim.h"

enum { REF_COORDS = 6, REF_NUMBERS = 12, REF_TEXT = 96 };

/* The coordinate at one position: an index, or the number of a merge's edge and the rest. */
typedef struct RefCoord {
    uint32_t position;
    uint32_t n;
    uint32_t v[REF_NUMBERS];
} RefCoord;

/* A key: coordinates in the order of the axis. A short one has less, or a last one cut off. */
typedef struct RefKey {
    uint32_t n;
    RefCoord c[REF_COORDS];
} RefKey;

typedef enum RefKnown { REF_OPEN, REF_PRESENT, REF_FILTERED, REF_DEAD } RefKnown;

typedef struct RefEntry {
    RefKey key;
    RefKnown known;
    int64_t value;
    bool null;
    bool broken;   /* a condition failed on it */
    bool rescue;   /* made by a rescue */
    int64_t order; /* scratch */
} RefEntry;

typedef struct RefShort {
    RefKey key;
    uint32_t q; /* the position that is dead (or open) */
    bool mute;  /* open: cannot turn out dead, for a stage that is off stands between */
} RefShort;

/* What is known at an output, an edge or an input. */
typedef struct RefInfo {
    RefEntry *entries;
    uint32_t nentries, entries_cap;
    RefShort *shorts;
    uint32_t nshorts, shorts_cap;
    RefShort *opens; /* keys with a new coordinate at q may come below key, or a short one */
    uint32_t nopens, opens_cap;
} RefInfo;

/* What was started, and how it ended. */
typedef struct RefRun {
    uint32_t stage;
    char key[REF_TEXT];
    bool ended;
    dag_state state;
    SimOutcome outcome;
} RefRun;

typedef enum RefPhase { REF_WAITS, REF_READY, REF_RUNNING, REF_ENDED } RefPhase;

typedef struct RefTask {
    RefKey key;
    char text[REF_TEXT];
    RefPhase phase;
    dag_state state; /* ENDED */
    bool row;        /* it has a row (ENDED) */
    bool present;    /* its data is present */
    bool rescue;
    bool broken;                  /* its inputs would not do */
    bool when_false, when_broken; /* READY */
    char *inputs;                 /* JSON, once present */
} RefTask;

typedef struct RefStage {
    RefTask *tasks;
    uint32_t ntasks, tasks_cap;
    RefShort *opens;
    uint32_t nopens, opens_cap;
    RefShort *shorts;
    uint32_t nshorts, shorts_cap;
    bool ended, limited, rescue;
    dag_state state;
} RefStage;

typedef struct Ref {
    const Plan *plan;
    RefRun *runs;
    uint32_t nruns, runs_cap;
    bool stopping;
    RefInfo ports[PLAN_PORTS]; /* out: what it has; in: what reaches it */
    RefInfo edges[PLAN_EDGES];
    RefStage stages[PLAN_STAGES];
} Ref;

Ref *ref_new(const Plan *plan);
void ref_free(Ref *ref);

RefRun *ref_find_run(Ref *ref, uint32_t stage, const char *key);
RefRun *ref_add_run(Ref *ref, uint32_t stage, const char *key);

void ref_compute(Ref *ref);

RefTask *ref_find_task(Ref *ref, uint32_t stage, const char *key);

/* An output of the pipeline as JSON in `text`; false: it is missing. */
bool ref_output(Ref *ref, uint32_t port, char *text, size_t size);

/* ---------------------------------------------------------------- keys (ref_key.c) */

/* The part of a key on the positions of an axis. */
RefKey ref_part(const Plan *plan, const RefKey *key, uint32_t axis);
bool ref_has(const RefKey *key, uint32_t position);
/* Has it a whole coordinate for each position of the axis? */
bool ref_is_on(const Plan *plan, const RefKey *key, uint32_t axis);
int ref_compare(const RefKey *a, const RefKey *b);
/* Do they agree where both have a coordinate? */
bool ref_agree(const RefKey *a, const RefKey *b);
/* The same, but only as far as the first coordinates of `a` have their positions in b. */
bool ref_begins(const RefKey *a, const RefKey *b);
void ref_text(const RefKey *key, const Plan *plan, char *text, size_t size);
RefKey ref_below(const RefKey *key, uint32_t position, uint32_t index);
/* Of a key (perhaps a short one) on an edge of a merge: its key there. */
RefKey ref_merged(const Plan *plan, const RefKey *key, uint32_t port, uint32_t edge);

/* Growing arrays: room for one more of `size` bytes; the new one is zero. */
void *ref_grow(void *items, uint32_t *n, uint32_t *cap, size_t size);

#endif
