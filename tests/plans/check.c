/* Plans against runs. */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pure/value.h"

/* ---------------------------------------------------------------- the trace */

void trace_free(Trace *trace) {
    arena_free(&trace->arena);
    free(trace->lines);
    *trace = (Trace){ 0 };
}

void trace_add(Trace *trace, const char *line) {
    if (trace->n == trace->size) {
        trace->size = trace->size * 2 + 64;
        trace->lines = realloc(trace->lines, trace->size * sizeof *trace->lines);
        if (!trace->lines) {
            abort();
        }
    }
    trace->lines[trace->n++] = arena_text(&trace->arena, line, strlen(line));
}

bool trace_has(const Trace *trace, const char *line, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(trace->lines[i], line) == 0) {
            return true;
        }
    }
    return false;
}

void trace_forget(Trace *trace, int stage) {
    size_t kept = 0;
    for (size_t i = 0; i < trace->n; i++) {
        if (stage >= 0 && atoi(trace->lines[i] + 1) != stage) {
            trace->lines[kept++] = trace->lines[i];
        }
    }
    trace->n = kept;
}

/* ---------------------------------------------------------------- documents */

static dag_value field(dag_value map, const char *name) {
    const dag_value *value = value_field(map, name, strlen(name));
    return value ? *value : value_null();
}

static const char *word(dag_value map, const char *name) {
    dag_value value = field(map, name);
    return value.kind == DAG_STRING ? value.u.text : "";
}

static int64_t count(dag_value map, const char *name) {
    dag_value value = field(map, name);
    return value.kind == DAG_INT ? value.u.i : -1;
}

typedef struct Done { /* of one stage, by the run */
    const char *state;
    int64_t completed, cached, failed, skipped, filtered, cancelled;
} Done;

static Done done_of(dag_value run, const char *slug) {
    dag_value stage = field(field(run, "stages"), slug), tasks = field(stage, "tasks");
    return (Done){ word(stage, "state"),     count(tasks, "completed"), count(tasks, "cached"),
                   count(tasks, "failed"),   count(tasks, "skipped"),   count(tasks, "filtered"),
                   count(tasks, "cancelled") };
}

static bool went_wrong(const Done *done) {
    return done->failed + done->cancelled > 0 || strcmp(done->state, "crashed") == 0;
}

/* Marks what depends on a stage in which a task failed: of that no plan can know. */
static bool *find_touched(Arena *arena, const dag_program *program, dag_value run) {
    bool *touched = ARENA_ARRAY(arena, program->nstages, bool);
    for (uint32_t k = 0; k < program->nstages; k++) {
        uint32_t i = program->topo[k];
        const dag_stage *stage = &program->stages[i];
        for (uint32_t p = stage->in; p < stage->in + stage->nin; p++) {
            const dag_port *in = &program->ports[p];
            for (uint32_t e = in->edge; e < in->edge + in->nedges; e++) {
                touched[i] |= touched[program->ports[program->edges[e].from].stage];
            }
        }
        for (uint32_t o = stage->order; o < stage->order + stage->norder; o++) {
            touched[i] |= touched[program->orders[o].from];
        }
        Done done = done_of(run, program->strings + stage->slug);
        touched[i] |= went_wrong(&done);
    }
    return touched;
}

/* ---------------------------------------------------------------- one row */

/* The tasks that the row knows of must be those that there were. */
static bool counts_agree(dag_value row, const Done *done) {
    dag_value tasks = field(row, "tasks");
    if (tasks.kind != DAG_MAP) {
        return true; /* not known yet */
    }
    return count(tasks, "run") == done->completed + done->failed &&
           count(tasks, "cached") == done->cached && count(tasks, "skip") == done->skipped;
}

static bool row_agrees(dag_value row, const Done *done, bool door, Figures *figures) {
    const char *action = word(row, "action");
    bool filtered = strcmp(done->state, "filtered") == 0;
    figures->rows++;
    if (strcmp(action, "run") == 0) {
        figures->run++;
        return door || (done->completed + done->failed > 0 && counts_agree(row, done));
    }
    if (strcmp(action, "cached") == 0) {
        figures->cached++;
        return done->cached > 0 && done->completed + done->failed == 0 && counts_agree(row, done);
    }
    if (strcmp(action, "maybe") == 0) {
        figures->maybe++;
        figures->maybe_cached += done->completed == 0;
        bool may_vanish = field(row, "certain").kind == DAG_BOOL && !field(row, "certain").u.b;
        return may_vanish || door || done->completed + done->cached > 0;
    }
    if (strcmp(action, "skip") == 0) {
        figures->skip++;
        return done->skipped > 0 && done->completed + done->cached + done->failed == 0;
    }
    figures->filtered++;
    return strcmp(action, "filtered") == 0 && filtered;
}

static const char *check_row(Arena *arena, const dag_program *program, const bool *touched,
                             dag_value row, dag_value run, Figures *figures) {
    const char *slug = word(row, "slug");
    Done done = done_of(run, slug);
    for (uint32_t i = 0; i < program->nstages; i++) {
        if (strcmp(program->strings + program->stages[i].slug, slug) != 0) {
            continue;
        }
        bool certain =
            strcmp(word(row, "action"), "cached") == 0 && field(row, "tasks").kind == DAG_MAP;
        if ((touched[i] && !certain && !(word(row, "action")[0] == 'r' && done.failed > 0)) ||
            row_agrees(row, &done, (program->stages[i].flags & DAG_STAGE_GATE) != 0, figures)) {
            return NULL;
        }
    }
    return arena_printf(arena,
                        "%s: planned %s, is %s (%ld completed, %ld cached, %ld failed, "
                        "%ld skipped)",
                        value_to_json(arena, row), slug, done.state, (long)done.completed,
                        (long)done.cached, (long)done.failed, (long)done.skipped);
}

static bool after_all(const dag_program *program, dag_value rows, uint32_t at) {
    for (uint32_t e = 0; e < program->nedges; e++) {
        const dag_port *from = &program->ports[program->edges[e].from];
        const dag_port *to = &program->ports[program->edges[e].to];
        if (to->stage == DAG_NONE ||
            strcmp(word(rows.u.items[at], "slug"),
                   program->strings + program->stages[to->stage].slug) != 0) {
            continue;
        }
        for (uint32_t i = at; i < rows.len; i++) {
            if (strcmp(word(rows.u.items[i], "slug"),
                       program->strings + program->stages[from->stage].slug) == 0) {
                return false;
            }
        }
    }
    return true;
}

const char *check_plan(Arena *arena, const dag_program *program, dag_value plan, dag_value run,
                       Figures *figures) {
    dag_value rows = field(plan, "stages");
    if (rows.kind != DAG_LIST || rows.len != program->nstages) {
        return "the plan has not all stages";
    }
    if (field(run, "stages").kind != DAG_MAP) {
        return "the run has left no document";
    }
    const bool *touched = find_touched(arena, program, run);
    for (uint32_t i = 0; i < rows.len; i++) {
        const char *wrong = check_row(arena, program, touched, rows.u.items[i], run, figures);
        if (wrong) {
            return wrong;
        }
        if (!after_all(program, rows, i) || *word(rows.u.items[i], "reason") == '\0') {
            return arena_printf(arena, "%s: out of order, or without a reason",
                                value_to_json(arena, rows.u.items[i]));
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------- outputs */

static const char *read_file(Arena *arena, const char *path) {
    char *chars = arena_alloc(arena, 256);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, chars, 255);
    if (fd >= 0) {
        close(fd);
    }
    chars[n < 0 ? 0 : n] = '\0';
    return n < 0 ? "(gone)" : chars;
}

/* A value as text in which paths are what stands there. */
static const char *told(Arena *arena, dag_value value) {
    const char *text = "";
    if (value.kind == DAG_LIST) {
        for (uint32_t i = 0; i < value.len; i++) {
            text = arena_printf(arena, "%s[%s]", text, told(arena, value.u.items[i]));
        }
        return text;
    }
    if (value.kind != DAG_STRING || value.u.text[0] != '/') {
        return value_to_json(arena, value);
    }
    struct stat status;
    if (stat(value.u.text, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return read_file(arena, value.u.text);
    }
    struct dirent **entries;
    int n = scandir(value.u.text, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        if (name[0] != '.') {
            text = arena_printf(arena, "%s %s=%s", text, name,
                                read_file(arena, arena_printf(arena, "%s/%s", value.u.text, name)));
        }
        free(entries[i]);
    }
    free(entries);
    return text;
}

const char *check_outputs(Arena *arena, dag_value one, dag_value other) {
    dag_value a = field(one, "outputs"), b = field(other, "outputs");
    if (a.kind != DAG_MAP || b.kind != DAG_MAP || a.len != b.len) {
        return "some";
    }
    for (uint32_t i = 0; i < a.len; i++) {
        const char *name = a.u.entries[i].name.u.text;
        if (strcmp(told(arena, a.u.entries[i].value), told(arena, field(b, name))) != 0) {
            return name;
        }
    }
    return NULL;
}
