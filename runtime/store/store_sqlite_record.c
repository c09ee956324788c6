/*
 * store_sqlite_record.c - one run read back from the store: stages, edges, tasks, attempts.
 *
 * Rows come in the order in which things happened; the last one of a subject says how it stands.
 */
#include <stdlib.h>
#include <string.h>

#include "pure/hash.h"
#include "pure/value.h"
#include "store/store_sqlite_query.h"

/* ---------------------------------------------------------------- keys */

int store_key_order(const char *a, const char *b) {
    while (*a != '\0' && *b != '\0') {
        bool numbers = *a >= '0' && *a <= '9' && *b >= '0' && *b <= '9';
        if (numbers) {
            char *end_a, *end_b;
            unsigned long long x = strtoull(a, &end_a, 10), y = strtoull(b, &end_b, 10);
            if (x != y)
                return x < y ? -1 : 1;
            a = end_a;
            b = end_b;
            continue;
        }
        if (*a != *b)
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        a++;
        b++;
    }
    return (*a != '\0') - (*b != '\0');
}

/* ---------------------------------------------------------------- one run */

/* The record in the making: its tasks by (stage, key), in an open hash table. */
typedef struct Loader {
    StoreReader *reader;
    Arena *arena;
    dag_error *error;
    StoreRecord *record;
    uint32_t *slots; /* number of a task + 1 */
    size_t nslots;   /* a power of two */
    size_t size;     /* room for tasks */
} Loader;

static size_t first_slot(const Loader *l, uint32_t stage, const char *key) {
    uint64_t h = value_hash(value_text(DAG_STRING, key, strlen(key))) + stage * 0x9e3779b97f4a7c15u;
    return (size_t)(h ^ h >> 29) & (l->nslots - 1);
}

static void put_slot(Loader *l, uint32_t n) {
    const StoreTask *task = &l->record->tasks[n];
    size_t at = first_slot(l, task->stage, task->key);
    while (l->slots[at] != 0)
        at = (at + 1) & (l->nslots - 1);
    l->slots[at] = n + 1;
}

static void grow(Loader *l) {
    StoreRecord *r = l->record;
    size_t size = l->size == 0 ? 64 : l->size * 2;
    r->tasks = arena_grow(l->arena, r->tasks, l->size * sizeof *r->tasks, size * sizeof *r->tasks);
    l->size = size;
    l->nslots = size * 2;
    l->slots = ARENA_ARRAY(l->arena, l->nslots, uint32_t);
    for (uint32_t i = 0; i < r->ntasks; i++)
        put_slot(l, i);
}

/* The task, perhaps a new one. NULL: the record is not what it should be. */
static StoreTask *task_of(Loader *l, const Query *q, int stage_column, int key_column) {
    StoreRecord *r = l->record;
    uint32_t stage = (uint32_t)query_number(q, stage_column);
    const char *key = (const char *)sqlite3_column_text(q->statement, key_column);
    if (stage >= r->nstages || key == NULL)
        return NULL;
    if (r->ntasks == l->size)
        grow(l);
    size_t at = first_slot(l, stage, key);
    for (; l->slots[at] != 0; at = (at + 1) & (l->nslots - 1)) {
        StoreTask *task = &r->tasks[l->slots[at] - 1];
        if (task->stage == stage && strcmp(task->key, key) == 0)
            return task;
    }
    StoreTask *task = &r->tasks[r->ntasks];
    *task = (StoreTask){ .stage = stage, .key = query_text(q, key_column) };
    l->slots[at] = (uint32_t)++r->ntasks;
    return task;
}

static void take_task(Loader *l, const Query *q) {
    StoreTask *task = task_of(l, q, 0, 1);
    if (task == NULL)
        return;
    uint32_t attempt = (uint32_t)query_number(q, 2);
    task->row = query_number(q, 12);
    task->state = query_state(q, 3);
    task->attempt = attempt > task->attempt ? attempt : task->attempt;
    int64_t time = query_number(q, 4), took = query_number(q, 5);
    bool running = task->state == DAG_RUNNING;
    task->started = running ? time : time - took;
    task->finished = running ? 0 : time;
    task->reason = query_text(q, 6);
    task->error = (dag_error){ query_text(q, 7), query_text(q, 8) };
    task->inputs = query_text(q, 9);
    task->outputs = query_text(q, 10);
    task->sources = query_text(q, 11);
}

static bool read_tasks(Loader *l) {
    Query q =
        query_open(l->reader, l->arena, l->error,
                   "SELECT stage, key, attempt, state, time, took, reason, error_type, error,"
                   " inputs, outputs, sources, id FROM task_known WHERE " OF_RUN " ORDER BY id",
                   l->record->run.number);
    while (query_next(&q))
        take_task(l, &q);
    return query_end(&q);
}

static void take_attempt(Loader *l, const Query *q) {
    StoreTask *task = task_of(l, q, 0, 1);
    if (task == NULL)
        return;
    StoreAttempt *attempt = ARENA_NEW(l->arena, StoreAttempt);
    *attempt = (StoreAttempt){ .number = (uint32_t)query_number(q, 2),
                               .state = query_state(q, 3),
                               .finished = query_number(q, 4),
                               .started = query_number(q, 4) - query_number(q, 5),
                               .exit_status = (int)query_known(q, 6),
                               .dir = query_text(q, 12),
                               .error = { query_text(q, 13), query_text(q, 14) } };
    attempt->usage = (dag_usage){ .user = query_known(q, 7),
                                  .system = query_known(q, 8),
                                  .max_rss = query_known(q, 9),
                                  .read = query_known(q, 10),
                                  .written = query_known(q, 11) };
    if (task->attempts == NULL)
        task->last_attempt = &task->attempts;
    *task->last_attempt = attempt;
    task->last_attempt = &attempt->next;
    if (attempt->number > task->attempt)
        task->attempt = attempt->number;
}

static bool read_attempts(Loader *l) {
    Query q =
        query_open(l->reader, l->arena, l->error,
                   "SELECT stage, key, number, state, time, took, exit, user_time, system_time,"
                   " max_rss, read_bytes, written_bytes, dir, error_type, error FROM attempt"
                   " WHERE " OF_RUN " ORDER BY id",
                   l->record->run.number);
    while (query_next(&q))
        take_attempt(l, &q);
    return query_end(&q);
}

static bool read_stages(Loader *l) {
    StoreRecord *r = l->record;
    size_t size = 0;
    Query q =
        query_open(l->reader, l->arena, l->error,
                   "SELECT slug, digest FROM stage WHERE run = ?1 ORDER BY number", r->run.number);
    while (query_next(&q)) {
        if (r->nstages == size) {
            size = size == 0 ? 16 : size * 2;
            r->stages = arena_grow(l->arena, r->stages, r->nstages * sizeof *r->stages,
                                   size * sizeof *r->stages);
        }
        r->stages[r->nstages++] =
            (StoreStage){ .slug = query_text(&q, 0), .digest = query_text(&q, 1) };
    }
    return query_end(&q);
}

static bool read_edges(Loader *l) {
    StoreRecord *r = l->record;
    size_t size = 0;
    Query q =
        query_open(l->reader, l->arena, l->error,
                   "SELECT from_stage, from_port, ifnull(to_stage, 4294967295), to_port, stream"
                   " FROM edge WHERE run = ?1 ORDER BY number",
                   r->run.number);
    while (query_next(&q)) {
        if (r->nedges == size) {
            size = size == 0 ? 16 : size * 2;
            r->edges = arena_grow(l->arena, r->edges, r->nedges * sizeof *r->edges,
                                  size * sizeof *r->edges);
        }
        r->edges[r->nedges++] = (StoreEdge){ .from_stage = (uint32_t)query_number(&q, 0),
                                             .from_port = query_text(&q, 1),
                                             .to_stage = (uint32_t)query_number(&q, 2),
                                             .to_port = query_text(&q, 3),
                                             .stream = query_number(&q, 4) != 0 };
    }
    return query_end(&q);
}

static bool read_stage_states(Loader *l) {
    StoreRecord *r = l->record;
    Query q = query_open(l->reader, l->arena, l->error,
                         "SELECT stage, state, time FROM transition WHERE " OF_RUN " AND scope = 1"
                         " ORDER BY id",
                         r->run.number);
    while (query_next(&q)) {
        uint32_t n = (uint32_t)query_number(&q, 0);
        if (n >= r->nstages)
            continue;
        StoreStage *stage = &r->stages[n];
        bool again = stage->state != DAG_RUNNING && stage->state == query_state(&q, 1);
        if (again && stage->ended != 0)
            continue; /* a resumed run passes over what was done */
        stage->state = query_state(&q, 1);
        bool running = stage->state == DAG_RUNNING;
        if (running && stage->started == 0)
            stage->started = query_number(&q, 2);
        stage->ended = running ? 0 : query_number(&q, 2);
    }
    return query_end(&q);
}

static int by_key(const void *a, const void *b) {
    const StoreTask *x = a, *y = b;
    if (x->stage != y->stage)
        return x->stage < y->stage ? -1 : 1;
    return store_key_order(x->key, y->key);
}

/* An attempt without a row: the last one as the task's row has it; one before it was killed with its
 * process. */
static StoreAttempt *unrecorded(Loader *l, const StoreTask *task, uint32_t number) {
    StoreAttempt *attempt = ARENA_NEW(l->arena, StoreAttempt);
    *attempt = (StoreAttempt){
        .number = number, .state = DAG_CRASHED, .exit_status = -1, .usage = { -1, -1, -1, -1, -1 }
    };
    if (number == task->attempt) {
        attempt->state = task->state;
        attempt->started = task->started;
        attempt->finished = task->finished;
        attempt->error = task->error;
    }
    return attempt;
}

/* Attempts are numbered from 1 without a gap. */
static void complete_attempts(Loader *l, StoreTask *task) {
    StoreAttempt **link = &task->attempts;
    for (uint32_t n = 1; n <= task->attempt; n++) {
        if (*link == NULL || (*link)->number > n) {
            StoreAttempt *attempt = unrecorded(l, task, n);
            attempt->next = *link;
            *link = attempt;
        }
        while (*link != NULL && (*link)->number <= n)
            link = &(*link)->next;
    }
    task->last_attempt = link;
}

/* What had not completed when the run last went on waits for its turn again; what had not even
 * started may not come to be at all: it is left out. */
static void leave_stale(Loader *l) {
    StoreRecord *r = l->record;
    size_t kept = 0;
    for (size_t i = 0; i < r->ntasks; i++) {
        StoreTask *task = &r->tasks[i];
        bool stays = task->state == DAG_COMPLETED || task->state == DAG_CACHED ||
                     task->state == DAG_FILTERED || task->row > r->run.row;
        if (!stays && task->attempt == 0)
            continue;
        if (!stays)
            task->state = DAG_PENDING;
        r->tasks[kept] = *task;
        if (task->attempts == NULL)
            r->tasks[kept].last_attempt = &r->tasks[kept].attempts;
        kept++;
    }
    r->ntasks = kept;
}

/* What nobody works on any more has crashed, all the way down. */
static void settle(Loader *l) {
    StoreRecord *r = l->record;
    bool over = r->run.state != DAG_RUNNING && r->run.state != DAG_QUEUED;
    leave_stale(l);
    for (size_t i = 0; i < r->ntasks; i++) {
        StoreTask *task = &r->tasks[i];
        if (over && task->state == DAG_RUNNING)
            task->state = DAG_CRASHED;
        complete_attempts(l, task);
        r->stages[task->stage].tasks[task->state]++;
    }
    for (uint32_t i = 0; i < r->nstages; i++) {
        StoreStage *stage = &r->stages[i];
        if (over && r->run.state != DAG_PAUSED && stage->state == DAG_RUNNING) {
            stage->state = stage->tasks[DAG_CRASHED] > 0 ? DAG_CRASHED : DAG_CANCELLED;
        }
    }
    if (r->ntasks > 0)
        qsort(r->tasks, r->ntasks, sizeof *r->tasks, by_key);
}

static bool read_run(Loader *l, const char *id) {
    Query q = query_open(l->reader, l->arena, l->error,
                         "SELECT " RUN_COLUMNS " FROM run WHERE name = ?", 0);
    if (q.rc == SQLITE_OK)
        sqlite3_bind_text(q.statement, 1, id, -1, SQLITE_STATIC);
    bool found = query_next(&q);
    if (found)
        query_run(&q, &l->record->run);
    if (!query_end(&q))
        return false;
    if (!found)
        query_refuse_name(l->arena, l->error, "there is no run `%s`", id);
    return found && query_run_states(l->reader, l->arena, &l->record->run, l->error);
}

static bool read_all(Loader *l, const char *id) {
    return read_run(l, id) && read_stages(l) && read_edges(l) && read_stage_states(l) &&
           read_tasks(l) && read_attempts(l);
}

/* Within one transaction: the record as it stood at one moment. */
bool store_read_record(StoreReader *reader, Arena *arena, const char *id, StoreRecord *record,
                       dag_error *error) {
    Loader l = { .reader = reader, .arena = arena, .error = error, .record = record };
    *record = (StoreRecord){ .reader = reader, .run = { .error_stage = DAG_NONE } };
    sqlite3_exec(reader->db, "BEGIN", NULL, NULL, NULL);
    bool good = read_all(&l, id);
    sqlite3_exec(reader->db, "ROLLBACK", NULL, NULL, NULL);
    if (good)
        settle(&l);
    return good;
}

const char *store_read_task_inputs(StoreReader *reader, Arena *arena, const char *run,
                                   const char *slug, const char *key) {
    const char *words[] = { run, slug, key }, *inputs = NULL;
    dag_error error = { 0 };
    Query q = query_open(
        reader, arena, &error,
        "SELECT t.inputs FROM run r JOIN stage g ON g.run = r.id AND g.slug = ?2 JOIN task"
        " t ON t.id BETWEEN r.id << 32 AND (r.id << 32) + 4294967295 AND"
        " t.stage = g.number AND t.key = ?3 AND t.inputs IS NOT NULL WHERE r.name = ?1"
        " ORDER BY t.id DESC LIMIT 1",
        0);
    for (int i = 0; i < 3 && q.rc == SQLITE_OK; i++)
        q.rc = sqlite3_bind_text(q.statement, i + 1, words[i], -1, SQLITE_STATIC);
    if (query_next(&q))
        inputs = query_text(&q, 0);
    return query_end(&q) ? inputs : NULL;
}
