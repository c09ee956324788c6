/*
 * ahead.h - the lexer of a large text on a thread of its own, while the grammar is at work on what it
 * has read before.
 *
 * For texts in which no mistake is expected: then the grammar tells the lexer nothing, and each of
 * the two has its own memory. What they share is handed over in batches.
 */
#ifndef DAGCC_AHEAD_H
#define DAGCC_AHEAD_H

#include <pthread.h>

#include "syntax/lexer.h"

enum { BATCH = 2048, BATCHES = 4 };

typedef struct Batch {
    Token tokens[BATCH];
    uint32_t n;
} Batch;

typedef struct Ahead {
    pthread_t thread;
    Lexer lexer; /* of the thread, until it is joined; the next three likewise */
    Arena arena;
    jmp_buf oom;
    bool no_memory; /* why it has ended */
    pthread_mutex_t lock;
    pthread_cond_t moved; /* one of these, under the lock: */
    uint32_t made, given; /* batches that are filled; that the grammar has got, the last is its */
    bool over;            /* no more will be made */
    bool stop;            /* or wanted */
    Batch batches[BATCHES];
    /* What the grammar has not asked for of its batch. Far from the lexer: two processors that write
     * to neighbours wait for each other. */
    const Token *at, *end;
} Ahead;

/* Is a text of `size` bytes worth a thread, and is there a processor for it? */
bool ahead_pays(size_t size);

/* Starts to read where `lexer`, just made, stands; it is copied. What it is itself, and an error of
 * memory before the start, is of `arena`. NULL: no thread could be started. */
Ahead *ahead_start(Arena *arena, const Lexer *lexer);

/* The first token of the next batch, which is waited for. */
Token ahead_more(Ahead *ahead);

/* The next token; behind the end of the text, or the first mistake, TOK_YYEOF. */
static inline Token ahead_next(Ahead *ahead) {
    return ahead->at < ahead->end ? *ahead->at++ : ahead_more(ahead);
}

/* Ends the thread; its memory goes to `arena`, which counts as out of memory if the thread was. False:
 * the lexer has met a mistake. */
bool ahead_end(Ahead *ahead, Arena *arena);

#endif
