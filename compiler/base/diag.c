/*
 * diag.c - collects what the phases report. Printing is in diag_text.c, diag_json.c, diag_sarif.c.
 */
#include "base/diag.h"

#include <stdarg.h>
#include <string.h>

static const CodeRow rows[] = {
#define ERROR(code, title, explanation, bad, good) \
    { #code, NULL, true, title, explanation, bad, good },
#define WARNING(code, name, default_on, title, explanation, bad, good) \
    { #code, name, default_on, title, explanation, bad, good },
#include "base/errors.def"
#undef ERROR
#undef WARNING
};

const CodeRow *code_row(Code code) {
    return &rows[code];
}
const char *code_name(Code code) {
    return rows[code].code;
}
const char *code_warning(Code code) {
    return rows[code].warning;
}

/* ---------------------------------------------------------------- what was reported before */

typedef struct Seen {
    Span span;
    uint64_t what; /* 0: free; 1: an error; 2 + code: that warning. No padding: compared as bytes */
} Seen;

static Seen *seen_slot(Seen *table, size_t room, Seen key) {
    uint64_t hash = key.what;
    hash = (hash ^ key.span.file) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ key.span.start ^ ((uint64_t)key.span.end << 32)) * 0x9E3779B97F4A7C15u;
    size_t i = (hash >> 32) & (room - 1);
    while (table[i].what && memcmp(&table[i], &key, sizeof key) != 0) {
        i = (i + 1) & (room - 1);
    }
    return &table[i];
}

static void seen_grow(Diags *diags) {
    size_t room = diags->seen_room ? 2 * diags->seen_room : 64;
    Seen *table = ARENA_ARRAY(diags->arena, room, Seen);
    for (size_t i = 0; i < diags->seen_room; i++) {
        if (diags->seen[i].what) {
            *seen_slot(table, room, diags->seen[i]) = diags->seen[i];
        }
    }
    diags->seen = table;
    diags->seen_room = room;
}

/* Was it reported before? It is now. */
static bool seen_add(Diags *diags, Span span, uint32_t what) {
    if (diags->nseen >= diags->seen_room / 2) {
        seen_grow(diags);
    }
    Seen *slot = seen_slot(diags->seen, diags->seen_room, (Seen){ .span = span, .what = what });
    if (slot->what) {
        return true;
    }
    *slot = (Seen){ .span = span, .what = what };
    diags->nseen++;
    return false;
}

/* ---------------------------------------------------------------- reporting */

Diags *diags_new(Arena *arena, Sources *sources) {
    Diags *diags = ARENA_NEW(arena, Diags);
    diags->arena = arena;
    diags->sources = sources;
    diags->last = &diags->first;
    diags->states = ARENA_ARRAY(arena, NCODES, WarningState);
    return diags;
}

bool diags_enabled(const Diags *diags, Code code) {
    Choice on = diags->states[code].on;
    return on == CHOICE_NONE ? rows[code].on : on == CHOICE_YES;
}

static Severity severity_of(const Diags *diags, Code code) {
    Choice error = diags->states[code].error;
    bool fatal = error == CHOICE_NONE ? diags->werror : error == CHOICE_YES;
    return rows[code].warning && !fatal ? SEVERITY_WARNING : SEVERITY_ERROR;
}

/* Links the entry in unless it is to be dropped. */
static void add(Diags *diags, Diag *diag) {
    bool error = diag->severity == SEVERITY_ERROR;
    if (rows[diag->code].warning && !diags_enabled(diags, diag->code)) {
        return;
    }
    uint32_t what = rows[diag->code].warning ? 2 + (uint32_t)diag->code : 1;
    if (!SPAN_IS_NONE(diag->span) && seen_add(diags, diag->span, what)) {
        return;
    }
    diag->number = diags->nerrors + diags->nwarnings;
    if (error) {
        diags->nerrors++;
        diags->npromoted += diag->promoted;
    } else {
        diags->nwarnings++;
    }
    *diags->last = diag;
    diags->last = &diag->next;
}

uint32_t diags_mistakes(const Diags *diags) {
    return diags->nerrors - diags->npromoted;
}

Diag *diag_report(Diags *diags, Code code, Span span, const char *format, ...) {
    Diag *diag = ARENA_NEW(diags->arena, Diag);
    diag->code = code;
    diag->span = span;
    diag->severity = severity_of(diags, code);
    diag->promoted = rows[code].warning && diag->severity == SEVERITY_ERROR;
    va_list args;
    va_start(args, format);
    diag->message = arena_vprintf(diags->arena, format, args);
    va_end(args);
    add(diags, diag);
    return diag;
}

void diag_label(Diags *diags, Diag *diag, const char *format, ...) {
    va_list args;
    va_start(args, format);
    diag->label = arena_vprintf(diags->arena, format, args);
    va_end(args);
}

static Note *note_add(Diags *diags, Diag *diag) {
    Note **last = &diag->notes;
    while (*last) {
        last = &(*last)->next;
    }
    return *last = ARENA_NEW(diags->arena, Note);
}

void diag_note(Diags *diags, Diag *diag, Span span, const char *format, ...) {
    Note *note = note_add(diags, diag);
    note->span = span;
    note->has_span = !SPAN_IS_NONE(span);
    va_list args;
    va_start(args, format);
    note->message = arena_vprintf(diags->arena, format, args);
    va_end(args);
}

void diag_help(Diags *diags, Diag *diag, const char *format, ...) {
    Note *note = note_add(diags, diag);
    va_list args;
    va_start(args, format);
    note->message = arena_vprintf(diags->arena, format, args);
    va_end(args);
}

void diag_fix(Diags *diags, Diag *diag, bool certain, Span span, const char *text,
              const char *format, ...) {
    Fix **last = &diag->fixes;
    while (*last) {
        last = &(*last)->next;
    }
    Fix *fix = *last = ARENA_NEW(diags->arena, Fix);
    fix->certain = certain;
    fix->edits = ARENA_NEW(diags->arena, Edit);
    *fix->edits = (Edit){ .span = span, .text = arena_text(diags->arena, text, strlen(text)) };
    va_list args;
    va_start(args, format);
    fix->message = arena_vprintf(diags->arena, format, args);
    va_end(args);
}

/* ---------------------------------------------------------------- -W options */

static Choice choice(bool yes) {
    return yes ? CHOICE_YES : CHOICE_NO;
}

static void choose(WarningState *state, bool error, bool yes) {
    if (error) {
        state->error = choice(yes);
    }
    if (!error || yes) { /* error=name turns the warning on, no-error=name leaves it as it is */
        state->on = choice(yes);
    }
}

bool diags_option(Diags *diags, const char *option) {
    bool yes = strncmp(option, "no-", 3) != 0;
    const char *name = yes ? option : option + 3;
    if (strcmp(name, "error") == 0) {
        diags->werror = yes;
        return true;
    }
    bool error = strncmp(name, "error=", 6) == 0;
    name += error ? 6 : 0;
    bool all = !error && strcmp(name, "all") == 0;
    bool found = all;
    for (int i = 0; i < NCODES; i++) {
        if (rows[i].warning && (all || strcmp(rows[i].warning, name) == 0)) {
            choose(&diags->states[i], error, yes);
            found = true;
        }
    }
    return found;
}
