/*
 * read_ahead.h - how many rows to read at once when rows are wanted one by one, mostly in their order.
 *
 * A query for one row costs about as much as eight rows behind it. So a miss reads as many more as
 * keep all that was ever read below eight for each row that was asked for: a sequence is read in a few
 * large steps, and rows in no order cost at most twice what they cost one by one.
 */
#ifndef DAG_STORE_READ_AHEAD_H
#define DAG_STORE_READ_AHEAD_H

#include <stdint.h>

enum { AHEAD_RATIO = 8, AHEAD_LEAST = 8, AHEAD_MOST = 8192 };

typedef struct ReadAhead {
    int64_t asked, read; /* rows */
} ReadAhead;

/* A row is asked for. */
static inline void read_ahead_ask(ReadAhead *ahead) {
    ahead->asked++;
}

/* A row was read. */
static inline void read_ahead_count(ReadAhead *ahead) {
    ahead->read++;
}

/* It is not in memory: how many to read, itself among them. */
static inline int64_t read_ahead_window(const ReadAhead *ahead) {
    int64_t n = ahead->asked * AHEAD_RATIO - ahead->read;
    if (n < 1)
        return 1;
    return n < AHEAD_LEAST ? AHEAD_LEAST : n > AHEAD_MOST ? AHEAD_MOST : n;
}

#endif
