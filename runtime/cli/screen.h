/*
 * screen.h - a few lines at the end of a terminal that are drawn anew in place, however wide it is
 * and whenever it becomes wider or narrower.
 */
#ifndef DAG_SCREEN_H
#define DAG_SCREEN_H

#include <stdio.h>

enum { SCREEN_LINES = 13 };

/* Zeroed but for `out`, it has drawn nothing. */
typedef struct Screen {
    FILE *out;                /* the terminal; borrowed */
    int columns, rows;        /* as of the last screen_clear */
    int lines;                /* drawn since then */
    int widths[SCREEN_LINES]; /* columns of each */
} Screen;

/* Takes away what was drawn, in as many rows as it has now, and looks how large the terminal is. */
void screen_clear(Screen *screen);

/* Draws the line "  NAME TAIL"; both are plain ASCII. NAME is filled up to 20 columns where there is
 * room, and shortened where there is not; what is too long then is cut. `on` and `off` are the escape
 * sequences around the name, and around the whole of a line without a tail ("").
 * Nothing is drawn into a full screen: the last row is left for the cursor. */
void screen_line(Screen *screen, const char *name, const char *tail, const char *on,
                 const char *off);

/* How many more lines fit. */
int screen_room(const Screen *screen);

#endif
