/*
 * files.h - files and folders: made and copied.
 */
#ifndef DAG_CLI_FILES_H
#define DAG_CLI_FILES_H

#include <stdbool.h>

/* Makes a folder and what is missing above it. False: errno says why. */
bool make_folders(const char *path);

/* Copies a file, or a folder with all below it; links are followed. A file is replaced atomically.
 * False: errno says why. */
bool copy_tree(const char *from, const char *to);

#endif
