/*
 * fmt_lines.c - lines up and prints what fmt.c has made. Lines next to each other are lined up by
 * what they are without any padding, so that formatting twice changes nothing.
 */
#include "tools/fmt_lines.h"

#include <stdint.h>
#include <string.h>

/* Lines that differ by more are not lined up. */
enum { MAX_PADDING = 24 };

uint32_t text_columns(const char *text, size_t n) {
    uint32_t columns = 0;
    for (size_t i = 0; i < n; i++) {
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return columns;
}

Line *lines_add(Lines *lines, uint32_t indent, bool blank) {
    if (lines->n == lines->room) {
        size_t room = lines->room ? lines->room * 2 : 64;
        Line *items = ARENA_ARRAY(lines->arena, room, Line);
        if (lines->n) {
            memcpy(items, lines->items, lines->n * sizeof(Line));
        }
        lines->items = items;
        lines->room = room;
    }
    Line *line = &lines->items[lines->n++];
    *line = (Line){ .indent = indent, .width = indent, .blank = blank };
    return line;
}

void line_put(Lines *lines, Line *line, const char *text, size_t n) {
    if (line->n + n > line->room) {
        line->room = (line->n + n) * 2 + 64;
        char *old = line->text;
        line->text = ARENA_ARRAY(lines->arena, line->room, char);
        if (line->n) {
            memcpy(line->text, old, line->n);
        }
    }
    memcpy(line->text + line->n, text, n);
    line->n += n;
    for (size_t i = n; i-- > 0;) {
        if (text[i] == '\n') {
            line->lines = true;
            line->width = text_columns(text + i + 1, n - i - 1);
            return;
        }
    }
    line->width += text_columns(text, n);
}

/* ---------------------------------------------------------------- lining up */

/* How many lines from `first` on are of its kind, with nothing between. */
static size_t run_of(const Lines *lines, size_t first) {
    const Line *line = &lines->items[first];
    size_t n = 1;
    while (first + n < lines->n && line[n].align == line->align && line[n].indent == line->indent &&
           !line[n].blank) {
        n++;
    }
    return n;
}

static void pad(Lines *lines, Line *line, uint32_t columns) {
    static const char blanks[MAX_PADDING] = "                        ";
    size_t n = columns - line->align_width;
    char *text = ARENA_ARRAY(lines->arena, line->n + n + 1, char);
    memcpy(text, line->text, line->align_at);
    memcpy(text + line->align_at, blanks, n);
    memcpy(text + line->align_at + n, line->text + line->align_at, line->n - line->align_at);
    line->text = text;
    line->n += n;
    line->room = line->n;
    line->width += line->lines ? 0 : (uint32_t)n;
}

static void align_run(Lines *lines, size_t first, size_t n) {
    uint32_t least = UINT32_MAX, most = 0;
    Line *line = &lines->items[first];
    for (size_t i = 0; i < n; i++) {
        least = line[i].align_width < least ? line[i].align_width : least;
        most = line[i].align_width > most ? line[i].align_width : most;
    }
    for (size_t i = 0; i < n && most - least <= MAX_PADDING; i++) {
        pad(lines, &line[i], most);
    }
}

static void align_all(Lines *lines) {
    for (size_t i = 0, n; i < lines->n; i += n) {
        n = 1;
        if (lines->items[i].align != ALIGN_NONE) {
            n = run_of(lines, i);
            align_run(lines, i, n);
        }
    }
}

/* Has the line a comment behind it that can be lined up? */
static bool has_tail(const Line *line) {
    return line->comment && line->n > 0 && !line->lines;
}

/* The column of the comments of the run that begins with this line. */
static uint32_t comment_column(const Lines *lines, size_t first, size_t *n) {
    uint32_t column = 0;
    for (*n = 0; first + *n < lines->n; ++*n) {
        const Line *line = &lines->items[first + *n];
        if (!has_tail(line) || (*n > 0 && line->blank)) {
            break;
        }
        column = line->width > column ? line->width : column;
    }
    return column + 2;
}

/* ---------------------------------------------------------------- printing */

static void print_line(const Line *line, uint32_t column, FILE *out) {
    if (line->blank) {
        fputc('\n', out);
    }
    fprintf(out, "%*s", (int)line->indent, "");
    fwrite(line->text ? line->text : "", 1, line->n, out);
    if (line->comment && line->n > 0) {
        uint32_t gap = column > line->width + 2 ? column - line->width : 2;
        fprintf(out, "%*s", (int)gap, "");
    }
    if (line->comment) {
        fwrite(line->comment, 1, line->ncomment, out);
    }
    fputc('\n', out);
}

void lines_print(Lines *lines, FILE *out) {
    align_all(lines);
    size_t left = 0;
    uint32_t column = 0;
    for (size_t i = 0; i < lines->n; i++) {
        if (left == 0) {
            column = comment_column(lines, i, &left);
        }
        print_line(&lines->items[i], column, out);
        left -= left > 0;
    }
}
