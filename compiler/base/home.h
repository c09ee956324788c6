/*
 * home.h - where our own files are: std/, and what a pipeline is linked with.
 */
#ifndef DAGCC_HOME_H
#define DAGCC_HOME_H

#include "pure/arena.h"

/* The folder that holds std, include/dag.h, lib/libdag.a, lib/link.conf: $DAGCC_HOME, else the folder
 * of the executable file (a build tree), else lib/dagcc beside that folder (installed). In the arena.
 * NULL with *message, in the user's terms. */
const char *home_find(Arena *arena, const char **message);

#endif
