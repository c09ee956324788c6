/*
 * store_sqlite_ledger.h - a database file as all runs of a process write it: one connection, one thread.
 *
 * Rows gather in a batch, which the thread commits as one transaction while the next one gathers: group
 * commit, so durability costs a share of an fsync per task, and of all runs that end at the same time.
 * Batches are numbered from 1; who has put something into one may wait for it. When one cannot be
 * written, nothing is written any more, for any run.
 */
#ifndef DAG_STORE_SQLITE_LEDGER_H
#define DAG_STORE_SQLITE_LEDGER_H

#include "store/store_sqlite.h"

typedef struct Ledger Ledger;

/* Opens (and makes, or migrates) DIR/<pipeline>.db. NULL with *message (to be freed by sqlite3_free; NULL:
 * without memory). */
Ledger *ledger_open(const char *dir, const char *pipeline, char **message);

/* One more who uses it. */
Ledger *ledger_share(Ledger *ledger);

/* One less; behind the last one what has gathered is committed and the file closed. NULL is nothing. */
void ledger_release(Ledger *ledger);

/* Why it cannot be written any more, as long as the ledger; NULL: it can. */
const char *ledger_error(Ledger *ledger);

typedef enum LedgerHaste {
    LEDGER_CHEAP,  /* it would cost nothing to do it again: waits for others, and for no disk */
    LEDGER_URGENT, /* goes to the disk, soon */
    LEDGER_AWAITED /* somebody waits for it, though not for the disk */
} LedgerHaste;

/* Each puts something at the end of the batch and returns its number; 0: it cannot, see ledger_error.
 * Rows keep their order, those of a run and of all. Waits while too much has gathered. */

/* `make` makes the row, in the arena, while nobody else puts in anything. */
uint64_t ledger_put(Ledger *ledger, StoreRow *(*make)(void *self, Arena *arena), void *self,
                    LedgerHaste haste);
/* The file or folder is deleted behind the rows of the batch. */
uint64_t ledger_reclaim(Ledger *ledger, const char *path, bool fingerprint);

/* Waits until the batch is committed; `durable`: and on the disk. False: see ledger_error. */
bool ledger_wait(Ledger *ledger, uint64_t batch, bool durable);

#endif
