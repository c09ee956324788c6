/*
 * store_read.h - what the store knows of runs: for the commands that show, resume and replay them.
 *
 * What is read lives in the arena that it is read into. A run that nobody works on any more although
 * its last state says so is shown as crashed, and so are its tasks that were running.
 */
#ifndef DAG_STORE_READ_H
#define DAG_STORE_READ_H

#include "core/store.h"
#include "pure/arena.h"

typedef struct StoreReader StoreReader;

/* Opens the store of a pipeline below a state folder, to read. NULL: `error` (message in `reason`);
 * error->type is NULL where there is no store yet. */
StoreReader *store_reader_open(const char *root, const char *pipeline, char *reason, size_t size,
                               dag_error *error);
void store_reader_free(StoreReader *reader);

/* ---------------------------------------------------------------- what it gives */

typedef struct StoreRunInfo {
    int64_t number; /* the store's */
    const char *id, *pipeline, *source;
    const char *inputs;  /* JSON object by name */
    const char *outputs; /* the same, of a run that has ended; or NULL */
    const char *origin;  /* id of the run that it replays, or NULL */
    dag_state state;
    int64_t created, finished; /* ns since 1970; finished 0: it runs */
    int64_t duration;          /* ns, of all its stretches together, until now where one goes on */
    dag_error error;           /* of the last stretch; type NULL: none */
    uint32_t error_stage;      /* or DAG_NONE */
    const char *error_key, *reason;
    int64_t row; /* the store's: where its last stretch begins */
    bool left;   /* its process ended without a word; nobody has resumed it */
} StoreRunInfo;

typedef struct StoreAttempt {
    uint32_t number;
    dag_state state;
    int64_t started, finished; /* finished 0: it runs, or was killed with its process */
    int exit_status;           /* -1: no process */
    dag_usage usage;
    const char *dir; /* or NULL */
    dag_error error;
    struct StoreAttempt *next;
} StoreAttempt;

/* A task as it stands now. */
typedef struct StoreTask {
    uint32_t stage; /* stages[] */
    const char *key;
    dag_state state;
    int64_t started, finished; /* ns since 1970; 0: not */
    uint32_t attempt;          /* the highest number of an attempt; 0: it never ran */
    const char *reason;
    dag_error error;
    const char *inputs, *outputs; /* JSON objects by port, or NULL */
    const char *sources;          /* JSON (store_sqlite_schema.c), or NULL */
    StoreAttempt *attempts;       /* by number */
    StoreAttempt **last_attempt;
    int64_t row; /* the store's: of its last transition */
} StoreTask;

typedef struct StoreStage {
    const char *slug, *digest;
    dag_state state;
    int64_t started, ended; /* 0: not */
    uint32_t tasks[DAG_NSTATES];
} StoreStage;

typedef struct StoreEdge {
    uint32_t from_stage, to_stage; /* to_stage DAG_NONE: an output of the pipeline */
    const char *from_port, *to_port;
    bool stream; /* out of a stream: the artifact's key is longer than its task's */
} StoreEdge;

typedef struct StoreRecord {
    StoreReader *reader; /* where it comes from */
    StoreRunInfo run;
    StoreStage *stages;
    uint32_t nstages;
    StoreEdge *edges;
    uint32_t nedges;
    StoreTask *tasks; /* by stage, then by key */
    size_t ntasks;
} StoreRecord;

/* All runs, the newest first. False with `error` (message in the arena), as for all below. */
bool store_read_runs(StoreReader *reader, Arena *arena, StoreRunInfo **runs, size_t *n,
                     dag_error *error);

/* The run that `name` means: an id, the beginning of exactly one, or `last`. NULL with `error`: type
 * "store", or "usage" where there is no such run or several. */
const char *store_find_run(StoreReader *reader, Arena *arena, const char *name, dag_error *error);

/* All of one run. */
bool store_read_record(StoreReader *reader, Arena *arena, const char *id, StoreRecord *record,
                       dag_error *error);

/* A run of a called pipeline. */
typedef struct StoreChildRun {
    StoreRunInfo run;
    const char *error_slug; /* of the stage where its error arose, or NULL */
    uint64_t tasks[DAG_NSTATES];
} StoreChildRun;

/* Those below run `id`, at any depth, in the order in which they began. */
bool store_read_children(StoreReader *reader, Arena *arena, const char *id,
                         StoreChildRun **children, size_t *n, dag_error *error);

/* What the tasks of a stage took in earlier runs. */
typedef struct StageHistory {
    uint64_t attempts;   /* completed ones; 0: it is not known */
    int64_t took;        /* ns, their mean */
    int64_t longest;     /* ns */
    int64_t most_memory; /* bytes; -1: not known */
    uint32_t tasks;      /* in the last run in which it had any that ran or were cached */
} StageHistory;

/* Of the last `most` runs that a user started: fills history[] by stage of the program, and *nruns
 * with how many there were. (store_sqlite_history.c) */
bool store_read_history(StoreReader *reader, Arena *arena, const dag_program *program,
                        uint32_t most, StageHistory *history, uint32_t *nruns, dag_error *error);

/* What a task was given, as a JSON object by port (in the arena; no secrets). NULL: that is not on record. */
const char *store_read_task_inputs(StoreReader *reader, Arena *arena, const char *run,
                                   const char *slug, const char *key);

/* Is it a temporary file that was deleted after use? *size: its bytes; -1: of a folder. */
bool store_reclaimed(StoreReader *reader, const char *path, int64_t *size);

/* ---------------------------------------------------------------- changing */

/* The same store for another run of this process: one connection and one thread write for all of them, and
 * what they have done at the same time is committed together. Once it cannot be written, it cannot for
 * any of them. Closed by its `close`, in any order. NULL: no memory. */
dag_store *store_sqlite_share(const dag_store *store);

/* Keeps other processes off a run from now on (until the store is closed). */
bool store_sqlite_hold(dag_store *store, const char *run, dag_error *error);

/* Calls `see` with every recorded text that may hold paths below the folder of work: of the runs that
 * are `wanted`, by number, and of the cache (number 0). */
bool store_each_text(StoreReader *reader, Arena *arena, bool (*wanted)(void *self, int64_t run),
                     void (*see)(void *self, const char *text), void *self, dag_error *error);

/* Forgets a run. The folder of its work is the caller's. */
bool store_drop_run(StoreReader *reader, const StoreRunInfo *run, Arena *arena, dag_error *error);

/* Forgets the temporary files whose attempts are gone, too. */
bool store_drop_reclaimed(StoreReader *reader, Arena *arena, dag_error *error);

/* Gives the space of what was forgotten back to the file system. */
bool store_compact(StoreReader *reader, Arena *arena, dag_error *error);

/* The order of keys: "-" first, then number by number. */
int store_key_order(const char *a, const char *b);

#endif
