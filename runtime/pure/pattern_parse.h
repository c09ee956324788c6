/*
 * pattern_parse.h - from the syntax of pattern.h to the one that TRE is given.
 */
#ifndef DAG_PURE_PATTERN_PARSE_H
#define DAG_PURE_PATTERN_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* A pattern for TRE, in wide characters: without classes, escapes of letters and groups that are
 * not needed, so that no locale and no extension of TRE can have a part in it. */
typedef struct PatternText {
    wchar_t *text; /* malloc'ed */
    size_t n, size;
    bool has_groups;
    bool has_boundaries; /* \b: TRE asks the locale what a word character is */
} PatternText;

/* Reads n bytes of valid UTF-8. False with `message` filled; `text` is to be freed anyway. */
bool pattern_parse(const char *pattern, size_t n, PatternText *text, char *message, size_t size);

#endif
