/*
 * path.h - the parts of a path as text, by POSIX: doubled and trailing slashes do not count.
 */
#ifndef DAG_PURE_PATH_H
#define DAG_PURE_PATH_H

#include <stddef.h>

/* A part of the path that was given; it has no NUL behind it. */
typedef struct PathPart {
    const char *text;
    size_t n;
} PathPart;

/* The last part: `b.c` of `a/b.c/`; empty of `/` and of nothing. */
PathPart path_basename(const char *path, size_t n);
/* What stands before it: `a`; `.` where nothing does, `/` of what stands under the root. */
PathPart path_dirname(const char *path, size_t n);
/* The last part up to its extension, and the extension with its dot: `a.tar` and `.gz`. The dots
 * that a name begins with are none. */
PathPart path_stem(const char *path, size_t n);
PathPart path_ext(const char *path, size_t n);

#endif
