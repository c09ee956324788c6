/*
 * front_parse.h - from a source to its tree: what the other rooms ask of syntax/.
 */
#ifndef DAGCC_FRONT_PARSE_H
#define DAGCC_FRONT_PARSE_H

#include "base/front.h"
#include "syntax/ast.h"

/* Parses a source: always gives a file, with what could be understood of it. (grammar/, parse.c) */
File *front_parse(Front *front, Source *source);

/* Prints the tokens, one per line with line:column (--emit=tokens). */
void front_tokens(Front *front, Source *source, FILE *out);

#endif
