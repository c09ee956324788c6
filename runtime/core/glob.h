/*
 * glob.h - patterns of files in a folder.
 */
#ifndef DAG_CORE_GLOB_H
#define DAG_CORE_GLOB_H

#include "dag.h"
#include "pure/arena.h"

/* What matches, as paths relative to the folder, sorted bytewise, each once. */
typedef struct GlobResult {
    const char **paths;
    size_t n, size;
} GlobResult;

/* Expands a pattern below `dir`: regular files, or folders if `folders`.
 *
 *   *  any characters   ?  one character   [a-z] [!a-z]  one of a set   \x  x itself
 *   **  as a whole component: any number of folders, none too
 *
 * No wildcard matches a name that begins with a dot. Links are followed; a folder that contains
 * itself by a link is not entered again. False with `error` filled (type "output"): the pattern is
 * absolute, contains `..` or is empty, a folder cannot be read or a file looked at, a name is not valid
 * UTF-8. */
bool glob_expand(Arena *arena, const char *dir, const char *pattern, bool folders,
                 GlobResult *result, dag_error *error);

/* Does a name match one component of a pattern (of n bytes)? Both are valid UTF-8. */
bool glob_match(const char *pattern, size_t n, const char *name);

#endif
