/*
 * remake.c - see remake.h.
 */
#include "core/remake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/map.h"
#include "core/world.h"
#include "pure/hash.h"

/* A task whose files are gone, with what it takes to carry it out once more. */
typedef struct GoneTask {
    uint32_t stage, node;
    const char *key;
    const dag_value *inputs, *outputs; /* by own input and output */
    const char *needed_by;             /* slug; NULL: nobody has asked for it yet */
    bool borrows;                      /* it counts among the borrowers of its inputs */
} GoneTask;

typedef struct GonePath {
    const char *path;
    uint32_t task;
    const char *now;    /* what stands for it; NULL: nothing does */
    bool there;         /* it exists, in another run's folder */
    uint32_t borrowers; /* tasks carried out once more: the scheduler does not count them */
    int64_t size;       /* -1: not known */
} GonePath;

struct Remakes {
    Arena arena;
    Map index;      /* (hash of path, probe) -> paths[] */
    Map task_index; /* (stage, node) -> tasks[] */
    GonePath *paths;
    uint32_t npaths, paths_cap;
    GoneTask *tasks;
    uint32_t ntasks, tasks_cap;
    uint32_t nlinks;
};

/* ---------------------------------------------------------------- tables */

static Remakes *remakes_of(dag_run *run, Arena *guarded) {
    if (!run->remakes) {
        Arena arena = { .oom = guarded->oom };
        Remakes *made = ARENA_NEW(&arena, Remakes);
        *made = (Remakes){ .arena = arena };
        run->remakes = made;
    }
    run->remakes->arena.oom = guarded->oom;
    return run->remakes;
}

void remake_free(dag_run *run) {
    Remakes *r = run->remakes;
    if (r) {
        Arena arena = r->arena;
        map_free(&r->index);
        map_free(&r->task_index);
        arena_free(&arena);
        run->remakes = NULL;
    }
}

static void *grow(Remakes *r, void *items, uint32_t n, uint32_t *cap, size_t size) {
    if (n < *cap) {
        return items;
    }
    uint32_t before = *cap;
    *cap = before ? before * 2 : 8;
    return arena_grow(&r->arena, items, before * size, *cap * size);
}

static uint64_t path_hash(const char *path, size_t n) {
    return value_hash((dag_value){ DAG_STRING, (uint32_t)n, { .text = path } });
}

static GonePath *find_path(const Remakes *r, const char *path, size_t n) {
    uint64_t hash = path_hash(path, n);
    for (uint64_t probe = 0;; probe++) {
        const uint32_t *slot = map_get(&r->index, hash, probe);
        if (!slot) {
            return NULL;
        }
        GonePath *known = &r->paths[*slot];
        if (strncmp(known->path, path, n) == 0 && known->path[n] == '\0') {
            return known;
        }
    }
}

/* The path, or the folder that is gone and that it stands in: *n bytes of it. */
static GonePath *find_around(const Remakes *r, const char *path, size_t *n) {
    for (*n = path[0] == '/' ? strlen(path) : 0; *n > 1; --*n) {
        GonePath *found = path[*n] == '\0' || path[*n] == '/' ? find_path(r, path, *n) : NULL;
        if (found) {
            return found;
        }
    }
    return NULL;
}

static _Noreturn void no_memory(const Remakes *r) {
    longjmp(*r->arena.oom, 1);
}

static GonePath *add_path(Remakes *r, const char *path, uint32_t task) {
    uint64_t hash = path_hash(path, strlen(path));
    bool fresh = false;
    r->paths = grow(r, r->paths, r->npaths, &r->paths_cap, sizeof *r->paths);
    r->paths[r->npaths] =
        (GonePath){ .path = arena_text(&r->arena, path, strlen(path)), .task = task, .size = -1 };
    for (uint64_t probe = 0; !fresh; probe++) {
        if (!map_put(&r->index, hash, probe, r->npaths, &fresh)) {
            no_memory(r);
        }
    }
    return &r->paths[r->npaths++];
}

static GoneTask *find_task(const dag_run *run, const Launch *launch) {
    const uint32_t *slot =
        run->remakes ? map_get(&run->remakes->task_index, launch->stage, launch->node) : NULL;
    return slot ? &run->remakes->tasks[*slot] : NULL;
}

static const dag_value *copy_all(Arena *arena, const dag_value *values, uint32_t n) {
    dag_value *copies = ARENA_ARRAY(arena, n, dag_value);
    for (uint32_t i = 0; i < n; i++) {
        copies[i] = value_copy(arena, values[i]);
    }
    return copies;
}

static uint32_t add_task(Remakes *r, const Attempt *attempt) {
    const dag_stage *stage = attempt->stage;
    bool fresh;
    r->tasks = grow(r, r->tasks, r->ntasks, &r->tasks_cap, sizeof *r->tasks);
    const uint32_t *slot =
        map_put(&r->task_index, attempt->launch.stage, attempt->launch.node, r->ntasks, &fresh);
    if (!slot) {
        no_memory(r);
    }
    if (!fresh) {
        return *slot;
    }
    r->tasks[r->ntasks] =
        (GoneTask){ .stage = attempt->launch.stage,
                    .node = attempt->launch.node,
                    .key = arena_text(&r->arena, attempt->key, strlen(attempt->key)),
                    .inputs = copy_all(&r->arena, attempt->inputs, stage->nin),
                    .outputs = copy_all(&r->arena, attempt->outcome.outputs, stage->nout) };
    return r->ntasks++;
}

/* ---------------------------------------------------------------- what is gone */

static bool begins(const char *path, const char *folder) {
    size_t n = strlen(folder);
    return strncmp(path, folder, n) == 0 && path[n] == '/';
}

/* Below the folder of the run that was started, if it has one. */
static bool is_ours(const dag_run *run, const char *path) {
    const char *root = run->root->folder.path;
    return root == NULL || begins(path, root);
}

static void note_path(dag_run *run, Attempt *attempt, const dag_port *port, const char *path) {
    struct stat status;
    const dag_reuse *reuse = run->reuse;
    bool there = lstat(path, &status) == 0;
    bool foreign = (port->flags & DAG_PORT_TEMP) != 0 && !is_ours(run, path);
    if (there && !foreign) {
        return;
    }
    Remakes *r = remakes_of(run, &attempt->arena);
    if (find_path(r, path, strlen(path))) {
        return;
    }
    GonePath *gone = add_path(r, path, add_task(r, attempt));
    gone->there = there;
    if (there) {
        gone->size = (int64_t)status.st_size;
    } else if (reuse->gone) {
        reuse->gone(reuse->self, path, &gone->size);
    }
}

static void note_value(dag_run *run, Attempt *attempt, const dag_port *port, dag_value value) {
    if (value.kind == DAG_FILE || value.kind == DAG_DIR) {
        note_path(run, attempt, port, value.u.text);
    }
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len; i++) {
        note_value(run, attempt, port, value.u.items[i]);
    }
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len; i++) {
        note_value(run, attempt, port, value.u.entries[i].value);
    }
}

void remake_note(dag_run *run, Attempt *attempt) {
    const dag_stage *stage = attempt->stage;
    if (!sched_has_temps(run->sched) || !attempt->outcome.outputs) {
        return;
    }
    for (uint32_t i = 0; i < stage->nout; i++) {
        note_value(run, attempt, &run->program->ports[stage->out + i], attempt->outcome.outputs[i]);
    }
}

/* ---------------------------------------------------------------- from another run's folder */

/* A link of our own to the file: the other run may delete its. False: it is gone, or there can be
 * none; it is made again then. */
static bool take_link(dag_run *run, GonePath *gone, const GoneTask *task) {
    Remakes *r = run->remakes;
    const char *root = folder_path(&run->folder);
    const char *slash = strrchr(gone->path, '/');
    struct stat status;
    gone->there = false;
    if (!root || lstat(gone->path, &status) != 0 || !S_ISREG(status.st_mode)) {
        return false;
    }
    char *dir = arena_printf(&r->arena, "%s/%s/%s/0/%u", root,
                             run->program->strings + run->program->stages[task->stage].slug,
                             task->key, ++r->nlinks);
    const char *path = arena_printf(&r->arena, "%s%s", dir, slash);
    while (!folder_make(dir)) {
        if (errno != EEXIST || !folder_remove(dir)) {
            return false;
        }
    }
    if (link(gone->path, path) != 0) {
        return false;
    }
    gone->now = path;
    return true;
}

/* ---------------------------------------------------------------- deleted */

static void remove_now(dag_run *run, const char *path) {
    dag_store *store = run->root->store;
    if (store && store->reclaim) {
        store->reclaim(store->self, path, run->root->reuse != NULL);
    } else {
        folder_discard(path);
    }
}

/* Only what the task has made in its own folder goes. */
static bool made_by(dag_run *run, const char *path, uint32_t stage) {
    const char *root = run->folder.path;
    const char *slug = run->program->strings + run->program->stages[stage].slug;
    size_t n = root ? strlen(root) : 0;
    return root && begins(path, root) && begins(path + n + 1, slug);
}

void remake_reclaim(void *self, const char *path, uint32_t stage) {
    dag_run *run = self;
    const GonePath *gone = run->remakes ? find_path(run->remakes, path, strlen(path)) : NULL;
    const char *target = gone ? gone->now : path;
    if (target && made_by(run, target, stage) && !(gone && gone->borrowers > 0)) {
        remove_now(run, target);
    }
}

/* What was made again goes when neither consumers nor borrowers are left. */
static void remove_unneeded(dag_run *run, const GonePath *gone) {
    if (gone->now && gone->borrowers == 0 && sched_given_up(run->sched, gone->path)) {
        remove_now(run, gone->now);
    }
}

static void borrow(dag_run *run, dag_value value, bool back) {
    size_t n;
    bool path = value.kind == DAG_FILE || value.kind == DAG_DIR || value.kind == DAG_STRING;
    GonePath *gone = path ? find_around(run->remakes, value.u.text, &n) : NULL;
    if (gone) {
        gone->borrowers += back ? UINT32_MAX : 1;
        remove_unneeded(run, gone);
    }
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len; i++) {
        borrow(run, value.u.items[i], back);
    }
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len; i++) {
        borrow(run, value.u.entries[i].value, back);
    }
}

/* A task that is carried out once more looks at its inputs, or has done so. */
static void borrow_inputs(dag_run *run, GoneTask *task, bool back) {
    if (task->borrows == !back) {
        return;
    }
    task->borrows = !back;
    for (uint32_t i = 0; i < run->program->stages[task->stage].nin; i++) {
        borrow(run, task->inputs[i], back);
    }
}

/* ---------------------------------------------------------------- what a task needs */

typedef struct Need {
    dag_run *run;
    Attempt *attempt;
    const GoneTask *waits; /* for this one; or NULL */
    const GoneTask *lost;  /* this one has failed; or NULL */
    bool changes;          /* something stands under another name */
} Need;

static void need_task(Need *need, GoneTask *task) {
    dag_run *run = need->run;
    bool coming = task->needed_by && sched_is_again(run->sched, task->stage, task->node);
    if (task->needed_by && !coming) {
        need->lost = task;
        return;
    }
    if (!coming) {
        task->needed_by = run->program->strings + need->attempt->stage->slug;
        sched_again(run->sched, task->stage, task->node, run->now);
    }
    need->waits = task;
}

static void need_path(Need *need, const char *path) {
    size_t n;
    GonePath *gone = find_around(need->run->remakes, path, &n);
    if (!gone || (gone->there && need->run->planning)) {
        return;
    }
    GoneTask *task = &need->run->remakes->tasks[gone->task];
    if (!gone->now && !(gone->there && take_link(need->run, gone, task))) {
        need_task(need, task);
    }
    need->changes |= gone->now != NULL;
}

static void need_value(Need *need, dag_value value) {
    if (value.kind == DAG_FILE || value.kind == DAG_DIR || value.kind == DAG_STRING) {
        need_path(need, value.u.text);
    }
    for (uint32_t i = 0; value.kind == DAG_LIST && i < value.len; i++) {
        need_value(need, value.u.items[i]);
    }
    for (uint32_t i = 0; value.kind == DAG_MAP && i < value.len; i++) {
        need_value(need, value.u.entries[i].value);
    }
}

/* The value with what stands for the paths in it. */
static dag_value replaced(const Remakes *r, Arena *arena, dag_value value) {
    size_t n;
    if (value.kind == DAG_FILE || value.kind == DAG_DIR || value.kind == DAG_STRING) {
        const GonePath *gone = find_around(r, value.u.text, &n);
        if (!gone || !gone->now) {
            return value;
        }
        const char *path = arena_printf(arena, "%s%s", gone->now, value.u.text + n);
        return value_text((dag_kind)value.kind, path, strlen(path));
    }
    if (value.kind == DAG_LIST) {
        dag_value *items = ARENA_ARRAY(arena, value.len, dag_value);
        for (uint32_t i = 0; i < value.len; i++) {
            items[i] = replaced(r, arena, value.u.items[i]);
        }
        return value_list(items, value.len);
    }
    if (value.kind == DAG_MAP) {
        dag_entry *entries = ARENA_ARRAY(arena, value.len, dag_entry);
        for (uint32_t i = 0; i < value.len; i++) {
            entries[i].name = value.u.entries[i].name;
            entries[i].value = replaced(r, arena, value.u.entries[i].value);
        }
        return value_map(entries, value.len);
    }
    return value;
}

static void replace_inputs(const Remakes *r, Attempt *attempt) {
    dag_value *inputs = ARENA_ARRAY(&attempt->arena, attempt->stage->nin, dag_value);
    for (uint32_t i = 0; i < attempt->stage->nin; i++) {
        inputs[i] = replaced(r, &attempt->arena, attempt->inputs[i]);
    }
    attempt->asked = attempt->inputs;
    attempt->inputs = attempt->env.inputs = attempt->outcome.inputs = inputs;
}

RemakeAnswer remake_inputs(dag_run *run, Attempt *attempt, Launch *maker, const char **reason) {
    Need need = { .run = run, .attempt = attempt };
    if (!run->remakes || attempt->stage->body == DAG_BODY_NONE) {
        return REMAKE_READY;
    }
    run->remakes->arena.oom = attempt->arena.oom;
    GoneTask *again = attempt->launch.was == DAG_PENDING ? NULL : find_task(run, &attempt->launch);
    if (again) {
        borrow_inputs(run, again, false);
    }
    for (uint32_t i = 0; i < attempt->stage->nin; i++) {
        need_value(&need, attempt->inputs[i]);
    }
    if (need.lost) {
        const char *slug = run->program->strings + run->program->stages[need.lost->stage].slug;
        *reason = arena_printf(&attempt->arena,
                               "a temporary output of `%s` is gone and was not made again", slug);
        return REMAKE_LOST;
    }
    if (need.waits) {
        *maker = (Launch){ .stage = need.waits->stage, .node = need.waits->node };
        return REMAKE_WAIT;
    }
    if (need.changes) {
        replace_inputs(run->remakes, attempt);
    }
    return REMAKE_READY;
}

/* ---------------------------------------------------------------- carried out once more */

const dag_value *remake_given(dag_run *run, const Launch *launch) {
    const GoneTask *task = find_task(run, launch);
    return task ? task->inputs : NULL;
}

const char *remake_reason(dag_run *run, const Launch *launch, Arena *arena) {
    const GoneTask *task = find_task(run, launch);
    return arena_printf(arena, "its temporary output is needed again by `%s`",
                        task && task->needed_by ? task->needed_by : "?");
}

/* What was made stands for what was at the same place before. */
static void match(dag_run *run, uint32_t task, dag_value before, dag_value now) {
    Remakes *r = run->remakes;
    bool paths = (before.kind == DAG_FILE || before.kind == DAG_DIR) && before.kind == now.kind;
    GonePath *gone = paths ? find_path(r, before.u.text, before.len) : NULL;
    if (gone && gone->task == task && !gone->now) {
        gone->now = arena_text(&r->arena, now.u.text, now.len);
        remove_unneeded(run, gone); /* only its sisters are needed, perhaps */
    }
    for (uint32_t i = 0; before.kind == DAG_LIST && now.kind == DAG_LIST && i < before.len; i++) {
        if (i < now.len) {
            match(run, task, before.u.items[i], now.u.items[i]);
        }
    }
    for (uint32_t i = 0; before.kind == DAG_MAP && now.kind == DAG_MAP && i < before.len; i++) {
        dag_value name = before.u.entries[i].name;
        const dag_value *other = value_field(now, name.u.text, name.len);
        if (other) {
            match(run, task, before.u.entries[i].value, *other);
        }
    }
}

void remake_done(dag_run *run, const Attempt *attempt) {
    GoneTask *task = find_task(run, &attempt->launch);
    if (!task || attempt->outcome.state != DAG_COMPLETED) {
        return;
    }
    run->remakes->arena.oom = attempt->arena.oom;
    for (uint32_t i = 0; i < attempt->stage->nout; i++) {
        match(run, (uint32_t)(task - run->remakes->tasks), task->outputs[i],
              attempt->outcome.outputs[i]);
    }
    borrow_inputs(run, task, true);
}

/* ---------------------------------------------------------------- sizes */

static bool file_size(void *self, Arena *arena, const char *path, int64_t *bytes,
                      dag_error *error) {
    const dag_run *run = self;
    const ExprWorld *system = world_system();
    const GonePath *gone = run->remakes ? find_path(run->remakes, path, strlen(path)) : NULL;
    if (gone && gone->size >= 0) {
        *bytes = gone->size;
        return true;
    }
    return system->file_size(system->self, arena, path, bytes, error);
}

const ExprWorld *remake_world(dag_run *run) {
    run->world = *world_system();
    run->world.self = run;
    run->world.file_size = file_size;
    return &run->world;
}
