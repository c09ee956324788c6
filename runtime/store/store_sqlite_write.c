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
    [INSERT_RUN] =
        "INSERT INTO run(name, pipeline, source, inputs, created, origin) VALUES(?,?,?,?,?,?)",
    [INSERT_STAGE] = "INSERT INTO stage(run, number, slug, digest) VALUES(?,?,?,?)",
    [INSERT_EDGE] = "INSERT INTO edge(run, number, from_stage, from_port, to_stage, to_port,"
                    " stream) VALUES(?,?,?,?,?,?,?)",
    [INSERT_TRANSITION] =
        "INSERT INTO transition(id, scope, stage, key, state, time, reason, error_type, error,"
        " outputs) VALUES(?,?,?,?,?,?,?,?,?,?)",
    [INSERT_TASK] = "INSERT INTO task(id, stage, key, attempt, state, time, took, reason,"
                    " error_type, error, inputs, outputs, sources)"
                    " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [INSERT_ATTEMPT] =
        "INSERT INTO attempt(id, stage, key, number, state, time, took, exit, user_time,"
        " system_time, max_rss, read_bytes, written_bytes, dir, error_type, error)"
        " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
};

struct StoreWriter {
    sqlite3 *db;
    sqlite3_stmt *statements[NSTATEMENTS];
};

StoreWriter *store_writer_new(sqlite3 *db) {
    StoreWriter *writer = calloc(1, sizeof *writer);
    if (writer == NULL) return NULL;
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
    if (writer == NULL) return;
    for (int i = 0; i < NSTATEMENTS; i++) sqlite3_finalize(writer->statements[i]);
    free(writer);
}

/* Binds by position, left to right, so that a row reads like its INSERT. */
typedef struct Binder {
    sqlite3_stmt *statement;
    int column;
} Binder;

static Binder binder(StoreWriter *writer, StatementId id) {
    return (Binder){.statement = writer->statements[id], .column = 1};
}

static void put_text(Binder *binder, const char *text) {
    if (text != NULL) sqlite3_bind_text(binder->statement, binder->column, text, -1, SQLITE_STATIC);
    binder->column++;
}

static void put_number(Binder *binder, int64_t number) {
    sqlite3_bind_int64(binder->statement, binder->column++, number);
}

/* A number that is not known (-1) is NULL. */
static void put_known(Binder *binder, int64_t number) {
    if (number < 0) binder->column++;
    else put_number(binder, number);
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
    case DAG_SCOPE_LOG: break;
    }
    return write_transition(writer, run, row);
}

/* Ends the transaction; the first failure is the one that counts. */
static int end(StoreWriter *writer, int rc) {
    if (rc == SQLITE_OK) rc = sqlite3_exec(writer->db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK) sqlite3_exec(writer->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int store_writer_commit(StoreWriter *writer, int64_t run, const StoreRow *rows) {
    int rc = sqlite3_exec(writer->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK) return rc;
    for (const StoreRow *row = rows; row != NULL && rc == SQLITE_OK; row = row->next) {
        rc = write_row(writer, run, row);
    }
    return end(writer, rc);
}

/* ---------------------------------------------------------------- the beginning of a run */

static int write_run(StoreWriter *writer, const StoreRun *run, const char *inputs) {
    const dag_program *program = run->program;
    Binder b = binder(writer, INSERT_RUN);
    put_text(&b, run->id);
    put_text(&b, program->strings + program->name);
    put_text(&b, program->strings + program->source);
    put_text(&b, inputs);
    put_number(&b, run->started);
    put_text(&b, run->origin);
    return insert(&b);
}

static int write_stages(StoreWriter *writer, const dag_program *program, int64_t run) {
    int rc = SQLITE_OK;
    for (uint32_t i = 0; i < program->nstages && rc == SQLITE_OK; i++) {
        char digest[DIGEST_TEXT];
        if (!store_stage_digest(program, i, digest)) return SQLITE_NOMEM;
        Binder b = binder(writer, INSERT_STAGE);
        put_number(&b, run);
        put_number(&b, i);
        put_text(&b, program->strings + program->stages[i].slug);
        put_text(&b, digest);
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

static int write_new(StoreWriter *writer, const StoreRun *run, const char *inputs, int64_t *row) {
    int rc = write_run(writer, run, inputs);
    *row = sqlite3_last_insert_rowid(writer->db);
    if (rc == SQLITE_OK) rc = write_stages(writer, run->program, *row);
    if (rc == SQLITE_OK) rc = write_edges(writer, run->program, *row);
    return rc;
}

/* The number of the run and of its next row. */
static int find(StoreWriter *writer, const char *name, int64_t *row, uint32_t *next) {
    sqlite3_stmt *statement;
    const char *sql =
        "SELECT id, max(ifnull((SELECT max(id) FROM task WHERE id BETWEEN r.id << 32 AND"
        " (r.id << 32) + 4294967295), 0), ifnull((SELECT max(id) FROM attempt WHERE id BETWEEN"
        " r.id << 32 AND (r.id << 32) + 4294967295), 0), ifnull((SELECT max(id) FROM transition"
        " WHERE id BETWEEN r.id << 32 AND (r.id << 32) + 4294967295), 0)) FROM run r WHERE name = ?";
    int rc = sqlite3_prepare_v2(writer->db, sql, -1, &statement, NULL);
    if (rc != SQLITE_OK) return rc;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        *row = sqlite3_column_int64(statement, 0);
        *next = (uint32_t)sqlite3_column_int64(statement, 1) + 1;
    }
    int closed = sqlite3_finalize(statement);
    if (rc == SQLITE_DONE) return SQLITE_NOTFOUND;
    return rc == SQLITE_ROW ? closed : rc;
}

int store_writer_begin(StoreWriter *writer, const StoreRun *run, int64_t *row, uint32_t *next) {
    Arena arena = {0};
    jmp_buf oom;
    *next = 1;
    if (run->resume) return find(writer, run->id, row, next);
    arena.oom = &oom;
    if (setjmp(oom) != 0) {
        arena_free(&arena);
        return SQLITE_NOMEM;
    }
    const char *inputs = store_inputs_json(&arena, run);
    int rc = sqlite3_exec(writer->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK) rc = end(writer, write_new(writer, run, inputs, row));
    arena_free(&arena);
    return rc;
}
