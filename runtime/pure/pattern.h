/*
 * pattern.h - regular expressions: checked by the compiler, matched by the runtime, linear time.
 *
 * The syntax is POSIX extended, over characters (not bytes), with the usual escapes:
 *
 *   .            any character           [a-z_] [^a-z]     one of, none of
 *   x|y  (x)     either; group           * + ? {n} {n,} {n,m}   greedy; n, m <= 255
 *   ^  $         start and end of the whole text
 *   \d \w \s     [0-9] [A-Za-z0-9_] [ \t\n\v\f\r]; \D \W \S the rest; all of them inside [ ] too
 *   \b           at the start or end of a word; the ends of the text count as such
 *   \t \n \r \f \v   control characters
 *   \x41 \x{1F600} \u{1F600}   a character by number      \. \[ \\ …   the character itself
 *   [[:alpha:]]  and alnum blank cntrl digit graph lower print punct space upper xdigit, in ASCII
 *
 * The leftmost match, of these the longest (POSIX). No back references, no look-around, no (?…),
 * no lazy or possessive repetition: these are errors, as is a pattern that is too large when its
 * repetitions are written out. Nothing depends on the locale.
 */
#ifndef DAG_PURE_PATTERN_H
#define DAG_PURE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_MESSAGE 160 /* bytes that hold any message */

typedef struct Pattern Pattern;

/* Is it a good pattern? If not, false with a message of at most `size` bytes with its NUL: what is
 * wrong and at which character, counted from 1. The pattern is n bytes of valid UTF-8. */
bool pattern_check(const char *pattern, size_t n, char *message, size_t size);

/* Compiles a pattern: NULL with a message as above. Freed with pattern_free. May be used by many
 * threads at once. */
Pattern *pattern_new(const char *pattern, size_t n, char *message, size_t size);
void pattern_free(Pattern *pattern);

typedef enum PatternResult { PATTERN_NONE, PATTERN_FOUND, PATTERN_NO_MEMORY } PatternResult;

/* A part of the text: bytes [start, end). */
typedef struct PatternSpan {
    size_t start, end;
} PatternSpan;

/* Looks for the pattern in n bytes of valid UTF-8. *span, if not NULL, is group 1 if the pattern
 * has groups, else the whole match; of a group that took no part start is SIZE_MAX. */
PatternResult pattern_find(const Pattern *pattern, const char *text, size_t n, PatternSpan *span);

#endif
