/*
 * snippet.c - one line of a text as a terminal shows it, with its marks and labels underneath:
 *
 *    3 |   make.text -> use.n
 *      |   ---------    ^^^^^ wants int
 *      |   |
 *      |   gives string
 *
 * Columns are those of the terminal: tabs are expanded, wide and combining characters counted as
 * what they take, what could move the cursor is replaced, and of a long line a window is shown.
 */
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "base/diag_print.h"

enum {
    TAB = 4,
    WINDOW = 120,     /* columns shown of a longer line */
    BEFORE = 40,      /* of these, before the first mark */
    MAX_BYTES = 1024, /* of a line shown: combining characters take bytes but no columns */
    MAX_COLUMNS = WINDOW + TAB + 4
};

/* ---------------------------------------------------------------- styles */

void pen_text(const Pen *pen, Style style, const char *text) {
    static const char *const codes[] = {
        [STYLE_ERROR] = "\033[1;31m", [STYLE_WARNING] = "\033[1;33m", [STYLE_NOTE] = "\033[1;36m",
        [STYLE_FIX] = "\033[1;32m",   [STYLE_GUTTER] = "\033[1;34m",  [STYLE_BOLD] = "\033[1m",
    };
    bool color = pen->color && style != STYLE_PLAIN;
    fprintf(pen->out, "%s%s%s", color ? codes[style] : "", text, color ? "\033[0m" : "");
}

static void gutter(const Pen *pen, uint32_t number) {
    char text[32];
    if (number) {
        snprintf(text, sizeof text, " %*u |", pen->gutter, (unsigned)number);
    } else {
        snprintf(text, sizeof text, " %*s |", pen->gutter, "");
    }
    pen_text(pen, STYLE_GUTTER, text);
}

void pen_gap(const Pen *pen) {
    gutter(pen, 0);
    fputc('\n', pen->out);
}

/* ---------------------------------------------------------------- characters and their columns */

typedef struct Glyph {
    uint32_t bytes;
    uint32_t width;   /* columns */
    bool replacement; /* shown as U+FFFD */
} Glyph;

static bool moves_cursor(utf8proc_int32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x2028 || c == 0x2029;
}

/* The character at text[0], which stands in column `column`. */
static Glyph glyph_at(const char *text, size_t n, uint32_t column) {
    utf8proc_int32_t c;
    utf8proc_ssize_t bytes =
        utf8proc_iterate((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)n, &c);
    if (bytes <= 0) {
        return (Glyph){ 1, 1, true };
    }
    if (c == '\t') {
        return (Glyph){ 1, TAB - column % TAB, false };
    }
    if (moves_cursor(c)) {
        return (Glyph){ (uint32_t)bytes, 1, true };
    }
    return (Glyph){ (uint32_t)bytes, (uint32_t)utf8proc_charwidth(c), false };
}

static uint32_t char_before(const char *text, uint32_t at) {
    uint32_t i = at - 1;
    while (i > 0 && at - i < 4 && ((unsigned char)text[i] & 0xC0) == 0x80) {
        i--;
    }
    return i;
}

/* The part of a line that is shown. */
typedef struct Window {
    const char *text;
    uint32_t from, to;              /* bytes */
    bool cut;                       /* something follows `to` */
    uint32_t column[MAX_BYTES + 1]; /* of byte from + i */
} Window;

/* Fills the columns of as much as fits behind w->from. Returns whether that is all. */
static bool window_fill(Window *w, size_t n) {
    uint32_t column = w->from > 0; /* behind the … */
    uint32_t i = w->from;
    while (i < n) {
        Glyph g = glyph_at(w->text + i, n - i, column);
        if (column + g.width > WINDOW || i + g.bytes - w->from > MAX_BYTES) {
            break;
        }
        for (uint32_t k = 0; k < g.bytes; k++) {
            w->column[i + k - w->from] = column;
        }
        column += g.width;
        i += g.bytes;
    }
    w->column[i - w->from] = column;
    w->to = i;
    w->cut = i < n;
    return !w->cut;
}

/* The whole line where it fits, else a window that begins a little before `anchor`. */
static void window_choose(Window *w, const char *text, size_t n, uint32_t anchor) {
    w->text = text;
    w->from = 0;
    if (window_fill(w, n) || anchor == 0) {
        return;
    }
    uint32_t from = anchor;
    for (uint32_t columns = 0; from > 0 && columns < BEFORE && anchor - from < MAX_BYTES / 2;) {
        from = char_before(text, from);
        columns += glyph_at(text + from, n - from, 0).width;
    }
    w->from = from;
    window_fill(w, n);
}

static uint32_t column_of(const Window *w, uint32_t byte) {
    uint32_t inside = byte < w->from ? w->from : byte > w->to ? w->to : byte;
    return w->column[inside - w->from];
}

static void print_window(const Pen *pen, const Window *w) {
    if (w->to > w->from || w->from > 0) {
        fputc(' ', pen->out);
    }
    fputs(w->from > 0 ? "…" : "", pen->out);
    uint32_t end = w->to;
    while (!w->cut && end > w->from && (w->text[end - 1] == ' ' || w->text[end - 1] == '\t')) {
        end--;
    }
    for (uint32_t i = w->from; i < end;) {
        Glyph g = glyph_at(w->text + i, w->to - i, w->column[i - w->from]);
        if (w->text[i] == '\t') {
            fprintf(pen->out, "%*s", (int)g.width, "");
        } else if (g.replacement) {
            fputs("\xEF\xBF\xBD", pen->out);
        } else {
            fwrite(w->text + i, 1, g.bytes, pen->out);
        }
        i += g.bytes;
    }
    fputs(w->cut ? "…\n" : "\n", pen->out);
}

/* ---------------------------------------------------------------- underlines and labels */

typedef struct Row {
    char sign[MAX_COLUMNS];
    Style style[MAX_COLUMNS];
    uint32_t n;
} Row;

static void row_put(Row *row, uint32_t column, char sign, Style style) {
    if (column >= MAX_COLUMNS) {
        return;
    }
    while (row->n <= column) {
        row->sign[row->n++] = ' ';
    }
    row->sign[column] = sign;
    row->style[column] = style;
}

/* Prints the row with an empty gutter, without the end of the line. */
static void row_print(const Pen *pen, const Row *row) {
    gutter(pen, 0);
    fputc(' ', pen->out);
    for (uint32_t i = 0; i < row->n;) {
        char run[MAX_COLUMNS + 1];
        size_t n = 0;
        Style style = row->sign[i] == ' ' ? STYLE_PLAIN : row->style[i];
        do {
            run[n++] = row->sign[i++];
        } while (i < row->n && (row->sign[i] == ' ' ? STYLE_PLAIN : row->style[i]) == style);
        run[n] = '\0';
        pen_text(pen, style, run);
    }
}

/* A label is one line whatever it quotes. */
static void print_label(const Pen *pen, Style style, const char *label) {
    size_t n = strlen(label);
    char *line = malloc(3 * n + 1);
    if (!line) {
        return;
    }
    char *end = line;
    for (size_t i = 0; i < n;) {
        Glyph g = glyph_at(label + i, n - i, 0);
        bool space = label[i] == '\n' || label[i] == '\t';
        const char *text = space ? " " : g.replacement ? "\xEF\xBF\xBD" : label + i;
        size_t bytes = space ? 1 : g.replacement ? 3 : g.bytes;
        memcpy(end, text, bytes);
        end += bytes;
        i += g.bytes;
    }
    *end = '\0';
    pen_text(pen, style, line);
    free(line);
}

static uint32_t mark_end(const Window *w, const Mark *m) {
    uint32_t start = column_of(w, m->start), end = column_of(w, m->end);
    return end > start ? end : start + 1;
}

/* Rightmost first; of those that begin together the main one first. */
static int mark_order(const void *a, const void *b) {
    const Mark *x = a, *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? 1 : -1;
    }
    return (y->sign == '^') - (x->sign == '^');
}

static void draw(Row *row, const Window *w, const Mark *m) {
    for (uint32_t c = column_of(w, m->start); c < mark_end(w, m); c++) {
        row_put(row, c, m->sign, m->style);
    }
}

/* The labels that did not fit behind the underline, one per row, each below its mark's start. */
static void hang_labels(const Pen *pen, const Window *w, const Mark *marks, size_t nmarks) {
    bool first = true;
    for (size_t i = 0; i < nmarks; i++) {
        if (!marks[i].label) {
            continue;
        }
        Row above = { .n = 0 }, row = { .n = 0 };
        uint32_t column = column_of(w, marks[i].start);
        for (size_t k = i; k < nmarks; k++) {
            uint32_t c = column_of(w, marks[k].start);
            if (marks[k].label) {
                row_put(&above, c, '|', marks[k].style);
                row_put(&row, c, c < column ? '|' : ' ', marks[k].style);
            }
        }
        if (first) {
            row_print(pen, &above);
            fputc('\n', pen->out);
            first = false;
        }
        row.n = column;
        row_print(pen, &row);
        print_label(pen, marks[i].style, marks[i].label);
        fputc('\n', pen->out);
    }
}

void pen_line(const Pen *pen, uint32_t number, const char *text, size_t n, Mark *marks,
              size_t nmarks) {
    Window w;
    uint32_t anchor = 0;
    for (size_t i = 0; i < nmarks; i++) {
        anchor = i == 0 || marks[i].sign == '^' ? marks[i].start : anchor;
    }
    window_choose(&w, text, n, anchor);
    gutter(pen, number);
    print_window(pen, &w);
    if (nmarks == 0) {
        return;
    }
    qsort(marks, nmarks, sizeof *marks, mark_order);
    Row row = { .n = 0 };
    for (int main_ones = 0; main_ones < 2; main_ones++) { /* these are drawn over the others */
        for (size_t i = 0; i < nmarks; i++) {
            if ((marks[i].sign == '^') == main_ones) {
                draw(&row, &w, &marks[i]);
            }
        }
    }
    row_print(pen, &row);
    bool behind = marks[0].label && mark_end(&w, &marks[0]) == row.n;
    if (behind) {
        fputc(' ', pen->out);
        print_label(pen, marks[0].style, marks[0].label);
    }
    fputc('\n', pen->out);
    hang_labels(pen, &w, marks + behind, nmarks - behind);
}
