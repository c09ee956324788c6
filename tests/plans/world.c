/* What pipelines are made of, and what changes. */
#include "world.h"

#include <string.h>

/* splitmix64 (Steele, Lea, Flood 2014). */
uint32_t world_pick(World *w, uint32_t n) {
    uint64_t x = w->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((x ^ x >> 31) % n);
}

static bool chance(World *w, uint32_t percent) {
    return world_pick(w, 100) < percent;
}

/* ---------------------------------------------------------------- axes */

/* The axis of what an input takes; its depth. */
static int axis_of(const World *w, int from, int axis[MOST_AXIS + 1]) {
    if (from < 0) {
        return 0;
    }
    const Unit *s = &w->stages[from];
    memcpy(axis, s->axis, sizeof s->axis);
    if (s->stream) {
        axis[s->depth] = from;
    }
    return s->depth + s->stream;
}

static bool is_prefix(const int *a, int na, const int *b, int nb) {
    return na <= nb && memcmp(a, b, (size_t)na * sizeof *a) == 0;
}

/* The same of an input: a merge has a position of its own below what its edges share. */
static int axis_of_in(const World *w, const Unit *s, const In *in, int axis[MOST_AXIS + 1]) {
    int other[MOST_AXIS + 1], depth = axis_of(w, in->from, axis), shared = 0;
    if (in->join != JOIN_MERGE) {
        return depth;
    }
    int most = axis_of(w, in->other, other);
    while (shared < depth && shared < most && axis[shared] == other[shared]) {
        shared++;
    }
    axis[shared] = MOST_STAGES + (int)(s - w->stages);
    return shared + 1;
}

/* May `in` feed a stage of this fan mode beside what feeds it already? Its axis grows. */
static bool fits_single(const World *w, Unit *s, const In *in) {
    int axis[MOST_AXIS + 1], depth = axis_of_in(w, s, in, axis);
    if (depth > MOST_AXIS) {
        return false;
    }
    if (is_prefix(axis, depth, s->axis, s->depth)) {
        return true;
    }
    if (!is_prefix(s->axis, s->depth, axis, depth)) {
        return false;
    }
    memcpy(s->axis, axis, (size_t)depth * sizeof *axis);
    s->depth = depth;
    return true;
}

static bool fits_grouped(const World *w, Unit *s, In *in) {
    int axis[MOST_AXIS + 1], depth = axis_of(w, in->from, axis);
    if (depth == 0) {
        return true;
    }
    if (s->depth == 1 && s->axis[0] != axis[0]) {
        return false;
    }
    s->axis[0] = axis[0];
    s->depth = 1;
    in->list = depth > 1;
    return true;
}

static bool fits(const World *w, Unit *s, In *in) {
    int axis[MOST_AXIS + 1];
    if (s->fan == FAN_GROUPED) {
        return fits_grouped(w, s, in);
    }
    if (s->fan == FAN_AGGREGATE) {
        in->list = axis_of(w, in->from, axis) > 0;
        return true;
    }
    if (s->fan == FAN_SINGLE) {
        return fits_single(w, s, in);
    }
    int depth = axis_of(w, in->from, axis);
    if (depth > 1 || (depth == 1 && s->depth == MOST_AXIS)) {
        return false;
    }
    for (int i = 0; depth == 1 && i < s->depth; i++) {
        if (s->axis[i] == axis[0]) {
            return true;
        }
    }
    if (depth == 1) {
        s->axis[s->depth++] = axis[0];
    }
    return true;
}

/* ---------------------------------------------------------------- making stages */

static Kind kind_of(const World *w, int from) {
    return from == INPUT_FILE  ? KIND_FILE
           : from == INPUT_DIR ? KIND_DIR
           : from < 0          ? KIND_TEXT
                               : w->stages[from].kind;
}

/* Only a shell's script reads files here. */
static bool takes(const World *w, const Unit *s, int from) {
    bool any = s->body == BODY_SH || s->body == BODY_DOOR;
    return any || kind_of(w, from) == KIND_TEXT;
}

static bool is_fed(const Unit *s, int from) {
    for (int i = 0; i < s->nins; i++) {
        if (s->ins[i].from == from || (s->ins[i].join != JOIN_NOT && s->ins[i].other == from)) {
            return true;
        }
    }
    return false;
}

static int some_source(World *w, int before) {
    return before > 0 && chance(w, 75) ? (int)world_pick(w, (uint32_t)before)
                                       : -1 - (int)world_pick(w, 4);
}

/* Joins another stage's texts to an input, now and then. */
static void join(World *w, const Unit *s, In *in, int before) {
    int axis[MOST_AXIS + 1], other[MOST_AXIS + 1];
    if (s->body != BODY_SH || s->fan != FAN_SINGLE || in->from < 0 || !chance(w, 15)) {
        return;
    }
    in->other = (int)world_pick(w, (uint32_t)before);
    if (in->other == in->from || is_fed(s, in->other) || kind_of(w, in->from) != KIND_TEXT ||
        kind_of(w, in->other) != KIND_TEXT) {
        return;
    }
    int depth = axis_of(w, in->from, axis), most = axis_of(w, in->other, other);
    bool same = depth == most && is_prefix(axis, depth, other, most);
    in->join = same && chance(w, 50) ? JOIN_ANY : JOIN_MERGE;
}

static void add_in(World *w, Unit *s, int before) {
    In in = { .from = some_source(w, before) };
    join(w, s, &in, before);
    if (is_fed(s, in.from) || !takes(w, s, in.from) || !fits(w, s, &in)) {
        return;
    }
    bool plain = s->body != BODY_DOOR && s->body != BODY_NATIVE_C && s->body != BODY_SUB &&
                 in.join == JOIN_NOT;
    if (in.from >= 0) {
        in.where = chance(w, 15) ? 1 + (int)world_pick(w, 3) : 0;
        in.take = chance(w, 6) ? 1 + (int)world_pick(w, 2) : 0;
        in.optional = plain && !in.list && kind_of(w, in.from) == KIND_TEXT && chance(w, 15);
    }
    s->ins[s->nins++] = in;
}

static bool has_list(const Unit *s) {
    for (int i = 0; i < s->nins; i++) {
        if (s->ins[i].list) {
            return true;
        }
    }
    return false;
}

static void add_ins(World *w, Unit *s, int before) {
    int wanted = s->body == BODY_DOOR ? 1 : 1 + (int)world_pick(w, MOST_INS);
    for (int i = 0; i < 30 && s->nins < wanted; i++) {
        add_in(w, s, before);
    }
    while (s->nins == 0) {
        add_in(w, s, 0);
    }
    bool lists = s->fan == FAN_AGGREGATE || s->fan == FAN_GROUPED;
    if ((lists && !has_list(s)) || (s->fan == FAN_CROSS && s->depth < 2)) {
        Unit again = *s;
        again.fan = FAN_SINGLE;
        again.nins = again.depth = 0;
        *s = again;
        add_ins(w, s, before);
    }
}

static Body some_body(World *w) {
    static const Body bodies[] = { BODY_SH,    BODY_SH,   BODY_SH,       BODY_SH,       BODY_ARGV,
                                   BODY_JSON,  BODY_JSON, BODY_NATIVE_C, BODY_NATIVE_C, BODY_VALUE,
                                   BODY_VALUE, BODY_DOOR, BODY_SUB };
    return bodies[world_pick(w, sizeof bodies / sizeof *bodies)];
}

static void choose_output(World *w, Unit *s) {
    if (s->body == BODY_SH) {
        s->kind = chance(w, 60) ? KIND_TEXT : chance(w, 70) ? KIND_FILE : KIND_DIR;
    }
    if (s->body == BODY_DOOR) {
        s->kind = kind_of(w, s->ins[0].from);
    }
    bool may = (s->body == BODY_SH && s->kind != KIND_DIR) || s->body == BODY_VALUE;
    s->stream = may && s->depth < MOST_AXIS && chance(w, 35);
}

static void choose_orders(World *w, Unit *s, int before) {
    while (before > 0 && s->norders < MOST_ORDERS && chance(w, 12)) {
        s->on[s->norders] = chance(w, 70) ? 0 : 1 + (int)world_pick(w, 2);
        s->orders[s->norders++] = (int)world_pick(w, (uint32_t)before);
    }
    for (int i = 1; i < s->norders; i++) {
        if (s->orders[i] == s->orders[i - 1]) {
            s->norders = i;
        }
    }
}

/* A plugin sees neither inputs of the run nor config values. */
static bool sees_no_input(const Unit *s) {
    for (int i = 0; i < s->nins; i++) {
        if (s->ins[i].from < 0) {
            return false;
        }
    }
    return true;
}

static void make_stage(World *w, int number) {
    Unit *s = &w->stages[number];
    *s = (Unit){ .body = some_body(w), .version = 1, .place = number };
    bool plain = s->body != BODY_DOOR && s->body != BODY_NATIVE_C && s->body != BODY_VALUE &&
                 s->body != BODY_SUB && s->body != BODY_ARGV;
    s->fan = plain && chance(w, 45) ? 1 + (Fan)world_pick(w, 3) : FAN_SINGLE;
    add_ins(w, s, number);
    choose_output(w, s);
    choose_orders(w, s, number);
    bool shell = s->body == BODY_SH || s->body == BODY_JSON;
    s->shape = chance(w, 60) ? SHAPE_FULL : chance(w, 60) ? SHAPE_FIRST : SHAPE_CONST;
    s->env = shell && chance(w, 25) ? 1 : 0;
    s->argument = s->body == BODY_SH && sees_no_input(s) && chance(w, 25) ? 1 : 0;
    s->config = shell && !s->argument && chance(w, 25);
    s->when = chance(w, 15) ? 1 + (int)world_pick(w, 3) : 0;
    s->uncacheable = s->body != BODY_VALUE && chance(w, 5);
    s->may_fail = chance(w, 5);
    s->barrier = chance(w, 5);
    s->passthrough = s->body == BODY_DOOR && chance(w, 30);
}

void world_make(World *w, uint64_t seed) {
    memset(w, 0, sizeof *w);
    w->state = seed;
    w->nstages = 2 + (int)world_pick(w, MOST_STAGES - 1);
    w->text = (int)world_pick(w, 4);
    w->word = (int)world_pick(w, 4);
    w->nentries = 2;
    w->entries[1] = (Entry){ 1, 1 };
    for (int i = 0; i < w->nstages; i++) {
        make_stage(w, i);
    }
}

bool world_uncached(const World *w, int stage) {
    const Unit *s = &w->stages[stage];
    if (s->uncacheable) {
        return true;
    }
    for (int i = 0; i < s->nins; i++) {
        const In *in = &s->ins[i];
        if ((in->from >= 0 && world_uncached(w, in->from)) ||
            (in->join != JOIN_NOT && world_uncached(w, in->other))) {
            return true;
        }
    }
    for (int i = 0; i < s->norders; i++) {
        if (world_uncached(w, s->orders[i])) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- changing */

static const char *change_entries(World *w) {
    Entry *entry = &w->entries[world_pick(w, (uint32_t)(w->nentries + 1))];
    if (entry == &w->entries[w->nentries]) {
        if (w->nentries == MOST_ENTRIES) {
            w->nentries--;
            return "a file leaves the folder";
        }
        *entry = (Entry){ w->nentries, (int)world_pick(w, 3) };
        w->nentries++;
        return "a file comes to the folder";
    }
    if (chance(w, 30)) {
        entry->name = (entry->name + MOST_ENTRIES) % (3 * MOST_ENTRIES);
        return "a file of the folder is renamed";
    }
    entry->text = (int)world_pick(w, 4);
    return "a file of the folder changes";
}

static const char *change_metadata(World *w, Unit *s) {
    switch (world_pick(w, 5)) {
    case 0: s->tag++; return "tags and docs";
    case 1: s->retry++; return "retry, timeout, limits";
    case 2: w->comment++; return "comments and layout";
    case 3: s->place = -s->place; return "the order of the file";
    default: return "nothing";
    }
}

static const char *change_stage(World *w, Unit *s) {
    switch (world_pick(w, 6)) {
    case 0:
        if (s->env != 0) {
            s->env = 1 + (int)world_pick(w, 3);
            return "an environment";
        }
        break;
    case 1:
        if (s->argument != 0) {
            s->argument = 1 + (int)world_pick(w, 3);
            return "an argument of a plugin";
        }
        break;
    case 2:
        if (s->when != 0) {
            s->when = 1 + (int)world_pick(w, 3);
            return "a condition";
        }
        break;
    case 3:
        if (s->ins[0].where != 0) {
            s->ins[0].where = 1 + (int)world_pick(w, 3);
            return "a filter";
        }
        break;
    default: break;
    }
    s->version = 1 + (int)world_pick(w, 4);
    return "a body";
}

const char *world_change(World *w, bool *metadata) {
    uint32_t stage = world_pick(w, (uint32_t)w->nstages);
    Unit *s = &w->stages[stage];
    *metadata = false;
    switch (world_pick(w, 10)) {
    case 0: w->text = (int)world_pick(w, 4); return "an input text";
    case 1: w->word = (int)world_pick(w, 4); return "another input text";
    case 2: w->config = (int)world_pick(w, 3); return "a config value";
    case 3: w->file = (int)world_pick(w, 4); return "an input file";
    case 4: return change_entries(w);
    case 5: w->fails[stage] = !w->fails[stage]; return "a stage begins or ceases to fail";
    case 6:
    case 7: *metadata = true; return change_metadata(w, s);
    default: return change_stage(w, s);
    }
}
