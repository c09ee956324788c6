/*
 * reuse_record.c - see reuse_record.h.
 *
 * A result is taken only if its files are still there, and, within a run, if the inputs are those
 * that it was made of.
 */
#include "store/reuse_record.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/outputs.h"
#include "pure/hash.h"
#include "store/digests.h"
#include "store/ports_json.h"

typedef struct Recorded {
    dag_reuse table; /* what callers hold */
    RecordReuse what;
    uint32_t *stages; /* by stage of the program: that of the record */
    bool *recorded;   /* by stage of the program: there are tasks of it */
    uint32_t *slots;  /* number of a task + 1, by (stage, key) */
    size_t nslots;    /* a power of two */
    StoreRecord *own; /* a child's record, which lives in `arena`; or NULL */
    Arena arena;
} Recorded;

/* ---------------------------------------------------------------- finding */

static size_t first_slot(const Recorded *r, uint32_t stage, const char *key) {
    uint64_t h = value_hash(value_text(DAG_STRING, key, strlen(key))) + stage * 0x9e3779b97f4a7c15u;
    return (size_t)(h ^ h >> 29) & (r->nslots - 1);
}

static void index_tasks(Recorded *r) {
    const StoreRecord *record = r->what.record;
    for (size_t i = 0; i < record->ntasks; i++) {
        size_t at = first_slot(r, record->tasks[i].stage, record->tasks[i].key);
        while (r->slots[at] != 0)
            at = (at + 1) & (r->nslots - 1);
        r->slots[at] = (uint32_t)i + 1;
    }
}

static bool note_recorded(Recorded *r) {
    const StoreRecord *record = r->what.record;
    bool *has = calloc(record->nstages + 1, sizeof *has);
    for (size_t i = 0; has != NULL && i < record->ntasks; i++)
        has[record->tasks[i].stage] = true;
    for (uint32_t i = 0; has != NULL && i < r->what.program->nstages; i++)
        r->recorded[i] = r->stages[i] != DAG_NONE && has[r->stages[i]];
    free(has);
    return has != NULL;
}

static const StoreTask *find(const Recorded *r, uint32_t of_program, const char *key) {
    uint32_t stage = r->stages[of_program];
    if (stage == DAG_NONE)
        return NULL;
    size_t at = first_slot(r, stage, key);
    for (; r->slots[at] != 0; at = (at + 1) & (r->nslots - 1)) {
        const StoreTask *task = &r->what.record->tasks[r->slots[at] - 1];
        if (task->stage == stage && strcmp(task->key, key) == 0)
            return task;
    }
    return NULL;
}

uint32_t record_stage(const StoreRecord *record, const dag_program *program, uint32_t stage) {
    const char *slug = program->strings + program->stages[stage].slug;
    for (uint32_t i = 0; i < record->nstages; i++) {
        if (strcmp(record->stages[i].slug, slug) == 0)
            return i;
    }
    return DAG_NONE;
}

uint32_t record_differs(const StoreRecord *record, const dag_program *program, const bool *leave,
                        bool *oom) {
    *oom = false;
    for (uint32_t i = 0; i < program->nstages; i++) {
        char digest[DIGEST_TEXT];
        uint32_t there = record_stage(record, program, i);
        if (leave != NULL && leave[i])
            continue;
        if (there == DAG_NONE)
            return i;
        if (!store_stage_digest(program, i, digest)) {
            *oom = true;
            return DAG_NONE;
        }
        const char *before = record->stages[there].digest;
        if (before == NULL || strcmp(before, digest) != 0)
            return i;
    }
    return DAG_NONE;
}

/* ---------------------------------------------------------------- may it be taken? */

/* The first file or folder of the value that is not there any more, or NULL. `reader`: what was
 * deleted after use is as good; or NULL. */
static const char *missing(StoreReader *reader, dag_value value) {
    struct stat status;
    int64_t size;
    const char *gone = NULL;
    switch (value.kind) {
    case DAG_FILE:
    case DAG_DIR:
        if (stat(value.u.text, &status) == 0)
            return S_ISDIR(status.st_mode) == (value.kind == DAG_DIR) ? NULL : value.u.text;
        return reader != NULL && store_reclaimed(reader, value.u.text, &size) ? NULL : value.u.text;
    case DAG_LIST:
        for (uint32_t i = 0; i < value.len && !gone; i++)
            gone = missing(reader, value.u.items[i]);
        return gone;
    case DAG_MAP:
        for (uint32_t i = 0; i < value.len && !gone; i++)
            gone = missing(reader, value.u.entries[i].value);
        return gone;
    default: return NULL;
    }
}

/* A secret is recorded as "***". */
static bool has_secret(dag_value value) {
    bool found = value.kind == DAG_SECRET;
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len && !found; i++) {
        found = has_secret(value.u.items[i]);
    }
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len && !found; i++) {
        found = has_secret(value.u.entries[i].value);
    }
    return found;
}

/* Of a path that a body makes, only a `temp` one may be gone; another one is somebody else's. */
static StoreReader *reader_for(const StoreRecord *record, const dag_port *port) {
    bool made = (port->flags & (DAG_PORT_PATH | DAG_PORT_GLOB)) != 0;
    return made && (port->flags & DAG_PORT_TEMP) == 0 ? NULL : record->reader;
}

static bool take_outputs(const Recorded *r, const ReuseQuestion *question, const StoreTask *task,
                         dag_value *outputs, const char **reason) {
    const dag_program *program = r->what.program;
    const dag_stage *stage = &program->stages[question->stage];
    if (!outputs_from_json(question->arena, program, stage, task->outputs, outputs)) {
        *reason = "its recorded result does not fit the program";
        return false;
    }
    for (uint32_t i = 0; i < stage->nout; i++) {
        const char *gone =
            missing(reader_for(r->what.record, &program->ports[stage->out + i]), outputs[i]);
        if (gone != NULL) {
            *reason = arena_printf(question->arena, "its output %s is gone", gone);
            return false;
        }
        if (has_secret(outputs[i])) {
            *reason = "its output is a secret, which is not recorded";
            return false;
        }
    }
    return true;
}

static bool same_inputs(const Recorded *r, const ReuseQuestion *question, const StoreTask *task) {
    const dag_stage *stage = &r->what.program->stages[question->stage];
    if (task->inputs == NULL)
        return stage->nin == 0;
    const char *now =
        ports_json(question->arena, r->what.program, stage->in, stage->nin, question->inputs);
    return strcmp(now, task->inputs) == 0;
}

static const char *gone_of(Arena *arena, const RecordReuse *what, const dag_stage *stage,
                           const char *json) {
    const dag_program *program = what->program;
    const char *gone = NULL;
    dag_value *outputs = ARENA_ARRAY(arena, stage->nout, dag_value);
    if (!outputs_from_json(arena, program, stage, json, outputs))
        return NULL;
    for (uint32_t i = 0; i < stage->nout && gone == NULL; i++)
        gone = missing(reader_for(what->record, &program->ports[stage->out + i]), outputs[i]);
    return gone;
}

void record_vanished(const RecordReuse *what,
                     void (*say)(void *self, const char *slug, const char *key, const char *path),
                     void *self) {
    const dag_program *program = what->program;
    Arena arena = { 0 };
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *stage = &program->stages[i];
        uint32_t there = record_stage(what->record, program, i);
        if (stage->body == DAG_BODY_NONE || !stage_has_files(program, stage))
            continue;
        for (size_t k = 0; k < what->record->ntasks; k++) {
            const StoreTask *task = &what->record->tasks[k];
            bool done = task->state == DAG_COMPLETED || task->state == DAG_CACHED;
            if (!done || task->stage != there)
                continue;
            const char *gone = gone_of(&arena, what, stage, task->outputs);
            if (gone != NULL)
                say(self, program->strings + stage->slug, task->key, gone);
            arena_reset(&arena);
        }
    }
    arena_free(&arena);
}

/* ---------------------------------------------------------------- the table of functions */

/* A gate's body that closed it has run (a false `when` has not), in that run or one before. */
static bool was_closed(const Recorded *r, uint32_t stage, const StoreTask *task) {
    const dag_stage *row = &r->what.program->stages[stage];
    return task->state == DAG_FILTERED && (row->flags & DAG_STAGE_GATE) != 0 &&
           row->body != DAG_BODY_NONE && (task->attempt > 0 || row->when == DAG_NONE);
}

static ReuseAnswer ask_resume(const Recorded *r, const ReuseQuestion *question,
                              const StoreTask *task, dag_value *outputs, const char **reason) {
    bool done = task->state == DAG_COMPLETED || task->state == DAG_CACHED;
    bool closed = was_closed(r, question->stage, task);
    if (!done && !closed)
        return REUSE_RUN;
    if (!same_inputs(r, question, task)) {
        *reason = "its inputs are not what they were";
        return REUSE_RUN;
    }
    if (closed)
        return REUSE_FILTERED;
    if (!take_outputs(r, question, task, outputs, reason))
        return REUSE_RUN;
    *reason = task->state == DAG_CACHED ? task->reason : "done before the run was resumed";
    return task->state == DAG_CACHED ? REUSE_CACHED : REUSE_COMPLETED;
}

static ReuseAnswer ask_replay(const Recorded *r, const ReuseQuestion *question,
                              const StoreTask *task, dag_value *outputs, const char **reason) {
    bool done = task->state == DAG_COMPLETED || task->state == DAG_CACHED;
    bool closed = was_closed(r, question->stage, task);
    if (r->what.rerun[question->stage]) {
        *reason = "--rerun";
        return REUSE_RUN;
    }
    if (!done && !closed) {
        *reason = arena_printf(question->arena, "%s in run %s", dag_state_name(task->state),
                               r->what.record->run.id);
        return REUSE_RUN;
    }
    if (done && !take_outputs(r, question, task, outputs, reason))
        return REUSE_RUN;
    *reason = arena_printf(question->arena, "from run %s", r->what.record->run.id);
    return done ? REUSE_CACHED : REUSE_CLOSED;
}

static ReuseAnswer ask(void *self, const ReuseQuestion *question, dag_value *outputs,
                       const char **reason) {
    const Recorded *r = self;
    const StoreTask *task = find(r, question->stage, question->key);
    if (task == NULL || question->anew != NULL)
        return REUSE_RUN;
    return r->what.rerun == NULL ? ask_resume(r, question, task, outputs, reason)
                                 : ask_replay(r, question, task, outputs, reason);
}

/* Has it a record of any of the stage's tasks? */
static bool asks(void *self, uint32_t stage) {
    const Recorded *r = self;
    return r->recorded[stage];
}

static bool gone(void *self, const char *path, int64_t *size) {
    const Recorded *r = self;
    return store_reclaimed(r->what.record->reader, path, size);
}

static uint32_t attempts(void *self, const ReuseQuestion *question) {
    const Recorded *r = self;
    const StoreTask *task = r->what.rerun == NULL ? find(r, question->stage, question->key) : NULL;
    return task == NULL ? 0 : task->attempt;
}

static bool ended(void *self, const ReuseQuestion *question, uint32_t number) {
    const Recorded *r = self;
    const StoreTask *task = find(r, question->stage, question->key);
    const StoreAttempt *attempt = task == NULL ? NULL : task->attempts;
    while (attempt != NULL && attempt->number != number)
        attempt = attempt->next;
    return attempt != NULL && attempt->finished != 0;
}

/* ---------------------------------------------------------------- children */

static bool load(Recorded *r, const char *run, StoreRecord *record) {
    jmp_buf oom;
    dag_error error;
    r->arena.oom = &oom;
    bool good =
        setjmp(oom) == 0 && store_read_record(r->what.reader, &r->arena, run, record, &error);
    r->arena.oom = NULL;
    return good;
}

/* A child that was not started yet has no record. Its definition is part of that of the stage that
 * calls it: it is what it was. */
static dag_reuse *child(void *self, const char *run, const dag_program *program) {
    const Recorded *r = self;
    Recorded loaded = { .what = { .reader = r->what.reader } };
    StoreRecord *record = r->what.rerun || !r->what.reader ? NULL : calloc(1, sizeof *record);
    dag_reuse *made = NULL;
    if (record != NULL && load(&loaded, run, record)) {
        RecordReuse what = { .program = program, .record = record, .reader = r->what.reader };
        made = reuse_record(&what);
    }
    if (made == NULL) {
        arena_free(&loaded.arena);
        free(record);
        return NULL;
    }
    Recorded *own = made->self;
    own->own = record;
    own->arena = loaded.arena;
    return made;
}

static void recorded_free(void *self) {
    Recorded *r = self;
    arena_free(&r->arena);
    free(r->own);
    free(r->stages);
    free(r->recorded);
    free(r->slots);
    free(r);
}

dag_reuse *reuse_record(const RecordReuse *what) {
    Recorded *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    for (r->nslots = 16; r->nslots < what->record->ntasks * 2; r->nslots *= 2) {
    }
    r->what = *what;
    r->table = (dag_reuse){ .self = r,
                            .ask = ask,
                            .asks = asks,
                            .attempts = attempts,
                            .ended = ended,
                            .child = child,
                            .gone = gone,
                            .free = recorded_free };
    r->slots = calloc(r->nslots, sizeof *r->slots);
    r->stages = calloc(what->program->nstages + 1, sizeof *r->stages);
    r->recorded = calloc(what->program->nstages + 1, sizeof *r->recorded);
    if (r->slots == NULL || r->stages == NULL || r->recorded == NULL) {
        recorded_free(r);
        return NULL;
    }
    for (uint32_t i = 0; i < what->program->nstages; i++) {
        r->stages[i] = record_stage(what->record, what->program, i);
    }
    if (!note_recorded(r)) {
        recorded_free(r);
        return NULL;
    }
    index_tasks(r);
    return &r->table;
}
