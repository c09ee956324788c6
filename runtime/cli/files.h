/*
 * files.h - files and folders: made and copied.
 */
#ifndef DAG_CLI_FILES_H
#define DAG_CLI_FILES_H

#include <limits.h>
#include <stdbool.h>

/* Makes a folder and what is missing above it. False: errno says why. */
bool make_folders(const char *path);

/* What could not be copied, and why: as errno, for plain_why (core/plain.h). */
typedef struct CopyFault {
    char path[PATH_MAX];
    int error;
} CopyFault;

/* Copies a file, or a folder with all below it; links are followed, but for those within the folder that
 * lead to nothing. A file is replaced atomically; pipes, sockets and devices are refused. False: *fault is
 * filled. */
bool copy_tree(const char *from, const char *to, CopyFault *fault);

#endif
