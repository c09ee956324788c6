/*
 * text.h - UTF-8 text: characters, case, white space, and a text that grows in an arena.
 *
 * Text here is valid UTF-8 without NUL unless a contract says otherwise. "Character" is a code
 * point. Nothing depends on the locale.
 */
#ifndef DAG_PURE_TEXT_H
#define DAG_PURE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pure/arena.h"

/* The character at *p, which moves behind it. */
uint32_t text_decode(const char **p);

/* Writes c (no surrogate, at most U+10FFFF) to `out` and returns its bytes, 1 to 4. */
size_t text_encode(uint32_t c, char *out);

/* Characters in n bytes. */
size_t text_length(const char *text, size_t n);

/* The offset in bytes of character `i`, n when there are not so many. */
size_t text_offset(const char *text, size_t n, size_t i);

/* Bytes at the start of the text that are ASCII; n: all of it. */
size_t text_ascii(const char *text, size_t n);

/* Bytes at the start of the text that stand in a JSON text as they are: neither control characters nor
 * quotes nor backslashes. */
size_t text_unescaped(const char *text, size_t n);

/* Unicode's White_Space. */
bool text_is_space(uint32_t c);

/* [*start, *end) is moved inwards past characters at its ends: white space, or if `chars` is not
 * NULL, those among its n bytes. */
typedef struct TextRange {
    const char *start, *end;
} TextRange;
TextRange text_strip_start(TextRange text, const char *chars, size_t n);
TextRange text_strip_end(TextRange text, const char *chars, size_t n);

/* The first place of `what` (nwhat > 0 bytes) in [text, text + n), or NULL. */
const char *text_find(const char *text, size_t n, const char *what, size_t nwhat);

/* A text that grows. Starts all zero but for its arena. `text` may move, and has no NUL. */
typedef struct TextBuffer {
    Arena *arena;
    char *text;
    size_t n, size;
} TextBuffer;

/* Room for n more bytes; they are at the place that is returned, to be counted into buffer->n. */
char *buffer_room(TextBuffer *buffer, size_t n);
void buffer_add(TextBuffer *buffer, const char *text, size_t n);
void buffer_string(TextBuffer *buffer, const char *text);
void buffer_char(TextBuffer *buffer, char c);
/* Puts a NUL behind it and returns it. */
char *buffer_end(TextBuffer *buffer);

typedef enum TextCase { TEXT_UPPER, TEXT_LOWER, TEXT_TITLE } TextCase;

/* Appends the text in another case, by Unicode's full mappings (ß in capitals is SS, Σ that ends a
 * word in small letters is ς). TITLE: letters after a non-letter in title case, the others small;
 * marks belong to the letter before them. */
void text_to_case(TextBuffer *buffer, TextCase to, const char *text, size_t n);

/* The same for n bytes of ASCII, to `out`. */
void text_ascii_case(char *out, TextCase to, const char *text, size_t n);

/* Any n bytes as text for a terminal, in the arena: what is no UTF-8, and what a terminal would obey,
 * is replaced by U+FFFD, but for tabs and the ends of lines; a carriage return begins a line (progress
 * bars). */
const char *text_printable(Arena *arena, const char *bytes, size_t n);

#endif
