/*
 * screen.c - lines that are drawn anew in place.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cli/screen.h"

enum { INDENT = 2, NAME_COLUMNS = 20, LEAST_COLUMNS = 10 };

static void look(Screen *screen) {
    struct winsize size = { 0 };
    bool known = ioctl(fileno(screen->out), TIOCGWINSZ, &size) == 0;
    screen->columns = known && size.ws_col > 0 ? size.ws_col : 80;
    screen->rows = known && size.ws_row > 0 ? size.ws_row : 24;
    if (screen->columns < LEAST_COLUMNS)
        screen->columns = LEAST_COLUMNS;
}

/* A terminal that has become narrower has broken lines: each takes several rows now. */
static int rows_taken(const Screen *screen) {
    int rows = 0;
    for (int i = 0; i < screen->lines; i++)
        rows += screen->widths[i] <= 0 ? 1 : (screen->widths[i] - 1) / screen->columns + 1;
    return rows < screen->rows ? rows : screen->rows - 1;
}

void screen_clear(Screen *screen) {
    look(screen);
    int rows = rows_taken(screen);
    if (screen->lines > 0)
        fprintf(screen->out, rows > 0 ? "\033[%dA\r\033[J" : "\r\033[J", rows);
    screen->lines = 0;
}

int screen_room(const Screen *screen) {
    int most = screen->rows - 1 < SCREEN_LINES ? screen->rows - 1 : SCREEN_LINES;
    return screen->lines < most ? most - screen->lines : 0;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* The columns of a name, of `most` for it and `rest` of the tail: half of them are its own. */
static int name_columns(int length, int rest, int most) {
    if (length + rest > most)
        return least(length, most - rest > most / 2 ? most - rest : most / 2);
    return rest > 0 && length < NAME_COLUMNS ? least(NAME_COLUMNS, most - rest) : length;
}

void screen_line(Screen *screen, const char *name, const char *tail, const char *on,
                 const char *off) {
    if (screen_room(screen) == 0)
        return;
    int indent = *tail != '\0' ? INDENT : 0;
    int most = screen->columns - 1 - indent; /* a line that fills the last column may wrap */
    int length = (int)strlen(name), rest = *tail != '\0' ? (int)strlen(tail) + 1 : 0;
    int filled = rest == 0 ? least(length, most) : name_columns(length, rest, most);
    bool cut = filled < length;
    fprintf(screen->out, "%*s%s%.*s%s%*s%s", indent, "", on, cut ? filled - 1 : length, name,
            cut ? "~" : "", cut ? 0 : filled - length, "", off);
    rest = least(rest, most - filled);
    if (rest > 1)
        fprintf(screen->out, " %.*s", rest - 1, tail);
    fputs("\033[K\n", screen->out);
    screen->widths[screen->lines++] = indent + filled + rest;
}
