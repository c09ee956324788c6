/*
 * diag_text.c - messages for people: header, snippets with carets, notes, help and fixes.
 *
 * Notes about places close to the message's own become labels in its snippet.
 */
#include <stdlib.h>
#include <string.h>

#include "base/diag_print.h"

enum {
    NEAR = 4,       /* lines: a note as near as that shares the snippet */
    MAX_LABEL = 72, /* bytes: a longer note stands by itself */
    MAX_FIX = 8     /* lines shown of a fix */
};

/* A span in a snippet, with its lines (from 1). */
typedef struct Place {
    Span span;
    uint32_t first, last;
    char sign;
    Style style;
    const char *label;
} Place;

typedef struct Printer {
    const Diags *diags;
    Pen pen;
} Printer;

static Source *source_of(const Printer *p, Span span) {
    return p->diags->sources->items[span.file];
}

static uint32_t line_of(const Printer *p, uint32_t file, uint32_t offset) {
    return source_line_number(p->diags->arena, p->diags->sources->items[file], offset);
}

/* The line of a span's last byte, not of the end of line that may be that byte. */
static uint32_t last_line(const Printer *p, Span span) {
    const Source *source = source_of(p, span);
    uint32_t end = span.end > source->size ? source->size : span.end;
    if (end > span.start && source->text[end - 1] == '\n') {
        end--;
    }
    return line_of(p, span.file, end);
}

static Place place(const Printer *p, Span span, char sign, Style style, const char *label) {
    return (Place){ .span = span,
                    .first = line_of(p, span.file, span.start),
                    .last = last_line(p, span),
                    .sign = sign,
                    .style = style,
                    .label = label };
}

/* ---------------------------------------------------------------- snippets */

static uint32_t first_text(const char *text, size_t n) {
    uint32_t i = 0;
    while (i < n && (text[i] == ' ' || text[i] == '\t')) {
        i++;
    }
    return i < n ? i : 0;
}

/* The part of a place that is on a line. False: none of it is shown there. */
static bool mark_on(const Source *source, const Place *at, uint32_t line, const char *text,
                    size_t n, Mark *mark) {
    if (line != at->first && line != at->last) {
        return false;
    }
    uint32_t begin = (uint32_t)(text - source->text);
    uint32_t start = line == at->first ? at->span.start - begin : first_text(text, n);
    uint32_t end = line == at->last ? at->span.end - begin : (uint32_t)n;
    *mark = (Mark){ .start = start > n ? (uint32_t)n : start,
                    .end = end > n ? (uint32_t)n : end,
                    .sign = at->sign,
                    .style = at->style,
                    .label = line == at->last ? at->label : NULL };
    return true;
}

static void snippet_line(const Printer *p, Source *source, uint32_t line, const Place *places,
                         size_t nplaces, Mark *marks) {
    size_t n, nmarks = 0;
    const char *text = source_line(p->diags->arena, source, line, &n);
    for (size_t i = 0; i < nplaces; i++) {
        nmarks += mark_on(source, &places[i], line, text, n, &marks[nmarks]);
    }
    pen_line(&p->pen, line, text, n, marks, nmarks);
}

static int line_order(const void *a, const void *b) {
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Places of one source: their first and last lines, what is left out between them as "...". */
static void snippet(const Printer *p, const Place *places, size_t nplaces) {
    Source *source = source_of(p, places[0].span);
    uint32_t *lines = ARENA_ARRAY(p->diags->arena, 2 * nplaces, uint32_t);
    Mark *marks = ARENA_ARRAY(p->diags->arena, nplaces, Mark);
    for (size_t i = 0; i < nplaces; i++) {
        lines[2 * i] = places[i].first;
        lines[2 * i + 1] = places[i].last;
    }
    qsort(lines, 2 * nplaces, sizeof *lines, line_order);
    pen_gap(&p->pen);
    uint32_t done = lines[0] - 1;
    for (size_t i = 0; i < 2 * nplaces; i++) {
        if (lines[i] == done) {
            continue;
        }
        if (lines[i] == done + 2) { /* "..." would take as much room */
            snippet_line(p, source, done + 1, places, nplaces, marks);
        } else if (lines[i] > done + 2) {
            pen_text(&p->pen, STYLE_GUTTER, "...\n");
        }
        snippet_line(p, source, lines[i], places, nplaces, marks);
        done = lines[i];
    }
}

static void where(const Printer *p, Span span) {
    Region region = diag_region(p->diags, span);
    fprintf(p->pen.out, " %*s", p->pen.gutter, "");
    pen_text(&p->pen, STYLE_GUTTER, "-->");
    fprintf(p->pen.out, " %s:%u:%u\n", region.path, (unsigned)region.start.line,
            (unsigned)region.start.column);
}

/* ---------------------------------------------------------------- texts */

/* Prints a message; what could move the cursor is left out, further lines are indented. */
static void message(const Printer *p, Style style, size_t indent, const char *text) {
    char *shown = ARENA_ARRAY(p->diags->arena, strlen(text) * (indent + 1) + 1, char);
    char *end = shown;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '\n') {
            *end++ = '\n';
            memset(end, ' ', indent);
            end += indent;
        } else if ((c >= 0x20 && c != 0x7F) || c == '\t') {
            *end++ = (char)c;
        }
    }
    pen_text(&p->pen, style, shown);
}

static Style style_of(Severity severity) {
    switch (severity) {
    case SEVERITY_ERROR: return STYLE_ERROR;
    case SEVERITY_WARNING: return STYLE_WARNING;
    case SEVERITY_NOTE: return STYLE_NOTE;
    }
    return STYLE_PLAIN;
}

static void header(const Printer *p, const Diag *d) {
    char head[32];
    size_t n = (size_t)snprintf(head, sizeof head, "%s[%s]", severity_name(d->severity),
                                code_name(d->code));
    pen_text(&p->pen, style_of(d->severity), head);
    pen_text(&p->pen, STYLE_BOLD, ": ");
    message(p, STYLE_BOLD, n + 2, d->message);
    if (code_warning(d->code)) {
        fprintf(p->pen.out, " [-W%s%s]", d->promoted ? "error=" : "", code_warning(d->code));
    }
    fputc('\n', p->pen.out);
}

/* ---------------------------------------------------------------- notes */

static bool is_near(const Place *places, size_t n, const Place *other) {
    for (size_t i = 0; i < n; i++) {
        if (other->first <= places[i].last + NEAR && other->last + NEAR >= places[i].first) {
            return true;
        }
    }
    return false;
}

static bool may_be_label(const Diag *d, const Note *note) {
    return note->has_span && note->span.file == d->span.file &&
           strlen(note->message) <= MAX_LABEL && !strchr(note->message, '\n');
}

/* The message's own place and those of the notes near it; taken[i] says which notes these are. */
static size_t main_places(const Printer *p, const Diag *d, Place *places, bool *taken) {
    size_t n = 0;
    places[n++] = place(p, d->span, '^', style_of(d->severity), d->label);
    for (bool more = true; more;) {
        more = false;
        size_t i = 0;
        for (const Note *note = d->notes; note; note = note->next, i++) {
            if (taken[i] || !may_be_label(d, note)) {
                continue;
            }
            Place other = place(p, note->span, '-', STYLE_GUTTER, note->message);
            if (other.last - other.first <= NEAR && is_near(places, n, &other)) {
                places[n++] = other;
                taken[i] = more = true;
            }
        }
    }
    return n;
}

/* Returns whether it ended in a snippet. */
static bool print_note(const Printer *p, const Note *note) {
    if (!note->has_span) {
        fprintf(p->pen.out, " %*s ", p->pen.gutter, "");
        pen_text(&p->pen, STYLE_GUTTER, "= ");
        pen_text(&p->pen, STYLE_NOTE, "help");
        fputs(": ", p->pen.out);
        message(p, STYLE_PLAIN, (size_t)p->pen.gutter + 10, note->message);
        fputc('\n', p->pen.out);
        return false;
    }
    pen_text(&p->pen, STYLE_NOTE, "note");
    fputs(": ", p->pen.out);
    message(p, STYLE_PLAIN, 6, note->message);
    fputc('\n', p->pen.out);
    where(p, note->span);
    Place at = place(p, note->span, '^', STYLE_NOTE, NULL);
    snippet(p, &at, 1);
    return true;
}

/* ---------------------------------------------------------------- fixes */

/* The lines that a fix's edits touch, as they will be. */
typedef struct Patched {
    char *text;
    size_t n;
    Mark *marks; /* bytes of `text` */
    size_t nmarks;
    uint32_t first, last; /* lines before the fix */
} Patched;

static int edit_order(const void *a, const void *b) {
    const Edit *const *x = a, *const *y = b;
    return ((*x)->span.start > (*y)->span.start) - ((*x)->span.start < (*y)->span.start);
}

static size_t sorted_edits(const Printer *p, const Fix *fix, const Edit ***edits) {
    size_t n = 0;
    for (const Edit *e = fix->edits; e; e = e->next) {
        n++;
    }
    *edits = ARENA_ARRAY(p->diags->arena, n, const Edit *);
    size_t i = 0;
    for (const Edit *e = fix->edits; e; e = e->next) {
        (*edits)[i++] = e;
    }
    qsort(*edits, n, sizeof **edits, edit_order);
    return n;
}

static void patch_add(Patched *patched, const char *text, size_t n) {
    memcpy(patched->text + patched->n, text, n);
    patched->n += n;
}

/* False when the edits are too far apart to be shown. */
static bool patch(const Printer *p, const Fix *fix, Patched *patched) {
    const Edit **edits;
    size_t n = sorted_edits(p, fix, &edits), room = 0;
    if (n == 0 || edits[n - 1]->span.file != edits[0]->span.file) {
        return false;
    }
    Source *source = source_of(p, edits[0]->span);
    patched->first = line_of(p, source->file, edits[0]->span.start);
    patched->last = line_of(p, source->file, edits[n - 1]->span.end);
    if (patched->last - patched->first >= MAX_FIX) {
        return false;
    }
    size_t length;
    const char *begin = source_line(p->diags->arena, source, patched->first, &length);
    const char *end = source_line(p->diags->arena, source, patched->last, &length) + length;
    const char *to_last = source->text + edits[n - 1]->span.end;
    end = end < to_last ? to_last : end; /* an edit may end behind the \r of \r\n */
    for (size_t i = 0; i < n; i++) {
        room += strlen(edits[i]->text);
    }
    patched->text = ARENA_ARRAY(p->diags->arena, room + (size_t)(end - begin) + 1, char);
    patched->marks = ARENA_ARRAY(p->diags->arena, n, Mark);
    for (size_t i = 0; i < n; i++) {
        const char *from = source->text + edits[i]->span.start;
        const char *to = source->text + edits[i]->span.end;
        if (from < begin || to < from) {
            return false; /* overlapping edits */
        }
        patch_add(patched, begin, (size_t)(from - begin));
        uint32_t start = (uint32_t)patched->n;
        patch_add(patched, edits[i]->text, strlen(edits[i]->text));
        patched->marks[patched->nmarks++] = (Mark){ .start = start,
                                                    .end = (uint32_t)patched->n,
                                                    .sign = to > from ? '~' : '+',
                                                    .style = STYLE_FIX };
        begin = to;
    }
    if (end > begin) {
        patch_add(patched, begin, (size_t)(end - begin));
    }
    return true;
}

/* The marks on bytes [from, to) of the patched text, relative to `from`. */
static size_t patched_marks(const Patched *patched, uint32_t from, uint32_t to, Mark *marks) {
    size_t n = 0;
    for (size_t i = 0; i < patched->nmarks; i++) {
        Mark m = patched->marks[i];
        uint32_t start = m.start > from ? m.start : from, end = m.end < to ? m.end : to;
        if (start < end) {
            m.start = start - from;
            m.end = end - from;
            marks[n++] = m;
        }
    }
    return n;
}

static void print_patched(const Printer *p, const Patched *patched) {
    Mark *marks = ARENA_ARRAY(p->diags->arena, patched->nmarks, Mark);
    size_t marked = 0;
    uint32_t line = patched->first, from = 0;
    for (; line < patched->first + MAX_FIX; line++) {
        const char *text = patched->text + from;
        uint32_t n = (uint32_t)strcspn(text, "\n");
        uint32_t shown = n > 0 && text[n - 1] == '\r' ? n - 1 : n;
        size_t nmarks = patched_marks(patched, from, from + shown, marks);
        if (nmarks == 0 && marked > 0) {
            return; /* what follows is as it was */
        }
        marked += nmarks;
        pen_line(&p->pen, line, text, shown, marks, nmarks);
        if (!text[n]) {
            return;
        }
        from += n + 1;
    }
    pen_text(&p->pen, STYLE_GUTTER, "...\n");
}

static void print_fix(const Printer *p, const Diag *d, const Fix *fix) {
    pen_text(&p->pen, STYLE_FIX, "fix");
    fputs(": ", p->pen.out);
    message(p, STYLE_PLAIN, 5, fix->message);
    fputc('\n', p->pen.out);
    Patched patched = { .n = 0 };
    if (!patch(p, fix, &patched)) {
        return;
    }
    if (SPAN_IS_NONE(d->span) || fix->edits->span.file != d->span.file) {
        where(p, fix->edits->span);
    }
    pen_gap(&p->pen);
    print_patched(p, &patched);
}

/* ---------------------------------------------------------------- messages */

static uint32_t max_line(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

static uint32_t count_newlines(const char *text) {
    uint32_t n = 0;
    for (; *text; text++) {
        n += *text == '\n';
    }
    return n;
}

/* Digits of the greatest line number that the message may show. */
static int gutter_of(const Printer *p, const Diag *d) {
    uint32_t line = 1;
    if (!SPAN_IS_NONE(d->span)) {
        line = last_line(p, d->span);
    }
    for (const Note *note = d->notes; note; note = note->next) {
        line = note->has_span ? max_line(line, last_line(p, note->span)) : line;
    }
    for (const Fix *fix = d->fixes; fix; fix = fix->next) {
        for (const Edit *e = fix->edits; e; e = e->next) {
            uint32_t end = line_of(p, e->span.file, e->span.end) + count_newlines(e->text);
            line = max_line(line, end);
        }
    }
    int digits = 1;
    for (; line >= 10; line /= 10) {
        digits++;
    }
    return digits;
}

static size_t count_notes(const Diag *d) {
    size_t n = 0;
    for (const Note *note = d->notes; note; note = note->next) {
        n++;
    }
    return n;
}

static void print_one(Printer *p, const Diag *d) {
    size_t nnotes = count_notes(d);
    Place *places = ARENA_ARRAY(p->diags->arena, nnotes + 1, Place);
    bool *taken = ARENA_ARRAY(p->diags->arena, nnotes, bool);
    p->pen.gutter = gutter_of(p, d);
    header(p, d);
    if (!SPAN_IS_NONE(d->span)) {
        size_t n = main_places(p, d, places, taken);
        where(p, d->span);
        snippet(p, places, n);
    }
    bool gap = !SPAN_IS_NONE(d->span);
    size_t i = 0;
    for (const Note *note = d->notes; note; note = note->next, i++) {
        if (taken[i]) {
            continue;
        }
        if (gap) { /* closes the snippet above */
            pen_gap(&p->pen);
        }
        gap = print_note(p, note);
    }
    for (const Fix *fix = d->fixes; fix; fix = fix->next) {
        print_fix(p, d, fix);
    }
    fputc('\n', p->pen.out);
}

static const char *plural(uint32_t n) {
    return n == 1 ? "" : "s";
}

static void closing_line(const Diags *diags, uint32_t nhidden, FILE *out) {
    if (nhidden) {
        fprintf(out, "… and %u more error%s\n", (unsigned)nhidden, plural(nhidden));
    }
    uint32_t e = diags->nerrors, w = diags->nwarnings;
    if (diags->quiet || e + w == 0) {
        return;
    }
    if (e) {
        fprintf(out, "%u error%s", (unsigned)e, plural(e));
    }
    if (w) {
        fprintf(out, "%s%u warning%s", e ? ", " : "", (unsigned)w, plural(w));
    }
    fputc('\n', out);
}

void diags_print_text(const Diags *diags, bool color, FILE *out) {
    Printer p = { .diags = diags, .pen = { .out = out, .color = color } };
    Listing list = diags_listing(diags);
    for (uint32_t i = 0; i < list.n; i++) {
        print_one(&p, list.items[i]);
    }
    closing_line(diags, list.nhidden, out);
}
