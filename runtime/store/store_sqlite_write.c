/*
 * store_sqlite_write.c - rows of events into the database: one transaction per batch.
 */
#include <stdlib.h>
#include <string.h>

#include "store/digests.h"
#include "store/store_sqlite.h"

typedef enum StatementId {
    INSERT_RUN,
    INSERT_STAGE,
    INSERT_EDGE,
    INSERT_TRANSITION,
    INSERT_TASK,
    INSERT_ATTEMPT,
    NSTATEMENTS
} StatementId;

static const char *const statement_text[NSTATEMENTS] = {
    [INSERT_RUN] = "INSERT INTO run(name, pipeline, source, inputs, created, origin, parent)"
                   " VALUES(?,?,?,?,?,?,?)",
    [INSERT_STAGE] = "INSERT INTO stage(run, number, slug, digest) VALUES(?,?,?,?)",
    [INSERT_EDGE] = "INSERT INTO edge(run, number, from_stage, from_port, to_stage, to_port,"
                    " stream) VALUES(?,?,?,?,?,?,?)",
    [INSERT_TRANSITION] =
        "INSERT INTO transition(id, scope, stage, key, state, time, reason, error_type, error,"
        " outputs) VALUES(?,?,?,?,?,?,?,?,?,?)",
    [INSERT_TASK] = "INSERT INTO task(id, stage, key, attempt, state, time, took, reason,"
                    " error_type, error, inputs, outputs, sources, result)"
                    " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_ATTEMPT] =
        "INSERT INTO attempt(id, stage, key, number, state, time, took, exit, user_time,"
        " system_time, max_rss, read_bytes, written_bytes, dir, error_type, error)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
};

/* A called pipeline's run that has not ended. */
typedef struct OpenRun {
    int64_t root; /* the run that it is a part of */
    uint32_t number;
    uint32_t next; /* number of its next row */
    int64_t row;
} OpenRun;

/* The digests of a called pipeline's stages, computed once. */
typedef struct Digests {
    const dag_program *program;
    struct Digests *next;
    char text[][DIGEST_TEXT];
} Digests;

struct StoreWriter {
    sqlite3 *db;
    sqlite3_stmt *statements[NSTATEMENTS];
    OpenRun *open; /* in no order */
    size_t nopen, room;
    Digests *digests;
};

StoreWriter *store_writer_new(sqlite3 *db) {
    StoreWriter *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return NULL;
    writer->db = db;
    for (int i = 0; i < NSTATEMENTS; i++) {
        if (sqlite3_prepare_v3(db, statement_text[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &writer->statements[i], NULL) != SQLITE_OK) {
            store_writer_free(writer);
            return NULL;
        }
    }
    return writer;
}

void store_writer_free(StoreWriter *writer) {
    if (writer == NULL)
        return;
    for (int i = 0; i < NSTATEMENTS; i++)
        sqlite3_finalize(writer->statements[i]);
    while (writer->digests != NULL) {
        Digests *digests = writer->digests;
        writer->digests = digests->next;
        free(digests);
    }
    free(writer->open);
    free(writer);
}

/* Binds by position, left to right, so that a row reads like its INSERT. */
typedef struct Binder {
    sqlite3_stmt *statement;
    int column;
} Binder;

static Binder binder(StoreWriter *writer, StatementId id) {
    return (Binder){ .statement = writer->statements[id], .column = 1 };
}

static void put_text(Binder *binder, const char *text) {
    if (text != NULL)
        sqlite3_bind_text(binder->statement, binder->column, text, -1, SQLITE_STATIC);
    binder->column++;
}

static void put_number(Binder *binder, int64_t number) {
    sqlite3_bind_int64(binder->statement, binder->column++, number);
}

/* A number that is not known (-1) is NULL. */
static void put_known(Binder *binder, int64_t number) {
    if (number < 0)
        binder->column++;
    else
        put_number(binder, number);
}

static int insert(Binder *binder) {
    int rc = sqlite3_step(binder->statement);
    sqlite3_reset(binder->statement);
    sqlite3_clear_bindings(binder->statement);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int write_transition(StoreWriter *writer, int64_t run, const StoreRow *row) {
    Binder b = binder(writer, INSERT_TRANSITION);
    put_number(&b, STORE_ID(run, row->number));
    put_number(&b, row->scope);
    put_known(&b, row->stage == DAG_NONE ? -1 : (int64_t)row->stage);
    put_text(&b, row->key);
    put_number(&b, row->state);
    put_number(&b, row->time);
    put_text(&b, row->reason);
    put_text(&b, row->error_type);
    put_text(&b, row->error_message);
    put_text(&b, row->outputs);
    return insert(&b);
}

static int write_task(StoreWriter *writer, int64_t run, const StoreRow *row) {
    Binder b = binder(writer, INSERT_TASK);
    put_number(&b, STORE_ID(run, row->number));
    put_number(&b, row->stage);
    put_text(&b, row->key);
    put_number(&b, row->attempt);
    put_number(&b, row->state);
    put_number(&b, row->time);
    put_number(&b, row->took);
    put_text(&b, row->reason);
    put_text(&b, row->error_type);
    put_text(&b, row->error_message);
    put_text(&b, row->inputs);
    put_text(&b, row->outputs);
    put_text(&b, row->sources);
    put_known(&b, row->result > 0 ? row->result : -1);
    return insert(&b);
}

static int write_attempt(StoreWriter *writer, int64_t run, const StoreRow *row) {
    Binder b = binder(writer, INSERT_ATTEMPT);
    put_number(&b, STORE_ID(run, row->number));
    put_number(&b, row->stage);
    put_text(&b, row->key);
    put_number(&b, row->attempt);
    put_number(&b, row->state);
    put_number(&b, row->time);
    put_number(&b, row->took);
    put_known(&b, row->exit_status);
    put_known(&b, row->usage.user);
    put_known(&b, row->usage.system);
    put_known(&b, row->usage.max_rss);
    put_known(&b, row->usage.read);
    put_known(&b, row->usage.written);
    put_text(&b, row->dir);
    put_text(&b, row->error_type);
    put_text(&b, row->error_message);
    return insert(&b);
}

static int write_row(StoreWriter *writer, int64_t run, const StoreRow *row) {
    switch ((dag_scope)row->scope) {
    case DAG_SCOPE_TASK: return write_task(writer, run, row);
    case DAG_SCOPE_ATTEMPT: return write_attempt(writer, run, row);
    case DAG_SCOPE_RUN:
    case DAG_SCOPE_STAGE:
    case DAG_SCOPE_LOG:
    case DAG_SCOPE_PROGRESS: break;
    }
    return write_transition(writer, run, row);
}

/* ---------------------------------------------------------------- the beginning of a run */

/* parent: number of the run whose stage calls this one; -1: nobody's. */
static int write_run(StoreWriter *writer, const StoreRun *run, const char *inputs, int64_t parent,
                     int64_t *row) {
    const dag_program *program = run->program;
    Binder b = binder(writer, INSERT_RUN);
    put_text(&b, run->id);
    put_text(&b, program->strings + program->name);
    put_text(&b, program->strings + program->source);
    put_text(&b, inputs);
    put_number(&b, run->started);
    put_text(&b, run->origin);
    put_known(&b, parent);
    int rc = insert(&b);
    *row = sqlite3_last_insert_rowid(writer->db);
    return rc;
}

/* NULL without memory. */
static const Digests *digests_of(StoreWriter *writer, const dag_program *program) {
    Digests *digests = writer->digests;
    while (digests != NULL && digests->program != program)
        digests = digests->next;
    if (digests != NULL)
        return digests;
    digests = malloc(sizeof *digests + program->nstages * sizeof *digests->text);
    for (uint32_t i = 0; digests != NULL && i < program->nstages; i++) {
        if (store_stage_digest(program, i, digests->text[i]))
            continue;
        free(digests);
        digests = NULL;
    }
    if (digests == NULL)
        return NULL;
    digests->program = program;
    digests->next = writer->digests;
    return writer->digests = digests;
}

static int write_stages(StoreWriter *writer, const dag_program *program, int64_t run) {
    int rc = SQLITE_OK;
    const Digests *digests = digests_of(writer, program);
    if (digests == NULL)
        return SQLITE_NOMEM;
    for (uint32_t i = 0; i < program->nstages && rc == SQLITE_OK; i++) {
        Binder b = binder(writer, INSERT_STAGE);
        put_number(&b, run);
        put_number(&b, i);
        put_text(&b, program->strings + program->stages[i].slug);
        put_text(&b, digests->text[i]);
        rc = insert(&b);
    }
    return rc;
}

static int write_edges(StoreWriter *writer, const dag_program *program, int64_t run) {
    int rc = SQLITE_OK;
    for (uint32_t i = 0; i < program->nedges && rc == SQLITE_OK; i++) {
        const dag_port *from = &program->ports[program->edges[i].from];
        const dag_port *to = &program->ports[program->edges[i].to];
        Binder b = binder(writer, INSERT_EDGE);
        put_number(&b, run);
        put_number(&b, i);
        put_number(&b, from->stage);
        put_text(&b, program->strings + from->name);
        put_known(&b, to->stage == DAG_NONE ? -1 : (int64_t)to->stage);
        put_text(&b, program->strings + to->name);
        put_number(&b, (from->flags & DAG_PORT_STREAM) != 0);
        rc = insert(&b);
    }
    return rc;
}

static int write_graph(StoreWriter *writer, const dag_program *program, int64_t run) {
    int rc = write_stages(writer, program, run);
    return rc == SQLITE_OK ? write_edges(writer, program, run) : rc;
}

static int write_new(StoreWriter *writer, const StoreRun *run, const char *inputs, int64_t parent,
                     int64_t *row) {
    int rc = write_run(writer, run, inputs, parent, row);
    return rc == SQLITE_OK ? write_graph(writer, run->program, *row) : rc;
}

/* The number of the run and of its next row. */
static int find(StoreWriter *writer, const char *name, int64_t *row, uint32_t *next) {
    sqlite3_stmt *statement;
    const char *sql =
        "SELECT id, max(ifnull((SELECT max(id) FROM task WHERE id BETWEEN r.id << 32 AND"
        " (r.id << 32) + 4294967295), 0), ifnull((SELECT max(id) FROM attempt WHERE id BETWEEN"
        " r.id << 32 AND (r.id << 32) + 4294967295), 0), ifnull((SELECT max(id) FROM transition"
        " WHERE id BETWEEN r.id << 32 AND (r.id << 32) + 4294967295), 0)) FROM run r WHERE name = "
        "?";
    int rc = sqlite3_prepare_v2(writer->db, sql, -1, &statement, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        *row = sqlite3_column_int64(statement, 0);
        *next = (uint32_t)sqlite3_column_int64(statement, 1) + 1;
    }
    int closed = sqlite3_finalize(statement);
    if (rc == SQLITE_DONE)
        return SQLITE_NOTFOUND;
    return rc == SQLITE_ROW ? closed : rc;
}

/* ---------------------------------------------------------------- runs of called pipelines */

static OpenRun *open_find(StoreWriter *writer, int64_t root, uint32_t number) {
    for (size_t i = writer->nopen; i-- > 0;) {
        if (writer->open[i].number == number && writer->open[i].root == root)
            return &writer->open[i];
    }
    return NULL;
}

static bool open_add(StoreWriter *writer, OpenRun run) {
    if (writer->nopen == writer->room) {
        size_t room = writer->room == 0 ? 16 : writer->room * 2;
        OpenRun *open = realloc(writer->open, room * sizeof *open);
        if (open == NULL)
            return false;
        writer->open = open;
        writer->room = room;
    }
    writer->open[writer->nopen++] = run;
    return true;
}

/* A run that is resumed goes on with the children that it had. */
static int begin_child(StoreWriter *writer, const StoreRow *row) {
    const StoreChild *child = row->begins;
    const OpenRun *parent = child->parent > 0 ? open_find(writer, row->run, child->parent) : NULL;
    StoreRun run = { .id = child->name, .program = child->program, .started = row->time };
    OpenRun open = { .root = row->run, .number = row->of, .next = 1 };
    int rc =
        write_new(writer, &run, row->inputs, parent != NULL ? parent->row : row->run, &open.row);
    if ((rc & 0xff) == SQLITE_CONSTRAINT)
        rc = find(writer, child->name, &open.row, &open.next);
    if (rc != SQLITE_OK)
        return rc;
    return open_add(writer, open) ? SQLITE_OK : SQLITE_NOMEM;
}

static bool ends_run(const StoreRow *row) {
    return row->scope == DAG_SCOPE_RUN && row->state != DAG_RUNNING;
}

static int write_child_row(StoreWriter *writer, StoreRow *row) {
    int rc = row->begins != NULL ? begin_child(writer, row) : SQLITE_OK;
    OpenRun *open = open_find(writer, row->run, row->of);
    if (rc != SQLITE_OK || open == NULL)
        return rc; /* it was refused before it began */
    row->number = open->next++;
    rc = write_row(writer, open->row, row);
    if (ends_run(row))
        *open = writer->open[--writer->nopen];
    return rc;
}

/* ---------------------------------------------------------------- runs that users start */

/* The pipeline may have been compiled anew since it was queued; and who began it before may have been
 * killed before it said so. */
static int unqueue(StoreWriter *writer, StoreOpening *opening) {
    char sql[128];
    int rc = find(writer, opening->run->id, &opening->number, &opening->next);
    sqlite3_snprintf((int)sizeof sql, sql,
                     "DELETE FROM stage WHERE run = %lld; DELETE FROM edge WHERE run = %lld",
                     (long long)opening->number, (long long)opening->number);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(writer->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? write_graph(writer, opening->run->program, opening->number) : rc;
}

static int open_run(StoreWriter *writer, StoreOpening *opening) {
    opening->next = 1;
    switch (opening->how) {
    case STORE_NEW: return write_new(writer, opening->run, opening->inputs, -1, &opening->number);
    case STORE_QUEUE: return write_run(writer, opening->run, opening->inputs, -1, &opening->number);
    case STORE_UNQUEUE: return unqueue(writer, opening);
    case STORE_FIND: return find(writer, opening->run->id, &opening->number, &opening->next);
    }
    return SQLITE_MISUSE;
}

/* That it is not there, or another one of its name is, is the matter of this run alone. */
static int write_opening(StoreWriter *writer, StoreRow *row) {
    StoreOpening *opening = row->opens;
    opening->rc = open_run(writer, opening);
    if (opening->rc == SQLITE_NOTFOUND || (opening->rc & 0xff) == SQLITE_CONSTRAINT)
        return SQLITE_OK;
    if (opening->rc != SQLITE_OK || opening->alone)
        return opening->rc;
    row->run = opening->number;
    row->number = opening->next;
    return write_row(writer, row->run, row);
}

/* ---------------------------------------------------------------- batches */

/* Ends the transaction; the first failure is the one that counts. */
static int end(StoreWriter *writer, int rc) {
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(writer->db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

static int write_any(StoreWriter *writer, StoreRow *row) {
    if (row->opens != NULL)
        return write_opening(writer, row);
    return row->of == 0 ? write_row(writer, row->run, row) : write_child_row(writer, row);
}

int store_writer_commit(StoreWriter *writer, StoreRow *rows) {
    int rc = sqlite3_exec(writer->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    for (StoreRow *row = rows; row != NULL && rc == SQLITE_OK; row = row->next)
        rc = write_any(writer, row);
    return end(writer, rc);
}
