/*
 * signame.h - the name of a signal, for messages.
 */
#ifndef DAG_EXEC_SIGNAME_H
#define DAG_EXEC_SIGNAME_H

#include "pure/arena.h"

/* "SIGSEGV", or "signal 77". In the arena. */
const char *signal_name(Arena *arena, int number);

#endif
