/*
 * lines.h - the lines of a file or stream, one by one, as they are asked for.
 */
#ifndef DAG_CLI_LINES_H
#define DAG_CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Lines {
    int fd, stop; /* stop: readable once no more are wanted */
    size_t most;  /* bytes that a line may have */
    char *buffer;
    size_t from, to, size; /* what was read and not given yet: buffer[from..to) */
    bool ended, opened;
    uint64_t number; /* of the line given last, from 1 */
    int error;       /* errno of what could not be read; 0: none */
} Lines;

typedef enum LineKind { LINE_TEXT, LINE_TOO_LONG, LINE_NONE } LineKind;

/* Opens a file, or standard input for "-". False: errno. */
bool lines_open(Lines *lines, const char *path, int stop, size_t most);
void lines_close(Lines *lines);

/* The next line that is not blank, without its end; waits for it. `text` lives until the next call. A line
 * that is too long is passed over. LINE_NONE: the end, `stop`, no memory or an error. */
LineKind lines_next(Lines *lines, const char **text, size_t *n);

#endif
