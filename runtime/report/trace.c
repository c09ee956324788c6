/*
 * trace.c - see trace.h.
 */
#include "report/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pure/json.h"
#include "report/lanes.h"

/* FLUSH_AFTER: ns. FULL: bytes. KNOWN: attempts whose flows can begin, the newest ones. MOST_FLOWS: into
 * one attempt. */
enum { FLUSH_AFTER = 20 * 1000 * 1000, FULL = 1 << 16, KNOWN = 1 << 15, MOST_FLOWS = 64 };

/* Groups of lanes; the trace calls them processes, and counts from 1. */
typedef enum Group { TASKS, CALLS, EXPRESSIONS, NGROUPS } Group;

/* An attempt that has been written. */
typedef struct Slice {
    uint64_t id; /* of the task; 0: none */
    uint32_t group, lane;
    int64_t begin, end; /* ns since 1970 */
} Slice;

typedef struct Counter {
    const char *text;
    int64_t used;
    struct Counter *next;
} Counter;

struct Trace {
    FILE *file;
    Arena kept;  /* counters */
    Arena arena; /* of what is to be written */
    TextBuffer out;
    int64_t origin;  /* ns since 1970: the time 0 of the trace */
    int64_t flushed; /* ns: the time of the last event that is in the file for sure */
    Lanes lanes[NGROUPS];
    uint32_t named[NGROUPS]; /* lanes that have their names */
    Slice *known;            /* by the task's id, KNOWN of them */
    uint64_t flows;
    int64_t running;
    Counter *counters;
    bool failed;
};

/* ---------------------------------------------------------------- lines */

static void put(Trace *t, const char *text) {
    buffer_string(&t->out, text);
}

static void put_text(Trace *t, const char *text) {
    json_put_text(&t->out, text, strlen(text));
}

static void put_member(Trace *t, const char *name, const char *text) {
    buffer_string(&t->out, arena_printf(&t->arena, ",\"%s\":", name));
    put_text(t, text);
}

static void put_number(Trace *t, const char *name, int64_t number) {
    buffer_string(&t->out, arena_printf(&t->arena, ",\"%s\":%lld", name, (long long)number));
}

/* Microseconds with their fraction. */
static void put_time(Trace *t, const char *name, int64_t ns) {
    ns = ns > 0 ? ns : 0;
    buffer_string(&t->out, arena_printf(&t->arena, ",\"%s\":%lld.%03d", name,
                                        (long long)(ns / 1000), (int)(ns % 1000)));
}

static void begin_line(Trace *t, const char *kind, uint32_t group) {
    buffer_string(&t->out, arena_printf(&t->arena, "{\"ph\":\"%s\",\"pid\":%u", kind, group + 1));
}

/* Every line ends in a comma: a list that is cut off behind one is what readers of the format expect. */
static void end_line(Trace *t) {
    put(t, "},\n");
}

/* In one write, so that a process that is killed leaves whole lines. */
static void flush(Trace *t, int64_t now) {
    if (t->out.n > 0 && fwrite(t->out.text, 1, t->out.n, t->file) != t->out.n) {
        t->failed = true;
    }
    t->flushed = now;
    t->out = (TextBuffer){ .arena = &t->arena };
    arena_reset(&t->arena);
}

static void put_meta(Trace *t, Group group, const char *what, int64_t lane, const char *name) {
    begin_line(t, "M", group);
    put_member(t, "name", what);
    if (lane >= 0) {
        put_number(t, "tid", lane + 1);
    }
    put(t, ",\"args\":{\"name\":");
    put_text(t, name);
    put(t, "}");
    end_line(t);
}

/* ---------------------------------------------------------------- attempts */

static Group group_of(const dag_event *event) {
    switch ((dag_body)event->program->stages[event->stage].body) {
    case DAG_BODY_NONE: return EXPRESSIONS;
    case DAG_BODY_CALL:
    case DAG_BODY_MAP: return CALLS;
    case DAG_BODY_RUN:
    case DAG_BODY_EXEC:
    case DAG_BODY_SCRIPT:
    case DAG_BODY_NATIVE: return TASKS;
    }
    return TASKS;
}

/* FNV-1a over run, stage and the first n bytes of a key. Never 0. */
static uint64_t task_id(uint32_t run, uint32_t stage, const char *key, size_t n) {
    uint64_t id = 0xcbf29ce484222325u ^ ((uint64_t)run << 32 | stage) * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < n; i++) {
        id = (id ^ (unsigned char)key[i]) * 0x100000001b3u;
    }
    return id != 0 ? id : 1;
}

static const char *lane_name(Trace *t, Group group, uint32_t lane) {
    static const char *const names[] = { "slot", "call", "expressions" };
    return arena_printf(&t->arena, "%s %u", names[group], lane + 1);
}

static Slice place(Trace *t, const dag_event *event) {
    Slice slice = { .group = group_of(event), .begin = event->started, .end = event->time };
    slice.id = task_id(event->number, event->stage, event->key, strlen(event->key));
    if (event->spent > 0 && event->started + event->spent < event->time) {
        slice.end = event->started + event->spent;
    }
    slice.lane = lanes_take(&t->lanes[slice.group], slice.begin, slice.end);
    if (slice.lane == UINT32_MAX) {
        t->failed = true;
        slice.lane = 0;
    }
    for (uint32_t *n = &t->named[slice.group]; *n <= slice.lane; ++*n) {
        put_meta(t, (Group)slice.group, "thread_name", *n, lane_name(t, (Group)slice.group, *n));
    }
    return slice;
}

static void put_slice(Trace *t, const Slice *slice) {
    put_number(t, "tid", slice->lane + 1);
    put_time(t, "ts", slice->begin - t->origin);
    put_time(t, "dur", slice->end - slice->begin);
}

static void put_args(Trace *t, const dag_event *event, const char *slug) {
    const dag_usage *usage = event->usage;
    put(t, ",\"args\":{\"stage\":");
    put_text(t, slug);
    put_member(t, "key", event->key);
    put_number(t, "attempt", event->attempt);
    put_member(t, "state", dag_state_name((dag_state)event->state));
    if (event->depth > 0) {
        put_member(t, "run", event->run);
    }
    if (event->exit_status >= 0) {
        put_number(t, "exit", event->exit_status);
    }
    if (usage != NULL && usage->user >= 0 && usage->system >= 0) {
        double seconds = (double)(usage->user + usage->system) / 1e9;
        put(t, arena_printf(&t->arena, ",\"cpu\":%.6f", seconds));
    }
    if (usage != NULL && usage->max_rss >= 0) {
        put_number(t, "rss", usage->max_rss);
    }
    if (event->error != NULL && event->error->message != NULL) {
        put_member(t, "error", event->error->message);
    }
    put(t, "}");
}

static void put_attempt(Trace *t, const dag_event *event) {
    Slice slice = place(t, event);
    const dag_stage *stage = &event->program->stages[event->stage];
    const char *slug = event->program->strings + stage->slug;
    bool bad = event->state == DAG_FAILED || event->state == DAG_CRASHED;
    begin_line(t, "X", slice.group);
    put_slice(t, &slice);
    bool only = strcmp(event->key, "-") == 0;
    put_member(t, "name", only ? slug : arena_printf(&t->arena, "%s [%s]", slug, event->key));
    put_member(t, "cat", stage->kind != 0 ? event->program->strings + stage->kind : "task");
    if (bad) {
        put_member(t, "cname", "terrible");
    }
    put_args(t, event, slug);
    end_line(t);
    t->known[slice.id % KNOWN] = slice;
}

/* ---------------------------------------------------------------- flows */

static const Slice *find_slice(const Trace *t, uint64_t id) {
    const Slice *slice = &t->known[id % KNOWN];
    return slice->id == id ? slice : NULL;
}

/* The task that made an artifact: an element of a stream has one number more in its key. */
static const Slice *maker_of(const Trace *t, const dag_event *event, const dag_source *source) {
    const dag_port *port = &event->program->ports[event->program->edges[source->edge].from];
    const char *key = source->key;
    size_t n = strlen(key);
    if (port->flags & DAG_PORT_STREAM) {
        const char *dot = strrchr(key, '.');
        n = dot != NULL ? (size_t)(dot - key) : 0;
    }
    return find_slice(t, n > 0 ? task_id(event->number, port->stage, key, n)
                               : task_id(event->number, port->stage, "-", 1));
}

/* `back` ns before the end of a slice, or behind its beginning: within it, as readers ask. */
static void put_end(Trace *t, const char *kind, const Slice *slice, bool at_end) {
    int64_t within = (slice->end - slice->begin) / 2;
    within = within < 1000 ? within : 1000;
    begin_line(t, kind, slice->group);
    put_number(t, "tid", slice->lane + 1);
    put_time(t, "ts", (at_end ? slice->end - within : slice->begin + within) - t->origin);
    put_number(t, "id", (int64_t)t->flows);
    put(t, ",\"name\":\"artifact\",\"cat\":\"edge\"");
    put(t, at_end ? "" : ",\"bp\":\"e\"");
    end_line(t);
}

static void put_flows(Trace *t, const dag_event *event) {
    const Slice *to =
        find_slice(t, task_id(event->number, event->stage, event->key, strlen(event->key)));
    uint32_t n = event->nsources < MOST_FLOWS ? event->nsources : MOST_FLOWS;
    for (uint32_t i = 0; i < n && to != NULL; i++) {
        const Slice *from = maker_of(t, event, &event->sources[i]);
        if (from != NULL && from != to) {
            t->flows++;
            put_end(t, "s", from, true);
            put_end(t, "f", to, false);
        }
    }
}

/* ---------------------------------------------------------------- counters */

static void put_counter(Trace *t, int64_t time, const char *name, int64_t value) {
    begin_line(t, "C", TASKS);
    put_time(t, "ts", time - t->origin);
    put_member(t, "name", name);
    put(t, arena_printf(&t->arena, ",\"args\":{\"n\":%lld}", (long long)value));
    end_line(t);
}

static Counter *counter_of(Trace *t, const dag_program *program, dag_name name) {
    const char *text = program->strings + name;
    for (Counter *c = t->counters; c != NULL; c = c->next) {
        if (strcmp(c->text, text) == 0) {
            return c;
        }
    }
    Counter *c = ARENA_NEW(&t->kept, Counter);
    *c = (Counter){ .text = arena_printf(&t->kept, "%s", text), .next = t->counters };
    return t->counters = c;
}

/* What an attempt holds, as the scheduler counts it but for the capacity. */
static int64_t amount_of(const dag_resource *resource, uint32_t attempt) {
    int64_t amount = resource->amount;
    for (uint32_t i = 1; i < attempt && resource->grow > 1; i++) {
        amount = amount > INT64_MAX / resource->grow ? INT64_MAX : amount * resource->grow;
    }
    return amount;
}

/* An attempt begins (sign 1) or has ended (-1). */
static void count(Trace *t, const dag_event *event, int sign) {
    const dag_program *program = event->program;
    const dag_stage *stage = &program->stages[event->stage];
    Group group = group_of(event);
    if (group == TASKS) {
        t->running += sign;
        put_counter(t, event->time, "running tasks", t->running);
    }
    for (uint32_t i = 0; i < stage->nresource && group != EXPRESSIONS; i++) {
        const dag_resource *resource = &program->resources[stage->resource + i];
        Counter *c = counter_of(t, program, resource->name);
        c->used += sign * amount_of(resource, event->attempt);
        put_counter(t, event->time, c->text, c->used);
    }
}

/* ---------------------------------------------------------------- events */

/* The first event of the run: the groups' names. */
static void put_start(Trace *t, const dag_event *event) {
    static const char *const names[] = { "tasks", "calls", "expressions" };
    const char *name = event->program->strings + event->program->name;
    t->origin = t->flushed = event->time;
    for (int group = 0; group < NGROUPS; group++) {
        put_meta(t, (Group)group, "process_name", -1,
                 arena_printf(&t->arena, "%s: %s", name, names[group]));
    }
}

static void put_run(Trace *t, const dag_event *event) {
    if (event->depth > 0) {
        return;
    }
    begin_line(t, "i", TASKS);
    put_number(t, "tid", 1);
    put_time(t, "ts", event->time - t->origin);
    put(t, ",\"s\":\"g\"");
    put_member(t, "name",
               arena_printf(&t->arena, "run %s", dag_state_name((dag_state)event->state)));
    put(t, ",\"args\":{\"run\":");
    put_text(t, event->run);
    put(t, "}");
    end_line(t);
}

static void put_task(Trace *t, const dag_event *event) {
    if (event->state == DAG_RUNNING) {
        count(t, event, 1);
    } else if (event->nsources > 0) {
        put_flows(t, event);
    }
}

void trace_event(void *self, const dag_event *event) {
    Trace *t = self;
    if (t->origin == 0) {
        put_start(t, event);
    }
    switch ((dag_scope)event->scope) {
    case DAG_SCOPE_RUN: put_run(t, event); break;
    case DAG_SCOPE_TASK: put_task(t, event); break;
    case DAG_SCOPE_ATTEMPT:
        if (event->state == DAG_RUNNING) {
            count(t, event, 1);
            break;
        }
        put_attempt(t, event);
        count(t, event, -1);
        break;
    case DAG_SCOPE_STAGE:
    case DAG_SCOPE_LOG:
    case DAG_SCOPE_PROGRESS: break;
    }
    bool often = event->scope == DAG_SCOPE_TASK || event->scope == DAG_SCOPE_ATTEMPT;
    if (!often || t->out.n >= FULL || event->time - t->flushed > FLUSH_AFTER) {
        flush(t, event->time);
    }
}

/* ---------------------------------------------------------------- */

Trace *trace_open(const char *path) {
    Trace *t = calloc(1, sizeof *t);
    Slice *known = calloc(KNOWN, sizeof *known);
    FILE *file = t != NULL && known != NULL ? fopen(path, "we") : NULL;
    if (file == NULL) {
        int why = errno;
        free(known);
        free(t);
        errno = why;
        return NULL;
    }
    setvbuf(file, NULL, _IONBF, 0);
    t->file = file;
    t->known = known;
    t->out = (TextBuffer){ .arena = &t->arena };
    put(t, "[\n");
    return t;
}

bool trace_close(Trace *t) {
    if (t == NULL) {
        return true;
    }
    /* JSON has no comma behind the last element. */
    put(t, "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_labels\",\"args\":{\"labels\":\"dagcc\"}}\n]"
           "\n");
    flush(t, 0);
    bool good = !t->failed && !ferror(t->file);
    good &= fclose(t->file) == 0;
    for (int group = 0; group < NGROUPS; group++) {
        lanes_free(&t->lanes[group]);
    }
    arena_free(&t->kept);
    arena_free(&t->arena);
    free(t->known);
    free(t);
    return good;
}
