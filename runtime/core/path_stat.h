/*
 * path_stat.h - stat for many paths that stand below the same folders: the folder that one path and
 * the one before it share is kept open, so that the kernel walks only the rest.
 *
 * A folder that is renamed or replaced while it is kept open is not noticed: start anew (path_stat_end)
 * after anything has run that may have done so.
 */
#ifndef DAG_CORE_PATH_STAT_H
#define DAG_CORE_PATH_STAT_H

#include <stddef.h>
#include <sys/stat.h>

/* {0} is ready for use; closed by path_stat_end. One owner. */
typedef struct PathStat {
    int folder; /* descriptor + 1; 0: none */
    size_t n;   /* bytes of its name, the slash included */
    char path
        [512]; /* the path before, which begins with it; longer ones are looked up as they are */
} PathStat;

/* As stat(path, status): 0, or -1 with errno. */
int path_stat(PathStat *self, const char *path, struct stat *status);

void path_stat_end(PathStat *self);

#endif
