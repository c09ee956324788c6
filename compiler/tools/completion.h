/*
 * completion.h - what dagcc's own command line can be completed by.
 */
#ifndef DAGCC_COMPLETION_H
#define DAGCC_COMPLETION_H

#include "pure/complete.h"

/* The rows of commands and options, with what their placeholders stand for; in the arena. */
CompleteTables completion_tables(Arena *arena);

#endif
