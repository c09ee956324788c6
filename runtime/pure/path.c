/*
 * path.c - the parts of a path as text.
 */
#include "pure/path.h"

#include <string.h>

/* n without the slashes at the end. */
static size_t without_slashes(const char *path, size_t n) {
    while (n > 0 && path[n - 1] == '/') {
        n--;
    }
    return n;
}

PathPart path_basename(const char *path, size_t n) {
    n = without_slashes(path, n);
    const char *slash = n > 0 ? memrchr(path, '/', n) : NULL;
    const char *start = slash ? slash + 1 : path;
    return (PathPart){ start, n - (size_t)(start - path) };
}

PathPart path_dirname(const char *path, size_t n) {
    PathPart base = path_basename(path, n);
    size_t before = (size_t)(base.text - path);
    if (n > 0 && base.n == 0) {
        return (PathPart){ path, 1 }; /* nothing but slashes */
    }
    if (before == 0) {
        return (PathPart){ ".", 1 };
    }
    size_t end = without_slashes(path, before);
    return (PathPart){ path, end > 0 ? end : 1 };
}

/* The dot that the extension of a name begins with, or its end. */
static const char *extension(PathPart base) {
    const char *start = base.text, *end = base.text + base.n;
    while (start < end && *start == '.') {
        start++;
    }
    const char *dot = start < end ? memrchr(start, '.', (size_t)(end - start)) : NULL;
    return dot ? dot : end;
}

PathPart path_stem(const char *path, size_t n) {
    PathPart base = path_basename(path, n);
    return (PathPart){ base.text, (size_t)(extension(base) - base.text) };
}

PathPart path_ext(const char *path, size_t n) {
    PathPart base = path_basename(path, n);
    const char *dot = extension(base);
    return (PathPart){ dot, (size_t)(base.text + base.n - dot) };
}
