/*
 * temps.c - see temps.h.
 */
#include "core/temps.h"

#include <stdlib.h>
#include <string.h>

#include "core/feed.h"
#include "core/gather.h"
#include "core/keys.h"
#include "core/outputs.h"
#include "core/setup.h"
#include "pure/hash.h"

/* An output port. Columns of its axis. */
typedef struct TempPort {
    bool carries;    /* its values may mention a temporary file */
    bool pinned;     /* a result of the pipeline is made of it */
    uint32_t *given; /* edges behind which nobody looks any more */
    uint8_t *spoilt; /* a consumer has not ended well */
} TempPort;

typedef struct TempFile {
    const char *path;
    uint32_t stage; /* that made it */
    uint32_t refs;  /* artifacts that hold it */
    bool keep, over, pinned;
} TempFile;

/* An artifact holds a file: a link of its chain. */
typedef struct TempHold {
    uint32_t file;
    uint32_t next; /* number + 1 */
} TempHold;

struct Temps {
    TempPort *ports; /* by port */
    bool *shortened; /* by stage: it has a task that was skipped with a shorter key */
    Arena paths;
    Map index; /* (hash of path, probe) -> files[] */
    Map held;  /* (port, node) -> holds[] + 1 */
    TempFile *files;
    uint32_t nfiles, files_cap;
    TempHold *holds;
    uint32_t nholds, holds_cap;
};

/* ---------------------------------------------------------------- what may hold a path */

static bool may_hold(const dag_program *program, uint32_t type) {
    const dag_type *t = &program->types[type];
    switch ((dag_kind)t->kind) {
    case DAG_FILE:
    case DAG_DIR:
    case DAG_STRING:
    case DAG_JSON: return true;
    case DAG_LIST:
    case DAG_MAP:
    case DAG_OPTIONAL: return may_hold(program, t->elem);
    case DAG_RECORD:
        for (uint32_t i = 0; i < t->n; i++) {
            if (may_hold(program, program->fields[t->first + i].type)) {
                return true;
            }
        }
        return false;
    case DAG_NULL:
    case DAG_BOOL:
    case DAG_INT:
    case DAG_FLOAT:
    case DAG_DURATION:
    case DAG_SIZE:
    case DAG_SECRET:
    case DAG_ENUM: return false;
    }
    return false;
}

static bool stage_sees(const Sched *s, uint32_t stage) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        const dag_port *in = port_row(s, port);
        for (uint32_t edge = in->edge; edge < in->edge + in->nedges; edge++) {
            if (s->temps->ports[s->program->edges[edge].from].carries) {
                return true;
            }
        }
    }
    return false;
}

/* What a body makes in its own folder is new. */
static bool port_carries(const Sched *s, const dag_port *port, bool sees) {
    bool made = (port->flags & (DAG_PORT_PATH | DAG_PORT_GLOB)) != 0;
    return (port->flags & DAG_PORT_TEMP) != 0 ||
           (sees && !made && may_hold(s->program, port->type));
}

static void port_setup(Sched *s, uint32_t number) {
    TempPort *temp = &s->temps->ports[number];
    const dag_port *port = port_row(s, number);
    temp->carries = true;
    setup_column(s, port->axis, &temp->given, sizeof *temp->given);
    setup_column(s, port->axis, &temp->spoilt, sizeof *temp->spoilt);
    for (uint32_t i = 0; i < port->nedges; i++) {
        uint32_t to = s->program->edges[s->program->out_edges[port->edge + i]].to;
        temp->pinned |= port_row(s, to)->stage == DAG_NONE;
    }
}

void temps_setup(Sched *s) {
    const dag_program *program = s->program;
    if (!program_marks_temps(program)) {
        return;
    }
    s->temps = ARENA_NEW(&s->setup, Temps);
    s->temps->ports = ARENA_ARRAY(&s->setup, program->nports, TempPort);
    s->temps->shortened = ARENA_ARRAY(&s->setup, program->nstages, bool);
    for (uint32_t i = 0; i < program->nstages; i++) {
        const dag_stage *row = stage_row(s, program->topo[i]);
        bool sees = stage_sees(s, program->topo[i]);
        for (uint32_t port = row->out; port < row->out + row->nout; port++) {
            if (port_carries(s, port_row(s, port), sees)) {
                port_setup(s, port);
            }
        }
    }
}

void temps_free(Sched *s) {
    Temps *t = s->temps;
    if (t) {
        map_free(&t->index);
        map_free(&t->held);
        free(t->files);
        free(t->holds);
        arena_free(&t->paths);
    }
}

/* ---------------------------------------------------------------- files */

static uint64_t path_hash(const char *path, size_t n) {
    return value_hash((dag_value){ DAG_STRING, (uint32_t)n, { .text = path } });
}

/* The file of that path; DAG_NONE: none that is known. */
static uint32_t find_file(const Temps *t, const char *path, size_t n) {
    uint64_t hash = path_hash(path, n);
    for (uint64_t probe = 0;; probe++) {
        const uint32_t *slot = map_get(&t->index, hash, probe);
        if (!slot) {
            return DAG_NONE;
        }
        const char *known = t->files[*slot].path;
        if (strncmp(known, path, n) == 0 && known[n] == '\0') {
            return *slot;
        }
    }
}

static uint32_t add_file(Sched *s, const char *path, uint32_t stage) {
    Temps *t = s->temps;
    size_t n = strlen(path);
    uint32_t number = find_file(t, path, n);
    if (number != DAG_NONE) {
        return number;
    }
    if (t->nfiles == t->files_cap) {
        t->files_cap = t->files_cap ? t->files_cap * 2 : 16;
        t->files = sched_resize(s, t->files, t->files_cap, sizeof *t->files);
    }
    t->paths.oom = s->entry;
    t->files[t->nfiles] = (TempFile){ .path = arena_text(&t->paths, path, n), .stage = stage };
    uint64_t hash = path_hash(path, n);
    bool fresh = false;
    for (uint64_t probe = 0; !fresh; probe++) {
        if (!map_put(&t->index, hash, probe, t->nfiles, &fresh)) {
            sched_no_memory(s);
        }
    }
    return t->nfiles++;
}

/* The temporary file or folder that is the path, or that it stands in. */
static uint32_t find_around(const Temps *t, const char *path) {
    uint32_t file = DAG_NONE;
    for (size_t n = strlen(path); n > 1 && file == DAG_NONE; n--) {
        if (path[n] == '\0' || path[n] == '/') {
            file = find_file(t, path, n);
        }
    }
    return file;
}

bool temps_is_over(const Sched *s, const char *path) {
    uint32_t file = s->temps ? find_file(s->temps, path, strlen(path)) : DAG_NONE;
    return file != DAG_NONE && s->temps->files[file].over;
}

static void give_up(Sched *s, TempFile *file) {
    if (!file->over) {
        file->over = true;
        if (s->config.reclaim) {
            s->config.reclaim(s->config.reclaim_self, file->path, file->stage);
        }
    }
}

/* ---------------------------------------------------------------- artifacts */

static void hold(Sched *s, uint32_t port, uint32_t node, uint32_t file) {
    Temps *t = s->temps;
    bool fresh;
    if (t->nholds == t->holds_cap) {
        t->holds_cap = t->holds_cap ? t->holds_cap * 2 : 16;
        t->holds = sched_resize(s, t->holds, t->holds_cap, sizeof *t->holds);
    }
    uint32_t *first = map_put(&t->held, port, node, 0, &fresh);
    if (!first) {
        sched_no_memory(s);
    }
    t->holds[t->nholds] = (TempHold){ file, *first };
    *first = ++t->nholds;
    t->files[file].refs++;
}

static void hold_value(Sched *s, uint32_t port, uint32_t node, dag_value value) {
    bool temp = (port_row(s, port)->flags & DAG_PORT_TEMP) != 0;
    uint32_t stage = port_row(s, port)->stage;
    switch (value.kind) {
    case DAG_FILE:
    case DAG_DIR:
    case DAG_STRING: {
        bool path = value.u.text[0] == '/';
        uint32_t file = !path                              ? DAG_NONE
                        : temp && value.kind != DAG_STRING ? add_file(s, value.u.text, stage)
                                                           : find_around(s->temps, value.u.text);
        if (file != DAG_NONE) {
            hold(s, port, node, file);
        }
        break;
    }
    case DAG_LIST:
        for (uint32_t i = 0; i < value.len; i++) {
            hold_value(s, port, node, value.u.items[i]);
        }
        break;
    case DAG_MAP:
        for (uint32_t i = 0; i < value.len; i++) {
            hold_value(s, port, node, value.u.entries[i].value);
        }
        break;
    default: break;
    }
}

/* The last edge of the artifact has given it back. */
static void settle(Sched *s, uint32_t port, uint32_t node) {
    Temps *t = s->temps;
    const uint32_t *first = map_get(&t->held, port, node);
    for (uint32_t i = first ? *first : 0; i != 0; i = t->holds[i - 1].next) {
        TempFile *file = &t->files[t->holds[i - 1].file];
        file->keep |= t->ports[port].spoilt[node] != 0;
        if (--file->refs == 0 && !file->keep) {
            give_up(s, file);
        }
    }
}

static void publish_artifact(Sched *s, uint32_t port, uint32_t node) {
    Box *box;
    const dag_value *value = gather_artifact(s, port, node, &box);
    hold_value(s, port, node, *value);
    if (s->temps->ports[port].given[node] >= port_row(s, port)->nedges) {
        settle(s, port, node); /* those that would have taken it have ended before */
    }
}

/* An output that nobody takes has no last consumer. */
void temps_publish(Sched *s, uint32_t stage, uint32_t node) {
    const dag_stage *row = stage_row(s, stage);
    if (feed_task(s, stage, node) != KNOWN_PRESENT) {
        return;
    }
    for (uint32_t port = row->out; port < row->out + row->nout; port++) {
        const dag_port *out = port_row(s, port);
        if (!s->temps->ports[port].carries || out->nedges == 0) {
            continue;
        }
        if ((out->flags & DAG_PORT_STREAM) == 0) {
            publish_artifact(s, port, node);
            continue;
        }
        const Kids *kids = &s->axes[out->axis].kids[node];
        for (uint32_t i = 0; i + 1 < kids->n; i++) {
            publish_artifact(s, port, kids->first + i);
        }
    }
}

void temps_release(Sched *s, uint32_t edge, uint32_t node) {
    const dag_edge *row = &s->program->edges[edge];
    TempPort *temp = &s->temps->ports[row->from];
    if (!temp->carries) {
        return;
    }
    uint32_t to = port_row(s, row->to)->stage;
    if (to != DAG_NONE && s->temps->shortened[to]) {
        temp->spoilt[node] = 1;
    }
    if (++temp->given[node] == port_row(s, row->from)->nedges) {
        settle(s, row->from, node);
    }
}

/* ---------------------------------------------------------------- kept */

static void spoil(Sched *s, uint32_t edge, uint32_t node) {
    TempPort *temp = &s->temps->ports[s->program->edges[edge].from];
    if (temp->carries && node != DAG_NONE) {
        temp->spoilt[node] = 1;
    }
}

typedef struct SpoilVisit {
    Visit visit;
    uint32_t edge;
} SpoilVisit;

static void visit_spoil(Sched *s, Visit *visit, uint32_t first, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        spoil(s, ((const SpoilVisit *)visit)->edge, first + i);
    }
}

static void spoil_list(Sched *s, uint32_t port, uint32_t node) {
    const dag_port *row = port_row(s, port);
    for (uint32_t edge = row->edge; edge < row->edge + row->nedges; edge++) {
        SpoilVisit v = { { visit_spoil }, edge };
        axis_visit(s, port_row(s, s->program->edges[edge].from)->axis, s->inputs[port].axis, node,
                   &v.visit);
    }
}

void temps_spoil(Sched *s, uint32_t stage, uint32_t node) {
    const dag_stage *row = stage_row(s, stage);
    for (uint32_t port = row->in; port < row->in + row->nin; port++) {
        const dag_port *in = port_row(s, port);
        switch ((FeedKind)s->inputs[port].feed) {
        case FEED_NONE: break;
        case FEED_LIST: spoil_list(s, port, node); break;
        case FEED_MERGE: {
            uint32_t at = feed_node(s, port, node);
            uint32_t edge = feed_merged(s, port, &at);
            spoil(s, edge, at);
            break;
        }
        case FEED_PLAIN:
        case FEED_ANY:
            for (uint32_t i = 0; i < in->nedges; i++) {
                spoil(s, in->edge + i, feed_node(s, port, node));
            }
            break;
        }
    }
}

void temps_spoil_short(Sched *s, uint32_t stage) {
    s->temps->shortened[stage] = true;
}

/* ---------------------------------------------------------------- the end */

static void pin(Temps *t, const MapRow *row) {
    for (uint32_t i = row->value; i != 0; i = t->holds[i - 1].next) {
        t->files[t->holds[i - 1].file].pinned = true;
    }
}

void temps_end(Sched *s) {
    Temps *t = s->temps;
    for (uint32_t i = 0; i < t->held.capacity; i++) {
        const MapRow *row = &t->held.rows[i];
        if (row->used && t->ports[row->a].pinned) {
            pin(t, row);
        }
    }
    for (uint32_t i = 0; i < t->nfiles; i++) {
        if (!t->files[i].pinned) {
            give_up(s, &t->files[i]);
        }
    }
}
