/*
 * cerrors.c - reads the messages of C compilers.
 *
 * An inline body stands in the generated file under a #line directive, so the line in a message is
 * that of the .dag file; the column is the generated one and has to be moved.
 */
#include "link/cerrors.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "link/cproto.h"
#include "link/cunits.h"
#include "model/native.h"

/* ---------------------------------------------------------------- places */

typedef enum Kind { KIND_ERROR, KIND_WARNING, KIND_NOTE } Kind;

/* FILE:LINE:COLUMN: KIND: MESSAGE */
typedef struct CMessage {
    Kind kind;
    const char *path;
    unsigned line, column; /* column 0: unknown */
    const char *text;
} CMessage;

static bool starts(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* Takes ":NUMBER" from the end of s[0, *n). */
static bool take_number(const char *s, size_t *n, unsigned *number) {
    size_t i = *n;
    while (i > 0 && isdigit((unsigned char)s[i - 1])) {
        i--;
    }
    if (i == *n || i == 0 || s[i - 1] != ':') {
        return false;
    }
    *number = (unsigned)strtoul(s + i, NULL, 10);
    *n = i - 1;
    return true;
}

static bool parse(Arena *arena, const char *line, CMessage *m) {
    static const struct {
        const char *word;
        Kind kind;
    } words[] = { { ": error: ", KIND_ERROR },
                  { ": fatal error: ", KIND_ERROR },
                  { ": warning: ", KIND_WARNING },
                  { ": note: ", KIND_NOTE } };
    const char *at = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *found = strstr(line, words[i].word);
        if (found && (!at || found < at)) {
            at = found;
            m->kind = words[i].kind;
            m->text = found + strlen(words[i].word);
        }
    }
    size_t n = at ? (size_t)(at - line) : 0;
    if (!at || !take_number(line, &n, &m->line)) {
        return false;
    }
    m->column = 0;
    unsigned first;
    if (take_number(line, &n, &first)) {
        m->column = m->line;
        m->line = first;
    }
    m->path = arena_text(arena, line, n);
    return true;
}

/* Is it a file of ours: the generated ones (which call themselves PIPELINE.dag.c behind an inline
 * body) and the runtime's headers? */
static bool is_generated(const CErrors *c, const char *path) {
    size_t n = strlen(path);
    return starts(path, c->dir) || starts(path, c->home) ||
           (n > 6 && strcmp(path + n - 6, ".dag.c") == 0);
}

static Source *source_of(const CErrors *c, const char *path) {
    const Sources *all = &c->front->sources;
    for (uint32_t i = 0; i < all->n; i++) {
        if (strcmp(all->items[i]->path, path) == 0) {
            return all->items[i];
        }
    }
    const char *message;
    return source_read(&c->front->arena, &c->front->sources, path, &message);
}

/* ---------------------------------------------------------------- columns of inline bodies */

/* Does a line of the generated file say `#line N "path"`? */
static bool is_line_directive(const char *text, const char *path, unsigned *line, bool *same) {
    if (!starts(text, "#line ")) {
        return false;
    }
    char *p;
    *line = (unsigned)strtoul(text + 6, &p, 10);
    p += strspn(p, " ");
    if (*p != '"') {
        return true; /* the file stays */
    }
    for (p++; *p && *p != '"' && *p != '\n'; p++, path++) {
        p += *p == '\\';
        if (*p != *path) {
            *same = false;
            return true;
        }
    }
    *same = !*path;
    return true;
}

/* The generated text of a line of the .dag file, without the end; NULL: not found. */
static const char *generated_line(const char *c_text, const char *path, unsigned line, size_t *n) {
    unsigned at = 0;
    bool same = false;
    for (const char *p = c_text; *p; p += *p == '\n') {
        size_t length = strcspn(p, "\n");
        unsigned next;
        if (is_line_directive(p, path, &next, &same)) {
            at = next;
        } else {
            if (same && at == line) {
                *n = length;
                return p;
            }
            at++;
        }
        p += length;
    }
    return NULL;
}

static char *file_text(Arena *arena, const char *path) {
    Sources none = { 0 };
    const char *message;
    Source *source = source_read(arena, &none, path, &message);
    return source ? arena_text(arena, source->text, source->size) : NULL;
}

/* How far a line of an inline body has moved: its offset in the source's line less that in the
 * generated one. False: it is not the same text. */
static bool find_shift(const CErrors *c, const Source *source, unsigned line, const char *text,
                       size_t n, long *shift) {
    char *c_text = file_text(&c->front->arena, c->generated);
    size_t length;
    const char *made = c_text ? generated_line(c_text, source->path, line, &length) : NULL;
    if (!made) {
        return false;
    }
    size_t indent = 0;
    while (indent < length && isspace((unsigned char)made[indent])) {
        indent++;
    }
    while (length > indent && isspace((unsigned char)made[length - 1])) {
        length--;
    }
    const char *found = memmem(text, n, made + indent, length - indent);
    *shift = found ? (found - text) - (long)indent : 0;
    return found && length > indent;
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

/* The word or character at a column (from 1, in characters) of a line; all of the line when the
 * column is unknown. */
static Span span_at(CErrors *c, Source *source, unsigned line, unsigned column) {
    size_t n;
    const char *text = source_line(&c->front->arena, source, line, &n);
    size_t from = 0, to = n;
    long shift = 0;
    size_t length = strlen(source->path);
    bool is_dag =
        source->path[0] == '<' || (length > 4 && strcmp(source->path + length - 4, ".dag") == 0);
    if (column && (!is_dag || find_shift(c, source, line, text, n, &shift))) {
        long want = (long)column - 1 + shift;
        while (want > 0 && from < n) {
            from++;
            want -= ((unsigned char)text[from] & 0xC0) != 0x80;
        }
        to = from;
        while (to < n && is_word(text[to])) {
            to++;
        }
        to += to == from && from < n;
    } else {
        while (from < n && isspace((unsigned char)text[from])) {
            from++;
        }
    }
    uint32_t begin = (uint32_t)(text - source->text);
    return (Span){ source->file, begin + (uint32_t)from, begin + (uint32_t)to };
}

/* ---------------------------------------------------------------- the compiler's messages */

/* The slug of the stage whose body holds the span, or NULL. */
static const char *stage_at(const CErrors *c, Span span) {
    for (size_t i = 0; i < c->nnatives; i++) {
        Span body = c->natives[i]->body->span;
        if (body.file == span.file && body.start <= span.start && span.start <= body.end) {
            return c->natives[i]->stage->slug.text;
        }
    }
    return NULL;
}

static const NativeCode *native_named(const CErrors *c, const char *function);

/* A function that a stage names has another type than the stage. False: it is none of these. */
static bool report_type(CErrors *c, const CMessage *m, Source *source, Diag **diag) {
    Diags *diags = c->front->diags;
    const char *function = cproto_conflict(&c->front->arena, m->text);
    const NativeCode *native = function && source ? native_named(c, function) : NULL;
    if (!native) {
        return false;
    }
    c->nuser++;
    c->mistyped = function;
    *diag = diag_report(diags, E0886, span_at(c, source, m->line, m->column),
                        "the C function `%s` is not of the type that stage `%s` calls", function,
                        native->stage->slug.text);
    diag_help(diags, *diag, "expected `%s`", cproto_text(c->front, c->graph, function));
    return true;
}

static Diag *report(CErrors *c, const CMessage *m, Source *source) {
    Diag *type;
    if (m->kind == KIND_ERROR && report_type(c, m, source, &type)) {
        return type;
    }
    Code code = m->kind == KIND_ERROR ? E0880 : W0880;
    Diags *diags = c->front->diags;
    c->nuser += m->kind == KIND_ERROR;
    if (!source) {
        return diag_report(diags, code, SPAN_NONE, "%s:%u: %s", m->path, m->line, m->text);
    }
    Span span = span_at(c, source, m->line, m->column);
    const char *stage = stage_at(c, span);
    if (stage) {
        return diag_report(diags, code, span, "in the C code of stage `%s`: %s", stage, m->text);
    }
    return diag_report(diags, code, span, "%s", m->text);
}

/* Says nothing that helps here. */
static bool is_noise(const char *note) {
    return starts(note, "each undeclared identifier") || starts(note, "(near initialization");
}

/* What is wrong inside a function of another type follows from that: its parameters are not what they
 * look like. gcc says where it is (`FILE: In function 'NAME':`); clang does not. */
static bool in_mistyped(const CErrors *c, const char *line, bool before) {
    const char *at = strstr(line, ": In function '");
    if (!at) {
        return before;
    }
    at += strlen(": In function '");
    return c->mistyped && starts(at, c->mistyped) && at[strlen(c->mistyped)] == '\'';
}

void cerrors_compiler(CErrors *c, const char *text) {
    Arena *arena = &c->front->arena;
    Diag *last = NULL;
    bool follows = false;
    while (*text) {
        size_t n = strcspn(text, "\n");
        CMessage m;
        const char *line = arena_text(arena, text, n);
        bool is_message = parse(arena, line, &m);
        text += n + (text[n] == '\n');
        follows = in_mistyped(c, line, follows);
        if (!is_message || follows) {
            continue;
        }
        if (is_generated(c, m.path)) {
            c->nother += m.kind == KIND_ERROR;
            last = m.kind == KIND_NOTE ? last : NULL;
            continue;
        }
        Source *source = source_of(c, m.path);
        if (m.kind != KIND_NOTE) {
            last = report(c, &m, source);
        } else if (last && source && !is_noise(m.text)) {
            diag_note(c->front->diags, last, span_at(c, source, m.line, m.column), "%s", m.text);
        }
    }
}

void cerrors_types(CErrors *c, const char *text) {
    Arena *arena = &c->front->arena;
    while (*text) {
        size_t n = strcspn(text, "\n");
        CMessage m;
        Diag *diag;
        if (parse(arena, arena_text(arena, text, n), &m) && m.kind == KIND_ERROR &&
            !is_generated(c, m.path)) {
            report_type(c, &m, source_of(c, m.path), &diag);
        }
        text += n + (text[n] == '\n');
    }
}

/* ---------------------------------------------------------------- the linker's messages */

/* The quoted or bare name behind `what` in a line; NULL: not there. */
static char *name_behind(Arena *arena, const char *line, const char *what) {
    const char *p = strstr(line, what);
    if (!p) {
        return NULL;
    }
    p += strlen(what);
    p += strspn(p, " `'\"");
    size_t n = strcspn(p, "'`\";: ");
    return n ? arena_text(arena, p, n) : NULL;
}

static const Expr *link_word(const CErrors *c, const char *library) {
    for (size_t i = 0; i < c->nnatives; i++) {
        for (const Expr *e = c->natives[i]->body->u.body.links; e; e = e->next) {
            const Piece *piece = e->kind == EXPR_TEXT ? e->u.text.pieces : NULL;
            if (piece && piece->text && strcmp(piece->text, library) == 0) {
                return e;
            }
        }
    }
    return NULL;
}

static void missing_library(CErrors *c, const char *library) {
    const Expr *word = link_word(c, library);
    if (word) {
        c->nuser++;
        diag_report(c->front->diags, E0884, word->span, "the linker finds no library `%s`",
                    library);
    } /* else LDFLAGS asked for it, or the machine lacks one of the runtime's */
}

static const NativeCode *native_named(const CErrors *c, const char *function) {
    for (size_t i = 0; i < c->nnatives; i++) {
        if (c->natives[i]->function && strcmp(c->natives[i]->function, function) == 0) {
            return c->natives[i];
        }
    }
    return NULL;
}

/* Narrows a span to the first word in it that is the symbol. */
static bool find_symbol(const CErrors *c, const char *symbol, Span *span) {
    const char *text = c->front->sources.items[span->file]->text;
    const char *p = text + span->start, *end = text + span->end;
    size_t n = strlen(symbol);
    while ((p = memmem(p, (size_t)(end - p), symbol, n))) {
        if (!is_word(p[n]) && (p == text || !is_word(p[-1]))) {
            span->start = (uint32_t)(p - text);
            span->end = span->start + (uint32_t)n;
            return true;
        }
        p++;
    }
    return false;
}

/* The symbol in a C file of the user's, else where the .dag file names that file. */
static Span place_in_file(const CErrors *c, const char *symbol, const Expr *file) {
    Source *source = source_of(c, body_path(c->front, file));
    Span span = source ? (Span){ source->file, 0, source->size } : SPAN_NONE;
    return source && find_symbol(c, symbol, &span) ? span : file->span;
}

/* Where a symbol's trouble is shown: in the file whose object the linker mentioned, else in the
 * inline body that mentions it. False: it is none of the user's C. */
static bool blamed_place(const CErrors *c, const char *symbol, const Expr *file, Span *span) {
    if (file) {
        *span = place_in_file(c, symbol, file);
        return true;
    }
    for (size_t i = 0; i < c->nnatives; i++) {
        const Item *body = c->natives[i]->body;
        *span = body->span;
        if (body->u.body.kind == BODY_C && find_symbol(c, symbol, span)) {
            return true;
        }
    }
    return false;
}

static void missing_symbol(CErrors *c, const char *symbol, const Expr *file) {
    const NativeCode *native = native_named(c, symbol);
    Diags *diags = c->front->diags;
    Span span;
    if (native) {
        c->nuser++;
        diag_report(diags, E0881, native->body->u.body.function.span,
                    "the C function `%s` of stage `%s` is not defined in its files", symbol,
                    native->stage->slug.text);
    } else if (!starts(symbol, "dag_") && blamed_place(c, symbol, file, &span)) {
        c->nuser++;
        Diag *d = diag_report(diags, E0882, span, "the C code uses `%s`, which is nowhere defined",
                              symbol);
        diag_help(diags, d, "name the library: `link \"…\"` or `pkg \"…\"` behind the body");
    } else {
        c->nother++;
    }
}

static void double_symbol(CErrors *c, const char *symbol, const Expr *file) {
    Span span;
    if (blamed_place(c, symbol, file, &span)) {
        c->nuser++;
        diag_report(c->front->diags, E0882, span, "the C code defines `%s` a second time", symbol);
    } else {
        c->nother++;
    }
}

/* The user's file whose object a line mentions; else as before. */
static const Expr *mentioned(const char *line, const Expr *const *files, size_t nfiles,
                             const Expr *before) {
    const char *object = strstr(line, "/native");
    if (object) {
        size_t i = strtoul(object + strlen("/native"), NULL, 10);
        return i < nfiles ? files[i] : NULL;
    }
    return strstr(line, ": in function") ? NULL : before;
}

void cerrors_linker(CErrors *c, const char *text, const Expr *const *files, size_t nfiles) {
    Arena *arena = &c->front->arena;
    const Expr *file = NULL;
    while (*text) {
        size_t n = strcspn(text, "\n");
        char *line = arena_text(arena, text, n);
        text += n + (text[n] == '\n');
        file = mentioned(line, files, nfiles, file);
        char *name;
        if ((name = name_behind(arena, line, "undefined reference to")) ||
            (name = name_behind(arena, line, "undefined symbol:"))) {
            missing_symbol(c, name, file);
        } else if ((name = name_behind(arena, line, "multiple definition of")) ||
                   (name = name_behind(arena, line, "duplicate symbol:"))) {
            double_symbol(c, name, file);
        } else if ((name = name_behind(arena, line, "cannot find -l")) ||
                   (name = name_behind(arena, line, "unable to find library -l")) ||
                   (name = name_behind(arena, line, "library not found: "))) {
            missing_library(c, name);
        }
    }
}

/* ---------------------------------------------------------------- brackets */

/* Behind a comment, string or character that begins at p; p itself if none does. */
static const char *skip_literal(const char *p, const char *end) {
    if (p[0] == '/' && p + 1 < end && p[1] == '/') {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        return newline ? newline : end;
    }
    if (p[0] == '/' && p + 1 < end && p[1] == '*') {
        const char *close = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);
        return close ? close + 2 : end;
    }
    if (p[0] != '"' && p[0] != '\'') {
        return p;
    }
    const char *q = p + 1;
    while (q < end && *q != *p && *q != '\n') {
        q += *q == '\\' ? 2 : 1;
    }
    return q < end ? q + 1 : end;
}

/* The bracket that is not closed, or closes nothing; NULL: all is well. */
static const char *odd_bracket(const char *p, const char *end) {
    enum { DEPTH = 256 };
    const char *open[DEPTH];
    size_t n = 0;
    while (p < end) {
        const char *behind = skip_literal(p, end);
        if (behind != p) {
            p = behind;
            continue;
        }
        if (strchr("([{", *p) && *p && n < DEPTH) {
            open[n++] = p;
        } else if (strchr(")]}", *p) && *p) {
            char partner = *p == ')' ? '(' : *p == ']' ? '[' : '{';
            if (n == 0 || *open[n - 1] != partner) {
                return n ? open[n - 1] : p;
            }
            n--;
        }
        p++;
    }
    return n ? open[n - 1] : NULL;
}

/* The comment that is not closed: it would swallow what stands behind the body. NULL: none. */
static const char *open_comment(const char *p, const char *end) {
    while (p < end) {
        const char *behind = skip_literal(p, end);
        bool comment = behind != p && p[0] == '/' && p[1] == '*';
        if (comment && behind == end && (end - p < 4 || memcmp(end - 2, "*/", 2) != 0)) {
            return p;
        }
        p = behind != p ? behind : p + 1;
    }
    return NULL;
}

static void check_body(CErrors *c, const NativeCode *native, bool comments) {
    const Expr *body = native->body->u.body.words;
    if (!body || body->kind != EXPR_TEXT) {
        return;
    }
    bool triple =
        body->u.text.quote == QUOTE_TRIPLE_DOUBLE || body->u.text.quote == QUOTE_TRIPLE_SINGLE;
    uint32_t quotes = triple ? 3 : 1;
    const char *text = c->front->sources.items[body->span.file]->text;
    const char *begin = text + body->span.start + quotes, *end = text + body->span.end - quotes;
    const char *odd = comments ? open_comment(begin, end) : odd_bracket(begin, end);
    if (!odd) {
        return;
    }
    uint32_t at = (uint32_t)(odd - text);
    Span span = { body->span.file, at, at + (comments ? 2 : 1) };
    const char *slug = native->stage->slug.text;
    c->nuser++;
    if (comments) {
        diag_report(c->front->diags, E0883, span,
                    "in the C code of stage `%s`: this comment is not closed", slug);
    } else {
        diag_report(c->front->diags, E0883, span,
                    "in the C code of stage `%s`: this `%c` has no partner", slug, *odd);
    }
}

static void check_bodies(CErrors *c, bool comments) {
    for (size_t i = 0; i < c->nnatives; i++) {
        if (c->natives[i]->body->u.body.kind == BODY_C) {
            check_body(c, c->natives[i], comments);
        }
    }
}

void cerrors_brackets(CErrors *c) {
    check_bodies(c, false);
}

bool cerrors_comments(CErrors *c) {
    size_t before = c->nuser;
    check_bodies(c, true);
    return c->nuser == before;
}
