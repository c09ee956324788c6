/*
 * source.h - the texts that are compiled, spans in them, and interned names.
 */
#ifndef DAGCC_SOURCE_H
#define DAGCC_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "pure/arena.h"

/* Bytes [start, end) of sources.items[file]. Lines and columns are computed when printed. Every node
 * of the tree has several spans: one takes eight bytes, which bounds the sources. */
typedef struct Span {
    uint64_t file : 10;
    uint64_t start : 27, end : 27;
} Span;

#define MAX_SOURCE ((1 << 27) - 2) /* bytes: a span may end behind the NUL */
#define MAX_SOURCES 1023

/* No place: for messages that are not about a text. */
#define SPAN_NONE ((Span){ .file = MAX_SOURCES })
#define SPAN_IS_NONE(span) ((span).file == MAX_SOURCES)

typedef struct Source {
    const char *path; /* as the user named it */
    const char *text; /* size bytes and a NUL */
    uint32_t size;
    uint32_t file;           /* its number */
    uint32_t *lines, nlines; /* offset of each line's first byte; made when first asked for */
    uint64_t device, inode;  /* of a regular file; else 0 */
    uint32_t *counts;        /* characters before every so many bytes; made for a long line */
} Source;

typedef struct Sources {
    Source **items;
    uint32_t n;
} Sources;

typedef struct Position {
    uint32_t line, column; /* from 1; column in Unicode characters */
} Position;

/* Reads a file ("-": standard input, its path is then "<stdin>"). NULL with *message (in arena),
 * which names the file, when it cannot be read, is larger than MAX_SOURCE (128 MiB) or is one
 * more than MAX_SOURCES. The text lives in `arena`.
 * The same file twice, under whatever path, gives the same source. */
Source *source_read(Arena *arena, Sources *sources, const char *path, const char **message);
Source *source_from_text(Arena *arena, Sources *sources, const char *path, const char *text,
                         size_t n);

Position source_position(Arena *arena, Source *source, uint32_t offset);
/* The line alone, from 1. */
uint32_t source_line_number(Arena *arena, Source *source, uint32_t offset);
/* How many lines; what follows the last line's end counts as one, though it may be empty. */
uint32_t source_nlines(Arena *arena, Source *source);
/* The bytes of line `line` (from 1) without its end (\n or \r\n). Empty for a line past the last. */
const char *source_line(Arena *arena, Source *source, uint32_t line, size_t *n);

/* The same as { file, start, end }, made in a register: bit-fields are stored piece by piece, and
 * the processor waits before it reads such a piecework as a whole. For what is made per token. */
static inline Span span_make(uint32_t file, uint32_t start, uint32_t end) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t bits = file | (uint64_t)start << 10 | (uint64_t)end << 37;
    Span span;
    memcpy(&span, &bits, sizeof span);
    return span;
#else
    return (Span){ file, start, end };
#endif
}

/* From the start of a to the end of b. */
static inline Span span_join(Span a, Span b) {
    return span_make(a.file, a.start, b.end);
}

/* Interned text: equal texts are the same pointer, so names are compared with ==. */
typedef struct Interner Interner;
Interner *interner_new(Arena *arena);
const char *intern(Interner *interner, const char *text, size_t n);
/* The number of a text that intern gave: from 0, in the order in which they came. */
uint32_t intern_number(const char *text);
/* How many there are. */
uint32_t intern_count(const Interner *interner);

#endif
