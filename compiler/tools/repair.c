/*
 * repair.c - applies the fixes that are certain, round by round.
 *
 * In: a text. Out: the same one with the edits of Fix.certain. Each round is a compilation of its
 * own; its fixes are applied together where they do not touch each other.
 */
#include "tools/repair.h"
#include "check/front_check.h"
#include "syntax/front_parse.h"

#include <stdlib.h>
#include <string.h>

/* How many edits a round takes at most, and one fix: what it cannot take, the next one does. */
enum { MOST_ROUNDS = 64, MOST_CHANGES = 1000, MOST_EDITS = 16 };

/* One edit of a round. */
typedef struct Change {
    const Edit *edit;
    const Diag *diag;
    const Fix *fix; /* NULL: not the first edit of its fix */
} Change;

typedef struct Round {
    Front *front;
    Source *source;
    Change *changes;
    size_t n;
} Round;

/* Has it edits, and all of them in the text itself, none in a file that it imports? */
static bool is_here(const Fix *fix, uint32_t file) {
    int n = 0;
    for (const Edit *e = fix->edits; e; e = e->next) {
        if (e->span.file != file || ++n > MOST_EDITS) {
            return false;
        }
    }
    return n > 0;
}

static const Fix *certain_fix(const Diag *diag, uint32_t file) {
    for (const Fix *fix = diag->fixes; fix; fix = fix->next) {
        if (fix->certain && is_here(fix, file)) {
            return fix;
        }
    }
    return NULL;
}

static bool touch(Span a, Span b) {
    return a.start <= b.end && b.start <= a.end;
}

/* Does any edit of the fix meet one that is taken already? */
static bool is_free(const Round *round, const Fix *fix) {
    for (const Edit *e = fix->edits; e; e = e->next) {
        for (size_t i = 0; i < round->n; i++) {
            if (touch(e->span, round->changes[i].edit->span)) {
                return false;
            }
        }
    }
    return true;
}

static void take_fix(Round *round, const Diag *diag, const Fix *fix) {
    const Fix *first = fix;
    for (const Edit *e = fix->edits; e; e = e->next) {
        round->changes[round->n++] = (Change){ e, diag, first };
        first = NULL;
    }
}

static int by_place(const void *a, const void *b) {
    const Change *x = a, *y = b;
    return x->edit->span.start < y->edit->span.start ? -1
                                                     : x->edit->span.start > y->edit->span.start;
}

static void collect(Round *round) {
    round->changes = ARENA_ARRAY(&round->front->arena, MOST_CHANGES + MOST_EDITS, Change);
    for (const Diag *diag = round->front->diags->first; diag; diag = diag->next) {
        const Fix *fix = certain_fix(diag, round->source->file);
        if (fix && round->n < MOST_CHANGES && is_free(round, fix)) {
            take_fix(round, diag, fix);
        }
    }
    if (round->n > 1) {
        qsort(round->changes, round->n, sizeof *round->changes, by_place);
    }
}

static void tell(const Round *round, const Change *change, FILE *log) {
    Position at = source_position(&round->front->arena, round->source, change->edit->span.start);
    fprintf(log, "%s:%u:%u: %s [%s]\n", round->source->path, (unsigned)at.line, (unsigned)at.column,
            change->fix->message, code_name(change->diag->code));
}

/* The text with the round's edits, in `arena`. */
static char *apply(Arena *arena, const Round *round, size_t *size, FILE *log) {
    size_t n = round->source->size, at = 0, used = 0;
    for (size_t i = 0; i < round->n; i++) {
        n += strlen(round->changes[i].edit->text);
    }
    char *text = ARENA_ARRAY(arena, n + 1, char);
    for (size_t i = 0; i < round->n; i++) {
        const Change *change = &round->changes[i];
        size_t before = change->edit->span.start - at, added = strlen(change->edit->text);
        memcpy(text + used, round->source->text + at, before);
        memcpy(text + used + before, change->edit->text, added);
        used += before + added;
        at = change->edit->span.end;
        if (log && change->fix) {
            tell(round, change, log);
        }
    }
    memcpy(text + used, round->source->text + at, round->source->size - at);
    *size = used + round->source->size - at;
    text[*size] = '\0';
    return text;
}

static unsigned count_fixes(const Round *round) {
    unsigned n = 0;
    for (size_t i = 0; i < round->n; i++) {
        n += round->changes[i].fix != NULL;
    }
    return n;
}

/* Compiles the text and takes what is certain. */
static bool begin(Round *round, const Repair *repair, const char *path, const Options *options) {
    *round = (Round){ .front = front_new() };
    if (!round->front) {
        return false;
    }
    options_apply(options, round->front); /* a mistake in them was refused before */
    Front *front = round->front;
    round->source =
        source_from_text(&front->arena, &front->sources, path, repair->text, repair->size);
    front_check(front, front_parse(front, round->source));
    collect(round);
    return true;
}

Repair *repair_text(Arena *arena, const Source *source, const Options *options, FILE *log) {
    Repair *repair = ARENA_NEW(arena, Repair);
    *repair = (Repair){ .text = source->text, .size = source->size };
    for (int i = 0; i < MOST_ROUNDS; i++) {
        Round round;
        if (repair->rest) {
            front_free(repair->rest);
        }
        if (!begin(&round, repair, source->path, options)) {
            return NULL;
        }
        repair->rest = round.front;
        if (round.n == 0) {
            break;
        }
        repair->text = apply(arena, &round, &repair->size, log);
        repair->nfixes += count_fixes(&round);
    }
    return repair;
}
