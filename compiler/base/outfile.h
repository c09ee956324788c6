/*
 * outfile.h - files that appear whole or not at all.
 */
#ifndef DAGCC_OUTFILE_H
#define DAGCC_OUTFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "pure/arena.h"

/* A file being written. The old one stays until outfile_commit. */
typedef struct OutFile {
    Arena *arena;
    const char *path;
    char *temp; /* in the same folder; NULL: `path` is a device or pipe, written directly */
    FILE *out;
    unsigned mode; /* of the new file */
} OutFile;

/* Begins. An existing file keeps its mode, a new one gets `mode` less the umask; a symbolic link
 * stays one: what it points to is replaced. False with *message, which names the path. */
bool outfile_open(OutFile *file, Arena *arena, const char *path, unsigned mode,
                  const char **message);
/* Ends: the file is there now. False with *message, and nothing has changed. */
bool outfile_commit(OutFile *file, const char **message);
/* Ends without a change. */
void outfile_abort(OutFile *file);

/* Could a file be made at `path`? False with *message. Says so early; does not promise it. */
bool outfile_possible(Arena *arena, const char *path, const char **message);

/* Replaces `path` by a copy of the file `from`. */
bool outfile_copy(Arena *arena, const char *from, const char *path, unsigned mode,
                  const char **message);

#endif
