/*
 * fit.c - values made to fit a declared type at a boundary: as(T), ports, run inputs.
 *
 * What fits already is not copied. Where it fails, the error names the JSON path: $.a[3].b.
 */
#include "pure/number.h"
#include "pure/text.h"
#include "pure/value.h"

#include <math.h>
#include <string.h>

/* A step of the path from the top to the value at hand: a field or an index. */
typedef struct Step {
    const struct Step *up;
    const char *name; /* NULL: index */
    size_t index;
} Step;

typedef struct Fit {
    Arena *arena;
    const dag_program *program;
    FitMode mode;
    const Step *step;
    dag_error *error;
} Fit;

static bool fit(Fit *f, uint32_t type, dag_value *v);

/* ---------------------------------------------------------------- errors */

static bool is_plain_name(const char *name) {
    bool plain = name[0] != '\0' && !(name[0] >= '0' && name[0] <= '9');
    for (; *name && plain; name++) {
        char letter = (char)(*name | 32);
        plain = (letter >= 'a' && letter <= 'z') || (*name >= '0' && *name <= '9') || *name == '_';
    }
    return plain;
}

static void put_step(Fit *f, TextBuffer *out, const Step *step) {
    if (!step) {
        buffer_char(out, '$');
        return;
    }
    put_step(f, out, step->up);
    if (!step->name) {
        buffer_string(out, arena_printf(f->arena, "[%zu]", step->index));
    } else if (is_plain_name(step->name)) {
        buffer_char(out, '.');
        buffer_string(out, step->name);
    } else {
        dag_value name = value_text(DAG_STRING, step->name, strlen(step->name));
        buffer_string(out, arena_printf(f->arena, "[%s]", value_to_json(f->arena, name)));
    }
}

/* "string" of a value, null and bool of what says it itself. */
static const char *kind_word(dag_value v) {
    static const char *const words[] = {
        [DAG_NULL] = "",          [DAG_BOOL] = "",          [DAG_INT] = "int ",
        [DAG_FLOAT] = "float ",   [DAG_STRING] = "string ", [DAG_DURATION] = "duration ",
        [DAG_SIZE] = "size ",     [DAG_FILE] = "file ",     [DAG_DIR] = "dir ",
        [DAG_SECRET] = "secret ", [DAG_LIST] = "list ",     [DAG_MAP] = "record ",
    };
    return v.kind <= DAG_MAP ? words[v.kind] : "";
}

static bool fail(Fit *f, const char *expected, const char *found) {
    TextBuffer path = { .arena = f->arena };
    put_step(f, &path, f->step);
    f->error->type = "type";
    f->error->message =
        arena_printf(f->arena, "%s: expected %s, found %s", buffer_end(&path), expected, found);
    return false;
}

static const char *type_name(const Fit *f, uint32_t type) {
    return f->program->strings + f->program->types[type].name;
}

static bool mismatch(Fit *f, uint32_t type, dag_value v) {
    const char *found = arena_printf(f->arena, "%s%s", kind_word(v), value_show(f->arena, v));
    return fail(f, type_name(f, type), found);
}

/* ---------------------------------------------------------------- scalars */

/* May text stand for a number or bool here? For a run input given as a whole: --input n=5. */
static bool reads_text(const Fit *f, dag_value v) {
    return f->mode == FIT_INPUT && !f->step && v.kind == DAG_STRING;
}

static bool fit_bool(Fit *f, uint32_t type, dag_value *v) {
    if (v->kind == DAG_BOOL) {
        return true;
    }
    bool yes = reads_text(f, *v) && strcmp(v->u.text, "true") == 0;
    bool no = reads_text(f, *v) && strcmp(v->u.text, "false") == 0;
    if (!yes && !no) {
        return mismatch(f, type, *v);
    }
    *v = value_bool(yes);
    return true;
}

/* The integer that a value is in JSON, if it is one. */
static bool whole_number(const Fit *f, dag_value v, int64_t *i) {
    const int64_t second = 1000000000;
    switch (v.kind) {
    case DAG_INT:
    case DAG_SIZE: *i = v.u.i; return true;
    case DAG_FLOAT: return trunc(v.u.f) == v.u.f && float_to_int(v.u.f, i);
    case DAG_DURATION: *i = v.u.i / second; return v.u.i % second == 0;
    case DAG_STRING: return reads_text(f, v) && int_parse(v.u.text, v.len, i) == NUMBER_OK;
    default: return false;
    }
}

static bool fit_int(Fit *f, uint32_t type, dag_value *v) {
    int64_t i = 0;
    if (!whole_number(f, *v, &i)) {
        return mismatch(f, type, *v);
    }
    *v = value_int(DAG_INT, i);
    return true;
}

static bool fit_float(Fit *f, uint32_t type, dag_value *v) {
    double d = 0;
    switch (v->kind) {
    case DAG_FLOAT: return true;
    case DAG_INT:
    case DAG_SIZE: d = (double)v->u.i; break;
    case DAG_DURATION: d = (double)v->u.i / 1e9; break;
    default:
        if (!reads_text(f, *v) || float_parse(v->u.text, v->len, &d) != NUMBER_OK) {
            return mismatch(f, type, *v);
        }
    }
    *v = value_float(d);
    return true;
}

/* In JSON: seconds; in an input also "1h30m". */
static bool fit_duration(Fit *f, uint32_t type, dag_value *v) {
    double seconds = 0;
    int64_t ns = 0;
    bool fits = false;
    bool text = f->mode == FIT_INPUT && v->kind == DAG_STRING;
    if (v->kind == DAG_DURATION) {
        return true;
    }
    if (v->kind == DAG_INT) {
        fits = !__builtin_mul_overflow(v->u.i, INT64_C(1000000000), &ns);
    } else if (v->kind == DAG_FLOAT) {
        fits = seconds_to_ns(v->u.f, &ns);
    } else if (text && float_parse(v->u.text, v->len, &seconds) == NUMBER_OK) {
        fits = seconds_to_ns(seconds, &ns);
    } else if (text) {
        fits = duration_parse(v->u.text, v->len, &ns);
    }
    if (!fits) {
        return mismatch(f, type, *v);
    }
    *v = value_int(DAG_DURATION, ns);
    return true;
}

static bool fit_size(Fit *f, uint32_t type, dag_value *v) {
    int64_t bytes = 0;
    bool text = f->mode == FIT_INPUT && v->kind == DAG_STRING;
    bool fits = text ? size_parse(v->u.text, v->len, &bytes)
                     : v->kind != DAG_DURATION && whole_number(f, *v, &bytes);
    if (!fits) {
        return mismatch(f, type, *v);
    }
    *v = value_int(DAG_SIZE, bytes);
    return true;
}

static bool fit_string(Fit *f, uint32_t type, dag_value *v) {
    if (v->kind != DAG_STRING && v->kind != DAG_FILE && v->kind != DAG_DIR) {
        return mismatch(f, type, *v);
    }
    v->kind = DAG_STRING;
    return true;
}

/* A string becomes a path at a boundary alone, and a secret anywhere. */
static bool fit_text_kind(Fit *f, uint32_t type, dag_kind kind, dag_value *v) {
    bool becomes = v->kind == DAG_STRING && (kind == DAG_SECRET || f->mode != FIT_JSON);
    if (v->kind != kind && !becomes) {
        bool hidden = kind == DAG_SECRET; /* what was meant to be one is not shown either */
        return hidden ? fail(f, "secret", "something else") : mismatch(f, type, *v);
    }
    v->kind = kind;
    return true;
}

static bool fit_enum(Fit *f, uint32_t type, dag_value *v) {
    const dag_type *t = &f->program->types[type];
    TextBuffer cases = { .arena = f->arena };
    for (uint32_t i = 0; i < t->n; i++) {
        const char *name = f->program->strings + f->program->fields[t->first + i].name;
        if (v->kind == DAG_STRING && strcmp(v->u.text, name) == 0) {
            return true;
        }
        buffer_string(&cases, i == 0 ? "one of " : ", ");
        buffer_string(&cases, name);
    }
    const char *found = arena_printf(f->arena, "%s%s", kind_word(*v), value_show(f->arena, *v));
    return fail(f, buffer_end(&cases), found);
}

/* ---------------------------------------------------------------- lists, maps, records */

static bool same(const dag_value *a, const dag_value *b) {
    return a->kind == b->kind && a->len == b->len && a->u.i == b->u.i;
}

/* One element or field, under its step. */
static bool fit_below(Fit *f, Step *step, uint32_t type, dag_value *v) {
    step->up = f->step;
    f->step = step;
    bool ok = fit(f, type, v);
    f->step = step->up;
    return ok;
}

static bool fit_list(Fit *f, uint32_t type, dag_value *v) {
    uint32_t elem = f->program->types[type].elem;
    dag_value *copy = NULL; /* made when the first element changes */
    if (v->kind != DAG_LIST) {
        return mismatch(f, type, *v);
    }
    for (uint32_t i = 0; i < v->len; i++) {
        dag_value item = v->u.items[i];
        if (!fit_below(f, &(Step){ .index = i }, elem, &item)) {
            return false;
        }
        if (!copy && !same(&item, &v->u.items[i])) {
            copy = arena_raw(f->arena, v->len * sizeof item);
            memcpy(copy, v->u.items, v->len * sizeof item);
        }
        if (copy) {
            copy[i] = item;
        }
    }
    *v = value_list(copy ? copy : v->u.items, v->len);
    return true;
}

static bool fit_map(Fit *f, uint32_t type, dag_value *v) {
    uint32_t elem = f->program->types[type].elem;
    if (v->kind != DAG_MAP) {
        return mismatch(f, type, *v);
    }
    dag_entry *copy = arena_raw(f->arena, v->len * sizeof *copy);
    for (uint32_t i = 0; i < v->len; i++) {
        copy[i] = v->u.entries[i];
        if (!fit_below(f, &(Step){ .name = copy[i].name.u.text }, elem, &copy[i].value)) {
            return false;
        }
    }
    *v = value_map(copy, v->len);
    return true;
}

/* The field of a record by its declaration, out of what the map has. */
static bool fit_field(Fit *f, const dag_field *field, dag_value map, dag_entry *entry) {
    const char *name = f->program->strings + field->name;
    size_t n = strlen(name);
    const dag_value *found = value_field(map, name, n);
    Step step = { .name = name };
    entry->name = value_text(DAG_STRING, name, n);
    entry->value = found ? *found : value_null();
    if (found || f->program->types[field->type].kind == DAG_OPTIONAL) {
        return fit_below(f, &step, field->type, &entry->value);
    }
    step.up = f->step;
    f->step = &step;
    fail(f, type_name(f, field->type), "nothing");
    f->step = step.up;
    return false;
}

static bool fit_record(Fit *f, uint32_t type, dag_value *v) {
    const dag_type *t = &f->program->types[type];
    if (v->kind != DAG_MAP) {
        return mismatch(f, type, *v);
    }
    dag_entry *entries = arena_raw(f->arena, t->n * sizeof *entries);
    for (uint32_t i = 0; i < t->n; i++) {
        if (!fit_field(f, &f->program->fields[t->first + i], *v, &entries[i])) {
            return false;
        }
    }
    *v = value_map(entries, t->n);
    return true;
}

static bool fit(Fit *f, uint32_t type, dag_value *v) {
    const dag_type *t = &f->program->types[type];
    switch ((dag_kind)t->kind) {
    case DAG_NULL: return v->kind == DAG_NULL || mismatch(f, type, *v);
    case DAG_BOOL: return fit_bool(f, type, v);
    case DAG_INT: return fit_int(f, type, v);
    case DAG_FLOAT: return fit_float(f, type, v);
    case DAG_STRING: return fit_string(f, type, v);
    case DAG_DURATION: return fit_duration(f, type, v);
    case DAG_SIZE: return fit_size(f, type, v);
    case DAG_FILE:
    case DAG_DIR:
    case DAG_SECRET: return fit_text_kind(f, type, (dag_kind)t->kind, v);
    case DAG_LIST: return fit_list(f, type, v);
    case DAG_MAP: return fit_map(f, type, v);
    case DAG_RECORD: return fit_record(f, type, v);
    case DAG_ENUM: return fit_enum(f, type, v);
    case DAG_JSON: *v = value_as_json(f->arena, *v); return true;
    case DAG_OPTIONAL: return v->kind == DAG_NULL || fit(f, t->elem, v);
    }
    return mismatch(f, type, *v);
}

bool value_fit(Arena *arena, const dag_program *program, uint32_t type, FitMode mode, dag_value *v,
               dag_error *error) {
    Fit f = { .arena = arena, .program = program, .mode = mode, .error = error };
    dag_value fitted = *v;
    if (!fit(&f, type, &fitted)) {
        return false;
    }
    *v = fitted;
    return true;
}
