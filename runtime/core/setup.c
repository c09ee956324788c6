/*
 * setup.c - a scheduler from the tables of a program, and its end.
 */
#include "core/setup.h"

#include <stdlib.h>
#include <string.h>

#include "core/count.h"
#include "core/inplace.h"
#include "core/keys.h"
#include "core/temps.h"

/* ---------------------------------------------------------------- axes */

static void axis_kind(Sched *s, uint32_t number) {
    Axis *axis = &s->axes[number];
    if (number == 0) {
        axis->kind = AXIS_ROOT;
        return;
    }
    const dag_port *port = port_row(s, axis->position);
    bool merge = (port->flags & DAG_PORT_MERGE) != 0;
    axis->own = port->axis;
    axis->kind = port->axis != number ? AXIS_CROSS : merge ? AXIS_MERGE : AXIS_STREAM;
    axis->scattered = merge;
}

static void axis_path(Sched *s, uint32_t number) {
    Axis *axis = &s->axes[number];
    axis->path = ARENA_ARRAY(&s->setup, axis->depth + 1, uint32_t);
    uint32_t at = number;
    for (uint32_t depth = axis->depth; depth > 0; depth--) {
        axis->path[depth] = at;
        at = s->program->axes[at].parent;
    }
}

static void axis_columns(Sched *s, uint32_t number) {
    Axis *axis = &s->axes[number];
    if (axis->parent != 0) {
        setup_column(s, number, &axis->up, sizeof *axis->up);
    }
    if (axis->kind == AXIS_MERGE || axis->kind == AXIS_CROSS) {
        setup_column(s, number, &axis->other, sizeof *axis->other);
    }
    if (axis->kind == AXIS_MERGE) {
        setup_column(s, number, &axis->via, sizeof *axis->via);
    }
    if (axis->scattered) {
        setup_column(s, axis->parent, &axis->shut, sizeof *axis->shut);
    } else {
        setup_column(s, axis->parent, &axis->kids, sizeof *axis->kids);
    }
    if (axis->kind == AXIS_CROSS) {
        links_add(s, &s->axes[axis->parent].crosses, number);
        links_add(s, &s->axes[axis->own].mirrors, number);
    }
}

void setup_axes(Sched *s) {
    uint32_t n = s->program->naxes;
    s->axes = ARENA_ARRAY(&s->setup, n, Axis);
    for (uint32_t i = 0; i < n; i++) {
        const dag_axis *row = &s->program->axes[i];
        s->axes[i].parent = i == 0 ? 0 : row->parent;
        s->axes[i].position = row->position;
        s->axes[i].depth = row->depth;
        axis_kind(s, i);
        axis_path(s, i);
    }
    for (uint32_t i = 1; i < n; i++) {
        axis_columns(s, i);
    }
}

enum { CELLS = 4096 };

/* Zeroed memory for the only element of a column: what belongs to one stage stands together. */
static void *cell(Sched *s, uint32_t width) {
    size_t align = width < 8 ? width : 8;
    size_t skip = (size_t)(-(uintptr_t)s->cells & (align - 1));
    if (width + skip > (size_t)(s->cells_end - s->cells)) {
        size_t size = width > CELLS ? width : CELLS;
        s->cells = arena_alloc(&s->setup, size);
        s->cells_end = s->cells + size;
        skip = 0;
    }
    void *p = s->cells + skip;
    s->cells += skip + width;
    return p;
}

void setup_column(Sched *s, uint32_t axis, void *slot, uint32_t width) {
    Axis *a = &s->axes[axis];
    if (axis == 0) {
        *(void **)slot = cell(s, width);
        return;
    }
    if ((a->ncolumns & (a->ncolumns - 1)) == 0) {
        size_t cap = a->ncolumns ? (size_t)a->ncolumns * 2 : 1;
        a->columns = sched_resize(s, a->columns, cap, sizeof *a->columns);
    }
    a->columns[a->ncolumns++] = (Column){ slot, width };
    a->row += width;
}

static void sort_axis(Sched *s, Axis *axis) {
    Column *columns = sched_resize(s, NULL, axis->ncolumns, sizeof *columns);
    uint32_t n = 0;
    for (uint32_t align = 8; align > 0; align /= 2) {
        for (uint32_t i = 0; i < axis->ncolumns; i++) {
            uint32_t width = axis->columns[i].width;
            if ((width < 8 ? width : 8) == align) {
                columns[n++] = axis->columns[i];
            }
        }
    }
    free(axis->columns);
    axis->columns = columns;
}

/* Columns of wide elements come first, so that all are aligned. */
static void sort_columns(Sched *s) {
    for (uint32_t i = 0; i < s->program->naxes; i++) {
        if (s->axes[i].ncolumns > 1) {
            sort_axis(s, &s->axes[i]);
        }
    }
}

/* ---------------------------------------------------------------- the whole */

static void setup(Sched *s) {
    s->specials = ARENA_ARRAY(&s->setup, DAG_NSPECIAL, dag_value);
    if (s->config.specials) {
        memcpy(s->specials, s->config.specials, DAG_NSPECIAL * sizeof *s->specials);
    }
    setup_axes(s);
    setup_inputs(s);
    setup_stages(s);
    temps_setup(s);
    setup_counts(s);
    setup_limits(s);
    inplace_setup(s);
    sort_columns(s);
    if (!bits_reserve(&s->runnable, s->program->nstages)) {
        sched_no_memory(s);
    }
}

/* False: out of memory. */
static bool try_setup(Sched *s) {
    jmp_buf entry;
    s->entry = &entry;
    s->setup.oom = &entry;
    if (setjmp(entry)) {
        return false;
    }
    setup(s);
    s->entry = NULL;
    return true;
}

Sched *sched_new(const SchedConfig *config) {
    Sched *s = calloc(1, sizeof *s);
    if (!s) {
        return NULL;
    }
    s->program = config->program;
    s->config = *config;
    s->first.stage = DAG_NONE;
    s->next_stage = DAG_NONE;
    if (!try_setup(s)) {
        sched_free(s);
        return NULL;
    }
    return s;
}

static void free_boxes(Sched *s) {
    for (uint32_t i = 0; s->stages && i < s->program->nstages; i++) {
        const StageRun *run = &s->stages[i];
        bool boxes = run->more && run->more->box;
        uint32_t n = boxes ? s->axes[stage_row(s, s->program->topo[i])->axis].n : 0;
        for (uint32_t node = 0; node < n; node++) {
            box_release(run->more->box[node]);
        }
    }
}

static void free_axes(Sched *s) {
    for (uint32_t i = 0; s->axes && i < s->program->naxes; i++) {
        Axis *a = &s->axes[i];
        Links *links[] = {
            &a->stages, &a->crosses, &a->mirrors, &a->merges, &a->tops, &a->streams
        };
        for (size_t k = 0; k < sizeof links / sizeof *links; k++) {
            free(links[k]->items);
        }
        map_free(&a->index);
        free(a->watches);
        free(a->columns);
        free(a->block);
    }
}

void sched_free(Sched *s) {
    if (!s) {
        return;
    }
    temps_free(s);
    again_free(s);
    free_boxes(s);
    free_axes(s);
    for (uint32_t i = 0; s->stages && i < s->program->nstages; i++) {
        if (s->stages[i].more) {
            bits_free(&s->stages[i].more->ready);
            free(s->stages[i].more->held.items);
        }
        free(s->holds ? s->holds[i].items : NULL);
    }
    for (uint32_t i = 0; i < s->nlists; i++) {
        free(s->lists[i].shorts);
        free(s->lists[i].owns.items);
    }
    for (uint32_t i = 0; i < s->npools; i++) {
        waiters_free(&s->pools[i].waiters);
    }
    bits_free(&s->runnable);
    map_free(&s->key_index);
    map_free(&s->key_rows);
    map_free(&s->places);
    free(s->keys);
    free(s->short_work);
    free(s->work);
    free(s->fresh);
    free(s->retries);
    arena_free(&s->scratch);
    arena_free(&s->words);
    arena_free(&s->errors);
    arena_free(&s->setup);
    free(s);
}
