/*
 * queue.h - runs that are recorded and have not begun: state `queued`, until a process takes one.
 *
 * Who wants to begin a run, or to end it before, takes its lock first (store_sqlite_hold) and looks then
 * whether it is still queued. So no two processes begin the same one, and when its process is killed
 * before it has said that it runs, the run is queued as before.
 */
#ifndef DAG_STORE_QUEUE_H
#define DAG_STORE_QUEUE_H

#include "store/store_read.h"

/* Records a run with inputs, a JSON object by name; `run`: id, program, started (ns since 1970: when it
 * was queued). It is on the disk then. False with `error`, whose message lives as long as the store. */
bool store_queue_add(dag_store *store, const StoreRun *run, const char *inputs, dag_error *error);

/* Says that a queued run whose lock the store holds has ended in `state` without having begun; `why`: type
 * NULL where there is no error. As above. */
bool store_queue_end(dag_store *store, const char *run, dag_state state, const char *reason,
                     const dag_error *why, dag_error *error);

typedef struct StoreQueued {
    int64_t number; /* the store's: runs that were queued later have higher ones */
    const char *id;
    const char *inputs;
} StoreQueued;

enum { STORE_QUEUE_PAGE = 64 };

/* The queued runs with the number `from` and higher ones, the oldest first, a page of them at most: *n is less
 * when there are no more. *next: with which number the next page begins; no run before the first of the
 * list (before *next where there is none) is queued. False with `error` (message in the arena). */
bool store_queue_read(StoreReader *reader, Arena *arena, int64_t from, StoreQueued **list,
                      size_t *n, int64_t *next, dag_error *error);

/* Has the file been deleted, moved or replaced since it was opened? Nobody else writes to it then. */
bool store_has_moved(StoreReader *reader);

/* Is the run (by id) queued? *yes. False as above. */
bool store_is_queued(StoreReader *reader, Arena *arena, const char *id, bool *yes,
                     dag_error *error);

/* Is the folder on a file system that other machines may write to? They are not heard of then. */
bool store_is_shared(const char *dir);

#endif
