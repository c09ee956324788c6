/*
 * store_sqlite.c - the store of runs in SQLite: the events of one run as rows of a ledger, in order.
 */
#include "store/store_sqlite.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/queue.h"
#include "store/store_sqlite_ledger.h"
#include "store/wall_clock.h"

typedef struct SqliteStore {
    dag_store table; /* what callers hold */
    Ledger *ledger;
    const dag_program *program;
    char *root;    /* the state folder */
    RunLock *lock; /* of the run */
    char *held;    /* the run's id */
    int64_t run;
    uint32_t number;   /* of the run's next row */
    uint64_t last;     /* batch with something of the run */
    uint64_t reclaims; /* batch with something to delete */
    char refusal[512]; /* why the run cannot be recorded, whatever becomes of others; or "" */
} SqliteStore;

/* ---------------------------------------------------------------- the table of functions */

static bool report(const SqliteStore *store, dag_error *error) {
    const char *message = ledger_error(store->ledger);
    if (message == NULL && store->refusal[0] != '\0')
        message = store->refusal;
    if (message == NULL)
        return true;
    *error = (dag_error){ .type = "store", .message = message };
    return false;
}

static bool sqlite_check(void *self, dag_error *error) {
    return report(self, error);
}

/* Goes to the disk: what a body has done, and the end of a run. That it runs is told at once to those who
 * look, though it need not survive the machine. */
static LedgerHaste haste_of(const dag_program *program, const dag_event *event) {
    bool task = event->scope == DAG_SCOPE_TASK || event->scope == DAG_SCOPE_ATTEMPT;
    if (event->scope == DAG_SCOPE_RUN && event->depth == 0)
        return event->state == DAG_RUNNING ? LEDGER_AWAITED : LEDGER_URGENT;
    bool done = task && program->stages[event->stage].body != DAG_BODY_NONE &&
                event->state != DAG_RUNNING && event->state != DAG_CACHED;
    return done ? LEDGER_URGENT : LEDGER_CHEAP;
}

typedef struct EventOf {
    SqliteStore *store;
    const dag_program *program;
    const dag_event *event;
} EventOf;

static StoreRow *make_row(void *self, Arena *arena) {
    const EventOf *of = self;
    StoreRow *row = store_row_new(arena, of->program, of->event);
    row->run = of->store->run;
    if (row->of == 0)
        row->number = of->store->number++;
    return row;
}

static void sqlite_event(void *self, const dag_event *event) {
    SqliteStore *store = self;
    const dag_program *program = event->depth > 0 ? event->program : store->program;
    EventOf of = { .store = store, .program = program, .event = event };
    if (!store_row_wanted(program, event))
        return;
    if (event->scope == DAG_SCOPE_RUN && event->depth == 0 && event->state != DAG_RUNNING)
        ledger_wait(store->ledger, store->reclaims,
                    false); /* a run that has ended deletes nothing */
    uint64_t batch = ledger_put(store->ledger, make_row, &of, haste_of(program, event));
    store->last = batch > 0 ? batch : store->last;
}

static void sqlite_reclaim(void *self, const char *path, bool fingerprint) {
    SqliteStore *store = self;
    uint64_t batch = ledger_reclaim(store->ledger, path, fingerprint);
    if (batch > 0)
        store->last = store->reclaims = batch;
}

static bool sqlite_flush(void *self, dag_error *error) {
    SqliteStore *store = self;
    ledger_wait(store->ledger, store->last, true);
    return report(store, error);
}

bool store_sqlite_hold(dag_store *table, const char *run, dag_error *error) {
    SqliteStore *store = table->self;
    if (store->lock != NULL && strcmp(store->held, run) == 0)
        return true;
    runlock_free(store->lock);
    free(store->held);
    store->held = strdup(run);
    store->lock = runlock_take(store->root, run, store->refusal, sizeof store->refusal);
    if (store->held == NULL && store->lock != NULL)
        sqlite3_snprintf((int)sizeof store->refusal, store->refusal, "out of memory");
    return report(store, error);
}

/* ---------------------------------------------------------------- the first row */

typedef struct FirstRow {
    StoreOpening *opening;
    const StoreRow *row;
} FirstRow;

static StoreRow *make_first(void *self, Arena *arena) {
    const FirstRow *first = self;
    StoreRow *row = ARENA_NEW(arena, StoreRow);
    *row = *first->row;
    row->opens = first->opening;
    return row;
}

/* Waits until the row is committed: the opening and what the row refers to need not be copied. */
static bool open_with(SqliteStore *store, StoreOpening *opening, const StoreRow *row, bool durable,
                      dag_error *error) {
    FirstRow first = { .opening = opening, .row = row };
    uint64_t batch =
        ledger_put(store->ledger, make_first, &first, durable ? LEDGER_URGENT : LEDGER_AWAITED);
    bool good = batch > 0 && ledger_wait(store->ledger, batch, durable);
    if (good && opening->rc == SQLITE_NOTFOUND)
        sqlite3_snprintf((int)sizeof store->refusal, store->refusal, "run %s is not recorded",
                         opening->run->id);
    else if (good && opening->rc != SQLITE_OK)
        sqlite3_snprintf((int)sizeof store->refusal, store->refusal,
                         "there is a run %s already; try again", opening->run->id);
    return report(store, error);
}

bool store_queue_add(dag_store *table, const StoreRun *run, const char *inputs, dag_error *error) {
    StoreOpening opening = { .how = STORE_QUEUE, .run = run, .inputs = inputs };
    StoreRow row = {
        .scope = DAG_SCOPE_RUN, .state = DAG_QUEUED, .stage = DAG_NONE, .time = run->started
    };
    return open_with(table->self, &opening, &row, true, error);
}

bool store_queue_end(dag_store *table, const char *run, dag_state state, const char *reason,
                     const dag_error *why, dag_error *error) {
    StoreRun found = { .id = run };
    StoreOpening opening = { .how = STORE_FIND, .run = &found };
    StoreRow row = { .scope = DAG_SCOPE_RUN,
                     .state = state,
                     .stage = DAG_NONE,
                     .time = wall_clock(),
                     .reason = reason,
                     .error_type = why->type,
                     .error_message = why->message };
    return open_with(table->self, &opening, &row, true, error);
}

/* What others see of a run before its first task need not survive the machine. */
static bool begin(SqliteStore *store, const StoreRun *run, Arena *arena, dag_error *error) {
    StoreOpening opening = { .how = run->resume   ? STORE_FIND
                                    : run->queued ? STORE_UNQUEUE
                                                  : STORE_NEW,
                             .run = run,
                             .alone = true };
    StoreRow row = { .scope = DAG_SCOPE_RUN };
    if (opening.how == STORE_NEW)
        opening.inputs = store_inputs_json(arena, run);
    bool good = open_with(store, &opening, &row, false, error);
    store->run = opening.number;
    store->number = opening.next;
    return good;
}

static bool sqlite_begin(void *self, const StoreRun *run, dag_error *error) {
    SqliteStore *store = self;
    Arena arena = { 0 };
    jmp_buf oom;
    store->program = run->program;
    if (!store_sqlite_hold(&store->table, run->id, error))
        return false;
    arena.oom = &oom;
    *error = (dag_error){ .type = "store", .message = "out of memory in the state store" };
    bool good = setjmp(oom) == 0 && begin(store, run, &arena, error);
    arena_free(&arena);
    return good;
}

/* ---------------------------------------------------------------- opening and closing */

static void sqlite_close(void *self) {
    SqliteStore *store = self;
    if (store->ledger != NULL && store->last > 0)
        ledger_wait(store->ledger, store->last, false);
    ledger_release(store->ledger);
    runlock_free(store->lock);
    free(store->root);
    free(store->held);
    free(store);
}

/* Takes over the ledger. NULL without memory. */
static dag_store *store_new(Ledger *ledger, const char *dir) {
    SqliteStore *store = calloc(1, sizeof *store);
    char *root = strdup(dir);
    if (store == NULL || root == NULL) {
        ledger_release(ledger);
        free(store);
        free(root);
        return NULL;
    }
    store->ledger = ledger;
    store->root = root;
    store->table = (dag_store){ .self = store,
                                .begin = sqlite_begin,
                                .event = sqlite_event,
                                .check = sqlite_check,
                                .flush = sqlite_flush,
                                .reclaim = sqlite_reclaim,
                                .close = sqlite_close,
                                .children = true };
    return &store->table;
}

dag_store *store_sqlite_share(const dag_store *table) {
    const SqliteStore *store = table->self;
    return store_new(ledger_share(store->ledger), store->root);
}

dag_store *store_sqlite_open(const char *dir, const char *pipeline, char *reason, size_t size,
                             dag_error *error) {
    char *message = NULL;
    Ledger *ledger = ledger_open(dir, pipeline, &message);
    dag_store *store = ledger == NULL ? NULL : store_new(ledger, dir);
    if (store == NULL) {
        sqlite3_snprintf((int)size, reason, "%s", message != NULL ? message : "out of memory");
        *error = (dag_error){ .type = "store", .message = reason };
    }
    sqlite3_free(message);
    return store;
}
