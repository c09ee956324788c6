/*
 * fmt.c - the standard layout: two blanks per block, one or two between things, line ends mostly
 * where they were. It works on the tokens: nothing but blanks and line ends changes, so that the
 * result has the same tree; strings and comments are copied byte by byte.
 *
 * A block on one line stays so where it fits; otherwise its items get lines of their own. The
 * lines of a string in three quotes move with the line that it begins on.
 */
#include "tools/fmt_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/front.h"
#include "parser.h"
#include "syntax/front_parse.h"
#include "syntax/tokens.h"
#include "tools/fmt.h"

typedef struct Fmt {
    Front *front;
    const char *text;
    Lexer lexer;
    Unit *units;
    uint32_t n, room;
    Lines lines;
    Line *line;
    uint32_t first;               /* the unit that begins the line */
    uint32_t next;                /* the unit at hand, or the next that is no comment */
    uint32_t blocks;              /* open */
    uint32_t brackets;            /* open in the item */
    bool expand[MAX_NESTING + 1]; /* by blocks open: does each item get a line of its own? */
} Fmt;

/* ---------------------------------------------------------------- units */

static Unit *unit_add(Fmt *f, int kind, uint32_t start, uint32_t end) {
    if (f->n == f->room) {
        uint32_t room = f->room ? f->room * 2 : 256;
        Unit *units = ARENA_ARRAY(&f->front->arena, room, Unit);
        if (f->n) {
            memcpy(units, f->units, f->n * sizeof(Unit));
        }
        f->units = units;
        f->room = room;
    }
    Unit *unit = &f->units[f->n++];
    *unit = (Unit){ .kind = kind, .start = start, .end = end };
    return unit;
}

/* Notes what stands between the unit and the one before. */
static void note_gap(Fmt *f, Unit *unit) {
    const char *from = f->n > 1 ? f->text + unit[-1].end : f->text;
    const char *to = f->text + unit->start;
    const char *line = memchr(from, '\n', (size_t)(to - from));
    unit->first = line || f->n == 1;
    unit->blank = line && memchr(line + 1, '\n', (size_t)(to - line - 1));
}

static bool has_line_end(const char *text, Span span) {
    return memchr(text + span.start, '\n', span.end - span.start);
}

/* The rest of a string whose opening quotes are the unit. */
static void take_string(Fmt *f, Unit *unit, int quote) {
    uint32_t last = unit->end;
    unit->reindent = quote == QUOTE_TRIPLE_DOUBLE;
    for (uint32_t depth = 1; depth > 0;) {
        Token token = lexer_next(&f->lexer);
        depth += token.kind == TOK_STR_OPEN;
        depth -= token.kind == TOK_STR_CLOSE;
        Span gap = { 0, last, token.span.start };
        bool plain = depth == 1 && token.kind == TOK_STR_TEXT;
        bool lines = has_line_end(f->text, token.span);
        unit->lines |= lines || has_line_end(f->text, gap);
        unit->reindent &= !has_line_end(f->text, gap) && (plain || !lines);
        last = token.span.end;
        if (token.kind == TOK_YYEOF) {
            break;
        }
    }
    unit->end = last;
}

/* Does the token begin an item, and not go on with one? */
static bool is_item(const Fmt *f, const Token *token) {
    const Unit *before = f->n > 0 ? &f->units[f->n - 1] : NULL;
    bool hook = token->kind == TOK_RUN && f->n > 1 && before[-1].kind == TOK_A_HOOK;
    bool instance =
        (token->kind == TOK_CALL || token->kind == TOK_MAP) && before && before->kind == '=';
    return token_is(token->kind, BEGINS_ITEM) && token->kind != TOK_RBLOCK && !hook && !instance;
}

static void take_token(Fmt *f, const Token *token) {
    bool item = is_item(f, token);
    Unit *unit = unit_add(f, token->kind, token->span.start, token->span.end);
    unit->item = item;
    note_gap(f, unit);
    if (token->kind == TOK_STR_OPEN) {
        take_string(f, unit, token->number);
    } else if (token->kind == TOK_RAW) {
        unit->lines = has_line_end(f->text, token->span);
        unit->reindent = token->number == QUOTE_TRIPLE_SINGLE;
    }
}

/* What a `##` comment documents depends on what is on its line. */
static void note_doc(Fmt *f) {
    const Unit *comment = &f->units[f->n - 1];
    if (comment->first || comment->end - comment->start < 2 || f->text[comment->start + 1] != '#') {
        return;
    }
    for (uint32_t i = f->n; i-- > 0;) {
        f->units[i].doc_line = true;
        if (f->units[i].first) {
            return;
        }
    }
}

/* The comments that stand before `offset`. */
static Comment *take_comments(Fmt *f, Comment *comment, uint32_t offset) {
    for (; comment && comment->span.start < offset; comment = comment->next) {
        if (comment->in_text) {
            continue;
        }
        note_gap(f, unit_add(f, UNIT_COMMENT, comment->span.start, comment->span.end));
        note_doc(f);
    }
    return comment;
}

static void take_units(Fmt *f, const File *file) {
    File again = { .source = file->source }; /* its comments are those of `file` */
    Comment *comment = file->comments;
    lexer_init(&f->lexer, &f->front->arena, NULL, &again);
    f->text = f->lexer.text;
    for (;;) {
        Token token = lexer_next(&f->lexer);
        comment = take_comments(f, comment, token.span.start);
        if (token.kind == TOK_YYEOF) {
            return;
        }
        take_token(f, &token);
    }
}

/* ---------------------------------------------------------------- between two units */

static bool opens(int kind) {
    return kind == '(' || kind == '[' || kind == '{' || kind == TOK_BARE_OPEN ||
           kind == TOK_TYPE_OPEN;
}

static bool closes(int kind) {
    return kind == ')' || kind == ']' || kind == '}' || kind == TOK_EXPR_CLOSE ||
           kind == TOK_TYPE_CLOSE;
}

/* No blank ever between them? */
static bool is_tight(int before, int kind) {
    if (kind == ',' || kind == ':' || kind == '.' || kind == '?' || before == '.' ||
        kind == TOK_TYPE_OPEN) {
        return true;
    }
    if (before == '{' || kind == '}') {
        return before == '{' && kind == '}';
    }
    if (kind == '(' && (before == TOK_NAME || before == TOK_AS_PIPE || before == TOK_ENUM ||
                        before == TOK_TYPE_CLOSE)) {
        return true;
    }
    return opens(before) || closes(kind);
}

static uint32_t gap_before(const Unit *unit) {
    if (is_tight(unit[-1].kind, unit->kind)) {
        return 0;
    }
    return unit->item && unit[-1].kind != TOK_LBLOCK ? 2 : 1;
}

/* The columns of the unit's first line. */
static uint32_t unit_columns(const Fmt *f, const Unit *unit) {
    const char *text = f->text + unit->start;
    size_t n = unit->end - unit->start;
    const char *end = unit->lines ? memchr(text, '\n', n) : NULL;
    return text_columns(text, end ? (size_t)(end - text) : n);
}

/* ---------------------------------------------------------------- blocks */

/* Finds the ends of blocks. */
static void match_blocks(Fmt *f) {
    uint32_t open[MAX_NESTING];
    uint32_t depth = 0;
    for (uint32_t i = 0; i < f->n; i++) {
        if (f->units[i].kind == TOK_LBLOCK && depth < MAX_NESTING) {
            open[depth++] = i;
        } else if (f->units[i].kind == TOK_RBLOCK && depth > 0) {
            f->units[open[--depth]].match = i;
        }
    }
}

/* Was the block on one line, with nothing that needs lines of its own? */
static bool was_on_one_line(const Fmt *f, uint32_t block) {
    for (uint32_t i = block + 1; i <= f->units[block].match; i++) {
        const Unit *unit = &f->units[i];
        if (unit->first || unit->lines || unit->kind == UNIT_COMMENT) {
            return false;
        }
    }
    return true;
}

/* The columns of units `from` to `to` on one line. */
static uint32_t columns_of(const Fmt *f, uint32_t from, uint32_t to) {
    uint32_t columns = 0;
    for (uint32_t i = from; i <= to && columns <= FMT_WIDTH; i++) {
        columns += gap_before(&f->units[i]) + unit_columns(f, &f->units[i]);
        if (f->units[i].lines) {
            break;
        }
    }
    return columns;
}

/* ---------------------------------------------------------------- lines */

static bool stays(const Fmt *f, uint32_t block) {
    return was_on_one_line(f, block) &&
           f->line->width + columns_of(f, block, f->units[block].match) <= FMT_WIDTH;
}

/* The columns before a line that begins with the unit. */
static uint32_t indent_of(Fmt *f, uint32_t number) {
    bool comment = f->units[number].kind == UNIT_COMMENT;
    f->next = f->next < number ? number : f->next;
    while (f->next + 1 < f->n && f->units[f->next].kind == UNIT_COMMENT) {
        f->next++;
    }
    const Unit *next = &f->units[f->next];
    if (next->kind == TOK_RBLOCK) {
        return 2 * (f->blocks - !comment);
    }
    uint32_t indent = 2 * f->blocks;
    if (next->item || next->kind == UNIT_COMMENT) {
        return indent;
    }
    if (f->brackets > 0) {
        return indent + 2 * (f->brackets - (closes(next->kind) && !comment));
    }
    return indent + (next->kind == TOK_ARROW ? 2 : 4);
}

/* Does what stands before it draw the unit to its own line, wherever it was? */
static bool is_drawn_up(const Unit *unit) {
    int kind = unit->kind;
    return !unit->doc_line && (kind == TOK_LBLOCK || kind == ',' || kind == ':' || kind == '?');
}

/* Does the line end before the unit, whatever there is room for? */
static bool must_break(const Fmt *f, uint32_t number) {
    const Unit *unit = &f->units[number];
    if (number == 0 || unit[-1].kind == UNIT_COMMENT) {
        return true;
    }
    if (unit->doc_line) {
        return unit->first;
    }
    bool around = unit[-1].kind == TOK_LBLOCK || unit->kind == TOK_RBLOCK;
    return !is_drawn_up(unit) && (unit->first || around);
}

/* Does the item that begins here fit behind what is on the line? */
static bool fits_line(const Fmt *f, uint32_t number) {
    uint32_t last = number;
    while (last + 1 < f->n && last - number < FMT_WIDTH && !f->units[last + 1].item &&
           f->units[last + 1].kind != UNIT_COMMENT && !must_break(f, last + 1)) {
        last++;
    }
    return f->line->width + columns_of(f, number, last) <= FMT_WIDTH;
}

static bool breaks_before(const Fmt *f, uint32_t number) {
    const Unit *unit = &f->units[number];
    if (must_break(f, number)) {
        return true;
    }
    if (unit->doc_line) {
        return false;
    }
    bool behind_block = unit[-1].kind == TOK_RBLOCK && f->units[f->first].kind == TOK_RBLOCK;
    return unit->item && (f->expand[f->blocks] || behind_block || !fits_line(f, number));
}

/* A string in three quotes whose line has moved: its lines move with it. */
typedef struct Shift {
    int by;        /* columns to the right */
    uint32_t most; /* columns that all lines have in common */
} Shift;

static uint32_t blanks_at(const char *p, const char *end) {
    uint32_t n = 0;
    while (p + n < end && p[n] == ' ') {
        n++;
    }
    return n;
}

/* A line without text: does it end at p, or the string? */
static bool is_empty_line(const char *p, const char *end) {
    return p == end || *p == '\n' || (*p == '\r' && p[1] == '\n');
}

/* The blanks that all lines but the first begin with; UINT32_MAX: there are no lines with text. */
static uint32_t common_blanks(const char *text, const char *end) {
    uint32_t most = UINT32_MAX;
    for (const char *p = text; (p = memchr(p, '\n', (size_t)(end - p)));) {
        uint32_t n = blanks_at(++p, end);
        if (!is_empty_line(p + n, end) && p + n + 3 < end) {
            most = n < most ? n : most;
        }
    }
    return most;
}

static void put(Fmt *f, const char *text, size_t n) {
    line_put(&f->lines, f->line, text, n);
}

static void put_blanks(Fmt *f, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        put(f, " ", 1);
    }
}

/* Copies a line of a string, moved. */
static void put_shifted(Fmt *f, const char *line, const char *next, const char *end, Shift shift) {
    uint32_t n = blanks_at(line, next);
    bool closing = next == end && line + n + 3 >= end;
    if (is_empty_line(line + n, end) && n < shift.most) {
        n = 0;
        line += blanks_at(line, next);
    } else {
        line += n;
        n = (int)n + shift.by > 0 || !closing ? (uint32_t)((int)n + shift.by) : 0;
    }
    put_blanks(f, n);
    put(f, line, (size_t)(next - line));
}

static uint32_t source_indent(const Fmt *f, uint32_t at) {
    const char *p = f->text + at;
    while (p > f->text && p[-1] != '\n') {
        p--;
    }
    return blanks_at(p, f->text + at);
}

/* Has the line that the string begins on moved, and can the string's lines move like it? */
static bool must_move(const Fmt *f, const Unit *unit, Shift *shift) {
    shift->by = (int)f->line->indent - (int)source_indent(f, unit->start);
    shift->most = common_blanks(f->text + unit->start, f->text + unit->end);
    return shift->by != 0 && shift->most != UINT32_MAX &&
           (shift->by > 0 || shift->most >= (uint32_t)-shift->by);
}

static void put_string(Fmt *f, const Unit *unit) {
    const char *p = f->text + unit->start;
    const char *end = f->text + unit->end;
    Shift shift = { 0 };
    if (!unit->lines || !unit->reindent || !must_move(f, unit, &shift)) {
        put(f, p, (size_t)(end - p));
        return;
    }
    const char *next = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
    put(f, p, (size_t)(next - p));
    for (p = next; p < end; p = next) {
        const char *line_end = memchr(p, '\n', (size_t)(end - p));
        next = line_end ? line_end + 1 : end;
        put_shifted(f, p, next, end, shift);
    }
}

/* ---------------------------------------------------------------- lining up */

static bool is_port(int kind) {
    return kind == TOK_IN || kind == TOK_OUT || kind == TOK_INPUT || kind == TOK_CONFIG ||
           kind == TOK_OUTPUT;
}

static void align_here(Fmt *f, AlignKind kind) {
    f->line->align = kind;
    f->line->align_at = f->line->n;
    f->line->align_width = f->line->width;
}

/* Notes where the line can be lined up, before the unit is put on it. */
static void note_alignment(Fmt *f, uint32_t number) {
    const Unit *unit = &f->units[number];
    int kind = f->units[f->first].kind;
    if (f->line->align != ALIGN_NONE) {
        return;
    }
    if (is_port(kind) && number == f->first + 1) {
        align_here(f, ALIGN_PORT);
    } else if (kind == TOK_EDGE_NAME && unit->kind == TOK_ARROW) {
        align_here(f, ALIGN_EDGE);
    } else if (kind == TOK_STAGE && number == f->first + 2) {
        bool head = unit->kind == TOK_LBLOCK && !stays(f, number);
        if (!head) {
            align_here(f, ALIGN_STAGE);
        }
    }
}

/* ---------------------------------------------------------------- all of it */

/* Counts the brackets and blocks that the unit opens or closes. */
static void follow(Fmt *f, uint32_t number) {
    Unit *unit = &f->units[number];
    if (unit->item) {
        f->brackets = 0;
    }
    if (unit->kind == TOK_LBLOCK) {
        f->blocks++;
    } else if (unit->kind == TOK_RBLOCK) {
        f->blocks -= f->blocks > 0;
        f->brackets = 0;
    } else if (opens(unit->kind)) {
        f->brackets++;
    } else if (closes(unit->kind)) {
        f->brackets -= f->brackets > 0;
    }
}

static void put_comment(Fmt *f, const Unit *unit) {
    f->line->comment = f->text + unit->start;
    f->line->ncomment = unit->end - unit->start;
}

static void put_unit(Fmt *f, uint32_t number, bool one_line) {
    const Unit *unit = &f->units[number];
    bool comment = unit->kind == UNIT_COMMENT;
    if (comment && number > 0 && !unit->first && unit[-1].kind != UNIT_COMMENT) {
        put_comment(f, unit);
        return;
    }
    if (!one_line && breaks_before(f, number)) {
        bool edge = number == 0 || unit[-1].kind == TOK_LBLOCK || unit->kind == TOK_RBLOCK;
        f->line = lines_add(&f->lines, indent_of(f, number), unit->blank && !edge);
        f->first = number;
    } else {
        note_alignment(f, number);
        put_blanks(f, gap_before(unit));
    }
    if (comment) {
        put_comment(f, unit);
    } else {
        put_string(f, unit);
    }
}

static void put_all(Fmt *f) {
    uint32_t line_end = 0; /* units before this one belong to a block on one line */
    for (uint32_t i = 0; i < f->n; i++) {
        const Unit *unit = &f->units[i];
        bool inside = i < line_end;
        bool block = unit->kind == TOK_LBLOCK && !inside;
        bool fits = block && unit->match > i && f->line && stays(f, i);
        bool expand = block && !fits && was_on_one_line(f, i);
        put_unit(f, i, inside);
        follow(f, i);
        line_end = fits ? unit->match + 1 : line_end;
        if (block) {
            f->expand[f->blocks] = expand;
        }
    }
}

bool fmt_print(Front *front, const File *file, FILE *out) {
    if (file->broken) {
        return false;
    }
    Fmt *f = ARENA_NEW(&front->arena, Fmt);
    f->front = front;
    f->lines.arena = &front->arena;
    take_units(f, file);
    match_blocks(f);
    put_all(f);
    lines_print(&f->lines, out);
    return !ferror(out);
}

char *fmt_text(Front *front, Source *source, size_t *n) {
    char *text = NULL;
    FILE *out = open_memstream(&text, n);
    if (!out) {
        return NULL;
    }
    File *file = front_parse(front, source);
    bool ok = front->diags->nerrors == 0 && fmt_print(front, file, out);
    if (fclose(out) != 0 || !ok) {
        free(text);
        return NULL;
    }
    return text;
}
