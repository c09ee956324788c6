/*
 * native.h - what the C side of a stage is: the files and words that its body names, and the ports that
 * its function sees.
 */
#ifndef DAGCC_NATIVE_H
#define DAGCC_NATIVE_H

#include "base/front.h"
#include "model/model.h"

/* A string of a body (a name, a flag, C text) as text. */
const char *body_literal(Arena *arena, const Expr *word);

/* The folder of the .dag file that a span is in; "." for standard input. */
const char *body_folder(Front *front, Span span);

/* The path of a file that a body names, as seen from here: relative to the folder of its source. */
const char *body_path(Front *front, const Expr *file);

/* Is the port a member of STAGE_in or STAGE_out? */
bool native_has_member(const Stage *stage, const Port *port);
/* Instances of one plugin: have they the same STAGE_in and STAGE_out, and so a function in common? */
bool native_shares(const Stage *a, const Stage *b);

#endif
